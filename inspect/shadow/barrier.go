package shadow

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
)

// barrier holds up a statement that is not in a transaction, so that its locks can be read: at its first lock that is
// not shared with other changes of the table, and where it waits until nobody uses the table in its old form.
type barrier struct {
	// watcher is a session in another database, for which the statement does not wait.
	watcher *pgx.Conn
	// database is the name in the server of that which is watched.
	database string
	gates    []*gate
}

// gate is a session that holds locks until it is opened.
type gate struct {
	conn   *pgx.Conn
	closed bool
}

// maxGates bounds the sessions for a statement: one for the first lock, one for each table that it may wait for.
const maxGates = 4

// bar closes the gates on the given tables. The sessions are kept for the next statement.
//
// The first gate holds SHARE UPDATE EXCLUSIVE, at which every statement stops that changes a table or its indexes. Each other
// one holds ACCESS SHARE on one table and a snapshot: for these CREATE, DROP and REINDEX INDEX CONCURRENTLY and
// DETACH PARTITION CONCURRENTLY wait half-way (documentation of CREATE INDEX, "Building Indexes Concurrently").
func (d *scratch) bar(ctx context.Context, tables []relation) (*barrier, error) {
	if d.barrier == nil {
		d.barrier = &barrier{}
		watcher, err := pgx.Connect(ctx, d.shadow.server.URL(""))
		if err != nil {
			return nil, fmt.Errorf("connect to the shadow: %w", err)
		}
		d.barrier.watcher, d.barrier.database = watcher, d.conn.Config().Database
	}
	b := d.barrier
	if len(tables) == 0 {
		return b, nil
	}
	if err := b.close(ctx, d, 0, "SHARE UPDATE EXCLUSIVE", tables); err != nil {
		return nil, err
	}
	for i := range min(len(tables), maxGates-1) {
		held := tables[i : i+1]
		if i == maxGates-2 {
			held = tables[i:]
		}
		if err := b.close(ctx, d, i+1, "ACCESS SHARE", held); err != nil {
			return nil, err
		}
	}
	return b, nil
}

// close takes the locks of one gate.
func (b *barrier) close(ctx context.Context, d *scratch, number int, mode string, tables []relation) error {
	if number == len(b.gates) {
		config := d.conn.Config()
		config.OnNotice = nil // nobody listens to what a gate is told
		conn, err := pgx.ConnectConfig(ctx, config)
		if err != nil {
			return fmt.Errorf("connect to the shadow: %w", err)
		}
		b.gates = append(b.gates, &gate{conn: conn})
	}
	var sql strings.Builder
	sql.WriteString("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1")
	for _, t := range tables {
		if t.kind == "r" || t.kind == "p" { // no other kind can be locked by a statement of its own
			sql.WriteString("; LOCK TABLE ONLY " + t.id.SQL() + " IN " + mode + " MODE")
		}
	}
	g := b.gates[number]
	g.closed = true
	if _, err := g.conn.PgConn().Exec(ctx, sql.String()).ReadAll(); err != nil {
		return fmt.Errorf("hold locks on the shadow: %w", err)
	}
	return nil
}

// release opens the gates whose sessions are among the listed ones, and reports whether there was one.
func (b *barrier) release(ctx context.Context, pids string) (any bool) {
	for _, pid := range strings.Split(pids, ",") {
		for _, g := range b.gates {
			if g.closed && strconv.FormatUint(uint64(g.conn.PgConn().PID()), 10) == pid {
				g.open(ctx)
				any = true
			}
		}
	}
	return any
}

// open lets everything pass.
func (b *barrier) open(ctx context.Context) {
	for _, g := range b.gates {
		g.open(ctx)
	}
}

// open ends the transaction of the gate; if that fails, the session, which comes to the same.
func (g *gate) open(ctx context.Context) {
	if !g.closed {
		return
	}
	g.closed = false
	if _, err := g.conn.PgConn().Exec(context.WithoutCancel(ctx), "ROLLBACK").ReadAll(); err != nil {
		_ = g.conn.Close(context.WithoutCancel(ctx))
	}
}

// end closes all sessions.
func (b *barrier) end(ctx context.Context) {
	if b == nil {
		return
	}
	for _, g := range b.gates {
		_ = g.conn.Close(ctx)
	}
	if b.watcher != nil {
		_ = b.watcher.Close(ctx)
	}
}
