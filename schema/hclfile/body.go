package hclfile

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/pleatdb/pleat/schema/hclfile/eval"
)

// rawBlock is a block before for_each is expanded.
type rawBlock struct {
	kind     string
	labels   []label
	def, rng hcl.Range
	body     source
}

// source is a body in either syntax. The two differ in how blocks are told from attributes and in where labels end.
type source interface {
	// attributes are all attributes that are there, or in JSON all properties that are not blocks of the spec.
	attributes(l *loader, s *spec) map[string]*hcl.Attribute
	blocks(l *loader, s *spec) []rawBlock
}

type nativeBody struct{ body *hclsyntax.Body }

func (n nativeBody) attributes(*loader, *spec) map[string]*hcl.Attribute {
	out := make(map[string]*hcl.Attribute, len(n.body.Attributes))
	for name, a := range n.body.Attributes {
		out[name] = a.AsHCLAttribute()
	}
	return out
}

func (n nativeBody) blocks(*loader, *spec) []rawBlock {
	out := make([]rawBlock, 0, len(n.body.Blocks))
	for _, b := range n.body.Blocks {
		raw := rawBlock{kind: b.Type, def: b.DefRange(), rng: b.Range(), body: nativeBody{b.Body}}
		raw.rng.End = b.CloseBraceRange.End
		for i, text := range b.Labels {
			raw.labels = append(raw.labels, label{text, b.LabelRanges[i]})
		}
		out = append(out, raw)
	}
	return out
}

// readBody checks a body against its spec and fills in the block.
func (l *loader) readBody(b *block, body source, s *spec) {
	attrs := body.attributes(l, s)
	delete(attrs, "for_each")
	b.attrs = attrs
	for _, name := range sortedAttrs(attrs) {
		if s.open || s.hasAttr(name) {
			continue
		}
		l.unsupportedAttr(b, attrs[name], s)
		delete(attrs, name)
	}
	for _, raw := range body.blocks(l, s) {
		l.readBlock(b, raw, s, b.env)
	}
	for _, name := range s.required {
		if attrs[name] == nil {
			b.errorf(b.def, "Missing argument", "The argument %q is required in %s.", name, article(b.kind))
		}
	}
}

func (l *loader) unsupportedAttr(b *block, a *hcl.Attribute, s *spec) {
	switch {
	case s.blocks[a.Name] != nil:
		l.report(a.NameRange, &b.rng, "Unsupported argument", fmt.Sprintf("%s is a block here: %s { … }.", a.Name, a.Name))
	case notBuilt[a.Name] != "":
		l.report(a.NameRange, &b.rng, "Not built yet: "+a.Name, refusal(a.Name, false))
	case ofOthers[a.Name] != "":
		l.report(a.NameRange, &b.rng, "Unsupported argument", fmt.Sprintf("There is no argument %q in %s. %s", a.Name, article(b.kind), ofOthers[a.Name]))
	default:
		l.report(a.NameRange, &b.rng, "Unsupported argument", fmt.Sprintf("There is no argument %q in %s.%s",
			a.Name, article(b.kind), eval.DidYouMean(a.Name, append(s.attrNames(), s.blockNames()...))))
	}
}

// readBlock reads an inner block of parent, once for each instance.
func (l *loader) readBlock(parent *block, raw rawBlock, s *spec, e env) {
	if raw.kind == "dynamic" {
		l.readDynamic(parent, raw, s, e)
		return
	}
	inner := s.blocks[raw.kind]
	if inner == nil {
		l.unsupportedBlock(parent, raw, s)
		return
	}
	if n := len(raw.labels); n < inner.minLabels || n > inner.maxLabels {
		l.report(raw.def, &raw.rng, "Wrong number of labels", fmt.Sprintf("A %s block takes %s, not %d.", raw.kind, labelCount(inner), n))
		return
	}
	if inner.single && parent.child(raw.kind) != nil {
		l.report(raw.def, &raw.rng, "Duplicate block", fmt.Sprintf("There is already a %s block at %s.", raw.kind, parent.child(raw.kind).def))
		return
	}
	for _, instance := range l.instances(raw, inner, e) {
		b := &block{load: l, kind: raw.kind, env: instance, labels: raw.labels, def: raw.def, rng: raw.rng, parent: parent}
		parent.blocks = append(parent.blocks, b)
		l.readBody(b, raw.body, inner)
	}
}

func (l *loader) unsupportedBlock(parent *block, raw rawBlock, s *spec) {
	switch {
	case s.hasAttr(raw.kind):
		l.report(raw.def, &raw.rng, "Unsupported block", fmt.Sprintf("%s is an argument here: %s = …", raw.kind, raw.kind))
	case notBuilt[raw.kind] != "":
		l.report(raw.def, &raw.rng, "Not built yet: "+raw.kind, refusal(raw.kind, len(raw.labels) > 0))
	case parent.kind == "" && elsewhere[raw.kind] != "":
		l.report(raw.def, &raw.rng, "Unsupported block", fmt.Sprintf("There is no block %q in schema files. %s", raw.kind, elsewhere[raw.kind]))
	default:
		where := "in " + article(parent.kind)
		if parent.kind == "" {
			where = "at the top level"
		}
		l.report(raw.def, &raw.rng, "Unsupported block", fmt.Sprintf("There is no block %q %s.%s", raw.kind, where,
			eval.DidYouMean(raw.kind, append(s.blockNames(), s.attrNames()...))))
	}
}

func labelCount(s *spec) string {
	switch {
	case s.maxLabels == 0:
		return "no label"
	case s.minLabels == 1 && s.maxLabels == 1:
		return "one label, its name"
	case s.minLabels == 0:
		return "at most one label"
	}
	return "one label, its name, or two, its schema and name"
}

func article(kind string) string {
	switch {
	case kind == "":
		return "the file"
	case strings.ContainsRune("aeiou", rune(kind[0])):
		return "an " + kind + " block"
	}
	return "a " + kind + " block"
}

func sortedAttrs(attrs map[string]*hcl.Attribute) []string {
	names := make([]string, 0, len(attrs))
	for name := range attrs {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int {
		return attrs[a].NameRange.Start.Byte - attrs[b].NameRange.Start.Byte
	})
	return names
}
