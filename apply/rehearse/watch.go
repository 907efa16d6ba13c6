package rehearse

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/pleatdb/pleat/apply"
	"github.com/pleatdb/pleat/history/migration"
	"github.com/pleatdb/pleat/schema"
)

// interval is how often locks are looked at.
const interval = 3 * time.Millisecond

// watcher sees what the applier does: its events say when, a second session sees which locks it holds.
type watcher struct {
	conn   *pgx.Conn
	next   apply.Observer
	cancel context.CancelFunc
	done   chan struct{}

	mu      sync.Mutex
	passage Passage
	pid     uint32
	// before are the tables that were there when the passage began.
	before map[uint32]string
	step   *Step
	file   *File
	result *Result
	since  map[string]time.Time
	err    error
}

// watch begins to look. The connection belongs to the watcher until stop.
func watch(ctx context.Context, conn *pgx.Conn, result *Result, next apply.Observer) *watcher {
	ctx, cancel := context.WithCancel(ctx)
	w := &watcher{conn: conn, next: next, cancel: cancel, done: make(chan struct{}), result: result}
	go w.poll(ctx)
	return w
}

// stop ends the looking and says whether it went wrong.
func (w *watcher) stop() error {
	w.cancel()
	<-w.done
	return w.err
}

// begin prepares for a passage of one or more files.
func (w *watcher) begin(ctx context.Context, conn *pgx.Conn, passage Passage) error {
	rows, err := conn.Query(ctx, `SELECT c.oid, n.nspname::text, c.relname::text FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
		WHERE c.relkind IN ('r', 'p', 'm') AND n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'pleat')`, pgx.QueryExecModeExec)
	if err != nil {
		return fmt.Errorf("list tables: %w", err)
	}
	tables := map[uint32]string{}
	var oid uint32
	var namespace, name string
	if _, err := pgx.ForEachRow(rows, []any{&oid, &namespace, &name}, func() error {
		tables[oid] = schema.Qualified(namespace, name)
		return nil
	}); err != nil {
		return fmt.Errorf("list tables: %w", err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.passage, w.before = passage, tables
	return nil
}

// applies tells which session the applier uses.
func (w *watcher) applies(pid uint32) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.pid = pid
}

// Observe implements [apply.Observer].
func (w *watcher) Observe(e apply.Event) {
	switch e := e.(type) {
	case apply.StepStarted:
		w.started(e.Migration, e.Step, e.Title)
	case apply.StepDone:
		w.ended(e.Duration)
	case apply.MigrationDone:
		w.mu.Lock()
		if f := w.result.file(e.Migration.Version); f != nil {
			f.Passages = append(f.Passages, w.passage)
		}
		w.mu.Unlock()
	}
	if w.next != nil {
		w.next.Observe(e)
	}
}

func (w *watcher) started(m *migration.Migration, number int, title string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.since = map[string]time.Time{}
	w.file = w.result.file(m.Version)
	w.step = &Step{Passage: w.passage, Number: number, Title: title}
	if w.passage != Down && number > 0 && number <= len(m.Steps) {
		w.step.Batched = m.Steps[number-1].Batch != nil
	}
}

func (w *watcher) ended(took time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.step == nil || w.file == nil {
		return
	}
	w.step.Duration = took
	w.file.Steps = append(w.file.Steps, *w.step)
	w.step = nil
}

// held asks for the locks of the applier's session that keep writers, or readers too, from tables.
const held = `SELECT relation, mode FROM pg_catalog.pg_locks
	WHERE pid = $1 AND granted AND locktype = 'relation' AND database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())
		AND mode IN ('ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')`

var modes = map[string]string{
	"ShareLock": "SHARE", "ShareRowExclusiveLock": "SHARE ROW EXCLUSIVE", "ExclusiveLock": "EXCLUSIVE", "AccessExclusiveLock": "ACCESS EXCLUSIVE",
}

func (w *watcher) poll(ctx context.Context) {
	defer close(w.done)
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		w.mu.Lock()
		pid, at := w.pid, w.step
		w.mu.Unlock()
		if pid == 0 || at == nil {
			continue
		}
		if err := w.look(ctx, pid, at); err != nil && ctx.Err() == nil {
			w.err = fmt.Errorf("watch the locks: %w", err)
			return
		}
	}
}

// look takes down which locks are held now, and for how long they have been.
func (w *watcher) look(ctx context.Context, pid uint32, at *Step) error {
	rows, err := w.conn.Query(ctx, held, pid)
	if err != nil {
		return err
	}
	type lock struct {
		oid  uint32
		mode string
	}
	locks, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (l lock, err error) { return l, row.Scan(&l.oid, &l.mode) })
	if err != nil {
		return err
	}
	now := time.Now()
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.step != at {
		return nil
	}
	seen := map[string]time.Time{}
	for _, l := range locks {
		name, there := w.before[l.oid]
		if !there {
			continue
		}
		key := name + " " + l.mode
		since, ok := w.since[key]
		if !ok {
			since = now
		}
		seen[key] = since
		// What was seen once was held for a moment at least.
		if d := max(now.Sub(since), time.Millisecond); d > at.Lock.Held {
			at.Lock = Lock{Relation: name, Mode: modes[l.mode], Held: d}
		}
	}
	w.since = seen
	return nil
}
