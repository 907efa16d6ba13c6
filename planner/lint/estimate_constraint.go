package lint

import (
	"slices"

	"github.com/pleatdb/pleat/planner"
	"github.com/pleatdb/pleat/schema"
	"github.com/pleatdb/pleat/schema/sqltext"
)

func (e *effects) addConstraint(f sqltext.Fact, t *table, k *sqltext.ConstraintFact) {
	w := e.world
	switch k.Kind {
	case "check":
		if !k.NotValid && !k.NotEnforced && !t.partitioned {
			e.scan(t)
		}
	case "not null":
		if !k.NotValid && !t.partitioned && len(k.Columns) == 1 && !w.provedNotNull(t, k.Columns[0], f) {
			e.scan(t)
		}
	case "foreign key":
		ref := w.resolve(k.References)
		e.lockTables(planner.ShareRowExclusive, w.family(ref)...)
		if w.keptByPartitions(t, k, ref) {
			e.lock(planner.AccessExclusive, tableID(ref))
			return
		}
		if root := w.resolve(f.Objects[0].Name); !k.NotValid && !k.NotEnforced && t.name == root {
			e.validates(t, constraintName(t, k))
		}
	case "unique", "primary key", "exclude":
		e.addKey(f, t, k)
	}
}

// keptByPartitions reports whether each partition has the foreign key already, valid: it is taken over, not checked.
func (w *world) keptByPartitions(t *table, k *sqltext.ConstraintFact, ref schema.Name) bool {
	own := func(t *table) bool {
		return slices.ContainsFunc(t.sortedConstraints(), func(have *constraint) bool {
			return have.kind == "foreign key" && have.valid && have.ref == ref && slices.Equal(have.columns, k.Columns)
		})
	}
	leaves := slices.DeleteFunc(w.partitions(t.name), func(p *table) bool { return p.partitioned })
	return t.partitioned && len(leaves) > 0 && !slices.ContainsFunc(leaves, func(p *table) bool { return !own(p) })
}

func (e *effects) addKey(f sqltext.Fact, t *table, k *sqltext.ConstraintFact) {
	w := e.world
	columns := k.Columns
	if k.UsingIndex != "" {
		if i := w.indexes[schema.Name{Schema: t.name.Schema, Name: k.UsingIndex}]; i != nil {
			columns = i.columns
			e.lock(planner.ShareUpdateExclusive, w.indexID(i))
		}
	} else if !t.partitioned {
		name := constraintName(t, k)
		if root := w.resolve(f.Objects[0].Name); t.name != root {
			unnamed := *k
			unnamed.Name = ""
			name = constraintName(t, &unnamed)
		}
		e.build(&index{name: schema.Name{Schema: t.name.Schema, Name: name}, table: t.name})
	}
	if k.Kind != "primary key" || t.partitioned {
		return
	}
	unsure := func(c string) bool { return !w.provedNotNull(t, c, f) }
	if slices.ContainsFunc(columns, unsure) || len(columns) == 0 {
		e.scan(t)
	}
}

// attach estimates ATTACH PARTITION: what is not proven of the child and of the default partition is scanned, what the
// parent has and the child lacks is built or validated.
func (e *effects) attach(parent *table, a sqltext.Action) {
	w := e.world
	child := w.table(w.resolve(a.Other))
	e.lockTables(planner.AccessExclusive, w.family(child.name)...)
	if !a.Default && !child.implies(parent.keys) || a.Default && len(w.partitions(parent.name)) > 0 && !child.implies(parent.keys) {
		e.scan(child)
	}
	for _, p := range w.partitions(parent.name) {
		if p.defaultPart && slices.Contains(p.parents, parent.name) {
			e.lockTables(planner.AccessExclusive, p)
			if !p.implies(parent.keys) {
				e.scan(p)
			}
		}
	}
	for _, i := range w.indexesOf(parent.name) {
		if !slices.ContainsFunc(w.indexesOf(child.name), func(have *index) bool {
			return slices.Equal(have.columns, i.columns) && (have.unique || !i.unique) && have.partial == i.partial
		}) {
			e.build(&index{name: partitionIndexName(child, i), table: child.name})
		}
	}
	for _, k := range parent.sortedConstraints() {
		if k.kind == "foreign key" {
			e.attachKey(child, k)
		}
	}
}

// attachKey takes over a foreign key of the child that is the same, or makes one.
func (e *effects) attachKey(child *table, k *constraint) {
	for _, own := range child.sortedConstraints() {
		if own.kind == "foreign key" && own.ref == k.ref && slices.Equal(own.columns, k.columns) && own.valid {
			e.lock(planner.AccessExclusive, tableID(k.ref))
			return
		}
	}
	e.lock(planner.ShareRowExclusive, tableID(k.ref))
	e.validates(child, k.name)
}

// partitionIndexName is the name that PostgreSQL chooses for the index of a partition.
func partitionIndexName(child *table, i *index) schema.Name {
	name := child.name.Name
	for _, c := range i.columns {
		if c == "" {
			c = "expr"
		}
		name += "_" + c
	}
	switch {
	case i.constraint && i.unique && i.name.Name == i.table.Name+"_pkey":
		name = child.name.Name + "_pkey"
	case i.constraint && i.unique:
		name += "_key"
	default:
		name += "_idx"
	}
	return schema.Name{Schema: child.name.Schema, Name: name}
}

// implies reports whether a valid check of the table is about all columns of a partition key; that it says what
// the bounds say is taken for granted.
func (t *table) implies(keys []string) bool {
	for _, k := range t.sortedConstraints() {
		if k.kind != "check" || !k.valid || len(keys) == 0 {
			continue
		}
		if !slices.ContainsFunc(keys, func(c string) bool { return !slices.Contains(k.columns, c) }) {
			return true
		}
	}
	return false
}

func (e *effects) detach(parent *table, a sqltext.Action) {
	w := e.world
	child := w.table(w.resolve(a.Other))
	mode := planner.AccessExclusive
	if a.Concurrently || w.major < 14 && len(w.keysTo(parent.name)) == 0 {
		mode = planner.ShareUpdateExclusive
	}
	if a.Concurrently {
		e.lockTables(planner.AccessExclusive, child) // at its end, when nobody sees it as a partition any more
		mode = planner.AccessExclusive
	}
	e.lockTables(mode, child)
	for _, k := range w.keysTo(parent.name) {
		e.lockTables(planner.AccessExclusive, k.table)
	}
}
