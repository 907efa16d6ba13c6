package shadow

import (
	"context"
	"errors"
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
	// The gates hold it up for some milliseconds, or longer on a busy machine, which no limit of the script's is meant for.
	if _, err := t.d.conn.Exec(ctx, "SET lock_timeout = 0; SET statement_timeout = 0"); err != nil {
		return planner.Effect{}, fmt.Errorf("measure on the shadow: %w", err)
	}
	t.heard = nil
	done := make(chan error, 1)
	go func() { done <- t.d.exec(ctx, s) }()
	took, failed := b.watch(ctx, t.d.conn.PgConn().PID(), done)
	if failed != nil {
		return planner.Effect{}, failed
	}
	t.prepared = false // DISCARD ALL forgets it, and the settings
	if err := t.listen(ctx); err != nil {
		return planner.Effect{}, err
	}
	return t.observeOutside(ctx, sqltext.Classify(s.SQL).Kind, reached, took)
}

// observeOutside compares the relations before and after a statement whose locks were read meanwhile.
func (t *tracer) observeOutside(ctx context.Context, verb string, reached []relation, took map[uint32]modes) (planner.Effect, error) {
	now, err := t.relations(ctx)
	if err != nil {
		return planner.Effect{}, err
	}
	o := observation{verb: verb, known: t.known, heard: parseNotices(t.heard), took: map[uint32]modes{}, rewritten: map[uint32]bool{}}
	t.begin()
	after := map[uint32]relation{}
	indexes := map[schema.ID]uint32{}
	for oid, r := range t.known {
		n, stays := now[oid]
		if stays {
			after[oid] = n
		}
		if r.table != 0 {
			indexes[r.id] = oid
		} else if m := took[oid]; m.strongest() >= planner.ShareUpdateExclusive { // weaker ones come and go between two looks
			o.took[oid] = m
		}
		switch {
		case stays && n.file != r.file:
			o.rewritten[oid] = true
			o.add(oid, planner.AccessExclusive) // no weaker lock lets a relation change its file
		case !stays && r.table != 0:
			// An index is dropped under ACCESS EXCLUSIVE, but only when everybody who could use it is gone.
			o.add(oid, planner.ShareUpdateExclusive)
		}
	}
	var rebuilt []schema.ID
	for oid, r := range now {
		// REINDEX CONCURRENTLY builds another index, under another name at first, which takes the place of the old one.
		if old, ok := indexes[r.id]; ok && old != oid {
			rebuilt, after[oid] = append(rebuilt, r.id), r
		}
	}
	o.certain(rebuilt, reached)
	e, err := t.effect(ctx, &o)
	e.Builds = append(e.Builds, rebuilt...)
	normalize(&e)
	t.know(after)
	return e, err
}

func (o *observation) add(oid uint32, mode planner.LockMode) { o.took[oid] = o.took[oid].with(mode) }

// certain adds the locks that follow from what was done, where they went by between two looks: whatever builds an index outside of
// a transaction has SHARE UPDATE EXCLUSIVE on its table, and so has VACUUM.
func (o *observation) certain(rebuilt []schema.ID, reached []relation) {
	tables := map[string]bool{}
	for _, id := range rebuilt {
		tables[id.Parent] = true
	}
	for _, b := range o.heard.built {
		for _, names := range b.readings {
			tables[names[1]] = true
		}
	}
	for _, r := range reached {
		if tables[r.id.Name] || o.verb == "VacuumStmt" && r.kind != "p" {
			o.add(r.oid, planner.ShareUpdateExclusive)
		}
	}
	o.had = o.took
	o.forget(rebuilt)
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

// reached lists the known tables that a statement is about: those that it names with their partitions, or all where it names none.
func (t *tracer) reached(ctx context.Context, sql string) ([]relation, error) {
	var out []relation
	for _, name := range mentioned(sql) {
		text := schema.Quote(name.Name)
		if name.Schema != "" {
			text = schema.Qualified(name.Schema, name.Name)
		}
		const query = "SELECT pg_catalog.to_regclass($1)::pg_catalog.oid"
		result := t.d.conn.PgConn().ExecParams(ctx, query, [][]byte{[]byte(text)}, nil, nil, nil).Read()
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
	all := len(out) == 0
	for oid, r := range t.known {
		if (r.kind == "r" || r.kind == "p") && len(out) < manyRelations && (all || t.below(oid, out)) && !slices.Contains(out, r) {
			out = append(out, r)
		}
	}
	return out, nil
}

// below reports whether a table is a partition of one of the given ones, through others too.
func (t *tracer) below(oid uint32, tables []relation) bool {
	for above := t.known[oid].parent; above != 0; above = t.known[above].parent {
		if slices.ContainsFunc(tables, func(r relation) bool { return r.oid == above }) {
			return true
		}
	}
	return false
}

// mentioned lists the relations that a statement names.
func mentioned(sql string) []sqltext.Name {
	out := sqltext.References(sql).Relations
	for _, touch := range sqltext.Touched(sql).Objects {
		if touch.Name != "" {
			out = append(out, sqltext.Name{Schema: touch.Schema, Name: touch.Name})
		}
	}
	return out
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
			return nil, errors.Join(err, <-done)
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
		WHERE locktype = 'relation' AND pid = $1::pg_catalog.int4
		  AND database IN (SELECT oid FROM pg_catalog.pg_database WHERE datname = $2)`
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
