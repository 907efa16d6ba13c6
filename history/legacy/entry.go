package legacy

import (
	"encoding/json"
	"time"
)

// State is what a row says about its migration.
type State string

// The states of an entry.
const (
	Applied State = "applied"
	Failed  State = "failed"
	// Undone is a migration that was taken back, or the record of that.
	Undone State = "undone"
	// Baseline is a version up to which everything counted as present.
	Baseline State = "baseline"
	// Repeatable is a script that runs again whenever it changed.
	Repeatable State = "repeatable"
	// Inferred is a migration of which the database has no row: files and the current position say that it ran.
	Inferred State = "inferred"
)

// FileState is what is known of the file of an entry.
type FileState string

// The states of a file.
const (
	// FileVerified has the checksum that the tool recorded.
	FileVerified FileState = "verified"
	// FileMismatched has another one.
	FileMismatched FileState = "mismatched"
	// FileMissing is not in the directory.
	FileMissing FileState = "missing"
	// FileUnverifiable is there or need not be, and the tool recorded nothing that it could be held against.
	FileUnverifiable FileState = "unverifiable"
)

// Entry is one fact of a history: a migration that ran, failed or was taken back.
type Entry struct {
	// Order counts from 1 in the order in which the tool took things in. The core sets it.
	Order int
	// Key identifies the migration within its history: two entries with one key are about the same migration, and the file with that
	// key is its file. Readers leave it empty where it is the version.
	Key string
	// Version is as the tool writes it; empty where the tool has none.
	Version, Name string
	// AppliedAt is when it ran; zero where the tool does not say. Local is set where the tool stored a wall clock without a zone
	// that nothing tells: the fields are then those of that clock, written as if it were UTC.
	AppliedAt time.Time
	Local     bool
	// By is who ran it; empty where the tool does not say.
	By string
	// Duration is how long it ran; nil where the tool does not say.
	Duration *time.Duration
	// Checksum is as the tool wrote it; empty where there is none.
	Checksum string
	State    State
	// Note says what is peculiar about the entry, for people.
	Note string
	// InEffect reports whether the migration's effect is what this entry says it is: it is the last word on an applied migration.
	// The core sets it.
	InEffect bool
	// Superseded is set by readers where a later row took the entry's place without its effect being taken back first.
	Superseded bool
	File       FileMatch
	// Row is the row as JSON, long values shortened; null for inferred entries.
	Row json.RawMessage
}

// FileMatch is the file of an entry.
type FileMatch struct {
	State FileState
	// Path is below the directory, with slashes; empty where there is no file.
	Path string
	// Reason says why it is not verified.
	Reason string
	// Parts are all the files of the migration with our own checksums.
	Parts []Part
}

// Part is a file by our own checksum: SHA-256 of the text without byte order mark and with LF line ends, as that of pleat's files.
type Part struct{ Path, Checksum string }

// Marker is a row that is no migration.
type Marker struct {
	// Why says what it is.
	Why string
	Row json.RawMessage
}
