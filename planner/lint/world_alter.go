package lint

import (
	"maps"
	"slices"

	"github.com/pleatdb/pleat/schema"
	"github.com/pleatdb/pleat/schema/sqltext"
)

// alter follows one action of ALTER TABLE. Indexes and views have none that matter later.
func (w *world) alter(f sqltext.Fact, a sqltext.Action) {
	name := w.resolve(f.Objects[0].Name)
	if f.Objects[0].Kind == "index" {
		if i := w.indexes[w.resolve(a.Other)]; a.Do == sqltext.AttachPartition && i != nil {
			i.attachedTo = name
		}
		return
	}
	if f.Objects[0].Kind != "table" {
		return
	}
	tables := []*table{w.table(name)}
	if !f.Only {
		tables = w.family(name)
	}
	for _, t := range tables {
		w.alterOne(t, a)
	}
	switch a.Do {
	case sqltext.AttachPartition, sqltext.Inherit:
		parent, child := name, w.resolve(a.Other)
		if a.Do == sqltext.Inherit {
			parent, child = child, parent
		}
		w.table(child).parents = append(w.table(child).parents, parent)
		w.table(child).defaultPart = a.Default
		w.table(parent).partitioned = w.table(parent).partitioned || a.Do == sqltext.AttachPartition
	case sqltext.DetachPartition, sqltext.FinalizePartition:
		w.table(w.resolve(a.Other)).parents = nil
	}
}

func (w *world) alterOne(t *table, a sqltext.Action) {
	col := t.columns[a.Name]
	switch a.Do {
	case sqltext.AddColumn:
		if col == nil || !a.IfNotExists {
			w.addColumn(t, a.Column)
		}
	case sqltext.DropColumn:
		w.dropColumn(t, a.Name)
	case sqltext.AlterType:
		if col == nil {
			col = &column{}
			t.columns[a.Name] = col
		}
		col.typ, col.typed, col.text, col.collation = *a.Type, true, "", a.Collation
	case sqltext.SetNotNull, sqltext.DropNotNull:
		if col == nil {
			col = &column{}
			t.columns[a.Name] = col
		}
		col.notNull, col.unproven = a.Do == sqltext.SetNotNull, false
	case sqltext.DropExpression:
		if col != nil {
			col.generated, col.virtual = false, false
		}
	case sqltext.AddIdentity:
		if col != nil {
			col.notNull = true
		}
	case sqltext.AddConstraint:
		w.addConstraint(t, a.Constraint)
	case sqltext.ValidateConstraint:
		if k := t.constraints[a.Name]; k != nil {
			k.valid = true
			for _, c := range k.columns {
				if t.columns[c] != nil && k.kind == "not null" {
					t.columns[c].unproven = false
				}
			}
		}
	case sqltext.DropConstraint:
		w.dropConstraint(t, a.Name)
	case sqltext.SetLogged, sqltext.SetUnlogged:
		t.unlogged = a.Do == sqltext.SetUnlogged
	}
}

func (w *world) dropConstraint(t *table, name string) {
	if k := t.constraints[name]; k != nil && k.kind == "not null" {
		for _, c := range k.columns {
			if t.columns[c] != nil {
				t.columns[c].notNull = false
			}
		}
	}
	delete(t.constraints, name)
	if iname := (schema.Name{Schema: t.name.Schema, Name: name}); w.indexes[iname] != nil && w.indexes[iname].table == t.name {
		delete(w.indexes, iname)
	}
}

func (w *world) dropColumn(t *table, name string) {
	delete(t.columns, name)
	t.order = slices.DeleteFunc(t.order, func(c string) bool { return c == name })
	for _, k := range t.sortedConstraints() {
		if slices.Contains(k.columns, name) {
			w.dropConstraint(t, k.name)
		}
	}
	for _, i := range w.indexesOf(t.name) {
		if slices.Contains(i.columns, name) || slices.Contains(i.uses, name) {
			delete(w.indexes, i.name)
		}
	}
	t.uses = slices.DeleteFunc(t.uses, func(u use) bool { return u.kind == "generated column" && u.name == name })
}

func (w *world) drop(o sqltext.Target) {
	name := w.resolve(o.Name)
	switch o.Kind {
	case "table", "foreign table":
		for _, i := range w.indexesOf(name) {
			delete(w.indexes, i.name)
		}
		delete(w.tables, name)
	case "view", "materialized view":
		delete(w.views, name)
		w.forget(name.Name, "view", "materialized view")
	case "index":
		delete(w.indexes, name)
	case "trigger", "policy":
		w.forget(o.Name.Name, o.Kind)
	case "statistics":
		w.forget(name.Name, o.Kind)
	case "domain", "type":
		delete(w.domains, name)
	case "function":
		delete(w.functions, name)
	}
}

// forget removes uses of columns by something that is gone.
func (w *world) forget(name string, kinds ...string) {
	for _, t := range w.tables {
		t.uses = slices.DeleteFunc(t.uses, func(u use) bool { return u.name == name && slices.Contains(kinds, u.kind) })
	}
}

func (w *world) rename(f sqltext.Fact) {
	o := f.Objects[0]
	name := w.resolve(o.Name)
	switch o.Kind {
	case "table":
		w.moveTable(name, schema.Name{Schema: name.Schema, Name: f.NewName})
	case "index":
		if i := w.indexes[name]; i != nil {
			delete(w.indexes, name)
			i.name.Name = f.NewName
			w.indexes[i.name] = i
		}
	case "column":
		w.renameColumn(w.table(w.resolve(o.Of)), o.Name.Name, f.NewName)
	case "constraint":
		t := w.table(w.resolve(o.Of))
		if k := t.constraints[o.Name.Name]; k != nil {
			delete(t.constraints, k.name)
			k.name = f.NewName
			t.constraints[k.name] = k
		}
	}
}

// moveTable gives a table another name or schema, with all that refers to it.
func (w *world) moveTable(old, now schema.Name) {
	t := w.table(old)
	delete(w.tables, old)
	t.name = now
	w.tables[now] = t
	for _, i := range slices.Collect(maps.Values(w.indexes)) {
		if i.table == old {
			delete(w.indexes, i.name)
			i.table, i.name.Schema = now, now.Schema
			w.indexes[i.name] = i
		}
	}
	for _, other := range w.tables {
		for i, p := range other.parents {
			if p == old {
				other.parents[i] = now
			}
		}
		for _, k := range other.constraints {
			if k.ref == old {
				k.ref = now
			}
		}
	}
}

func (w *world) renameColumn(t *table, old, now string) {
	if c := t.columns[old]; c != nil {
		delete(t.columns, old)
		t.columns[now] = c
	}
	swap := func(list []string) []string {
		out := slices.Clone(list)
		for i := range out {
			if out[i] == old {
				out[i] = now
			}
		}
		return out
	}
	t.order = swap(t.order)
	for _, k := range t.constraints {
		k.columns, k.proves = swap(k.columns), swap(k.proofs())
	}
	for _, i := range w.indexesOf(t.name) {
		i.columns, i.uses = swap(i.columns), swap(i.uses)
	}
	for i := range t.uses {
		t.uses[i].columns = swap(t.uses[i].columns)
	}
}
