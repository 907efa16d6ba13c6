package shadow

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/pleatdb/pleat/planner"
	"github.com/pleatdb/pleat/schema"
	"github.com/pleatdb/pleat/schema/sqltext"
)

// outside executes a statement that cannot be in a transaction block, and measures it. Such a statement releases its locks
// before it ends, and on tables without rows it ends at once; so other sessions hold it up at its gates (see
// [barrier]) while another one reads its locks.
func (t *tracer) outside(ctx context.Context, s planner.Statement) (planner.Effect, error) {
	reached, err := t.reached(ctx, s.SQL)
	if err != nil {
		return planner.Effect{}, err
	}
	b, err := t.d.bar(ctx, reached)
	if err != nil {
		return planner.Effect{}, err
	}
	defer b.open(ctx)
	t.heard = nil
	done := make(chan error, 1)
	go func() { done <- t.d.exec(ctx, s) }()
	took, failed := b.watch(ctx, t.d.conn.PgConn().PID(), done)
	if failed != nil {
		return planner.Effect{}, failed
	}
	heard := t.heard
	t.begin()
	t.prepared = false // DISCARD ALL forgets it, and the settings
	if err := t.listen(ctx); err != nil {
		return planner.Effect{}, err
	}
	return t.observeOutside(ctx, s.SQL, heard, took)
}

// observeOutside compares the relations before and after a statement whose locks were read meanwhile.
func (t *tracer) observeOutside(ctx context.Context, sql string, heard []string, took map[uint32]modes) (planner.Effect, error) {
	now, err := t.relations(ctx)
	if err != nil {
		return planner.Effect{}, err
	}
	o := observation{verb: sqltext.Classify(sql).Kind, known: t.known, heard: parseNotices(heard), took: map[uint32]modes{}, rewritten: map[uint32]bool{}}
	for oid, m := range took {
		if r, ok := t.known[oid]; ok {
			if _, stays := now[oid]; !stays && r.table != 0 {
				// An index is dropped under ACCESS EXCLUSIVE, but only when everybody who could use it is gone.
				m = modes(0).with(planner.ShareUpdateExclusive)
			}
			if m.strongest() >= planner.ShareUpdateExclusive { // weaker ones come and go between two looks
				o.took[oid] = m
			}
		}
	}
	after := map[uint32]relation{}
	indexes := map[schema.ID]uint32{}
	for oid, r := range t.known {
		if r.table != 0 {
			indexes[r.id] = oid
		}
		if _, ok := now[oid]; ok {
			after[oid] = now[oid]
		}
		if n, ok := now[oid]; ok && n.file != r.file {
			o.rewritten[oid] = true
			o.took[oid] = o.took[oid].with(planner.AccessExclusive) // no weaker lock lets a relation change its file
		}
	}
	var rebuilt []schema.ID
	for oid, r := range now {
		// REINDEX CONCURRENTLY builds another index, under another name at first, which takes the place of the old one.
		if old, ok := indexes[r.id]; ok && old != oid {
			rebuilt, after[oid] = append(rebuilt, r.id), r
		}
	}
	o.had = o.took
	o.forget(rebuilt)
	e, err := t.effect(ctx, &o)
	e.Builds = append(e.Builds, rebuilt...)
	normalize(&e)
	t.know(after)
	return e, err
}

// forget drops what was said of the passing names of rebuilt indexes, apart from that their tables are read.
func (o *observation) forget(rebuilt []schema.ID) {
	for _, id := range rebuilt {
		o.heard.built = slices.DeleteFunc(o.heard.built, func(b builtIndex) bool {
			return slices.ContainsFunc(b.readings, func(names [2]string) bool { return names[1] == id.Parent })
		})
		o.heard.verified = append(o.heard.verified, id.Parent)
	}
}

// manyRelations bounds how many tables are held up when nothing says which of them a statement reaches.
const manyRelations = 200

// reached lists the known tables that a statement is about: those that it names, or all where the parser does not tell.
func (t *tracer) reached(ctx context.Context, sql string) ([]relation, error) {
	var out []relation
	for _, touch := range sqltext.Touched(sql).Objects {
		if touch.Name == "" {
			continue
		}
		name := schema.Quote(touch.Name)
		if touch.Schema != "" {
			name = schema.Qualified(touch.Schema, touch.Name)
		}
		const query = "SELECT pg_catalog.to_regclass($1)::pg_catalog.oid"
		result := t.d.conn.PgConn().ExecParams(ctx, query, [][]byte{[]byte(name)}, nil, nil, nil).Read()
		if result.Err != nil {
			return nil, fmt.Errorf("find a relation on the shadow: %w", result.Err)
		}
		r := t.known[parseOID(result.Rows[0][0])]
		if r.table != 0 {
			r = t.known[r.table]
		}
		if r.oid != 0 && !slices.Contains(out, r) {
			out = append(out, r)
		}
	}
	if len(out) > 0 {
		return out, nil
	}
	for _, r := range t.known {
		if (r.kind == "r" || r.kind == "p") && len(out) < manyRelations {
			out = append(out, r)
		}
	}
	slices.SortFunc(out, func(a, b relation) int { return a.id.Compare(b.id) })
	return out, nil
}

// watch reads the locks of a session until its statement ends, and opens each gate that the statement has come to.
func (b *barrier) watch(ctx context.Context, pid uint32, done <-chan error) (map[uint32]modes, error) {
	took := map[uint32]modes{}
	const pause = 500 * time.Microsecond
	for {
		select {
		case err := <-done:
			return took, err
		default:
		}
		waits, err := b.sample(ctx, pid, took)
		if err != nil {
			b.open(ctx)
			<-done
			return nil, err
		}
		if !waits {
			time.Sleep(pause)
		}
	}
}

// sample adds the locks that the session has or waits for, and lets it go on where a gate stops it.
func (b *barrier) sample(ctx context.Context, pid uint32, took map[uint32]modes) (waits bool, err error) {
	const query = `SELECT 0, '', pg_catalog.array_to_string(pg_catalog.pg_blocking_pids($1::pg_catalog.int4), ',')
		UNION ALL SELECT relation, mode, '' FROM pg_catalog.pg_locks
		WHERE locktype OPERATOR(pg_catalog.=) 'relation' AND pid OPERATOR(pg_catalog.=) $1::pg_catalog.int4
		  AND database IN (SELECT oid FROM pg_catalog.pg_database WHERE datname OPERATOR(pg_catalog.=) $2)`
	args := [][]byte{strconv.AppendUint(nil, uint64(pid), 10), []byte(b.database)}
	result := b.watcher.PgConn().ExecParams(ctx, query, args, nil, nil, nil).Read()
	if result.Err != nil {
		return false, fmt.Errorf("read the locks of the shadow: %w", result.Err)
	}
	for _, row := range result.Rows[1:] {
		took[parseOID(row[0])] |= parseModes(string(row[1]))
	}
	return b.release(ctx, string(result.Rows[0][2])), nil
}
