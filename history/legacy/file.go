package legacy

import "github.com/pleatdb/pleat/history/foreign"

// File is one migration of a directory: a file, or several that belong together.
type File struct {
	// Key is as [Entry].Key. Readers leave it empty where it is the version.
	Key           string
	Version, Name string
	// Path is the file that leads up, below the directory, with slashes.
	Path string
	// Others are the paths of further files that belong to the migration: the way back, a description.
	Others []string
	// Repeatable is set for scripts that run whenever they changed.
	Repeatable bool
	// Settled says why the file need not run although no entry is about it: it lies below a baseline, another file stands for it. Empty for others.
	Settled string
	// Text is the file that leads up, as it is on disk.
	Text []byte
	// SQL is the migration as statements; nil where it is a program, and Code says then in what ("Ruby").
	SQL  *SQL
	Code string
	// Extra is what else the reader noted of the file for itself.
	Extra any
}

// SQL is a migration that is plain SQL.
type SQL struct {
	Up, Down foreign.Script
	// HasDown reports whether there is a way back with at least one statement.
	HasDown bool
}
