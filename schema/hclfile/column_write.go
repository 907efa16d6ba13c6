package hclfile

import "github.com/pleatdb/pleat/schema"

// column writes a column. inherited is what it takes from a parent, or nil; then only the differences are written, and
// nothing where there are none.
func (w *writer) column(n *node, t *schema.Table, c schema.Column, inherited *schema.Column) {
	id := schema.ColumnID(t.ID(), c.Name)
	inner := newNode("column", c.Name)
	local := inherited == nil || !c.Inherited && t.Of == nil
	if local {
		inner.attr("type", w.typeExpr(c.Type, false))
		inner.attr("null", boolean(!c.NotNull))
	} else if c.NotNull && !inherited.NotNull {
		inner.attr("null", "false")
	}
	w.columnDefault(inner, t, c, inherited)
	if local || c.Collation != inherited.Collation {
		inner.collation(c.Collation)
	}
	if local || c.Storage != inherited.Storage {
		inner.word("storage", c.Storage)
	}
	if local || c.Compression != inherited.Compression {
		inner.word("compression", c.Compression)
	}
	inner.optional("statistics", c.Statistics)
	w.comment(inner, id)
	if len(c.Options) > 0 {
		inner.params("options", c.Options)
	}
	if c.Identity != nil && (local || inherited.Identity == nil) {
		w.identity(inner, c, t.Unlogged)
	}
	if g := c.Generated; g != nil && (local || inherited.Generated == nil || *g != *inherited.Generated) {
		as := inner.block("as")
		as.text("expr", g.Expr)
		as.attr("type", map[bool]string{true: "VIRTUAL", false: "STORED"}[g.Virtual])
	}
	if local || len(inner.items) > 0 {
		n.items = append(n.items, item{block: inner})
	}
}

func (w *writer) columnDefault(n *node, t *schema.Table, c schema.Column, inherited *schema.Column) {
	get := func(namespace, table string) string {
		id := schema.ID{Kind: schema.KindDefault, Schema: namespace, Parent: table, Name: c.Name}
		if d, ok := w.cat.Get(id).(*schema.Default); ok {
			return d.Expr
		}
		return ""
	}
	own := get(t.Schema, t.Name)
	if inherited != nil && t.Of == nil {
		parent := w.parentOf(t, c.Name)
		if above := get(parent.Schema, parent.Name); above == own && (c.Inherited || own == "") {
			return
		}
	}
	switch {
	case own != "":
		n.attr("default", w.defaultExpr(own, c.Type))
	case inherited != nil && t.Of == nil:
		n.attr("default", "null")
	}
}

func (w *writer) identity(n *node, c schema.Column, unlogged bool) {
	i := c.Identity
	inner := n.block("identity")
	inner.attr("generated", map[bool]string{true: "ALWAYS", false: "BY_DEFAULT"}[i.Always])
	inner.numbers(c.Type, numbers{i.Start, i.Increment, i.Min, i.Max, i.Cache, i.Cycle})
	if i.Unlogged != unlogged {
		inner.attr("unlogged", boolean(i.Unlogged))
	}
}

// parentOf is the table from which a column of a partition or child comes.
func (w *writer) parentOf(t *schema.Table, column string) schema.Name {
	if t.PartitionOf != nil {
		return t.PartitionOf.Parent
	}
	for _, name := range t.Inherits {
		if p, ok := w.cat.Get(schema.ID{Kind: schema.KindTable, Schema: name.Schema, Name: name.Name}).(*schema.Table); ok && p.Column(column) != nil {
			return name
		}
	}
	return schema.Name{}
}

// inherited is what a column takes from a parent or from the composite type of a typed table; nil for a column of
// the table's own.
func (w *writer) inherited(t *schema.Table, column string) *schema.Column {
	if t.Of != nil {
		if c, ok := w.cat.Get(schema.ID{Kind: schema.KindComposite, Schema: t.Of.Schema, Name: t.Of.Name}).(*schema.Composite); ok {
			for _, f := range c.Fields {
				if f.Name == column {
					return &schema.Column{Name: f.Name, Type: f.Type, Collation: f.Collation}
				}
			}
		}
		return nil
	}
	name := w.parentOf(t, column)
	if p, ok := w.cat.Get(schema.ID{Kind: schema.KindTable, Schema: name.Schema, Name: name.Name}).(*schema.Table); ok {
		return p.Column(column)
	}
	return nil
}
