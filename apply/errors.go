package apply

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/pleatdb/pleat/history"
	"github.com/pleatdb/pleat/schema"
)

// Refused says that pleat will not do what was asked, before it did anything.
type Refused struct {
	Code   string // stable, for machines
	Reason string
	Next   string // how to go on
	Err    error  // what it follows from; may be nil
}

// Error is the reason and how to go on.
func (e *Refused) Error() string {
	s := e.Reason
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	if e.Next != "" {
		s += "; " + e.Next
	}
	return s
}

// Unwrap gives the cause.
func (e *Refused) Unwrap() error { return e.Err }

// Holder is the session that holds the lock.
type Holder struct {
	PID         int
	User        string
	Application string
	Client      string    // address; empty for a local socket or where it may not be seen
	Since       time.Time // when the session began; zero where it may not be seen
	// Label says more: run, operation, who and where. Nil where there is none, as in the first run of all.
	Label *history.Lock
}

// String says who, in a few words.
func (h Holder) String() string {
	if h.PID == 0 {
		return "another session"
	}
	s := fmt.Sprintf("pid %d", h.PID)
	if h.User != "" {
		s += ", user " + h.User
	}
	if h.Application != "" {
		s += ", " + h.Application
	}
	if h.Client != "" {
		s += ", from " + h.Client
	}
	if !h.Since.IsZero() {
		s += ", connected since " + h.Since.UTC().Format(time.RFC3339)
	}
	if h.Label != nil {
		s += fmt.Sprintf(", %s by %s, run %s", h.Label.Operation, h.Label.Who(), h.Label.Run)
	}
	return s
}

// LockHeldError says that another run did not end within the time given.
type LockHeldError struct {
	Holder Holder
	Waited time.Duration
	// Release is set when the lock was not waited for but was to be released.
	Release bool
}

// Error names the holder.
func (e *LockHeldError) Error() string {
	s := fmt.Sprintf("another run holds the lock (%s) and did not end within %s; wait for it", e.Holder, e.Waited.Round(time.Second))
	if e.Release {
		s = fmt.Sprintf("the lock is held by a run that is alive (%s), so it is not released; wait for it", e.Holder)
	}
	if l := e.Holder.Label; l != nil && l.Form == history.LeaseLock {
		return s + fmt.Sprintf(": the lease ends %s after its last heartbeat, which was %s ago", l.Lifetime, l.Age.Round(time.Second))
	}
	if e.Holder.PID != 0 {
		s += fmt.Sprintf(", or end it with: SELECT pg_terminate_backend(%d)", e.Holder.PID)
	}
	return s
}

// ChecksumError says that a file was edited after it was applied.
type ChecksumError struct {
	File    string
	Version string
	At      time.Time // when the file as it was ran
	Actor   string
	Diff    string // unified, from the kept copy to the file; empty when no copy is kept
	// Tool is the one that applied it, where that is not pleat; At and Actor are those of the import then.
	Tool string
}

// Error says which file, and shows the diff.
func (e *ChecksumError) Error() string {
	if e.Tool != "" {
		return strings.TrimSuffix(fmt.Sprintf("%s was edited after %s imported it on %s as what %s had applied; undo the edit, as no tool would run it again, and change the schema files instead\n%s",
			e.File, e.Actor, e.At.UTC().Format(time.RFC3339), e.Tool, e.Diff), "\n")
	}
	return strings.TrimSuffix(fmt.Sprintf("%s was edited after %s applied it on %s; undo the edit and write a new migration instead\n%s",
		e.File, e.Actor, e.At.UTC().Format(time.RFC3339), e.Diff), "\n")
}

// DriftError says that objects which a migration touches are not as it expects them.
type DriftError struct {
	File string
	// After is set when the mismatch shows after the migration ran; otherwise before it.
	After bool
	// Back is set on the way back.
	Back            bool
	Expected, Found string // fingerprints
	Objects         []ObjectDiff
	// Known is set when Objects come from a comparison with the last snapshot; otherwise they are all that the migration touches.
	Known bool
	Next  string
}

// ObjectDiff is one object, before and now.
type ObjectDiff struct {
	ID   schema.ID
	Diff string // unified, over the object's canonical JSON; empty when there is nothing to compare with
	Gone bool
	New  bool
}

// Error lists the objects and their diffs.
func (e *DriftError) Error() string {
	var b strings.Builder
	when := "before"
	if e.After {
		when = "after"
	}
	way := "it ran"
	if e.Back {
		way = "its way back"
	}
	fmt.Fprintf(&b, "%s: the objects that it touches are not what they must be %s %s", e.File, when, way)
	if !e.Known {
		b.WriteString("; no snapshot says which of them differ")
	}
	if e.Next != "" {
		b.WriteString("; " + e.Next)
	}
	for _, o := range e.Objects {
		b.WriteString("\n  " + o.String())
	}
	return b.String()
}

// String is the object and what became of it, with its diff.
func (o ObjectDiff) String() string {
	switch {
	case o.Gone:
		return o.ID.String() + " is gone"
	case o.New:
		return o.ID.String() + " is new"
	case o.Diff == "":
		return o.ID.String()
	}
	return o.ID.String() + " differs:\n" + strings.TrimSuffix(o.Diff, "\n")
}

// GateClosed says that a contract file which was asked for by version is held.
type GateClosed struct{ Held Held }

// Error gives the reason and how to go on.
func (e *GateClosed) Error() string {
	s := e.Held.Migration.File() + " is held: " + e.Held.Reason
	if next := e.Held.Next(); next != "" {
		s += "; " + next
	}
	return s
}

// Next says how to go on; empty where the reason itself does.
func (h Held) Next() string {
	switch h.Code {
	case HeldNotApplied:
		return "apply its expand first"
	case HeldBackfill:
		return "let apply end the step in batches first; roll the expand back and apply it again where its cursor was lost"
	case HeldEvidence:
		return ""
	case HeldBehind:
		return "apply that one first"
	}
	return "apply it in a later run, or use --contract immediate"
}

// CheckError says that data would break a step.
type CheckError struct{ Checks []Checked }

// Error lists the checks with some of the rows.
func (e *CheckError) Error() string {
	lines := make([]string, len(e.Checks))
	for i, c := range e.Checks {
		lines[i] = fmt.Sprintf("%s, step %d: %s: %s, such as %s", c.Migration.File(), c.Step, c.Message, c.Amount(), strings.Join(c.Rows, ", "))
	}
	return "data stands in the way: " + strings.Join(lines, "; ")
}

// sqlState is the server's code in an error; empty when the server did not send one.
func sqlState(err error) string {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Code
	}
	return ""
}
