package apply

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/pleatdb/pleat/history"
)

// passes is how often the pages of a part without a key are gone through at most, until a pass finds nothing to change.
const passes = 8

// next runs one batch, again and with fewer rows while others are in its way.
func (b *batches) next(ctx context.Context) error {
	if b.skip() {
		return nil
	}
	l := b.ladder
	l.begin, l.attempt = time.Now(), 0
	for {
		if err := b.throttle(ctx); err != nil {
			return err
		}
		begin, timeout := time.Now(), l.timeout()
		to, rows, err := b.attempt(ctx, timeout)
		if err == nil {
			b.advance(to, rows, time.Since(begin))
			return b.rest(ctx)
		}
		if errors.Is(err, errRestart) {
			return nil
		}
		if b.conn.IsClosed() || ctx.Err() != nil || !b.passing(err, time.Since(begin)) {
			return err
		}
		b.size.halve()
		if err := b.stayAway(ctx, b.w, &l, timeout, err); err != nil {
			return err
		}
	}
}

// rest waits between batches where that is wished.
func (b *batches) rest(ctx context.Context) error {
	if b.opts.Pause == 0 {
		return nil
	}
	return sleep(ctx, b.opts.Pause)
}

// skip passes over parts that are empty, gone, or done.
func (b *batches) skip() bool {
	at := b.state.Position
	p := b.parts[at.Part]
	empty := p != nil && len(p.key) > 0 && len(b.state.Parts[at.Part].Last) == 0
	if p == nil || empty || len(p.key) == 0 && at.Pages == 0 {
		b.state.Position = b.opening(at.Part+1, at)
		return true
	}
	return false
}

// passing reports whether an error may not come again: others hold the locks (55P03), a deadlock (40P01), a conflict (40001), or the
// batch took too long (57014, unless somebody cancelled it by hand).
func (b *batches) passing(err error, took time.Duration) bool {
	switch sqlState(err) {
	case "55P03", "40P01", "40001":
		return true
	case "57014":
		return b.watch.contended(err) || took >= b.opts.Timeout*9/10 || b.givenTimeout()
	}
	return false
}

func (b *batches) givenTimeout() bool {
	for _, g := range b.given {
		if g.name == "statement_timeout" && g.value != "0" {
			return true
		}
	}
	return false
}

// attempt is the transaction of one batch: where it ends, its rows locked in the order of their key, the statement, how far it got.
func (b *batches) attempt(ctx context.Context, timeout time.Duration) (to history.BackfillPosition, rows int64, err error) {
	tx, err := b.conn.Begin(ctx)
	if err != nil {
		return to, 0, err
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }()
	if err := b.prepareBatch(ctx, timeout); err != nil {
		return to, 0, err
	}
	if to, rows, err = b.changed(ctx, timeout); err != nil {
		return to, 0, err
	}
	if err := b.log.AdvanceBackfill(ctx, tx, b.state, to, rows); err != nil {
		return to, 0, err
	}
	if err := b.guard(ctx); err != nil {
		return to, 0, err
	}
	if err := tx.Commit(ctx); err != nil {
		return to, 0, b.uncommitted(err)
	}
	return to, rows, nil
}

// changed does the rows of a batch while the watcher looks; what follows is not watched, as nothing may cancel the COMMIT.
func (b *batches) changed(ctx context.Context, timeout time.Duration) (to history.BackfillPosition, rows int64, err error) {
	watching, err := b.watchOver(ctx, b.w, timeout)
	if err != nil {
		return to, 0, err
	}
	defer watching.end()
	if p := b.parts[b.state.Position.Part]; len(p.key) > 0 {
		return b.byKey(ctx, p)
	}
	return b.byPage(ctx, b.parts[b.state.Position.Part])
}

// prepareBatch makes the settings of a batch. The triggers that keep two shapes in step let its rows pass.
func (b *batches) prepareBatch(ctx context.Context, timeout time.Duration) error {
	to := b.settings(b.w, timeout)
	if !b.givenTimeout() {
		to = append(to, setting{"statement_timeout", fmt.Sprintf("%dms", max(b.opts.Timeout.Milliseconds(), 1))})
	}
	if err := b.set(ctx, true, to...); err != nil {
		return err
	}
	if _, err := b.conn.Exec(ctx, "SELECT pg_catalog.set_config('pleat.nosync', 'on', true)", query); err != nil {
		return fmt.Errorf("keep the triggers out of a batch: %w", err)
	}
	return nil
}

// strength is how the rows of a batch are locked before they are changed.
func (b *batches) strength() string {
	if b.stmt.Delete {
		return "FOR UPDATE"
	}
	return "FOR NO KEY UPDATE"
}

// lockRows locks what a condition selects, in order, so that two that lock many rows meet in the same order, and counts it.
func (b *batches) lockRows(ctx context.Context, p *part, where, order string, args parameters) (n int64, err error) {
	sql := "SELECT pg_catalog.count(*) FROM (SELECT 1 FROM ONLY " + p.sql() + " AS t WHERE " + where + " ORDER BY " + order + " " + b.strength() + ") AS locked"
	return n, b.conn.QueryRow(ctx, sql, append([]any{query}, args...)...).Scan(&n)
}

// byKey does one batch of a part with a key. Where it ends is read first and without locks: rows that are locked can change places.
func (b *batches) byKey(ctx context.Context, p *part) (to history.BackfillPosition, rows int64, err error) {
	last := b.state.Parts[b.state.Position.Part].Last
	e := extent{from: b.state.Position.Key, to: last}
	var args parameters
	where := p.keyed("t", e, &args)
	end, err := b.key(ctx, fmt.Sprintf("SELECT %s FROM ONLY %s AS t WHERE %s ORDER BY %s OFFSET %d LIMIT 1",
		asText(p.key, "t"), p.sql(), where, inOrder(p.key, "t", false), b.size.rows-1), args...)
	if err != nil {
		return to, 0, err
	}
	final := len(end) == 0 || slices.Equal(end, last)
	if !final {
		e.to = end
	}
	args = nil
	where = p.keyed("t", e, &args)
	seen, err := b.lockRows(ctx, p, where, inOrder(p.key, "t", false), args)
	if err != nil {
		return to, 0, err
	}
	args = nil
	sql, err := b.stmt.Restrict(p.name, p.keyed(b.stmt.Alias, e, &args), "")
	if err != nil {
		return to, 0, &Refused{Code: "batch", Reason: err.Error()}
	}
	tag, err := b.conn.Exec(ctx, sql, append([]any{query}, args...)...)
	if err != nil {
		return to, 0, err
	}
	to = b.state.Position
	to.Key, to.Seen = e.to, to.Seen+seen
	to.Size = b.size.rows
	if final {
		to = b.opening(to.Part+1, to)
	}
	return to, tag.RowsAffected(), nil
}

// byPage does one batch of a part without a key. The rows that the step itself moved it knows and leaves out; a statement that
// leaves out by itself what is done needs no such help.
func (b *batches) byPage(ctx context.Context, p *part) (to history.BackfillPosition, rows int64, err error) {
	to = b.state.Position
	e := extent{first: to.Page, end: min(to.Page+b.size.pages(p.perPage), to.Pages)}
	seen, err := b.lockRows(ctx, p, paged("t", e, b.version), "t.ctid", nil)
	if err != nil {
		return to, 0, err
	}
	// The rows are locked, so nobody can rewrite the table from here on.
	fresh, err := b.sameStorage(ctx, p)
	if err != nil || !fresh {
		return to, 0, err
	}
	where, returning := paged(b.stmt.Alias, e, b.version), ""
	if !b.stmt.Settles {
		returning = "ctid"
		where += " AND " + unmoved(history.HomeOn(b.conn), b.stmt.Alias, b.state.Version, b.state.Step, to.Part)
	}
	sql, err := b.stmt.Restrict(p.name, where, returning)
	if err != nil {
		return to, 0, &Refused{Code: "batch", Reason: err.Error()}
	}
	if returning == "" {
		tag, err := b.conn.Exec(ctx, sql, query)
		if err != nil {
			return to, 0, err
		}
		rows = tag.RowsAffected()
	} else if err := b.conn.QueryRow(ctx, noting(history.HomeOn(b.conn), sql, b.state.Version, b.state.Step, to.Part, e.end, to.Pages), query).Scan(&rows); err != nil {
		return to, 0, err
	}
	if to.Pass == 0 {
		to.Seen += seen
	}
	to.Page, to.Changed, to.Size = e.end, to.Changed+rows, b.size.rows
	if to.Page < to.Pages {
		return to, rows, nil
	}
	return b.endOfPass(ctx, p, to, rows)
}

// endOfPass goes on with the next part, or once more over this one: a row that somebody changed meanwhile has moved, and may have
// moved to where the pass had been.
func (b *batches) endOfPass(ctx context.Context, p *part, at history.BackfillPosition, rows int64) (history.BackfillPosition, int64, error) {
	if !b.stmt.Settles || at.Changed == 0 || at.Pass+1 >= passes {
		return b.opening(at.Part+1, at), rows, nil
	}
	pages, err := b.pagesOf(ctx, p)
	again := history.BackfillPosition{Part: at.Part, Pages: pages, Storage: at.Storage, Pass: at.Pass + 1, Seen: at.Seen, Size: at.Size}
	return again, rows, err
}

func (b *batches) pagesOf(ctx context.Context, p *part) (pages int64, err error) {
	err = b.conn.QueryRow(ctx, "SELECT pg_catalog.pg_relation_size($1::oid) / pg_catalog.current_setting('block_size')::int8", query, p.oid).Scan(&pages)
	return pages, err
}

// sameStorage looks whether the table is still in the file that its pages were counted in.
func (b *batches) sameStorage(ctx context.Context, p *part) (bool, error) {
	var storage uint32
	if err := b.conn.QueryRow(ctx, "SELECT coalesce(pg_catalog.pg_relation_filenode($1::oid), 0)", query, p.oid).Scan(&storage); err != nil {
		return false, err
	}
	if storage == b.state.Position.Storage {
		return true, nil
	}
	if !b.stmt.Settles {
		return false, &Refused{Code: "batch", Reason: p.sql() + " was rewritten (VACUUM FULL, CLUSTER or ALTER TABLE) while its pages were gone through, so nobody can tell which rows are done",
			Next: "bring the rows back, take the step back with pleat rollback, and apply again; a primary key prevents it"}
	}
	return true, b.restart(ctx, p, storage)
}

// errRestart ends a batch whose pages mean nothing any more.
var errRestart = errors.New("the table was rewritten, so its pages are gone through again")

// restart begins the pages of a part anew.
func (b *batches) restart(ctx context.Context, p *part, storage uint32) error {
	pages, err := b.pagesOf(ctx, p)
	if err != nil {
		return err
	}
	at := &b.state.Position
	at.Page, at.Pages, at.Storage, at.Changed = 0, pages, storage, 0
	return errRestart
}

// advance takes over what was committed, and adapts the size of the next batch.
func (b *batches) advance(to history.BackfillPosition, rows int64, took time.Duration) {
	seen := to.Seen - b.state.Position.Seen
	b.size.learn(seen, took)
	b.seen += seen
	relation := b.state.Position.Part
	b.state.Position, b.state.Rows, b.state.Batches = to, b.state.Rows+rows, b.state.Batches+1
	b.tellOf(b.state.Parts[relation].Relation, took, false)
}

// estimate is how many rows there are to go through.
func (b *batches) estimate() int64 {
	var n int64
	for _, p := range b.state.Parts {
		n += p.Rows
	}
	return max(n, b.state.Position.Seen)
}

func (b *batches) tell(took time.Duration, complete bool) { b.tellOf(b.state.Relation, took, complete) }

func (b *batches) tellOf(relation string, took time.Duration, complete bool) {
	e := BatchDone{
		Migration: b.w.m, Step: b.w.number(), Relation: relation, Rows: b.state.Rows, Seen: b.state.Position.Seen, Estimate: b.estimate(),
		Batches: b.state.Batches, Size: b.size.rows, Duration: took, Complete: complete,
	}
	if left := e.Estimate - e.Seen; left > 0 && b.seen > 0 && !complete {
		e.Left = time.Duration(float64(time.Since(b.began)) * float64(left) / float64(b.seen))
	}
	b.say(e)
}
