package apply

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/pleatdb/pleat/schema"
)

// Blocker is a session, or a prepared transaction, that stands in the way. What it runs is nobody's business here.
type Blocker struct {
	// PID is 0 for a prepared transaction, which Prepared names.
	PID      int
	Prepared string
	User     string
	// Application is the application_name that the session gave itself.
	Application string
	// Kind is what pg_stat_activity calls backend_type: "client backend", "autovacuum worker".
	Kind string
	// State is active, "idle in transaction" and so on; empty where it may not be seen.
	State string
	// Age is how long its transaction has been open, and Idle how long it has been in its state.
	Age, Idle time.Duration
	// Modes are the locks that it holds, or waits for, on what we wait for.
	Modes []string
	// Waits is set when it waits for a lock itself.
	Waits bool
	// Wraparound is set for an autovacuum that must come to its end.
	Wraparound bool
	// Hidden is set where the role may not see more of it.
	Hidden bool

	started, changed *time.Time
}

// who tells blockers apart.
func (b Blocker) who() string { return fmt.Sprintf("%d %s %v", b.PID, b.Prepared, b.started) }

// String says who, in a few words: "pid 123 ("web", user app, idle in transaction for 34s)".
func (b Blocker) String() string {
	if b.Prepared != "" {
		return fmt.Sprintf("prepared transaction %s (user %s, for %s)", schema.Literal(b.Prepared), b.User, rough(b.Age))
	}
	var parts []string
	if b.Application != "" {
		parts = append(parts, fmt.Sprintf("%q", b.Application))
	}
	if b.User != "" {
		parts = append(parts, "user "+b.User)
	}
	switch {
	case b.Wraparound:
		parts = append(parts, "autovacuum to prevent wraparound, which does not give way")
	case b.autovacuum():
		parts = append(parts, "autovacuum")
	}
	switch {
	case b.Hidden:
		parts = append(parts, "the rest is hidden from this role")
	case strings.HasPrefix(b.State, "idle"):
		parts = append(parts, b.State+" for "+rough(b.Idle))
	case b.State != "":
		parts = append(parts, b.State)
	}
	if b.Age > 0 {
		parts = append(parts, "transaction open for "+rough(b.Age))
	}
	if b.Waits {
		parts = append(parts, "waits for a lock itself")
	}
	return fmt.Sprintf("pid %d (%s)", b.PID, strings.Join(parts, ", "))
}

func (b Blocker) autovacuum() bool { return b.Kind == "autovacuum worker" }

func rough(d time.Duration) string {
	if d < time.Second {
		return d.Round(10 * time.Millisecond).String()
	}
	return d.Round(time.Second).String()
}

// describing tells of the rows of "holders": a pid or the virtual transaction of a prepared transaction, and modes.
const describing = `
	SELECT h.pid, coalesce(x.gid, ''), coalesce(a.usename::text, x.owner::text, ''), coalesce(a.application_name, ''), coalesce(a.backend_type, ''),
		coalesce(a.state, ''), (extract(epoch FROM pg_catalog.clock_timestamp() - coalesce(a.xact_start, x.prepared)) * 1000)::int8,
		(extract(epoch FROM pg_catalog.clock_timestamp() - a.state_change) * 1000)::int8, h.modes, coalesce(a.wait_event_type = 'Lock', false),
		coalesce(a.backend_type = 'autovacuum worker' AND a.query LIKE '%to prevent wraparound%', false), coalesce(a.query = '<insufficient privilege>', false),
		a.backend_start, a.state_change
	FROM holders h LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = h.pid LEFT JOIN pg_catalog.pg_prepared_xacts x ON x.transaction IN (
		SELECT t.transactionid FROM pg_catalog.pg_locks t WHERE t.locktype = 'transactionid' AND t.pid IS NULL AND t.virtualtransaction = h.prepared)
	ORDER BY coalesce(a.xact_start, x.prepared), h.pid LIMIT 20`

// lockedAlike is the condition that two rows of pg_locks are about the same thing.
func lockedAlike(a, b string) string { return fmt.Sprintf(sameLock, a, b) }

// inTheWay finds who blocks a session. A prepared transaction has no process, and pg_locks shows its locks without one; which it is
// tells the lock on its own number, under the same virtual transaction (measured on PostgreSQL 15).
var inTheWay = `WITH l AS MATERIALIZED (SELECT * FROM pg_catalog.pg_locks), want AS (SELECT * FROM l WHERE pid = $1 AND NOT granted LIMIT 1),
	by AS MATERIALIZED (SELECT DISTINCT pid FROM pg_catalog.unnest(pg_catalog.pg_blocking_pids($1)) pid),
	holders AS (
		SELECT by.pid, NULL::text AS prepared,
			ARRAY(SELECT DISTINCT h.mode FROM l h JOIN want ON ` + lockedAlike("h", "want") + ` WHERE h.pid = by.pid ORDER BY 1) AS modes FROM by WHERE by.pid <> 0
		UNION ALL
		SELECT 0, h.virtualtransaction, pg_catalog.array_agg(DISTINCT h.mode) FROM l h JOIN want ON ` + lockedAlike("h", "want") + `
		WHERE h.pid IS NULL AND h.granted AND EXISTS (SELECT FROM by WHERE by.pid = 0) GROUP BY 2)` + describing

func (w *watcher) blocking(ctx context.Context, pid int) ([]Blocker, error) {
	return w.census(ctx, inTheWay, pid)
}

// holding finds who holds locks of certain modes on relations and on what belongs to them.
var holding = `WITH RECURSIVE wants AS (SELECT DISTINCT t.oid, t.mode FROM ROWS FROM (pg_catalog.unnest($1::oid[]), pg_catalog.unnest($2::text[])) t (oid, mode)),
	family AS (SELECT * FROM wants UNION SELECT i.inhrelid, f.mode FROM family f JOIN pg_catalog.pg_inherits i ON i.inhparent = f.oid),
	holders AS (SELECT coalesce(l.pid, 0) AS pid, CASE WHEN l.pid IS NULL THEN l.virtualtransaction END AS prepared,
			pg_catalog.array_agg(DISTINCT l.mode) AS modes
		FROM pg_catalog.pg_locks l JOIN family f ON f.oid = l.relation AND f.mode = l.mode
		WHERE l.locktype = 'relation' AND l.granted AND l.pid IS DISTINCT FROM $3
			AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())
		GROUP BY 1, 2)` + describing

// observing finds the sessions of this database whose snapshots a concurrent build has to outlast.
const observing = `WITH holders AS (SELECT pid, NULL::text AS prepared, '{}'::text[] AS modes FROM pg_catalog.pg_stat_activity
		WHERE datname = pg_catalog.current_database() AND backend_xmin IS NOT NULL AND pid <> ALL ($1::int4[])
			AND coalesce(backend_type, 'client backend') = 'client backend')` + describing

// census runs one of the queries above.
func (w *watcher) census(ctx context.Context, sql string, args ...any) (out []Blocker, err error) {
	err = w.ask(ctx, func(rows pgx.Rows) error {
		var b Blocker
		var age, idle *int64
		err := rows.Scan(&b.PID, &b.Prepared, &b.User, &b.Application, &b.Kind, &b.State, &age, &idle, &b.Modes, &b.Waits, &b.Wraparound, &b.Hidden,
			&b.started, &b.changed)
		if age != nil {
			b.Age = time.Duration(max(*age, 0)) * time.Millisecond
		}
		if idle != nil {
			b.Idle = time.Duration(max(*idle, 0)) * time.Millisecond
		}
		for i, m := range b.Modes {
			b.Modes[i] = modeWords(m)
		}
		out = append(out, b)
		return err
	}, sql, args...)
	if err != nil {
		return nil, fmt.Errorf("look who stands in the way: %w", err)
	}
	return out, nil
}

// lasting is how long a transaction must have been open to be worth a word before the first attempt: on a busy table somebody is always
// about to be done.
const lasting = time.Second

// announce shows who stands in the way of a step already. It is for people, so that what cannot be seen is passed over.
func (r *runner) announce(ctx context.Context, w *work) {
	if !r.watch.ready(ctx) {
		return
	}
	blockers, err := r.holders(ctx, w)
	if err != nil {
		return
	}
	blockers = older(blockers, lasting)
	if len(blockers) > 0 {
		r.watch.tell(Blocked{Migration: w.m, Step: w.number(), Back: w.undo != nil, Blockers: blockers})
	}
}

// holders finds who holds what the work's statements will want, as far as their text tells.
func (r *runner) holders(ctx context.Context, w *work) ([]Blocker, error) {
	var names []string
	wants := map[string]lockMode{}
	for _, stmt := range w.statements() {
		for _, want := range wanted(stmt.SQL) {
			if _, ok := wants[want.relation]; !ok {
				names = append(names, want.relation)
			}
			wants[want.relation] = max(wants[want.relation], want.mode)
		}
	}
	if len(names) == 0 {
		return nil, nil
	}
	// Names mean what they mean to the session that runs the statements; the watcher has another search_path.
	rows, err := r.conn.Query(ctx, "SELECT n, pg_catalog.to_regclass(n)::oid FROM pg_catalog.unnest($1::text[]) n", query, names)
	if err != nil {
		return nil, fmt.Errorf("find what is to be locked: %w", err)
	}
	var oids []uint32
	var modes []string
	var name string
	var oid *uint32
	_, err = pgx.ForEachRow(rows, []any{&name, &oid}, func() error {
		for _, m := range wants[name].excludes() {
			if oid != nil {
				oids, modes = append(oids, *oid), append(modes, m)
			}
		}
		return nil
	})
	if err != nil || len(oids) == 0 {
		return nil, err
	}
	return r.watch.census(ctx, holding, oids, modes, r.pid)
}

// older leaves out those of whom it is not known that their transactions have been open for long.
func older(all []Blocker, than time.Duration) (out []Blocker) {
	for _, b := range all {
		if b.Age >= than || b.autovacuum() {
			out = append(out, b)
		}
	}
	return out
}
