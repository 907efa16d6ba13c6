package hclfile

import (
	"fmt"
	"maps"
	"strconv"

	"github.com/hashicorp/hcl/v2"
	"github.com/pleatdb/pleat/schema/hclfile/eval"
	"github.com/zclconf/go-cty/cty"
)

// maxInstances bounds one for_each, so that a slip such as range(1e9) is an error and not a hang.
const maxInstances = 10000

// instances are the surroundings in which a block is read: one, or one for each element of its for_each.
func (l *loader) instances(raw rawBlock, s *spec, e env) []env {
	attr := raw.body.attributes(l, s)["for_each"]
	if attr == nil || s.hasAttr("for_each") {
		return []env{e}
	}
	return l.iterate(attr.Expr, "each", e, raw)
}

// readDynamic reads the content of a dynamic block as blocks of the type that its label names.
func (l *loader) readDynamic(parent *block, raw rawBlock, s *spec, e env) {
	shell := shape("for_each! iterator labels").with("content", &spec{open: true, blocks: map[string]*spec{}}).labels(1, 1)
	if len(raw.labels) != 1 {
		l.report(raw.def, &raw.rng, "Wrong number of labels", "A dynamic block takes one label: the type of the blocks that it makes.")
		return
	}
	kind := raw.labels[0].text
	inner := s.blocks[kind]
	if inner == nil {
		l.unsupportedBlock(parent, rawBlock{kind: kind, def: raw.labels[0].rng, rng: raw.rng}, s)
		return
	}
	head := &block{load: l, kind: "dynamic", env: e, def: raw.def, rng: raw.rng, attrs: raw.body.attributes(l, shell)}
	var contents []rawBlock
	for _, c := range raw.body.blocks(l, shell) {
		if c.kind == "content" {
			contents = append(contents, c)
		} else {
			l.unsupportedBlock(head, c, shell)
		}
	}
	for _, name := range sortedAttrs(head.attrs) {
		if !shell.hasAttr(name) {
			l.unsupportedAttr(head, head.attrs[name], shell)
		}
	}
	if !head.has("for_each") || len(contents) != 1 {
		l.report(raw.def, &raw.rng, "Invalid dynamic block", "A dynamic block has for_each and one content block.")
		return
	}
	l.expandDynamic(parent, head, contents[0], rawBlock{kind: kind, def: raw.def, rng: raw.rng}, s)
}

func (l *loader) expandDynamic(parent, head *block, content, as rawBlock, s *spec) {
	iterator := as.kind
	if it := head.attrs["iterator"]; it != nil {
		if iterator = hcl.ExprAsKeyword(it.Expr); iterator == "" {
			head.errorf(it.Expr.Range(), "Invalid dynamic block", "The iterator is a bare word, the name under which content sees the element.")
			return
		}
	}
	as.body = content.body
	if jb, ok := content.body.(jsonBody); ok && !head.has("labels") {
		for _, raw := range descend(l, rawBlock{kind: as.kind, def: as.def, rng: as.rng, body: jb}, s.blocks[as.kind]) {
			as.labels, as.body = raw.labels, raw.body
		}
	}
	for _, e := range l.iterate(head.attrs["for_each"].Expr, iterator, head.env, as) {
		instance := as
		if a := head.attrs["labels"]; a != nil {
			labelled := &block{load: l, kind: "dynamic", env: e, def: head.def, rng: head.rng, attrs: head.attrs}
			instance.labels = nil
			for _, item := range labelled.list("labels") {
				text, _ := labelled.text(item)
				instance.labels = append(instance.labels, label{text, item.Range()})
			}
		} else if s.blocks[as.kind].minLabels == 1 && len(as.labels) == 0 {
			instance.labels = l.elementLabel(e, iterator, head.attrs["for_each"].Expr.Range())
		}
		l.readBlock(parent, instance, s, e)
	}
}

// elementLabel names an instance of a dynamic block without labels: by the element itself where it is a text, by its
// attribute `name` where it is an object, and else by its key.
func (l *loader) elementLabel(e env, iterator string, at hcl.Range) []label {
	it := e.ctx.Variables[iterator]
	for _, v := range []cty.Value{it.GetAttr("value"), it.GetAttr("key")} {
		if v.Type().IsObjectType() && v.Type().HasAttribute("name") {
			v = v.GetAttr("name")
		}
		if v.Type() == cty.String && v.IsKnown() && !v.IsNull() && !v.IsMarked() {
			return []label{{v.AsString(), at}}
		}
	}
	return nil
}

// iterate gives the surroundings for each element: of a list of references, or of an evaluated collection.
func (l *loader) iterate(expr hcl.Expression, iterator string, e env, raw rawBlock) []env {
	if items, ok := referenceList(expr); ok {
		out := make([]env, len(items))
		for i, item := range items {
			out[i] = e.bindTo(iterator, strconv.Itoa(i), item)
		}
		return out
	}
	if out, ok := l.iterateInstances(expr, iterator, e); ok {
		return out
	}
	holder := &block{load: l, kind: raw.kind, env: e, def: raw.def, rng: raw.rng,
		attrs: map[string]*hcl.Attribute{"for_each": {Name: "for_each", Expr: expr}}}
	v, ok := holder.value("for_each")
	if !ok {
		return nil
	}
	switch t := v.Type(); {
	case v.IsNull() || !v.IsKnown():
		holder.errorf(expr.Range(), "Invalid for_each", "The value of for_each is not known or null.")
		return nil
	case !t.IsTupleType() && !t.IsListType() && !t.IsSetType() && !t.IsMapType() && !t.IsObjectType():
		holder.errorf(expr.Range(), "Invalid for_each", "for_each takes a list, a set or a map, not %s.", t.FriendlyName())
		return nil
	case v.LengthInt() > maxInstances:
		holder.errorf(expr.Range(), "Invalid for_each", "for_each has %d elements; at most %d are allowed.", v.LengthInt(), maxInstances)
		return nil
	}
	var out []env
	for it := v.ElementIterator(); it.Next(); {
		key, value := it.Element()
		out = append(out, e.bind(iterator, key, value))
	}
	return out
}

func (e env) bind(iterator string, key, value cty.Value) env {
	e.ctx = e.ctx.NewChild()
	if key.Type() == cty.Number {
		key = cty.StringVal(fmt.Sprint(key.AsBigFloat()))
	}
	if key.Type() == cty.String && key.IsKnown() && !key.IsNull() && !key.IsMarked() {
		e.key = key.AsString()
	}
	e.ctx.Variables = map[string]cty.Value{iterator: cty.ObjectVal(map[string]cty.Value{"key": key, "value": value})}
	return e
}

// bindTo lets an iterator stand for a reference.
func (e env) bindTo(iterator, key string, item hcl.Expression) env {
	out := e.bind(iterator, cty.StringVal(key), cty.DynamicVal)
	out.bound = maps.Clone(e.bound)
	if out.bound == nil {
		out.bound = map[string]hcl.Expression{}
	}
	out.bound[iterator] = item
	return out
}

// referenceList is the elements of a list, or of toset of a list, that holds nothing but references to objects.
func referenceList(expr hcl.Expression) ([]hcl.Expression, bool) {
	if call, diags := hcl.ExprCall(expr); !diags.HasErrors() && call.Name == "toset" && len(call.Arguments) == 1 {
		return referenceList(call.Arguments[0])
	}
	items, diags := hcl.ExprList(expr)
	if diags.HasErrors() || len(items) == 0 {
		return nil, false
	}
	for _, item := range items {
		root := rootName(item)
		if _, ok := referenceRoots[root]; !ok {
			return nil, false
		}
	}
	return items, true
}

// didYouMean is shared with package eval, so that the two sound alike.
func didYouMean(wrong string, known []string) string { return eval.DidYouMean(wrong, known) }
