package hclfile

import (
	"github.com/pleatdb/pleat/schema"
)

const (
	keyAttrs     = "columns include deferrable without_overlaps tablespace clustered strategy comment renamed_from depends_on"
	checkedAttrs = " not_valid not_enforced strategy comment renamed_from depends_on"
)

func primaryKeySpec() *spec {
	return shape("type "+keyAttrs).with("storage_params", paramsSpec()).with("on", shape("column!"))
}

func uniqueSpec() *spec {
	return shape("type nulls_distinct "+keyAttrs).with("storage_params", paramsSpec()).with("on", shape("column!"))
}

func checkSpec() *spec { return shape("expr! no_inherit" + checkedAttrs) }

func foreignKeySpec() *spec {
	return shape("columns! ref_columns! match on_delete on_delete_columns on_update deferrable period" + checkedAttrs)
}

// deferral reads when a constraint is checked: a word, or true for deferrable but immediate.
func (b *block) deferral() schema.Deferral {
	a := b.attrs["deferrable"]
	if a == nil {
		return schema.Deferral{}
	}
	if word := b.bareKeyword("deferrable"); word == "true" || word == "false" {
		return schema.Deferral{Deferrable: word == "true"}
	}
	switch b.word("deferrable", "INITIALLY_DEFERRED", "INITIALLY_IMMEDIATE", "NOT_DEFERRABLE") {
	case "INITIALLY_DEFERRED":
		return schema.Deferral{Deferrable: true, InitiallyDeferred: true}
	case "INITIALLY_IMMEDIATE":
		return schema.Deferral{Deferrable: true}
	}
	return schema.Deferral{}
}

// keyColumns reads the columns of a key: a list, or `on` blocks.
func (b *block) keyColumns(own *symbol) []string {
	names := b.columns("columns", own)
	for _, on := range b.children("on") {
		if !on.has("column") {
			continue
		}
		if t, ok := on.resolve(on.attrs["column"].Expr, own, "column"); ok {
			names = append(names, t.id.Name)
		}
	}
	if !b.has("columns") && len(b.children("on")) == 0 {
		b.errorf(b.def, "Missing argument", "The argument \"columns\" is required in %s.", article(b.kind))
	} else if b.isEmptyList("columns") {
		b.errorf(b.at("columns"), "Missing columns", "A key needs at least one column.")
	}
	return names
}

func (b *block) indexOptions(own *symbol) schema.IndexOptions {
	if b.has("type") {
		b.word("type", "BTREE")
	}
	return schema.IndexOptions{
		Include: b.columns("include", own), StorageParams: b.paramsOf("storage_params"), Tablespace: b.bareWord("tablespace"),
		Clustered: b.boolean("clustered", false),
	}
}

func (l *loader) loadPrimaryKey(t *tableLoad, b *block) {
	name := b.name()
	if name == "" {
		name = defaultName(t.table.Name, "", "pkey")
		b.labels = []label{{name, b.def}}
	}
	pk := &schema.PrimaryKey{
		Schema: t.table.Schema, Table: t.table.Name, Name: name, Columns: b.keyColumns(t.sym),
		WithoutOverlaps: b.boolean("without_overlaps", false), Deferral: b.deferral(), Index: b.indexOptions(t.sym),
	}
	if l.add(pk, b) {
		l.dependOnColumns(pk.ID(), t.sym, pk.Columns, pk.Index.Include)
	}
}

func (l *loader) loadUnique(t *tableLoad, b *block) {
	u := &schema.Unique{
		Schema: t.table.Schema, Table: t.table.Name, Name: b.name(), Columns: b.keyColumns(t.sym),
		NullsNotDistinct: !b.boolean("nulls_distinct", true), WithoutOverlaps: b.boolean("without_overlaps", false),
		Deferral: b.deferral(), Index: b.indexOptions(t.sym),
	}
	if l.add(u, b) {
		l.dependOnColumns(u.ID(), t.sym, u.Columns, u.Index.Include)
	}
}

func (l *loader) loadCheck(t *tableLoad, b *block) {
	c := &schema.Check{
		Schema: t.table.Schema, Table: t.table.Name, Name: b.name(), Expr: b.expr("expr"),
		NoInherit: b.boolean("no_inherit", false), NotValid: b.boolean("not_valid", false), NotEnforced: b.boolean("not_enforced", false),
	}
	if b.has("expr") && c.Expr == "" {
		b.errorf(b.at("expr"), "Empty expression", "A check needs a condition.")
	}
	if l.add(c, b) {
		l.dependOnExpr(c.ID(), c.Expr, t.sym)
	}
}

func (w *writer) primaryKey(n *node, pk *schema.PrimaryKey) {
	inner := newNode("primary_key")
	if pk.Name != defaultName(pk.Table, "", "pkey") {
		inner.labels = []string{pk.Name}
	}
	w.key(inner, pk.Columns, pk.Deferral, pk.Index)
	inner.flag("without_overlaps", pk.WithoutOverlaps)
	w.comment(inner, pk.ID())
	inner.paramsBlock("storage_params", pk.Index.StorageParams)
	n.items = append(n.items, item{block: inner})
}

func (w *writer) unique(n *node, u *schema.Unique) {
	inner := n.block("unique", u.Name)
	w.key(inner, u.Columns, u.Deferral, u.Index)
	if u.NullsNotDistinct {
		inner.attr("nulls_distinct", "false")
	}
	inner.flag("without_overlaps", u.WithoutOverlaps)
	w.comment(inner, u.ID())
	inner.paramsBlock("storage_params", u.Index.StorageParams)
}

func (w *writer) key(n *node, columns []string, d schema.Deferral, o schema.IndexOptions) {
	if len(columns) > 0 {
		n.attr("columns", list(columns, columnRef))
	}
	if len(o.Include) > 0 {
		n.attr("include", list(o.Include, columnRef))
	}
	n.deferral(d)
	n.text("tablespace", o.Tablespace)
	n.flag("clustered", o.Clustered)
}

func (n *node) deferral(d schema.Deferral) {
	switch {
	case d.InitiallyDeferred:
		n.attr("deferrable", "INITIALLY_DEFERRED")
	case d.Deferrable:
		n.attr("deferrable", "INITIALLY_IMMEDIATE")
	}
}

func (w *writer) check(n *node, c *schema.Check) {
	inner := n.block("check", c.Name)
	inner.text("expr", c.Expr)
	inner.flag("no_inherit", c.NoInherit)
	inner.flag("not_valid", c.NotValid)
	inner.flag("not_enforced", c.NotEnforced)
	w.comment(inner, c.ID())
}
