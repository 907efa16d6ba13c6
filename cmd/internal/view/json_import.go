package view

import (
	"encoding/json"
	"time"
)

// Import is the result of import and init.
type Import struct {
	Head
	Listed
	Database string `json:"database,omitempty"`
	Objects  int    `json:"objects"`
	// DryRun says that nothing was written: files are those that would be.
	DryRun bool `json:"dry_run,omitempty"`
	// Baseline is the version up to which everything counts as present; only of import without another tool's history.
	Baseline string `json:"baseline,omitempty"`
	// History is what was taken over from another tool.
	History *ImportedHistory `json:"history,omitempty"`
	Files   []string         `json:"files"`
	// Next is how to go on.
	Next string `json:"next,omitempty"`

	verbose bool
}

// ImportedHistory is the history of another tool, and how it compares with its files and with the database.
type ImportedHistory struct {
	Tool   string `json:"tool"`
	Schema string `json:"schema"`
	Table  string `json:"table"`
	// Layout names the form of the table where the tool had several; Project tells apart several histories in one table.
	Layout  string `json:"layout,omitempty"`
	Project string `json:"project,omitempty"`
	// Why says by what the history was recognised.
	Why  string `json:"why,omitempty"`
	Rows int64  `json:"rows"`
	// Directory is that of the tool's migrations, and Found how many it holds; absent where none was given.
	Directory string `json:"directory,omitempty"`
	Found     int    `json:"found,omitempty"`
	// Entries are in the order in which the tool took them in.
	Entries []ImportedEntry  `json:"entries"`
	Markers []ImportedMarker `json:"markers"`
	// States and FileStates count the entries.
	States     map[string]int `json:"states"`
	FileStates map[string]int `json:"file_states"`
	// Pending are files that have not run, in order.
	Pending []ImportedPending `json:"pending"`
	// Accepted are problems that a person let pass, with Reason.
	Accepted []ImportProblem `json:"accepted"`
	Reason   string          `json:"reason,omitempty"`
	// Problems are those that remain: none, as each of them is a refusal.
	Problems []ImportProblem `json:"problems"`
	Notes    []string        `json:"notes"`
	// Alignment compares the database with what the files build.
	Alignment ImportAlignment `json:"alignment"`
	// Frozen are the tables on which a trigger now keeps the tool away.
	Frozen []string `json:"frozen"`
}

// ImportedEntry is one fact of a history: a migration that ran, failed or was taken back.
type ImportedEntry struct {
	Order int `json:"order"`
	// Key identifies the migration within its history. Recorded is its version in pleat's log: the key, or that of the file into which it was converted.
	Key      string `json:"key"`
	Recorded string `json:"recorded"`
	// Version is as the tool writes it.
	Version string `json:"version,omitempty"`
	Name    string `json:"name,omitempty"`
	// AppliedAt is in RFC 3339; without a zone where nobody knows which it was (Zone is then "unknown", else "UTC").
	AppliedAt string `json:"applied_at,omitempty"`
	Zone      string `json:"zone,omitempty"`
	By        string `json:"by,omitempty"`
	// Milliseconds is how long it ran; absent where the tool does not say.
	Milliseconds *int64 `json:"milliseconds,omitempty"`
	// Checksum is as the tool wrote it.
	Checksum string `json:"checksum,omitempty"`
	// State is "applied", "failed", "undone", "baseline", "repeatable" or "inferred".
	State string `json:"state"`
	// InEffect says that it is the last word on a migration that is there.
	InEffect bool         `json:"in_effect"`
	Note     string       `json:"note,omitempty"`
	File     ImportedFile `json:"file"`
	// Row is the row as the tool has it; values of more than 4 KiB are replaced by length and SHA-256.
	Row json.RawMessage `json:"row,omitempty"`
}

// ImportedFile is what is known of the file of an entry.
type ImportedFile struct {
	// State is "verified", "mismatched", "missing" or "unverifiable"; Reason says why it is not verified.
	State  string `json:"state"`
	Path   string `json:"path,omitempty"`
	Reason string `json:"reason,omitempty"`
}

// ImportedMarker is a row that is no migration.
type ImportedMarker struct {
	Why string          `json:"why"`
	Row json.RawMessage `json:"row,omitempty"`
}

// ImportedPending is a file that has not run.
type ImportedPending struct {
	Key  string `json:"key"`
	Path string `json:"path"`
	// Migration is the file of pleat's own that it became; absent where it is a program, which stays with its tool.
	Migration string `json:"migration,omitempty"`
}

// ImportProblem is one thing that speaks against taking a history over.
type ImportProblem struct {
	// Code is a stable word; see the list of codes in import.md.
	Code string `json:"code"`
	// Key is the migration's; absent where the history as a whole is meant.
	Key     string `json:"key,omitempty"`
	Message string `json:"message"`
	Next    string `json:"next,omitempty"`
}

// ImportAlignment is how the database differs from what the files of the imported history build.
type ImportAlignment struct {
	// Compared is false where the files could not be run on a throw-away server, and Reason says why.
	Compared bool   `json:"compared"`
	Reason   string `json:"reason,omitempty"`
	// Files is how many were run.
	Files       int                  `json:"files"`
	Differences []ImportedDifference `json:"differences"`
	Notes       []string             `json:"notes,omitempty"`
}

// ImportedDifference is an object that is not as the files build it.
type ImportedDifference struct {
	Object string `json:"object"`
	// Kind is "missing" or "extra" in the database, or "changed".
	Kind   string   `json:"kind"`
	Detail []string `json:"detail"`
}

// ImportFrozen is the result of import --freeze where the import was made before.
type ImportFrozen struct {
	Head
	Database string `json:"database,omitempty"`
	DryRun   bool   `json:"dry_run,omitempty"`
	Tool     string `json:"tool"`
	// Frozen are the tables on which a trigger now keeps the tool away.
	Frozen []string `json:"frozen"`
}

// ImportUndone is the result of import --undo.
type ImportUndone struct {
	Head
	Database string `json:"database,omitempty"`
	DryRun   bool   `json:"dry_run,omitempty"`
	// Tool is whose history it was; absent for a baseline. Entries is how many were taken out of effect.
	Tool    string    `json:"tool,omitempty"`
	Entries int       `json:"entries"`
	Of      time.Time `json:"of"`
	// Removed are the files of the project that are gone, Kept those that stay, with the reason.
	Removed []string `json:"removed"`
	Kept    []string `json:"kept"`
	// Thawed are the tables on which the trigger that kept the tool away is gone.
	Thawed []string `json:"thawed"`
}
