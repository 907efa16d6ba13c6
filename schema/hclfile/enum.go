package hclfile

import (
	"slices"

	"github.com/pleatdb/pleat/schema"
)

func enumSpec() *spec { return shape("schema values!" + intentAttrs) }

func (l *loader) loadEnum(b *block, s *symbol) {
	reported := len(l.diags)
	e := &schema.Enum{Schema: s.id.Schema, Name: s.id.Name, Values: b.strings("values")}
	if b.has("values") && len(e.Values) == 0 && len(l.diags) == reported {
		b.errorf(b.at("values"), "Empty enum", "An enum needs at least one value.")
	}
	for i, v := range e.Values {
		switch {
		case slices.Contains(e.Values[:i], v):
			b.errorf(b.at("values"), "Duplicate value", "The value %q is listed twice.", v)
		case len(v) > maxName:
			b.errorf(b.at("values"), "Name too long", "PostgreSQL allows %d bytes for the value of an enum; %q has %d.", maxName, v, len(v))
		}
	}
	l.add(e, b)
}

func (w *writer) enum(e *schema.Enum) *node {
	n := w.object("enum", e.ID())
	n.attr("values", list(e.Values, quoted))
	w.comment(n, e.ID())
	return n
}
