package apply

import (
	"sync"
	"time"

	"github.com/pleatdb/pleat/history/migration"
)

// Blocked is told when others stand in the way of a step's locks: before its first attempt, after each failed one, and again every
// few seconds while a statement waits that may wait for long.
type Blocked struct {
	Migration *migration.Migration
	Step      int
	Back      bool
	// Mode and On are the lock that is waited for, such as "ACCESS EXCLUSIVE" and "public.orders"; empty before the first attempt.
	Mode, On string
	Blockers []Blocker
	// Behind is how many sessions wait because of ours.
	Behind int
	// Waited is how long this attempt has waited, and Harm how long those behind it have in all.
	Waited, Harm time.Duration
}

// Progressed is told every few seconds of a statement that may take long.
type Progressed struct {
	Migration *migration.Migration
	Step      int
	Back      bool
	// Phase is the server's word for what it does; empty where it reports no progress of such a statement.
	Phase string
	// Done and Total count what the phase goes through, Unit says what that is: "blocks", "rows", "sessions", "partitions". Total is 0 where
	// the phase counts nothing.
	Done, Total int64
	Unit        string
	Elapsed     time.Duration
	// Behind is how many sessions wait because of ours.
	Behind int
}

// BlockerEnded is told when a session that stood in the way was cancelled or ended because the options wish it.
type BlockerEnded struct {
	Migration *migration.Migration
	Step      int
	Blocker   Blocker
	// Terminated is set where the session was ended; otherwise its statement was cancelled.
	Terminated bool
}

func (Blocked) event()      {}
func (Progressed) event()   {}
func (BlockerEnded) event() {}

// tellAgain is how long to wait before the same is shown once more.
const tellAgain = 5 * time.Second

// tell shows who stands in the way, when that changed or some seconds passed.
func (w *watcher) tell(e Blocked) {
	what := e.On + e.Mode
	for _, b := range e.Blockers {
		what += "\x00" + b.who()
	}
	if what == w.told && time.Since(w.toldAt) < tellAgain {
		return
	}
	w.told, w.toldAt = what, time.Now()
	w.opts.observe(e)
}

// serial passes events on one at a time: the watcher has some to tell while a statement runs.
type serial struct {
	mu sync.Mutex
	to Observer
}

func (s *serial) Observe(e Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.to.Observe(e)
}
