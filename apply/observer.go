package apply

import (
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/pleatdb/pleat/history/migration"
	"github.com/pleatdb/pleat/schema"
)

// Observer is told what happens, in order and one event at a time, though not always from the same goroutine. It must not block: locks may
// be held.
type Observer interface{ Observe(Event) }

// ObserverFunc makes a function an Observer.
type ObserverFunc func(Event)

// Observe calls the function.
func (f ObserverFunc) Observe(e Event) { f(e) }

// Event is one of the types below. Observers pass over those that they do not know.
type Event interface{ event() }

// LockWaiting is told when another run holds the lock for longer than a moment, and again every few seconds.
type LockWaiting struct {
	Holder Holder
	Waited time.Duration
}

// RunStarted is told once everything is checked and before anything is written.
type RunStarted struct {
	Run string
	// Command is one of the constants that begin with Command; the second half of a redo is an apply.
	Command string
	Pending []*migration.Migration
	Held    []Held
}

// MigrationStarted opens a migration's steps, or its way back.
type MigrationStarted struct {
	Migration *migration.Migration
	Index, Of int // from 1
	Back      bool
	// StepsDone is how many steps an earlier run completed.
	StepsDone int
}

// StepStarted is told before a step, or a part of the way back.
type StepStarted struct {
	Migration  *migration.Migration
	Step       int // 0 for a way back that is not divided by step
	Title      string
	Back       bool
	Statements []migration.Statement
}

// StepRetried is told when a step did not get its locks and will be tried again.
type StepRetried struct {
	Migration *migration.Migration
	Step      int
	Attempt   int // the one that failed, from 1
	SQLState  string
	Timeout   time.Duration // of the attempt
	Pause     time.Duration // before the next
	// Behind is how many sessions waited behind it at most, and Tripped says why the attempt was given up before its time; empty
	// where it was not.
	Behind  int
	Tripped string
}

// StepDone is told when a step is committed.
type StepDone struct {
	Migration *migration.Migration
	Step      int
	Back      bool
	Duration  time.Duration
	// Settled is set when an interrupted run had done it already.
	Settled bool
	// Attempts is how often a step was tried until it got its locks, from 1; 0 for steps that are not tried again.
	Attempts int
	// LockWait is the time before the last attempt.
	LockWait time.Duration
}

// MigrationDone is told when a migration is complete and verified.
type MigrationDone struct {
	Migration *migration.Migration
	Back      bool
	Duration  time.Duration
}

// Checked is told for each preflight check. Rows are at most three of the offending rows, as text.
type Checked struct {
	Migration *migration.Migration
	Step      int
	Message   string
	Count     int64
	Rows      []string
	// AtLeast is set when there may be more rows than Count: the counting stops at a limit, of rows and of time.
	AtLeast bool
	// Later is set when the check names what an earlier pending step is still to create; it runs with its step.
	Later bool
	// Unfinished is set when the check found nothing within the time that it has before a run; it runs with its step.
	Unfinished bool
	// Filling is set when a pending step in batches, which comes before, still changes the table; the check runs again with its step.
	Filling bool
}

// Amount is how many rows were found, in words.
func (c Checked) Amount() string {
	switch {
	case c.AtLeast:
		return fmt.Sprintf("at least %d rows", c.Count)
	case c.Count == 1:
		return "1 row"
	}
	return fmt.Sprintf("%d rows", c.Count)
}

// Reason says why a check could not be decided before the run; empty where it was.
func (c Checked) Reason() string {
	switch {
	case c.Later:
		return "what it names is still to be created; it runs with its step"
	case c.Filling:
		return "a step in batches before it still changes the table; it runs again with its step"
	case c.Unfinished:
		return "it found nothing in the time that it has before a run; it runs with its step"
	}
	return ""
}

// DriftSeen lists objects that are not as the last run left them and that no pending file touches.
type DriftSeen struct{ Objects []schema.ID }

// Warned is anything else that a person should know.
type Warned struct{ Message string }

// Noticed is a notice of the server while a step ran.
type Noticed struct{ Severity, Message, Detail, Hint string }

// Finished is told at the end of a run that did not fail.
type Finished struct{ Result *Result }

func (LockWaiting) event()      {}
func (RunStarted) event()       {}
func (MigrationStarted) event() {}
func (StepStarted) event()      {}
func (StepRetried) event()      {}
func (StepDone) event()         {}
func (MigrationDone) event()    {}
func (Checked) event()          {}
func (DriftSeen) event()        {}
func (Warned) event()           {}
func (Noticed) event()          {}
func (Finished) event()         {}

// noticeKey is where a session leaves its receiver of notices in the connection.
const noticeKey = "pleat.apply.notice"

// HandleNotice belongs into pgconn.Config.OnNotice of the connections that [Options].Connect makes.
func HandleNotice(conn *pgconn.PgConn, n *pgconn.Notice) {
	if receive, ok := conn.CustomData()[noticeKey].(func(*pgconn.Notice)); ok {
		receive(n)
	}
}
