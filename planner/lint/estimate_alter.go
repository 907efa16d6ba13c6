package lint

import (
	"slices"

	"github.com/pleatdb/pleat/planner"
	"github.com/pleatdb/pleat/schema"
	"github.com/pleatdb/pleat/schema/sqltext"
)

// alterLocks are the locks of actions where it is not ACCESS EXCLUSIVE (AlterTableGetLockLevel in tablecmds.c).
var alterLocks = map[sqltext.Doing]planner.LockMode{
	sqltext.SetStatistics:      planner.ShareUpdateExclusive,
	sqltext.SetColumnOptions:   planner.ShareUpdateExclusive,
	sqltext.ValidateConstraint: planner.ShareUpdateExclusive,
	sqltext.SetOptions:         planner.ShareUpdateExclusive,
	sqltext.ClusterOn:          planner.ShareUpdateExclusive,
	sqltext.AttachPartition:    planner.ShareUpdateExclusive,
	sqltext.FinalizePartition:  planner.ShareUpdateExclusive,
	sqltext.SwitchTrigger:      planner.ShareRowExclusive,
}

// unspread are the actions that leave partitions alone.
var unspread = []sqltext.Doing{
	sqltext.SetOptions, sqltext.ClusterOn, sqltext.AttachPartition, sqltext.DetachPartition, sqltext.FinalizePartition, sqltext.OwnerTo,
	sqltext.RowSecurity, sqltext.ReplicaIdentity, sqltext.Inherit, sqltext.NoInherit, sqltext.SwitchRule,
	sqltext.SetAccessMethod, sqltext.SetTablespace,
}

func actionLock(a sqltext.Action) planner.LockMode {
	mode, ok := alterLocks[a.Do]
	switch {
	case ok:
		return mode
	case a.Do == sqltext.AddConstraint && a.Constraint.Kind == "foreign key":
		return planner.ShareRowExclusive
	case a.Do == sqltext.DetachPartition && a.Concurrently:
		return planner.ShareUpdateExclusive
	}
	return planner.AccessExclusive
}

// partitionLock is the lock on the partitions of the table that is altered.
func (w *world) partitionLock(a sqltext.Action) planner.LockMode {
	if a.Do == sqltext.AddConstraint && w.major < 18 && (a.Constraint.Kind == "primary key" || a.Constraint.Kind == "unique") {
		return planner.Share
	}
	return actionLock(a)
}

func (e *effects) alterTable(f sqltext.Fact) {
	w, o := e.world, f.Objects[0]
	name := w.resolve(o.Name)
	switch o.Kind {
	case "table", "foreign table":
	case "index":
		e.alterIndex(name, f)
		return
	case "view", "materialized view":
		e.lock(planner.AccessExclusive, schema.ID{Kind: map[bool]schema.Kind{true: schema.KindView, false: schema.KindMaterialized}[o.Kind == "view"], Schema: name.Schema, Name: name.Name})
		return
	default:
		return
	}
	for _, a := range f.Actions {
		tables := w.family(name)
		if f.Only || slices.Contains(unspread, a.Do) {
			tables = tables[:1]
		}
		e.lockTables(actionLock(a), tables[:1]...)
		e.lockTables(w.partitionLock(a), tables[1:]...)
		for _, t := range tables {
			e.action(f, t, a)
		}
	}
}

func (e *effects) alterIndex(name schema.Name, f sqltext.Fact) {
	w := e.world
	i := w.indexes[name]
	if i == nil {
		i = &index{name: name}
	}
	e.lock(planner.ShareUpdateExclusive, w.indexID(i))
	for _, a := range f.Actions {
		if child := w.indexes[w.resolve(a.Other)]; a.Do == sqltext.AttachPartition && child != nil {
			e.lock(planner.AccessExclusive, w.indexID(child))
			e.lock(planner.AccessShare, tableID(child.table), tableID(i.table))
		}
	}
}

// action adds what one action does to one table beside its lock.
func (e *effects) action(f sqltext.Fact, t *table, a sqltext.Action) {
	switch a.Do {
	case sqltext.AddColumn:
		if !a.IfNotExists || t.columns[a.Name] == nil {
			e.addColumn(t, a.Column)
		}
	case sqltext.DropColumn:
		for _, k := range t.sortedConstraints() {
			if k.kind == "foreign key" && slices.Contains(k.columns, a.Name) {
				e.lock(planner.AccessExclusive, tableID(k.ref))
			}
		}
	case sqltext.AlterType:
		e.alterType(t, a)
	case sqltext.SetExpression:
		if c := t.columns[a.Name]; c == nil || !c.virtual {
			e.rewrite(t)
		}
	case sqltext.SetNotNull:
		if !t.partitioned && !e.world.provedNotNull(t, a.Name, f) {
			e.scan(t)
		}
	case sqltext.AddConstraint:
		e.addConstraint(f, t, a.Constraint)
	case sqltext.AlterConstraint:
		if a.Constraint.Enforced {
			e.enforce(t, a.Name)
		}
	case sqltext.ValidateConstraint:
		e.validate(t, a.Name)
	case sqltext.DropConstraint:
		if k := t.constraints[a.Name]; k != nil && k.kind == "foreign key" {
			e.lockTables(planner.AccessExclusive, e.world.family(k.ref)...)
		}
	case sqltext.SetLogged, sqltext.SetUnlogged:
		if !t.known || t.unlogged != (a.Do == sqltext.SetUnlogged) {
			e.rewrite(t)
		}
	case sqltext.SetTablespace:
		if !t.known || a.Text != "pg_default" {
			addID(&e.Rewrites, tableID(t.name))
		}
	case sqltext.SetAccessMethod:
		if a.Text != "heap" {
			e.rewrite(t)
		}
	case sqltext.AttachPartition:
		e.attach(t, a)
	case sqltext.DetachPartition:
		e.detach(t, a)
	case sqltext.Inherit:
		e.lock(planner.ShareUpdateExclusive, tableID(e.world.resolve(a.Other)))
	}
}

// addColumn estimates a new column: what gives each row a value of its own rewrites, what is checked scans.
func (e *effects) addColumn(t *table, c *sqltext.ColumnFact) {
	w := e.world
	rewrite := w.rewritingColumn(c) != ""
	if rewrite {
		e.rewrite(t)
	}
	if c.NotNull && c.Default == nil && !rewrite && !t.partitioned && c.Generated == nil {
		e.scan(t)
	}
	for i := range c.Constraints {
		k := &c.Constraints[i]
		name := constraintName(t, k)
		switch k.Kind {
		case "check":
			if !rewrite && !k.NotEnforced && !t.partitioned {
				e.scan(t)
			}
		case "foreign key":
			e.lockTables(planner.ShareRowExclusive, w.family(w.resolve(k.References))...)
			if c.Default != nil && !c.Default.Null && !k.NotEnforced || rewrite {
				e.validates(t, name)
			}
		case "unique", "primary key":
			if !t.partitioned {
				e.build(&index{name: schema.Name{Schema: t.name.Schema, Name: name}, table: t.name})
			}
			if k.Kind == "primary key" && !rewrite && c.Default == nil {
				e.scan(t)
			}
		}
	}
}

// rewritingColumn is the code of the rule by which a new column rewrites its table, or empty.
func (w *world) rewritingColumn(c *sqltext.ColumnFact) string {
	d := w.domains[w.resolve(sqltext.Name{Schema: c.Type.Schema, Name: c.Type.Name})]
	switch {
	case c.Type.Serial() || c.Identity:
		return "CO02"
	case c.Generated != nil && !c.Virtual:
		return "CO03"
	case d != nil && d.constrained && !c.Type.Array && w.major < 19:
		return "CO04"
	case c.Default != nil && !c.Default.Null && w.volatile(c.Default) != "":
		return "CO01"
	}
	return ""
}

// provedNotNull reports whether SET NOT NULL needs no scan: the column is NOT NULL, or a valid check says so that the
// statement does not drop.
func (w *world) provedNotNull(t *table, name string, f sqltext.Fact) bool {
	c := t.columns[name]
	if c != nil && c.notNull {
		return !c.unproven
	}
	if c != nil && w.file != 0 && c.made == w.file && t.made == w.file {
		return true
	}
	for _, k := range t.sortedConstraints() {
		dropped := slices.ContainsFunc(f.Actions, func(a sqltext.Action) bool { return a.Do == sqltext.DropConstraint && a.Name == k.name })
		if k.kind == "check" && k.valid && !dropped && slices.Contains(k.proofs(), name) {
			return true
		}
	}
	return false
}

func (e *effects) enforce(t *table, name string) {
	k := t.constraints[name]
	if k == nil || k.kind == "foreign key" {
		e.validates(t, name)
	} else {
		e.scan(t)
	}
	if k != nil && k.kind == "foreign key" {
		e.lock(planner.ShareRowExclusive, tableID(k.ref))
	}
}

func (e *effects) validate(t *table, name string) {
	k := t.constraints[name]
	switch {
	case k != nil && k.kind == "foreign key":
		e.lockTables(planner.RowShare, e.world.family(k.ref)...)
		if !t.partitioned && !k.valid {
			e.validates(t, name)
		}
	case t.partitioned, k != nil && k.valid:
	default:
		e.scan(t)
	}
}
