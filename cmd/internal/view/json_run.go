package view

import "time"

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
	// Tool is the one that ran it before pleat, and AppliedAt when, in RFC 3339, or without a zone where nobody knows which it was.
	Tool      string `json:"tool,omitempty"`
	AppliedAt string `json:"applied_at,omitempty"`
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
