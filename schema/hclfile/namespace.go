package hclfile

import "github.com/pleatdb/pleat/schema"

func schemaSpec() *spec { return shape(intentAttrs) }

func (l *loader) loadSchema(b *block) { l.add(&schema.Namespace{Name: b.name()}, b) }

func (w *writer) namespace(n *schema.Namespace) *node {
	out := w.head("schema", n.ID())
	w.comment(out, n.ID())
	return out
}
