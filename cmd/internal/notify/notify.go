package notify

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"sync"
	"time"

	"github.com/pleatdb/pleat/cmd/internal/connect"
	"github.com/pleatdb/pleat/cmd/internal/event"
)

// DefaultEvents are the types that are sent where none are named: the end of a run, and what failed beside it.
var DefaultEvents = []string{event.TypeRunFinished, event.TypeRunFailed, event.TypeHookFailed}

// Defaults of [Options].
const (
	DefaultTimeout  = 5 * time.Second
	DefaultAttempts = 4
)

// room is how many events may wait; more than that in one run were meant for a log.
const room = 256

// Options say where to and how.
type Options struct {
	// Name is the receiver's in the project file.
	Name string
	URL  connect.Secret
	// Key signs CloudEvents; empty for no signature.
	Key connect.Secret
	// Slack sends messages for people in the place of CloudEvents.
	Slack bool
	// Events are types; empty means [DefaultEvents].
	Events []string
	// Timeout is that of an attempt, and Attempts how many there are; 0 for the defaults.
	Timeout  time.Duration
	Attempts int
	// Agent names this program.
	Agent string
}

// Notifier sends events to one receiver. Until the first event that it is to send it does nothing and has no goroutine.
type Notifier struct {
	opts   Options
	host   string
	send   func(ctx context.Context, e event.Event) error
	cancel context.CancelFunc

	mu     sync.Mutex
	queue  chan event.Event
	done   chan struct{}
	closed bool
	// lost are the events that did not arrive, of how many; last is why the last of them did not.
	lost, of int
	last     error
}

// New makes a notifier.
func New(o Options) *Notifier {
	if len(o.Events) == 0 {
		o.Events = DefaultEvents
	}
	if o.Timeout <= 0 {
		o.Timeout = DefaultTimeout
	}
	if o.Attempts <= 0 {
		o.Attempts = DefaultAttempts
	}
	n := &Notifier{opts: o}
	if u, err := url.Parse(o.URL.Reveal()); err == nil {
		n.host = u.Host
	}
	return n
}

// Tell puts an event in the queue, or drops it where the queue is full; it never waits.
func (n *Notifier) Tell(e event.Event) {
	if !slices.Contains(n.opts.Events, e.Type) {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.closed {
		return
	}
	if n.queue == nil {
		n.start()
	}
	n.of++
	select {
	case n.queue <- e:
	default:
		n.lost++
		n.last = fmt.Errorf("%d others were still waiting to be sent", room)
	}
}

func (n *Notifier) start() {
	ctx, cancel := context.WithCancel(context.Background())
	n.queue, n.done, n.cancel = make(chan event.Event, room), make(chan struct{}), cancel
	n.send = newSender(n.opts).send
	go n.work(ctx)
}

// work sends one event after the other until the queue is closed.
func (n *Notifier) work(ctx context.Context) {
	defer close(n.done)
	for e := range n.queue {
		if err := n.send(ctx, e); err != nil {
			n.mu.Lock()
			n.lost, n.last = n.lost+1, err
			n.mu.Unlock()
		}
	}
}

// Close sends what still waits, until ctx is over, and says what did not arrive; empty when all did.
func (n *Notifier) Close(ctx context.Context) string {
	n.mu.Lock()
	started := n.queue != nil && !n.closed
	n.closed = true
	if started {
		close(n.queue)
	}
	n.mu.Unlock()
	if !started {
		return ""
	}
	select {
	case <-n.done:
	case <-ctx.Done():
	}
	n.cancel()
	<-n.done // at once: every request has just been cancelled
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.lost == 0 {
		return ""
	}
	return fmt.Sprintf("notify %q: %d of %d events did not reach %s: %s", n.opts.Name, n.lost, n.of, n.host, n.last)
}
