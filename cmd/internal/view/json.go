package view

// ShapeVersion is the version of all shapes of this package (json*.go). A new field does not raise it; a field that goes or changes its
// meaning does. Readers ignore fields that they do not know and refuse versions that they do not know.
const ShapeVersion = 1

// Head is what every JSON object begins with.
type Head struct {
	Version int    `json:"version"`
	Command string `json:"command"`
	// Notes are the remarks and warnings that were also written to standard error.
	Notes []string `json:"notes,omitempty"`
}

func (h *Head) head() *Head { return h }

// Listed are the objects that were met and that pleat cannot model and does not touch, such as "aggregate public.sum2(integer)".
type Listed struct {
	Unmanaged []string `json:"unmanaged"`
}

func (l *Listed) unmanaged() *[]string { return &l.Unmanaged }

// Inspection is the result of inspect.
type Inspection struct {
	Head
	Listed
	Database string `json:"database,omitempty"`
	Objects  int    `json:"objects"`
	Format   string `json:"format"`
	// Files are the paths written; empty where the text is on standard output.
	Files []string `json:"files"`
	// Text is the state in the format asked for; absent where files were written or the format is json.
	Text string `json:"text,omitempty"`
	// Catalog is the state as the model's own JSON; only of --format json.
	Catalog any `json:"catalog,omitempty"`
}

// Checks is the result of verify, validate and fmt: what was looked at and what is wrong.
type Checks struct {
	Head
	OK bool `json:"ok"`
	// Checked says in words what was looked at; Problems is empty when all is well.
	Checked     []string     `json:"checked"`
	Problems    []string     `json:"problems"`
	Diagnostics []Diagnostic `json:"diagnostics,omitempty"`
}

// Files is the result of new and hash: files that were written.
type Files struct {
	Head
	Files []string `json:"files"`
}

// Version is the result of version.
type Version struct {
	Head
	Pleat string `json:"pleat"`
	Go    string `json:"go"`
	OS    string `json:"os"`
}

// Server is what the command server prints when it is ready.
type Server struct {
	Head
	URL         string `json:"url"`
	Description string `json:"description"`
}

// Failed is printed in the place of a result when a command fails.
type Failed struct {
	Head
	// Unmanaged is what was listed before the command failed.
	Unmanaged []string `json:"unmanaged,omitempty"`
	Error     Failure  `json:"error"`
}

// Failure is an error. Code is a stable word: see the list beside [Explain].
type Failure struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	// Reason tells refusals apart; Next says how to go on.
	Reason string `json:"reason,omitempty"`
	Next   string `json:"next,omitempty"`
	// Object is what the error is about, such as "table public.x".
	Object   string `json:"object,omitempty"`
	SQLState string `json:"sqlstate,omitempty"`
	// SQL is the statement that the server refused.
	SQL string `json:"sql,omitempty"`
	// File, Line and Column (from 1, in characters) say where the cause stands.
	File        string       `json:"file,omitempty"`
	Line        int          `json:"line,omitempty"`
	Column      int          `json:"column,omitempty"`
	Diagnostics []Diagnostic `json:"diagnostics,omitempty"`
	// Differences are the objects that are not as they must be, for the codes drift and proof.
	Differences []string `json:"differences,omitempty"`
	// Restore is the command that leads to the backup which the run took, where it took one.
	Restore string `json:"restore,omitempty"`
	// Problems are what speaks against taking over the history of another tool, all of them, for refusals of import.
	Problems []ImportProblem `json:"problems,omitempty"`
	// History is what was read of that history, where it was read.
	History *ImportedHistory `json:"history,omitempty"`
	// Step is what became of the migration in which a step failed, for the codes step and interrupted.
	Step *FailedStep `json:"step,omitempty"`
}

// Diagnostic is something that is wrong in the user's files.
type Diagnostic struct {
	// Severity is "error" or "warning".
	Severity string `json:"severity"`
	Summary  string `json:"summary"`
	Detail   string `json:"detail,omitempty"`
	File     string `json:"file,omitempty"`
	// Lines and columns are from 1; columns count characters, and the end is exclusive.
	Line      int `json:"line,omitempty"`
	Column    int `json:"column,omitempty"`
	EndLine   int `json:"end_line,omitempty"`
	EndColumn int `json:"end_column,omitempty"`
	// Source is the line of the file, or of an SQL statement.
	Source string `json:"source,omitempty"`
}
