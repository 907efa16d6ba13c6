package hclfile

import (
	"slices"
	"strings"

	"github.com/pleatdb/pleat/schema"
)

func (l *loader) loadForeignKey(t *tableLoad, b *block) {
	fk := &schema.ForeignKey{
		Schema: t.table.Schema, Table: t.table.Name, Name: b.name(), Columns: b.columns("columns", t.sym),
		OnDelete: b.action("on_delete"), OnUpdate: b.action("on_update"), OnDeleteColumns: b.columns("on_delete_columns", t.sym),
		Deferral: b.deferral(), NotValid: b.boolean("not_valid", false), NotEnforced: b.boolean("not_enforced", false),
		Period: b.boolean("period", false),
	}
	if b.word("match", "SIMPLE", "FULL") == "FULL" {
		fk.Match = "FULL"
	}
	if b.has("on_delete_columns") && !strings.HasPrefix(fk.OnDelete, "SET ") {
		b.errorf(b.at("on_delete_columns"), "Contradicting arguments", "Only SET_NULL and SET_DEFAULT can be restricted to some columns.")
	}
	ref := l.readRefColumns(fk, t, b)
	if b.isEmptyList("columns") {
		b.errorf(b.at("columns"), "Missing columns", "A key needs at least one column.")
	}
	if ref == nil || !l.add(fk, b) {
		return
	}
	l.dependOnColumns(fk.ID(), t.sym, fk.Columns)
	l.depend(fk.ID(), ref.id)
	l.dependOnColumns(fk.ID(), ref, fk.RefColumns)
	l.pending = append(l.pending, func() { l.dependOnKey(fk) })
}

// readRefColumns reads the referenced columns, which say the referenced table too.
func (l *loader) readRefColumns(fk *schema.ForeignKey, t *tableLoad, b *block) (ref *symbol) {
	for _, item := range b.list("ref_columns") {
		target, ok := b.resolve(item, t.sym, "column")
		switch {
		case !ok:
			return nil
		case ref != nil && ref != target.sym:
			b.errorf(item.Range(), "Invalid reference", "A foreign key refers to one table; this column is of %s, the one before of %s.",
				target.sym.id.Path(), ref.id.Path())
			return nil
		}
		ref = target.sym
		fk.RefColumns = append(fk.RefColumns, target.id.Name)
	}
	if ref == nil {
		if b.isEmptyList("ref_columns") {
			b.errorf(b.at("ref_columns"), "Missing columns", "A foreign key refers to at least one column.")
		}
		return nil
	}
	if ref.id.Kind != schema.KindTable {
		b.errorf(b.at("ref_columns"), "Invalid reference", "A foreign key refers to a table, not to %s.", ref.id)
		return nil
	}
	fk.RefTable = schema.Name{Schema: ref.id.Schema, Name: ref.id.Name}
	if n := len(b.list("columns")); n > 0 && n != len(fk.RefColumns) {
		b.errorf(b.at("ref_columns"), "Wrong number of columns", "The key has %d column(s) and refers to %d.", n, len(fk.RefColumns))
	}
	return ref
}

func (b *block) action(attr string) string {
	word := strings.ReplaceAll(b.word(attr, "NO_ACTION", "RESTRICT", "CASCADE", "SET_NULL", "SET_DEFAULT"), "_", " ")
	if word == "NO ACTION" {
		return ""
	}
	return word
}

// dependOnKey makes a foreign key need the keys and unique indexes that it may lean on.
func (l *loader) dependOnKey(fk *schema.ForeignKey) {
	for _, found := range l.byTable()[fk.RefTable] {
		var columns []string
		switch o := l.out.Catalog.Get(found).(type) {
		case *schema.PrimaryKey:
			columns = o.Columns
		case *schema.Unique:
			columns = o.Columns
		case *schema.Index:
			if !o.Unique || o.Where != "" {
				continue
			}
			for _, e := range o.Elements {
				columns = append(columns, e.Column)
			}
		}
		if sameSet(columns, fk.RefColumns) {
			l.depend(fk.ID(), found)
		}
	}
}

// byTable lists the keys and indexes of each table; all objects are there by then.
func (l *loader) byTable() map[schema.Name][]schema.ID {
	if l.keys == nil {
		l.keys = map[schema.Name][]schema.ID{}
		for _, id := range l.out.Catalog.IDs() {
			switch id.Kind {
			case schema.KindPrimaryKey, schema.KindUnique, schema.KindIndex:
				name := schema.Name{Schema: id.Schema, Name: id.Parent}
				l.keys[name] = append(l.keys[name], id)
			}
		}
	}
	return l.keys
}

func sameSet(a, b []string) bool {
	if len(a) != len(b) {
		return false
	}
	for _, s := range a {
		if !slices.Contains(b, s) {
			return false
		}
	}
	return true
}

func (w *writer) foreignKey(n *node, fk *schema.ForeignKey) {
	inner := n.block("foreign_key", fk.Name)
	inner.attr("columns", list(fk.Columns, columnRef))
	table := schema.ID{Kind: schema.KindTable, Schema: fk.RefTable.Schema, Name: fk.RefTable.Name}
	inner.attr("ref_columns", list(fk.RefColumns, func(name string) string {
		if fk.RefTable == (schema.Name{Schema: fk.Schema, Name: fk.Table}) {
			return columnRef(name)
		}
		return w.ref(schema.ColumnID(table, name))
	}))
	inner.word("match", fk.Match)
	inner.word("on_update", strings.ReplaceAll(fk.OnUpdate, " ", "_"))
	inner.word("on_delete", strings.ReplaceAll(fk.OnDelete, " ", "_"))
	if len(fk.OnDeleteColumns) > 0 {
		inner.attr("on_delete_columns", list(fk.OnDeleteColumns, columnRef))
	}
	inner.deferral(fk.Deferral)
	inner.flag("period", fk.Period)
	inner.flag("not_valid", fk.NotValid)
	inner.flag("not_enforced", fk.NotEnforced)
	w.comment(inner, fk.ID())
}
