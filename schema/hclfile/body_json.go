package hclfile

import (
	"github.com/hashicorp/hcl/v2"
)

// jsonBody is a body in HCL's JSON syntax. Only the spec tells a property that is a block from one that is an argument,
// and an object whose keys are labels from one whose keys are arguments.
type jsonBody struct{ body hcl.Body }

func (j jsonBody) attributes(l *loader, s *spec) map[string]*hcl.Attribute {
	all := j.properties(l)
	for name, a := range all {
		if j.isBlock(name, a, s) {
			delete(all, name)
		}
	}
	return all
}

func (j jsonBody) properties(l *loader) hcl.Attributes {
	attrs, diags := j.body.JustAttributes()
	l.diags = append(l.diags, diags...)
	if attrs == nil {
		attrs = hcl.Attributes{}
	}
	return attrs
}

func (j jsonBody) isBlock(name string, a *hcl.Attribute, s *spec) bool {
	if name == "dynamic" {
		return true
	}
	if s.blocks[name] == nil && (s.hasAttr(name) || notBuilt[name] == "") {
		return false
	}
	if s.hasAttr(name) {
		// What may be either, such as `as` of a column, is a block when it is an object.
		_, diags := hcl.ExprMap(a.Expr)
		return !diags.HasErrors()
	}
	return true
}

func (j jsonBody) blocks(l *loader, s *spec) (out []rawBlock) {
	all := j.properties(l)
	for _, name := range sortedAttrs(all) {
		if !j.isBlock(name, all[name], s) {
			continue
		}
		inner := s.blocks[name]
		switch {
		case name == "dynamic":
			inner = shape("for_each iterator labels content").labels(1, 1)
		case inner == nil:
			inner = &spec{}
		}
		for _, raw := range j.sub(l, name) {
			raw.kind = name
			out = append(out, descend(l, raw, inner)...)
		}
	}
	return out
}

// sub reads a property as blocks without labels.
func (j jsonBody) sub(l *loader, name string) (out []rawBlock) {
	content, _, diags := j.body.PartialContent(&hcl.BodySchema{Blocks: []hcl.BlockHeaderSchema{{Type: name}}})
	l.diags = append(l.diags, diags...)
	if content == nil {
		return nil
	}
	for _, b := range content.Blocks {
		rng := b.DefRange
		rng.End = b.Body.MissingItemRange().End
		out = append(out, rawBlock{kind: name, def: b.DefRange, rng: rng, body: jsonBody{b.Body}})
	}
	return out
}

// descend takes the levels of an object that are labels: as many as must be, and more while no key is known to the spec.
func descend(l *loader, raw rawBlock, s *spec) []rawBlock {
	if len(raw.labels) >= s.maxLabels {
		return []rawBlock{raw}
	}
	body := raw.body.(jsonBody)
	keys := body.properties(l)
	if len(raw.labels) >= s.minLabels && (len(keys) == 0 || anyKnown(keys, s)) {
		return []rawBlock{raw}
	}
	var out []rawBlock
	for _, key := range sortedAttrs(keys) {
		for _, inner := range body.sub(l, key) {
			inner.kind, inner.def = raw.kind, keys[key].NameRange
			inner.labels = append(append([]label{}, raw.labels...), label{key, keys[key].NameRange})
			out = append(out, descend(l, inner, s)...)
		}
	}
	return out
}

func anyKnown(keys hcl.Attributes, s *spec) bool {
	for key := range keys {
		if s.hasAttr(key) || s.blocks[key] != nil || key == "for_each" || key == "dynamic" {
			return true
		}
	}
	return false
}
