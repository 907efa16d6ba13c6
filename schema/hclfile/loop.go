package hclfile

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// loop is a block at the top level that has a for_each.
type loop struct {
	expr hcl.Expression
	env  env
	raw  rawBlock
}

// maxLoops bounds how many for_each lead from one to the next, so that a cycle of them ends.
const maxLoops = 16

// findLoops remembers the blocks of a file that have a for_each, before any block is read: others may go through their instances.
func (l *loader) findLoops(body source, e env, top *spec) {
	native, ok := body.(nativeBody)
	if !ok {
		return
	}
	for _, raw := range native.blocks(l, top) {
		if s := top.blocks[raw.kind]; s != nil && len(raw.labels) > 0 {
			if a := raw.body.attributes(l, s)["for_each"]; a != nil {
				l.loops[raw.kind+"."+raw.labels[len(raw.labels)-1].text] = loop{a.Expr, e, raw}
			}
		}
	}
}

// iterateInstances goes through what another for_each makes, as in for_each = schema.tenants. The value of the iterator is then the reference to
// one of them.
func (l *loader) iterateInstances(expr hcl.Expression, iterator string, e env) ([]env, bool) {
	steps, ok := (&block{load: l, env: e}).path(expr)
	if !ok || len(steps) != 2 {
		return nil, false
	}
	other, ok := l.loops[steps[0].name+"."+steps[1].name]
	if !ok || l.depth >= maxLoops {
		return nil, false
	}
	l.depth++
	defer func() { l.depth-- }()
	out := []env{}
	for _, made := range l.iterate(other.expr, "each", other.env, other.raw) {
		item := &hclsyntax.ScopeTraversalExpr{SrcRange: expr.Range(), Traversal: hcl.Traversal{
			hcl.TraverseRoot{Name: steps[0].name, SrcRange: expr.Range()},
			hcl.TraverseAttr{Name: steps[1].name, SrcRange: expr.Range()},
			hcl.TraverseIndex{Key: cty.StringVal(made.key), SrcRange: expr.Range()},
		}}
		out = append(out, e.bindTo(iterator, made.key, item))
	}
	return out, true
}
