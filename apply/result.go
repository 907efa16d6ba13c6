package apply

import (
	"time"

	"github.com/pleatdb/pleat/history/migration"
	"github.com/pleatdb/pleat/schema"
)

// Result is what a run did, or would do.
type Result struct {
	Run    string // ID in the log; empty when nothing was written
	DryRun bool
	// Done are the migrations in the order in which they went in, or out.
	Done []Outcome
	// Pending are those that would run; only set by a dry run.
	Pending []*migration.Migration
	// Held are contract files whose gate is closed, and files that need them.
	Held []Held
	// Checks are the preflight checks that found rows; only a dry run returns with any.
	Checks []Checked
	// Deferred are the preflight checks that could not be decided before the run; they run with their steps.
	Deferred []Checked
	// Drift lists objects that are not as the last run left them and that no pending file touches.
	Drift    []schema.ID
	Warnings []string
}

// Outcome is one migration that ran.
type Outcome struct {
	Migration *migration.Migration
	Steps     int // that ran now
	Duration  time.Duration
}

// Held is a migration that was left out, and why.
type Held struct {
	Migration *migration.Migration
	// Code is one of the constants that begin with Held.
	Code   string
	Reason string
}
