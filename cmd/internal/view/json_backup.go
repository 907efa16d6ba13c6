package view

import "time"

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
