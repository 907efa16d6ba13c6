package hclfile

import "github.com/pleatdb/pleat/schema"

func compositeSpec() *spec {
	return shape("schema"+intentAttrs).with("field", shape("type! collate comment renamed_from").labels(1, 1))
}

func (l *loader) loadComposite(b *block, s *symbol) {
	c := &schema.Composite{Schema: s.id.Schema, Name: s.id.Name}
	var types []typeValue
	for _, f := range b.children("field") {
		t, _ := f.readType("type")
		if !f.checkName(f.name()) {
			continue
		}
		c.Fields = append(c.Fields, schema.Field{Name: f.name(), Type: t.text, Collation: f.collation()})
		types = append(types, t)
	}
	if !l.add(c, b) {
		return
	}
	for i, f := range b.children("field") {
		id := schema.ColumnID(c.ID(), f.name())
		l.out.Ranges[id] = f.position()
		l.addComment(id, f)
		l.addIntent(id, f)
		if i < len(types) {
			l.dependOnType(c.ID(), types[i])
		}
	}
}

func (w *writer) composite(c *schema.Composite) *node {
	n := w.object("composite", c.ID())
	w.comment(n, c.ID())
	for _, f := range c.Fields {
		inner := n.block("field", f.Name)
		inner.attr("type", w.typeExpr(f.Type, false))
		inner.collation(f.Collation)
		w.comment(inner, schema.ColumnID(c.ID(), f.Name))
	}
	return n
}
