package hclfile

import "github.com/pleatdb/pleat/schema"

func domainSpec() *spec {
	return shape("schema type! null default collate"+intentAttrs).with("check", shape("expr! not_valid comment").labels(1, 1))
}

func (l *loader) loadDomain(b *block, s *symbol) {
	t, _ := b.readType("type")
	d := &schema.Domain{
		Schema: s.id.Schema, Name: s.id.Name, Type: t.text, NotNull: !b.boolean("null", false), Collation: b.collation(),
	}
	if t.serial != "" {
		b.errorf(t.at, "Invalid type", "A domain cannot be a serial.")
	}
	d.Default, _ = b.defaultText("default", t)
	if !l.add(d, b) {
		return
	}
	l.dependOnType(d.ID(), t)
	l.dependOnExpr(d.ID(), d.Default, nil)
	for _, c := range b.children("check") {
		check := &schema.DomainCheck{Schema: d.Schema, Domain: d.Name, Name: c.name(), Expr: c.expr("expr"), NotValid: c.boolean("not_valid", false)}
		if l.add(check, c) {
			l.depend(check.ID(), d.ID())
			l.dependOnExpr(check.ID(), check.Expr, nil)
		}
	}
}

func (w *writer) domain(d *schema.Domain) *node {
	n := w.object("domain", d.ID())
	n.attr("type", w.typeExpr(d.Type, false))
	n.attr("null", boolean(!d.NotNull))
	if d.Default != "" {
		n.attr("default", w.defaultExpr(d.Default, d.Type))
	}
	n.collation(d.Collation)
	w.comment(n, d.ID())
	for _, c := range w.parts(d.ID(), schema.KindDomainCheck) {
		check := c.(*schema.DomainCheck)
		inner := n.block("check", check.Name)
		inner.text("expr", check.Expr)
		inner.flag("not_valid", check.NotValid)
		w.comment(inner, check.ID())
	}
	return n
}
