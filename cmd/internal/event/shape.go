package event

import (
	"time"

	"github.com/pleatdb/pleat/cmd/internal/view"
)

// ShapeVersion is the version of the shapes in this file. A new key or a new type does not raise it; a key that goes or changes its
// meaning does.
const ShapeVersion = 1

// Event is one thing that happened.
type Event struct {
	Version int       `json:"version"`
	Time    time.Time `json:"time"`
	// Level is "debug", "info", "warn" or "error".
	Level string `json:"level"`
	// Type is one of the types listed above.
	Type string `json:"type"`
	// Message says it in words, for people; it can change at any time.
	Message string `json:"message"`
	// Command is apply, rollback or redo. Run is the ID in the log; absent before one began.
	Command     string `json:"command,omitempty"`
	Run         string `json:"run,omitempty"`
	Database    string `json:"database,omitempty"`
	Environment string `json:"environment,omitempty"`
	// Target is the name of one of many, in an environment that has a block "targets".
	Target  string `json:"target,omitempty"`
	Release string `json:"release,omitempty"`
	// Tool is the program with its version.
	Tool      string     `json:"tool,omitempty"`
	Migration *Migration `json:"migration,omitempty"`
	// Step is from 1; absent for a way back that is not divided by step. Title says what it does.
	Step  int    `json:"step,omitempty"`
	Title string `json:"title,omitempty"`
	// Back is set on the way back.
	Back bool `json:"back,omitempty"`
	// Milliseconds is how long it took.
	Milliseconds int64 `json:"duration_ms,omitempty"`
	// Attempt is the attempt that did not get its locks within TimeoutMS, from 1; in step.done, how many there were.
	Attempt   int   `json:"attempt,omitempty"`
	TimeoutMS int64 `json:"timeout_ms,omitempty"`
	PauseMS   int64 `json:"pause_ms,omitempty"`
	// LockWaitMS is how long a step, or the run, waited for locks so far.
	LockWaitMS int64 `json:"lock_wait_ms,omitempty"`
	// SQLState is PostgreSQL's code of what went wrong.
	SQLState string `json:"sqlstate,omitempty"`
	// Rows and Batches were changed so far by a step in batches, of about Estimate rows; of a long statement Rows are what its phase, Title,
	// went through of Estimate. Percent is how much is done.
	Rows     int64   `json:"rows,omitempty"`
	Batches  int64   `json:"batches,omitempty"`
	Estimate int64   `json:"estimate,omitempty"`
	Percent  float64 `json:"percent,omitempty"`
	// Count is how many rows stand in the way of a step, or how many sessions wait behind it.
	Count int64 `json:"count,omitempty"`
	// Objects are names, such as "table public.users"; in run.started, the files that are to run.
	Objects []string `json:"objects,omitempty"`
	// Blockers are the sessions in the way, in words: process, application, user, state and age.
	Blockers []string `json:"blockers,omitempty"`
	// Holder is the session that holds the lock.
	Holder string `json:"holder,omitempty"`
	// Result is the end of a run, in the shape of --json.
	Result *view.Run `json:"result,omitempty"`
	// Error is why it failed, in the shape of --json.
	Error *view.Failure `json:"error,omitempty"`
}

// Migration is the file that an event is about.
type Migration struct {
	File    string `json:"file"`
	Version string `json:"version"`
	Name    string `json:"name,omitempty"`
	Phase   string `json:"phase,omitempty"`
	// Index and Of say which of how many of the run it is, from 1.
	Index int `json:"index,omitempty"`
	Of    int `json:"of,omitempty"`
}
