package event

import (
	"slices"
	"sync"
	"time"

	"github.com/pleatdb/pleat/apply"
	"github.com/pleatdb/pleat/cmd/internal/view"
)

// Sink takes events, from one goroutine at a time. It must not block: locks may be held.
type Sink interface{ Tell(Event) }

// SinkFunc makes a function a Sink.
type SinkFunc func(Event)

// Tell calls the function.
func (f SinkFunc) Tell(e Event) { f(e) }

// Context is what every event of a command says.
type Context struct {
	// Command is apply, rollback or redo.
	Command                       string
	Database, Environment, Target string
	Release, Tool                 string
}

// Teller turns what package apply tells into events for sinks. It is an apply.Observer, and safe for concurrent use.
type Teller struct {
	about Context
	mask  func(string) string
	now   func() time.Time
	sinks []Sink

	mu        sync.Mutex
	run       string
	back      bool
	migration *Migration
	progress  time.Time
}

// NewTeller tells sinks. mask replaces the secrets in a text; nil replaces nothing.
func NewTeller(about Context, mask func(string) string, now func() time.Time, sinks ...Sink) *Teller {
	return &Teller{about: about, mask: mask, now: now, sinks: sinks}
}

// Observe translates one event of a run; it implements [apply.Observer].
func (t *Teller) Observe(e apply.Event) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if out, ok := t.translate(e); ok {
		t.send(out)
	}
}

// Tell completes an event and passes it on.
func (t *Teller) Tell(e Event) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.send(e)
}

// Fail tells that the command failed.
func (t *Teller) Fail(err error) {
	failure := view.Explain(err)
	e := Event{Type: TypeRunFailed, Level: "error", Message: failure.Message, SQLState: failure.SQLState, Error: &failure}
	t.mu.Lock()
	defer t.mu.Unlock()
	e.Migration = t.migration
	e.Step = stepOf(err)
	t.send(e)
}

// Run is the ID of the run in the log; empty before it began.
func (t *Teller) Run() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.run
}

// send completes an event and hands it to the sinks.
func (t *Teller) send(e Event) {
	e = t.complete(e)
	for _, s := range t.sinks {
		s.Tell(e)
	}
}

// complete fills in what every event has, and masks it.
func (t *Teller) complete(e Event) Event {
	e.Version, e.Time = ShapeVersion, t.now().UTC()
	if e.Level == "" {
		e.Level = "info"
	}
	c := t.about
	e.Command, e.Database, e.Environment, e.Target = c.Command, c.Database, c.Environment, c.Target
	e.Release, e.Tool, e.Run = c.Release, c.Tool, t.run
	if t.mask == nil {
		return e
	}
	return Masked(e, t.mask)
}

// Only passes on events of some types.
func Only(s Sink, types []string) Sink {
	return SinkFunc(func(e Event) {
		if slices.Contains(types, e.Type) {
			s.Tell(e)
		}
	})
}
