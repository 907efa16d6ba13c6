package lint

import (
	"slices"

	"github.com/pleatdb/pleat/planner"
	"github.com/pleatdb/pleat/schema"
	"github.com/pleatdb/pleat/schema/sqltext"
)

// Estimate tells by the rules what a statement would do in the state that the options describe. Estimated is set.
func Estimate(sql string, o Options) planner.Effect {
	return NewEstimator(o).Next(sql)
}

// Estimator estimates statements one after the other, each in the state that those before it leave.
type Estimator struct{ world *world }

// NewEstimator begins with the state of the options' catalog.
func NewEstimator(o Options) *Estimator {
	w := newWorld(o)
	return &Estimator{w}
}

// Next estimates the statement and takes it as done.
func (e *Estimator) Next(sql string) planner.Effect {
	f := sqltext.Facts(sql)
	effect := e.world.estimate(f)
	e.world.apply(f)
	return effect
}

// effects gathers an effect. Relations that the statement itself makes take no part in locks.
type effects struct {
	planner.Effect
	world *world
}

func (e *effects) lock(mode planner.LockMode, ids ...schema.ID) {
	for _, id := range ids {
		i := slices.IndexFunc(e.Locks, func(l planner.Lock) bool { return l.On == id })
		if i < 0 {
			e.Locks = append(e.Locks, planner.Lock{On: id, Mode: mode})
			continue
		}
		e.Locks[i].Mode = max(e.Locks[i].Mode, mode)
	}
}

func (e *effects) lockTables(mode planner.LockMode, tables ...*table) {
	for _, t := range tables {
		e.lock(mode, tableID(t.name))
	}
}

func addID(list *[]schema.ID, id schema.ID) {
	if !slices.Contains(*list, id) {
		*list = append(*list, id)
	}
}

func (e *effects) scan(t *table)  { addID(&e.Scans, tableID(t.name)) }
func (e *effects) build(i *index) { addID(&e.Builds, e.world.indexID(i)) }

// rewrite writes a table and all its indexes anew.
func (e *effects) rewrite(t *table) {
	if t.partitioned {
		return
	}
	addID(&e.Rewrites, tableID(t.name))
	for _, i := range e.world.indexesOf(t.name) {
		e.build(i)
	}
}

func (e *effects) validates(t *table, name string) {
	addID(&e.Validates, schema.ID{Kind: schema.KindForeignKey, Schema: t.name.Schema, Parent: t.name.Name, Name: name})
}

// estimate is the effect of a statement by the rules, in the present state.
func (w *world) estimate(f sqltext.Fact) planner.Effect {
	e := &effects{world: w}
	e.Estimated = true
	if f.Known {
		for _, family := range [...]func(sqltext.Fact) bool{e.creations, e.tableParts, e.drops, e.upkeep, e.others} {
			if family(f) {
				break
			}
		}
	}
	e.reads()
	slices.SortFunc(e.Locks, func(a, b planner.Lock) int { return a.On.Compare(b.On) })
	for _, list := range []*[]schema.ID{&e.Scans, &e.Rewrites, &e.Builds, &e.Validates} {
		slices.SortFunc(*list, schema.ID.Compare)
	}
	return e.Effect
}

// reads adds the tables that are read in full because an index of theirs is built or a foreign key validated.
func (e *effects) reads() {
	read := func(name schema.Name) {
		if id := e.world.relationID(name); !slices.Contains(e.Rewrites, id) && !e.world.table(name).partitioned {
			addID(&e.Scans, id)
		}
	}
	for _, id := range e.Builds {
		read(schema.Name{Schema: id.Schema, Name: id.Parent})
	}
	for _, id := range e.Validates {
		for _, t := range e.world.family(schema.Name{Schema: id.Schema, Name: id.Parent}) {
			read(t.name)
		}
	}
}

func (e *effects) creations(f sqltext.Fact) bool {
	w := e.world
	switch f.Command {
	case sqltext.CreateTable:
		e.createTable(f)
	case sqltext.CreateTableAs, sqltext.CreateView:
		for _, r := range f.Query.Reads {
			e.lock(planner.AccessShare, w.relationID(w.resolve(r)))
		}
		if name := w.resolve(f.Objects[0].Name); f.OrReplace && w.views[name] != nil {
			e.lock(planner.AccessExclusive, w.relationID(name))
		}
	case sqltext.CreateIndex:
		e.createIndex(f)
	case sqltext.AlterTable:
		e.alterTable(f)
	default:
		return false
	}
	return true
}

func (e *effects) createTable(f sqltext.Fact) {
	w := e.world
	for _, l := range f.Table.Like {
		e.lock(planner.AccessShare, w.relationID(w.resolve(l)))
	}
	for _, p := range f.Table.Inherits {
		e.lock(planner.ShareUpdateExclusive, tableID(w.resolve(p)))
	}
	keys := slices.Clone(f.Table.Constraints)
	for _, c := range f.Table.Columns {
		keys = append(keys, c.Constraints...)
	}
	for _, k := range keys {
		if k.Kind == "foreign key" && k.References != f.Objects[0].Name {
			e.lockTables(planner.ShareRowExclusive, w.family(w.resolve(k.References))...)
		}
	}
	if f.Table.PartitionOf == nil {
		return
	}
	parent := w.table(w.resolve(*f.Table.PartitionOf))
	e.lockTables(planner.AccessExclusive, parent)
	for _, p := range w.partitions(parent.name) {
		if p.defaultPart {
			e.lockTables(planner.AccessExclusive, p)
			e.scan(p)
		}
	}
	for _, k := range parent.sortedConstraints() {
		if k.kind == "foreign key" {
			e.lock(planner.ShareRowExclusive, tableID(k.ref))
		}
	}
}

func (e *effects) createIndex(f sqltext.Fact) {
	w := e.world
	name := w.resolve(f.Objects[0].Of)
	mode, tables := planner.Share, []*table{w.table(name)}
	if f.Concurrently {
		mode = planner.ShareUpdateExclusive
	}
	if !f.Only {
		tables = w.family(name)
	}
	if v := w.views[name]; v != nil {
		e.lock(mode, w.relationID(name))
	} else {
		e.lockTables(mode, tables...)
	}
	iname := w.indexName(f)
	if f.IfNotExists && w.indexes[iname] != nil {
		return
	}
	for _, t := range tables {
		switch {
		case t.partitioned:
		case t.name == name:
			e.build(&index{name: iname, table: name})
		default:
			partition := f
			partition.Objects = []sqltext.Target{{Of: sqltext.Name{Schema: t.name.Schema, Name: t.name.Name}}}
			e.build(&index{name: w.indexName(partition), table: t.name})
		}
	}
}

func (e *effects) tableParts(f sqltext.Fact) bool {
	if len(f.Objects) == 0 {
		return false
	}
	w, of := e.world, e.world.resolve(f.Objects[0].Of)
	switch f.Command {
	case sqltext.CreateTrigger:
		e.lockTables(planner.ShareRowExclusive, w.family(of)...)
	case sqltext.CreatePolicy, sqltext.AlterPolicy, sqltext.CreateRule:
		e.lock(planner.AccessExclusive, w.relationID(of))
	case sqltext.CreateStatistics:
		e.lock(planner.ShareUpdateExclusive, w.relationID(of))
	case sqltext.CommentOn:
		switch o := f.Objects[0]; {
		case o.Of.Name != "":
			e.lock(planner.ShareUpdateExclusive, w.relationID(of))
		case o.Kind == "table", o.Kind == "view", o.Kind == "materialized view":
			e.lock(planner.ShareUpdateExclusive, w.relationID(w.resolve(o.Name)))
		case o.Kind == "index":
			if i := w.indexes[w.resolve(o.Name)]; i != nil {
				e.lock(planner.ShareUpdateExclusive, w.indexID(i))
			}
		}
	case sqltext.AlterPublication, sqltext.CreatePublication:
		for _, o := range f.Objects[1:] {
			e.lock(planner.ShareUpdateExclusive, tableID(w.resolve(o.Name)))
		}
	default:
		return false
	}
	return true
}

func (e *effects) drops(f sqltext.Fact) bool {
	w := e.world
	switch f.Command {
	case sqltext.DropObjects:
		for _, o := range f.Objects {
			e.drop(f, o)
		}
	case sqltext.RenameObject:
		e.rename(f)
	case sqltext.SetSchema:
		if k := f.Objects[0].Kind; k == "table" || k == "view" || k == "materialized view" {
			e.lock(planner.AccessExclusive, w.relationID(w.resolve(f.Objects[0].Name)))
		}
	case sqltext.TruncateTables:
		for _, o := range f.Objects {
			e.truncate(w.resolve(o.Name), f.Cascade)
		}
	default:
		return false
	}
	return true
}

func (e *effects) drop(f sqltext.Fact, o sqltext.Target) {
	w, name := e.world, e.world.resolve(o.Name)
	switch o.Kind {
	case "table", "foreign table":
		for _, t := range w.family(name) {
			e.lockTables(planner.AccessExclusive, t)
			for _, k := range t.sortedConstraints() {
				if k.kind == "foreign key" {
					e.lock(planner.AccessExclusive, tableID(k.ref))
				}
			}
			for _, k := range w.keysTo(t.name) {
				if f.Cascade {
					e.lockTables(planner.AccessExclusive, k.table)
				}
			}
		}
		for _, p := range w.table(name).parents {
			e.lock(planner.AccessExclusive, tableID(p))
		}
	case "view", "materialized view":
		e.lock(planner.AccessExclusive, w.relationID(name))
	case "trigger", "policy", "rule":
		e.lock(planner.AccessExclusive, w.relationID(w.resolve(o.Of)))
	case "index":
		i := w.indexes[name]
		if i == nil {
			return
		}
		mode := planner.AccessExclusive
		if f.Concurrently {
			mode = planner.ShareUpdateExclusive
		}
		e.lock(mode, w.indexID(i))
		e.lockTables(mode, w.family(i.table)...)
	}
}

func (e *effects) rename(f sqltext.Fact) {
	w, o := e.world, f.Objects[0]
	switch o.Kind {
	case "table", "view", "materialized view":
		e.lock(planner.AccessExclusive, w.relationID(w.resolve(o.Name)))
	case "column", "constraint", "trigger", "policy", "rule":
		of := w.resolve(o.Of)
		e.lock(planner.AccessExclusive, w.relationID(of))
		if o.Kind == "column" || o.Kind == "constraint" {
			e.lockTables(planner.AccessExclusive, w.partitions(of)...)
		}
	case "index":
		if i := w.indexes[w.resolve(o.Name)]; i != nil {
			e.lock(planner.ShareUpdateExclusive, w.indexID(i))
		}
	}
}

func (e *effects) truncate(name schema.Name, cascade bool) {
	for _, t := range e.world.family(name) {
		if e.Strongest(tableID(t.name)) == planner.AccessExclusive {
			continue
		}
		e.lockTables(planner.AccessExclusive, t)
		for _, k := range e.world.keysTo(t.name) {
			if cascade {
				e.truncate(k.table.name, true)
			}
		}
	}
}
