package view

import "time"

// ShapeVersion is the version of all shapes in this file. A new field does not raise it; a field that goes or changes its
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

// Attribute is one difference inside an object.
type Attribute struct {
	// Name is a path such as "column total: type"; of a comment or owner it is that word.
	Name string `json:"name"`
	// Action is "create", "update" or "delete".
	Action string `json:"action"`
	// Before and After are absent where the attribute is created or deleted.
	Before any `json:"before,omitempty"`
	After  any `json:"after,omitempty"`
}

// Change is one object that differs.
type Change struct {
	// Action is "create", "update", "delete", "rename", or "rebuild" for an object that is dropped and made again as it was.
	Action string `json:"action"`
	Object string `json:"object"`
	// From is the former name of what is renamed.
	From string `json:"from,omitempty"`
	// Within is the object with which this one comes or goes; such changes are not counted in the summary.
	Within string `json:"within,omitempty"`
	// Attributes are only of updates and of tables that are created.
	Attributes []Attribute `json:"attributes"`
}

// Summary counts the changes that stand for themselves.
type Summary struct {
	Add     int `json:"add"`
	Change  int `json:"change"`
	Destroy int `json:"destroy"`
	Rebuild int `json:"rebuild"`
	Rename  int `json:"rename"`
}

// PlanStep is a step of a plan.
type PlanStep struct {
	Number int    `json:"number"`
	Title  string `json:"title"`
	// Statements and Undo are SQL without final semicolons; Undo is the way back.
	Statements []string `json:"statements"`
	Undo       []string `json:"undo"`
	// Transaction is false for a statement that runs outside of one. Batched is set where it runs in many, over ranges of rows.
	Transaction bool `json:"transaction"`
	Batched     bool `json:"batched"`
	// Phase is expand or contract, Reason why the step has the form that it has.
	Phase  string `json:"phase"`
	Reason string `json:"reason"`
}

// Risk is something about a plan that a reviewer must see.
type Risk struct {
	// Risk is "destructive": the object goes together with the data in it; "rewrite": its rows are written anew; or "blocking": work
	// that takes as long as the object is large is done under a lock that makes others wait.
	Risk    string `json:"risk"`
	Object  string `json:"object"`
	Message string `json:"message"`
	// Step is the number of the step that does it; 0 for what the file that empties the trash drops.
	Step int `json:"step"`
}

// Plan is the result of plan.
type Plan struct {
	Head
	Listed
	Database string `json:"database,omitempty"`
	// NoOp says that nothing differs.
	NoOp   bool `json:"no_op"`
	DryRun bool `json:"dry_run"`
	// Name is the migration's name with its version; empty when nothing differs.
	Name    string     `json:"name,omitempty"`
	Changes []Change   `json:"changes"`
	Summary Summary    `json:"summary"`
	Steps   []PlanStep `json:"steps"`
	Risks   []Risk     `json:"risks"`
	// Drift lists the objects that changed outside of pleat since its last run.
	Drift []Change `json:"drift"`
	// Pending are the files that the database has not seen yet; the plan starts after them.
	Pending []string `json:"pending"`
	// Files are the paths of the files written; empty on a dry run.
	Files []string `json:"files"`
	// SQL is the text of the migration that was or would be written.
	SQL string `json:"sql,omitempty"`
}

// Drift is the result of drift.
type Drift struct {
	Head
	Listed
	Database string `json:"database,omitempty"`
	// Against is "snapshot" or "schema".
	Against string `json:"against"`
	// Since is when the snapshot was taken; absent where it is not compared with one.
	Since *time.Time `json:"since,omitempty"`
	// InSync says that nothing differs.
	InSync bool `json:"in_sync"`
	// Differences go from what was wanted (before) to what is there now (after).
	Differences []Change `json:"differences"`
	// Repair is the SQL that would bring the wanted state back, with Unrepairable saying why there is none.
	Repair       []string `json:"repair"`
	Unrepairable string   `json:"unrepairable,omitempty"`
	Risks        []Risk   `json:"risks"`
}

// Migration is a file that ran, or is to run.
type Migration struct {
	File    string `json:"file"`
	Version string `json:"version"`
	Name    string `json:"name"`
	Phase   string `json:"phase,omitempty"`
	// Steps are those that ran now, or that the file has.
	Steps int `json:"steps"`
	// Milliseconds is how long it ran.
	Milliseconds int64 `json:"milliseconds,omitempty"`
	// Destroys lists in words what running it, in the direction at hand, destroys.
	Destroys []string `json:"destroys"`
}

// Held is a migration that was left out.
type Held struct {
	File string `json:"file"`
	// Code is not_applied, same_run or same_release (of its expand), backfill (a step in batches of its expand is not complete), evidence
	// (something uses what it takes away, or nobody knows) or behind (it touches objects of a file that is held).
	Code   string `json:"code"`
	Reason string `json:"reason"`
}

// Offence is a preflight check that found rows.
type Offence struct {
	File    string `json:"file"`
	Step    int    `json:"step"`
	Message string `json:"message"`
	Count   int64  `json:"count"`
	// AtLeast says that there may be more: the counting stops at a limit, of rows and of time.
	AtLeast bool `json:"at_least,omitempty"`
	// Rows are some of the rows as text.
	Rows []string `json:"rows"`
	// Reason says why the check could not be decided before the run.
	Reason string `json:"reason,omitempty"`
}

// Run is the result of apply, rollback and redo.
type Run struct {
	Head
	Database string `json:"database,omitempty"`
	// Run is the ID in the log; empty when nothing was written.
	Run string `json:"run,omitempty"`
	// Direction is "forward", "back" or "redo".
	Direction string      `json:"direction"`
	DryRun    bool        `json:"dry_run"`
	Done      []Migration `json:"done"`
	// Pending are those that would run, in order; only of a dry run.
	Pending []Migration `json:"pending"`
	Held    []Held      `json:"held"`
	Checks  []Offence   `json:"checks"`
	// Deferred are checks that run with their steps, as they could not be decided before.
	Deferred []Offence `json:"deferred"`
	// Drift names objects that are not as the last run left them and that nothing pending touches.
	Drift []string `json:"drift"`
}

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

// Import is the result of import and init.
type Import struct {
	Head
	Listed
	Database string `json:"database,omitempty"`
	Objects  int    `json:"objects"`
	// Baseline is the version up to which everything counts as present; only of import.
	Baseline string   `json:"baseline,omitempty"`
	Files    []string `json:"files"`
	// Next is how to go on.
	Next string `json:"next,omitempty"`
}

// Status is the result of status.
type Status struct {
	Head
	Database string `json:"database,omitempty"`
	// UpToDate says that nothing is pending, failed or missing.
	UpToDate   bool           `json:"up_to_date"`
	Baseline   string         `json:"baseline,omitempty"`
	Migrations []StatusOfOne  `json:"migrations"`
	Counts     map[string]int `json:"counts"`
	// Pending is how many files need a run, whatever their state.
	Pending int `json:"pending"`
	// Held are pending files that the next run would leave out, contract files that wait for evidence among them; ready looks for it.
	Held []Held `json:"held"`
	// Trash is what a contract took away, renamed, until a plan proposes the drop.
	Trash    []Trash  `json:"trash"`
	Problems []string `json:"problems"`
}

// Trash is an object that waits for its end under another name.
type Trash struct {
	Object string `json:"object"`
	// Since is the day on which it was renamed, as 2026-11-21; Until the first day on which plan proposes to drop it.
	Since string `json:"since"`
	Until string `json:"until"`
}

// StatusOfOne is a migration, known from its file, from the log, or from both.
type StatusOfOne struct {
	Version string `json:"version"`
	Name    string `json:"name"`
	Phase   string `json:"phase,omitempty"`
	// State is "applied", "pending", "partial", "failed", "rolled_back", "imported" or "baseline".
	State string `json:"state"`
	// File is empty where the file is gone.
	File string     `json:"file,omitempty"`
	At   *time.Time `json:"at,omitempty"`
	By   string     `json:"by,omitempty"`
	Run  string     `json:"run,omitempty"`
	// StepsDone is how many steps are in the database, for partial and failed ones.
	StepsDone int    `json:"steps_done,omitempty"`
	Message   string `json:"message,omitempty"`
	SQLState  string `json:"sqlstate,omitempty"`
	// Edited says that the file is no longer the one that ran.
	Edited bool `json:"edited,omitempty"`
}

// Ready is the result of ready.
type Ready struct {
	Head
	Database string `json:"database,omitempty"`
	// Ready says that every pending contract file is safe to run.
	Ready bool `json:"ready"`
	// WindowSeconds is how long nothing may have used the old shape.
	WindowSeconds int64 `json:"window_seconds"`
	// Required says that apply holds contract files that are not safe.
	Required  bool         `json:"required"`
	Contracts []ReadyOfOne `json:"contracts"`
}

// ReadyOfOne is what is known about one pending contract file.
type ReadyOfOne struct {
	File    string `json:"file"`
	Version string `json:"version"`
	Name    string `json:"name"`
	// State is "safe", "used" or "insufficient".
	State string `json:"state"`
	// Uses would fail once the file ran.
	Uses []Use `json:"uses"`
	// Warnings go on working, but their results get other columns.
	Warnings []Use `json:"warnings"`
	// Missing says what evidence is missing and how to get it.
	Missing []string `json:"missing"`
	// Since is from when on calls are counted on the primary; absent where no beginning is known.
	Since   *time.Time `json:"since,omitempty"`
	Checked time.Time  `json:"checked"`
}

// Use is something that uses what a contract file takes away.
type Use struct {
	// Query is a statement, cut, or the name of an object.
	Query string `json:"query"`
	Role  string `json:"role,omitempty"`
	// Calls is how often since the count began; 0 where that is not counted.
	Calls    int64      `json:"calls"`
	LastSeen *time.Time `json:"last_seen,omitempty"`
	// Source is where it was found, such as "statements", "view" or "function".
	Source string `json:"source"`
	// Reason is what breaks.
	Reason string `json:"reason"`
}

// History is the result of history.
type History struct {
	Head
	Database string  `json:"database,omitempty"`
	Events   []Event `json:"events"`
	verbose  bool
}

// Event is a row of the log.
type Event struct {
	ID           int64          `json:"id"`
	At           time.Time      `json:"at"`
	Kind         string         `json:"kind"`
	Version      string         `json:"migration,omitempty"`
	Name         string         `json:"name,omitempty"`
	Phase        string         `json:"phase,omitempty"`
	Step         int            `json:"step,omitempty"`
	Run          string         `json:"run,omitempty"`
	Release      string         `json:"release,omitempty"`
	Actor        string         `json:"actor"`
	Client       string         `json:"client,omitempty"`
	Tool         string         `json:"tool,omitempty"`
	Milliseconds int64          `json:"milliseconds,omitempty"`
	SQLState     string         `json:"sqlstate,omitempty"`
	Detail       map[string]any `json:"detail,omitempty"`
	Digest       string         `json:"digest"`
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

// Approvals is the result of approve.
type Approvals struct {
	Head
	Database string `json:"database,omitempty"`
	// Required is how many people must sign, Given how many did; Approved is set when that is enough.
	Required int  `json:"required"`
	Given    int  `json:"given"`
	Approved bool `json:"approved"`
	// Files are what would run, in this order.
	Files     []SignedFile `json:"files"`
	Approvals []Approval   `json:"approvals"`
}

// SignedFile is a migration file with the SHA-256 of its normalised text.
type SignedFile struct {
	File     string `json:"file"`
	Checksum string `json:"checksum"`
}

// Approval is one signature in the log.
type Approval struct {
	// Row is its ID in the log, By the database's user who recorded it.
	Row int64     `json:"row"`
	At  time.Time `json:"at"`
	By  string    `json:"by"`
	// Signer is the principal of the key, absent where the key may not approve; Key its fingerprint, Digest the statement's SHA-256.
	Signer string `json:"signer,omitempty"`
	Key    string `json:"key,omitempty"`
	Digest string `json:"digest,omitempty"`
	// Reason is why it does not count for what would run now.
	Counts bool   `json:"counts"`
	Reason string `json:"reason,omitempty"`
}

// Reset is the result of reset.
type Reset struct {
	Head
	Database string `json:"database,omitempty"`
	DryRun   bool   `json:"dry_run"`
	// Statements are those that dropped everything, or would.
	Statements []string `json:"statements"`
}

// Waited is the result of wait.
type Waited struct {
	Head
	Database string `json:"database,omitempty"`
	// Migration is the version that was waited for; State is what the log says of it in the end.
	Migration    string `json:"migration"`
	State        string `json:"state"`
	Milliseconds int64  `json:"milliseconds"`
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

// Rehearsal is the result of rehearse.
type Rehearsal struct {
	Head
	Database string `json:"database,omitempty"`
	// Passed says that nothing speaks against the files; reasons say what does.
	Passed bool `json:"passed"`
	// Postgres is the version of the server with the copy, and Where says which server it is; absent when nothing is pending.
	Postgres string `json:"postgres,omitempty"`
	Where    string `json:"where,omitempty"`
	// Source is where the rows come from: generate, sample, none or clone. Rows is how many a table were asked for.
	Source string          `json:"source"`
	Rows   int             `json:"rows"`
	Files  []RehearsedFile `json:"files"`
	// Checks are the preflight checks that found rows on the target.
	Checks  []Offence         `json:"checks"`
	Tables  []FilledTable     `json:"tables"`
	Reasons []RehearsalReason `json:"reasons"`
	// Remarks are what does not speak against the files and should be known.
	Remarks []string `json:"remarks"`
	// Attached are the files into whose head the result was written.
	Attached []string `json:"attached"`
}

// RehearsedFile is a migration on the copy.
type RehearsedFile struct {
	File  string `json:"file"`
	Phase string `json:"phase,omitempty"`
	// Passages are those that were completed, of up, down and again.
	Passages []string        `json:"passages"`
	Steps    []RehearsedStep `json:"steps"`
}

// RehearsedStep is a step on one passage.
type RehearsedStep struct {
	Passage string `json:"passage"`
	// Number is 0 for a way back that is not divided by step.
	Number       int     `json:"number"`
	Title        string  `json:"title,omitempty"`
	Batched      bool    `json:"batched"`
	Milliseconds float64 `json:"milliseconds"`
	// LockMilliseconds is the longest time that a lock was held which keeps writers, or readers too, from a table that was there before; LockMode
	// and LockOn say which it was.
	LockMilliseconds float64 `json:"lock_milliseconds"`
	LockMode         string  `json:"lock_mode,omitempty"`
	LockOn           string  `json:"lock_on,omitempty"`
}

// FilledTable is a table of the copy.
type FilledTable struct {
	Table string `json:"table"`
	Rows  int64  `json:"rows"`
	// Wanted is how many rows were asked for, and Reason says why there are fewer.
	Wanted int    `json:"wanted"`
	Reason string `json:"reason,omitempty"`
}

// RehearsalReason is something that speaks against the files.
type RehearsalReason struct {
	// Code is check (rows stand in the way), target (the target would refuse the run), up, down or again (a passage failed), rows (rows
	// did not survive), state (a way does not end where it should), max-step or max-lock (a budget was exceeded).
	Code    string `json:"code"`
	File    string `json:"file,omitempty"`
	Step    int    `json:"step,omitempty"`
	Message string `json:"message"`
}

// Backups is the result of backup list, and of restore without a run.
type Backups struct {
	Head
	Database  string        `json:"database,omitempty"`
	Directory string        `json:"directory"`
	Backups   []BackupEntry `json:"backups"`
	// Unfinished are directories of backups that were not completed.
	Unfinished []string `json:"unfinished"`
}

// BackupEntry is one backup, the newest first.
type BackupEntry struct {
	Run   string    `json:"run"`
	Taken time.Time `json:"taken"`
	// Before is the command that took it: apply, rollback or redo.
	Before   string   `json:"before"`
	Versions []string `json:"versions"`
	// Tables are those whose rows it holds.
	Tables []string `json:"tables"`
	// Path is absent where the files are not on this machine; Bytes is the size of the archives in it.
	Path  string `json:"path,omitempty"`
	Bytes int64  `json:"bytes"`
	// InDatabase tells that copies of rows are in the database.
	InDatabase   bool     `json:"in_database"`
	LSN          string   `json:"lsn,omitempty"`
	RestorePoint string   `json:"restore_point,omitempty"`
	NotCovered   []string `json:"not_covered"`
}

// Restore is the result of restore.
type Restore struct {
	Head
	Database string          `json:"database,omitempty"`
	Run      string          `json:"run"`
	DryRun   bool            `json:"dry_run"`
	Path     string          `json:"path,omitempty"`
	Tables   []RestoredTable `json:"tables"`
	// ByHand are ways back that only a person can go, such as a recovery to a point in time.
	ByHand     []string `json:"by_hand"`
	NotCovered []string `json:"not_covered"`
}

// RestoredTable is one table that comes back.
type RestoredTable struct {
	Table string `json:"table"`
	// From is "copy" (rows in the database) or "archive" (a dump).
	From string `json:"from"`
	// Into is the table beside; absent where the table's own rows are put back. Reason says why it is beside.
	Into     string `json:"into,omitempty"`
	Reason   string `json:"reason,omitempty"`
	Updated  int64  `json:"updated"`
	Inserted int64  `json:"inserted"`
	Same     int64  `json:"same"`
	// Gone were deleted after the run, and the backup holds only some of their columns; Later came after it and stay.
	Gone  int64 `json:"gone"`
	Later int64 `json:"later"`
	// ChangedSince of the updated rows were changed after the run, the first of them with ChangedKeys.
	ChangedSince int64    `json:"changed_since"`
	ChangedKeys  []string `json:"changed_keys"`
	Statements   []string `json:"statements"`
}
