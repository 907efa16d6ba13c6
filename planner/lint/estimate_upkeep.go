package lint

import (
	"github.com/pleatdb/pleat/planner"
	"github.com/pleatdb/pleat/schema"
	"github.com/pleatdb/pleat/schema/sqltext"
)

// upkeep estimates what rearranges storage.
func (e *effects) upkeep(f sqltext.Fact) bool {
	w := e.world
	switch f.Command {
	case sqltext.LockTables:
		for _, o := range f.Objects {
			tables := w.family(w.resolve(o.Name))
			if f.Only {
				tables = tables[:1]
			}
			e.lockTables(planner.LockMode(f.LockMode), tables...)
		}
	case sqltext.Vacuum, sqltext.Cluster:
		for _, o := range f.Objects {
			e.vacuum(w.relationID(w.resolve(o.Name)), f.Full || f.Command == sqltext.Cluster)
		}
	case sqltext.Analyze:
		for _, o := range f.Objects {
			e.lock(planner.ShareUpdateExclusive, w.relationID(w.resolve(o.Name)))
		}
	case sqltext.Reindex:
		if len(f.Objects) == 1 {
			e.reindex(f)
		}
	case sqltext.Refresh:
		e.refresh(f)
	default:
		return false
	}
	return true
}

func (e *effects) vacuum(id schema.ID, full bool) {
	if !full {
		e.lock(planner.ShareUpdateExclusive, id)
		return
	}
	e.lock(planner.AccessExclusive, id)
	if id.Kind == schema.KindTable {
		e.rewrite(e.world.table(schema.Name{Schema: id.Schema, Name: id.Name}))
		return
	}
	addID(&e.Rewrites, id)
}

func (e *effects) reindex(f sqltext.Fact) {
	w, name := e.world, e.world.resolve(f.Objects[0].Name)
	table, index := planner.Share, planner.AccessExclusive
	if f.Concurrently {
		table, index = planner.ShareUpdateExclusive, planner.ShareUpdateExclusive
	}
	switch f.Objects[0].Kind {
	case "index":
		if i := w.indexes[name]; i != nil {
			e.lock(table, w.relationID(i.table))
			e.lock(index, w.indexID(i))
			e.build(i)
		}
	case "table":
		for _, t := range w.family(name) {
			e.lock(table, w.relationID(t.name))
			for _, i := range w.indexesOf(t.name) {
				e.lock(index, w.indexID(i))
				e.build(i)
			}
		}
	}
}

func (e *effects) refresh(f sqltext.Fact) {
	w, name := e.world, e.world.resolve(f.Objects[0].Name)
	id := schema.ID{Kind: schema.KindMaterialized, Schema: name.Schema, Name: name.Name}
	if v := w.views[name]; v != nil {
		for _, r := range v.reads {
			e.lock(planner.AccessShare, w.relationID(r))
		}
	}
	if f.Concurrently {
		e.lock(planner.Exclusive, id)
		return
	}
	e.lock(planner.AccessExclusive, id)
	addID(&e.Rewrites, id)
	for _, i := range w.indexesOf(name) {
		e.build(i)
	}
}

// others estimates changes of rows, domains and sequences.
func (e *effects) others(f sqltext.Fact) bool {
	w := e.world
	switch f.Command {
	case sqltext.Rows:
		for _, r := range f.Query.Reads {
			e.lock(planner.AccessShare, w.relationID(w.resolve(r)))
		}
		for _, c := range f.Query.Writes {
			e.lock(planner.RowExclusive, w.relationID(w.resolve(c.Table)))
		}
	case sqltext.AlterSequence:
		name := w.resolve(f.Objects[0].Name)
		e.lock(planner.ShareRowExclusive, schema.ID{Kind: schema.KindSequence, Schema: name.Schema, Name: name.Name})
	case sqltext.AlterDomain:
		e.alterDomain(f)
	default:
		return false
	}
	return true
}

// alterDomain scans every table that has a column of the domain.
func (e *effects) alterDomain(f sqltext.Fact) {
	w, a := e.world, f.Actions[0]
	switch {
	case a.Do == sqltext.AddConstraint && !a.Constraint.NotValid, a.Do == sqltext.SetNotNull, a.Do == sqltext.ValidateConstraint:
	default:
		return
	}
	name := w.resolve(f.Objects[0].Name)
	for _, t := range w.sorted() {
		for _, c := range t.columns {
			if typ, ok := c.typeOf(); ok && w.resolve(sqltext.Name{Schema: typ.Schema, Name: typ.Name}) == name && !typ.Array {
				mode := planner.Share
				if a.Do == sqltext.ValidateConstraint && w.major >= 19 {
					mode = planner.ShareUpdateExclusive
				}
				e.lockTables(mode, t)
				e.scan(t)
			}
		}
	}
}
