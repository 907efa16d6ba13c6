package legacy

import "fmt"

// Code names what speaks against taking a history over.
type Code string

// The codes. Those that say so can be accepted by a person, with a reason, which is recorded.
const (
	SeveralHistories Code = "several_histories" // more than one history, and none was chosen
	Ambiguous        Code = "ambiguous"         // one table that could be that of several tools
	NoHistory        Code = "no_history"        // none of the tool that was asked for
	ToolRunning      Code = "tool_running"      // the tool holds its lock, or somebody writes its table
	Unreadable       Code = "unreadable"        // the role may not read or lock the table, or a row cannot be understood
	FailedMigration  Code = "failed_migration"  // a row says that a migration failed
	Dirty            Code = "dirty"             // the tool marked the database as needing a person
	HalfApplied      Code = "half_applied"      // a migration was begun and not ended
	Mismatch         Code = "mismatch"          // (acceptable) a file is not the one that ran
	MissingFile      Code = "missing_file"      // (acceptable) a migration ran whose file is gone
	DuplicateVersion Code = "duplicate_version" // two files, or two rows in effect, have one version
	UnknownKind      Code = "unknown_kind"      // a row of a kind that this reader does not know
	UnknownRevision  Code = "unknown_revision"  // the position that is recorded is none that the files lead to
	Gap              Code = "gap"               // (acceptable) a file before the last one that ran is not recorded, and the tool would pass over it or stop at it
	PendingCode      Code = "pending_code"      // (acceptable) a migration that has not run is a program, which only its tool can run
)

// Acceptable reports whether a person may let it pass.
func (c Code) Acceptable() bool {
	switch c {
	case Mismatch, MissingFile, Gap, PendingCode:
		return true
	}
	return false
}

// Problem is one thing that speaks against taking a history over.
type Problem struct {
	Code Code
	// Key is the migration's key; empty where the history as a whole is meant.
	Key string
	// Message says what is the case, Next the way out.
	Message, Next string
}

// Error is the message and the way out.
func (p *Problem) Error() string {
	if p.Next == "" {
		return p.Message
	}
	return p.Message + "; " + p.Next
}

// problemf makes a problem about one migration.
func problemf(code Code, key, next, format string, args ...any) Problem {
	return Problem{Code: code, Key: key, Message: fmt.Sprintf(format, args...), Next: next}
}
