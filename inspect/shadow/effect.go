package shadow

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/pleatdb/pleat/planner"
	"github.com/pleatdb/pleat/schema"
)

// observation is what was seen of one statement.
type observation struct {
	// verb is the grammar's name of the statement.
	verb  string
	known map[uint32]relation
	heard noticed
	// took are the lock modes that the statement added, had those that its transaction holds now.
	took, had map[uint32]modes
	// rewritten are the relations that have another file.
	rewritten map[uint32]bool
}

// compare finds what the last statement changed in the state of the transaction.
func (t *tracer) compare(rows []lockedRow, o *observation) {
	o.took, o.had = map[uint32]modes{}, map[uint32]modes{}
	for _, row := range rows {
		was, known := t.known[row.oid]
		if !known {
			continue
		}
		o.had[row.oid] = row.modes
		if fresh := row.modes &^ t.held[row.oid]; fresh != 0 {
			o.took[row.oid] = fresh
		}
		if row.there && row.file != was.file {
			o.rewritten[row.oid] = true
		}
	}
}

// follow takes over the state of the transaction, for the statement that comes next.
func (t *tracer) follow(ctx context.Context, verb string, rows []lockedRow) error {
	gone := map[schema.ID]bool{}
	for _, row := range rows {
		fresh := t.held[row.oid] == 0
		t.held[row.oid] = row.modes
		if r, known := t.known[row.oid]; known && row.there {
			r.file = row.file
			t.known[row.oid] = r
		} else if known && fresh && r.table != 0 {
			gone[r.id] = true
		}
	}
	if len(gone) == 0 && verb != "RenameStmt" && verb != "AlterObjectSchemaStmt" {
		return nil
	}
	now, err := t.relations(ctx)
	for oid, r := range now {
		// An index that ALTER TABLE drops and makes anew is the one that was there before.
		if _, known := t.known[oid]; known || gone[r.id] {
			t.known[oid], t.names[r.id.Name] = r, true
		}
	}
	return err
}

// effect says in IDs what was seen.
func (t *tracer) effect(ctx context.Context, o *observation) (planner.Effect, error) {
	truncates := len(o.rewritten) > 0 && o.verb == "TruncateStmt"
	if truncates { // a new file that nothing is written to
		o.rewritten, o.heard = nil, noticed{}
	}
	var e planner.Effect
	reads := map[uint32]bool{}
	for oid := range o.rewritten {
		if r := o.known[oid]; r.table == 0 && r.kind != "S" {
			e.Rewrites = append(e.Rewrites, r.id)
		}
	}
	for _, name := range o.heard.verified {
		for _, oid := range o.lockedAs(name) {
			reads[oid] = true
		}
	}
	for _, oid := range o.unspoken() {
		reads[oid] = true
	}
	o.builds(&e, reads)
	if err := t.validations(ctx, o, &e, reads); err != nil {
		return planner.Effect{}, err
	}
	for oid := range reads {
		if !o.rewritten[oid] {
			e.Scans = append(e.Scans, o.known[oid].id)
		}
	}
	o.locks(&e, reads)
	normalize(&e)
	return e, nil
}

// lockedAs lists the known tables of that name that the transaction has locked so that no other session changes them: a
// message names no schema.
func (o *observation) lockedAs(name string) (out []uint32) {
	for oid, m := range o.had {
		if r := o.known[oid]; r.id.Name == name && r.table == 0 && m.strongest() >= planner.ShareUpdateExclusive {
			out = append(out, oid)
		}
	}
	return out
}

// unspoken lists tables that are read in full without a message: ALTER DOMAIN locks those whose rows it checks, and no
// others (validateDomainCheckConstraint in src/backend/commands/typecmds.c, 13 to 18).
func (o *observation) unspoken() (out []uint32) {
	if len(o.took) == 0 || o.verb != "AlterDomainStmt" {
		return nil
	}
	for oid, m := range o.took {
		if o.known[oid].table == 0 && m.strongest() >= planner.ShareUpdateExclusive {
			out = append(out, oid)
		}
	}
	return out
}

// builds adds the indexes that were built on known tables, and that these were read for it.
func (o *observation) builds(e *planner.Effect, reads map[uint32]bool) {
	for _, b := range o.heard.built {
		for _, names := range b.readings {
			for oid, r := range o.known {
				if r.id.Name != names[1] || r.table != 0 || o.had[oid] == 0 {
					continue
				}
				e.Builds = append(e.Builds, schema.ID{Kind: schema.KindIndex, Schema: r.id.Schema, Parent: r.id.Name, Name: names[0]})
				reads[oid] = true
			}
		}
	}
}

// validations adds the foreign keys whose rows were checked, and that their tables were read.
func (t *tracer) validations(ctx context.Context, o *observation, e *planner.Effect, reads map[uint32]bool) error {
	for _, name := range o.heard.validated {
		const query = `SELECT c.conrelid, c.conparentid = 0, n.nspname, r.relname FROM pg_catalog.pg_constraint c
			JOIN pg_catalog.pg_class r ON r.oid = c.conrelid JOIN pg_catalog.pg_namespace n ON n.oid = r.relnamespace
			WHERE c.contype = 'f' AND c.convalidated AND c.conname = $1::pg_catalog.name`
		result := t.d.conn.PgConn().ExecParams(ctx, query, [][]byte{[]byte(name)}, nil, nil, nil).Read()
		if result.Err != nil {
			return fmt.Errorf("read the foreign keys of the shadow: %w", result.Err)
		}
		for _, row := range result.Rows {
			oid := parseOID(row[0])
			if r, known := o.known[oid]; !known || o.had[oid] == 0 || string(row[1]) == "f" && o.had[r.parent] != 0 {
				continue // of another table, or the part that a partition has of its parent's
			}
			e.Validates = append(e.Validates, schema.ID{Kind: schema.KindForeignKey, Schema: string(row[2]), Parent: string(row[3]), Name: name})
			for _, leaf := range o.leaves(oid) {
				reads[leaf] = true
			}
		}
	}
	return nil
}

// leaves lists the tables that hold the rows of a table: itself or its partitions.
func (o *observation) leaves(oid uint32) (out []uint32) {
	if o.known[oid].kind != "p" {
		return []uint32{oid}
	}
	for child, r := range o.known {
		if r.parent == oid && r.table == 0 {
			out = append(out, o.leaves(child)...)
		}
	}
	return out
}

// locks adds the strongest lock that the statement took on each relation. Where it reads or writes a whole relation, what
// an earlier statement of the transaction left on it counts too: that is the lock under which the work is done.
func (o *observation) locks(e *planner.Effect, reads map[uint32]bool) {
	works := func(oid uint32) bool {
		r := o.known[oid]
		return reads[oid] || o.rewritten[oid] || slices.Contains(e.Builds, r.id)
	}
	for oid, had := range o.had {
		mode := o.took[oid].strongest()
		if works(oid) {
			mode = max(mode, had.strongest())
		}
		if mode > planner.NoLock {
			e.Locks = append(e.Locks, planner.Lock{On: o.known[oid].id, Mode: mode})
		}
	}
}

// normalize sorts the parts of an effect and says once what is there twice, as an index that was made anew under its name.
func normalize(e *planner.Effect) {
	for _, list := range []*[]schema.ID{&e.Scans, &e.Rewrites, &e.Builds, &e.Validates} {
		slices.SortFunc(*list, schema.ID.Compare)
		*list = slices.Compact(*list)
	}
	slices.SortFunc(e.Locks, func(a, b planner.Lock) int { return cmp.Or(a.On.Compare(b.On), cmp.Compare(b.Mode, a.Mode)) })
	e.Locks = slices.CompactFunc(e.Locks, func(a, b planner.Lock) bool { return a.On == b.On })
}
