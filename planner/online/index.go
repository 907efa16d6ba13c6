package online

import (
	"slices"
	"strings"

	"github.com/pleatdb/pleat/planner"
	"github.com/pleatdb/pleat/schema"
)

// index builds an index while its table is in use. It is built under the name of the object that is given.
func (r *route) index(i *schema.Index, id schema.ID, needs []schema.ID, reason string) error {
	bare := *i
	bare.Name, bare.Clustered = id.Name, false
	bare.Elements = append([]schema.IndexElement{}, i.Elements...)
	for n := range bare.Elements {
		bare.Elements[n].Statistics = nil
	}
	next := r.cur.Clone()
	next.Add(&bare)
	for _, need := range needs {
		next.Depend(id, need)
	}
	var checks []planner.Check
	if i.Unique {
		checks = []planner.Check{duplicates(&bare)}
	}
	first := len(r.steps)
	err := r.outside(next, reason, checks...)
	for n := range r.steps[first:] {
		// Where a constraint took the index in, it has gone with that.
		down := r.steps[first+n].Down
		for k := range down {
			down[k].SQL = "DROP INDEX CONCURRENTLY IF EXISTS " + id.SQL()
		}
	}
	return err
}

const buildReason = "CREATE INDEX alone would stop writers while it builds"

// create builds a new index of a table that is in use.
func (r *route) create(id schema.ID, goal *schema.Catalog) error {
	i := goal.Get(id).(*schema.Index)
	if err := r.index(i, id, goal.DependsOn(id), buildReason); err != nil {
		return err
	}
	next := r.cur.Clone()
	putWith(next, goal, id)
	return r.drive(next, "")
}

// exchange builds an index anew beside the old one, and drops that when the new one has its name.
func (r *route) exchange(id schema.ID, goal *schema.Catalog) error {
	const reason = "the new index is complete before the old one goes"
	i := goal.Get(id).(*schema.Index)
	built, old := id, id
	built.Name, old.Name = schema.Shorten(id.Name+"__pleat_new"), schema.Shorten(id.Name+"__pleat_old")
	if err := r.index(i, built, goal.DependsOn(id), reason); err != nil {
		return err
	}
	before := r.cur.Get(id).(*schema.Index)
	aside := *before
	aside.Name, aside.Clustered = old.Name, false
	next := r.cur.Clone()
	needs := next.DependsOn(id)
	removeWith(next, id)
	next.Remove(built)
	next.Put(goal, id)
	next.Add(&aside)
	for _, need := range needs {
		next.Depend(old, need)
	}
	if err := r.merge("exchange "+id.String(), reason, func() error {
		plainOld := r.cur.Clone()
		for _, x := range attachments(plainOld, id) {
			plainOld.Remove(x)
		}
		if err := r.drive(plainOld, ""); err != nil {
			return err
		}
		r.add(planner.Step{Up: renameIndexes(id, old, built, id), Down: renameIndexes(id, built, old, id)}, nil)
		bare := next.Clone()
		plain := *i
		plain.Clustered = false
		bare.Add(&plain)
		r.visit(bare)
		dressed := next.Clone()
		putWith(dressed, goal, id)
		return r.drive(dressed, "")
	}); err != nil {
		return err
	}
	last := r.cur.Clone()
	last.Remove(old)
	return r.outside(last, reason)
}

// renameIndexes gives the first index the second name, and the third one the fourth.
func renameIndexes(ids ...schema.ID) []planner.Statement {
	var out []planner.Statement
	for n := 0; n+1 < len(ids); n += 2 {
		out = append(out, statement(ids[n+1], "ALTER INDEX "+ids[n].SQL()+" RENAME TO "+schema.Quote(ids[n+1].Name)))
	}
	return out
}

// duplicates finds the rows that a unique index would not have.
func duplicates(i *schema.Index) planner.Check {
	var keys, given []string
	for _, e := range i.Elements {
		key := schema.Quote(e.Column)
		if e.Expr != "" {
			key = "(" + e.Expr + ")"
		}
		keys = append(keys, key)
		if !i.NullsNotDistinct {
			given = append(given, key+" IS NOT NULL")
		}
	}
	if i.Where != "" {
		given = append(given, "("+i.Where+")")
	}
	sql := "SELECT " + strings.Join(keys, ", ") + ", count(*) AS rows FROM " + schema.Qualified(i.Schema, i.Table)
	if len(given) > 0 {
		sql += " WHERE " + strings.Join(given, " AND ")
	}
	return planner.Check{Message: "rows of " + tableOf(i.ID()).String() + " are equal in what " + i.ID().String() + " keeps unique",
		SQL: sql + " GROUP BY " + strings.Join(keys, ", ") + " HAVING count(*) > 1"}
}

// dropIndexes drops indexes while their tables are in use.
func (r *route) dropIndexes(ids []schema.ID) error {
	for _, id := range ids {
		next := r.cur.Clone()
		removeWith(next, id)
		if err := r.outside(next, "DROP INDEX alone would wait for everyone who uses the table, and make others wait"); err != nil {
			return err
		}
	}
	return nil
}

// movedIndex is the index under another name and with another column in the place of one.
func movedIndex(i *schema.Index, name, from, to string, renameIn func(expr, from, to string) (string, error)) *schema.Index {
	moved := *i
	moved.Name, moved.Clustered = name, false
	moved.Elements = slices.Clone(i.Elements)
	for n := range moved.Elements {
		e := &moved.Elements[n]
		e.Statistics = nil
		if e.Column == from {
			e.Column = to
		}
		e.Expr = renamedExpr(e.Expr, from, to, renameIn)
	}
	moved.Include = renameAll(i.Include, from, to)
	moved.Where = renamedExpr(i.Where, from, to, renameIn)
	return &moved
}

// renamedExpr reads another column. What cannot be rewritten stays, and the proof finds it.
func renamedExpr(expr, from, to string, renameIn func(expr, from, to string) (string, error)) string {
	if expr == "" || from == to || renameIn == nil {
		return expr
	}
	if renamed, err := renameIn(expr, from, to); err == nil {
		return renamed
	}
	return expr
}

func renameAll(names []string, from, to string) []string {
	out := slices.Clone(names)
	for i := range out {
		if out[i] == from {
			out[i] = to
		}
	}
	return out
}
