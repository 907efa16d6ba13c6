package view

// Lint is the result of lint.
type Lint struct {
	Head
	Database string `json:"database,omitempty"`
	// OK says that nothing found is as severe as fail_on, or worse.
	OK     bool   `json:"ok"`
	FailOn string `json:"fail_on"`
	// Major is the version of PostgreSQL whose rules hold; 0 for the newest that is known.
	Major int `json:"major"`
	// Since is the commit with which the files were compared (--base); only what differs was looked at.
	Since string `json:"since,omitempty"`
	// MeasuredOn is the throw-away server on which the files ran, and Unmeasured what could not be run there; without one, all
	// findings are estimates.
	MeasuredOn string      `json:"measured_on,omitempty"`
	Unmeasured []string    `json:"unmeasured"`
	Findings   []Finding   `json:"findings"`
	Summary    LintSummary `json:"summary"`
	// Skipped are files that look like migrations and that their tool does not run, or that are no SQL.
	Skipped []SkippedFile `json:"skipped"`
	// Audit is only of --audit.
	Audit *Audit `json:"audit,omitempty"`
	form  lintForm
}

// Finding is one hazard in a migration file.
type Finding struct {
	// Code is stable: docs/lint.md lists all of them.
	Code  string `json:"code"`
	Title string `json:"title"`
	// Severity is "error", "warning" or "note".
	Severity string `json:"severity"`
	File     string `json:"file"`
	// Lines and columns are from 1; columns count characters, and the end is exclusive.
	Line      int `json:"line,omitempty"`
	Column    int `json:"column,omitempty"`
	EndLine   int `json:"end_line,omitempty"`
	EndColumn int `json:"end_column,omitempty"`
	// Source is the line on which the statement begins.
	Source string `json:"source,omitempty"`
	SQL    string `json:"sql,omitempty"`
	// Step is the number of the step, in files of pleat; Down says that it is on the way back.
	Step   int    `json:"step,omitempty"`
	Down   bool   `json:"down,omitempty"`
	Object string `json:"object,omitempty"`
	Why    string `json:"why"`
	// Safe is the form that does the same without the hazard.
	Safe string `json:"safe,omitempty"`
	// Holds names the versions of PostgreSQL; absent for all of them.
	Holds string `json:"holds,omitempty"`
	// Measured says that a server showed it; otherwise it follows from rules.
	Measured bool   `json:"measured"`
	Cost     string `json:"cost,omitempty"`
	// Allowed is the reason of the directive that accepts the finding; such a finding counts for nothing.
	Allowed string `json:"allowed,omitempty"`
	// Fingerprint stays the same when lines are added above.
	Fingerprint string `json:"fingerprint"`
}

// LintSummary counts what was found; allowed findings are counted there alone.
type LintSummary struct {
	Migrations int `json:"migrations"`
	Statements int `json:"statements"`
	Errors     int `json:"errors"`
	Warnings   int `json:"warnings"`
	Notes      int `json:"notes"`
	Allowed    int `json:"allowed"`
}

// SkippedFile is a file that was not read.
type SkippedFile struct {
	File   string `json:"file"`
	Reason string `json:"reason"`
}

// Audit is what migrations destroy and cannot take back.
type Audit struct {
	// Destructive are statements of ways up that destroy rows or what holds them.
	Destructive []Destruction `json:"destructive"`
	// Forward are the migrations that have no way back.
	Forward []SkippedFile `json:"forward"`
}

// Destruction is a statement that destroys.
type Destruction struct {
	File string `json:"file"`
	Line int    `json:"line"`
	// What says it in words, such as "drops the table public.users".
	What   string `json:"what"`
	Source string `json:"source"`
}
