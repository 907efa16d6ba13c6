package eval

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
)

func (s *Scope) addLocals(block *hcl.Block) hcl.Diagnostics {
	attrs, diags := block.Body.JustAttributes()
	for _, attr := range inOrder(attrs) {
		if before, ok := s.locals[attr.Name]; ok {
			diags = append(diags, diagnostic(attr.NameRange, "Duplicate local",
				fmt.Sprintf("The local %q is already defined at %s.", attr.Name, before.NameRange))...)
			continue
		}
		s.locals[attr.Name] = attr
	}
	return diags
}

// resolveLocals evaluates the locals in the order of their references.
func (s *Scope) resolveLocals() (diags hcl.Diagnostics) {
	walk := &localWalk{scope: s, state: map[string]visit{}}
	for _, name := range slices.Sorted(maps.Keys(s.locals)) {
		walk.eval(name)
	}
	return walk.diags
}

type visit int

const (
	unseen visit = iota
	open
	done
)

type localWalk struct {
	scope *Scope
	state map[string]visit
	path  []string
	diags hcl.Diagnostics
}

func (w *localWalk) eval(name string) {
	attr := w.scope.locals[name]
	switch w.state[name] {
	case done:
		return
	case open:
		w.cycle(name)
		return
	}
	w.state[name] = open
	w.path = append(w.path, name)
	for _, dep := range localNames(attr.Expr) {
		if _, ok := w.scope.locals[dep]; ok {
			w.eval(dep)
		}
	}
	w.path = w.path[:len(w.path)-1]
	w.state[name] = done
	if _, failed := w.scope.localVals[name]; failed {
		return
	}
	val, diags := cty.DynamicVal, w.scope.CheckReferences(attr.Expr)
	if !diags.HasErrors() {
		var more hcl.Diagnostics
		val, more = attr.Expr.Value(w.scope.context(true))
		diags = append(diags, w.scope.MaskDiagnostics(more)...)
		if more.HasErrors() {
			val = cty.DynamicVal
		}
	}
	w.diags = append(w.diags, diags...)
	w.scope.localVals[name] = val
}

// cycle reports the locals from name around to name, and gives each of them an unknown value.
func (w *localWalk) cycle(name string) {
	around := append(slices.Clone(w.path[slices.Index(w.path, name):]), name)
	for _, member := range around {
		if _, reported := w.scope.localVals[member]; reported {
			return
		}
	}
	for _, member := range around {
		w.scope.localVals[member] = cty.DynamicVal
	}
	attr := w.scope.locals[name]
	w.diags = append(w.diags, diagnostic(attr.Expr.Range(), "Cycle in locals",
		fmt.Sprintf("The local %q is defined by itself: %s.", name, "local."+strings.Join(around, " → local.")))...)
}

// localNames are the locals that an expression refers to.
func localNames(expr hcl.Expression) (names []string) {
	for _, traversal := range expr.Variables() {
		if traversal.RootName() != "local" || len(traversal) < 2 {
			continue
		}
		if attr, ok := traversal[1].(hcl.TraverseAttr); ok {
			names = append(names, attr.Name)
		}
	}
	return names
}

// CheckReferences reports references to variables and locals that nobody declared, with "did you mean"; it knows
// nothing of other roots and leaves them to the evaluation.
func (s *Scope) CheckReferences(expr hcl.Expression) (diags hcl.Diagnostics) {
	for _, traversal := range expr.Variables() {
		if len(traversal) < 2 {
			continue
		}
		attr, ok := traversal[1].(hcl.TraverseAttr)
		if !ok {
			continue
		}
		switch traversal.RootName() {
		case "var":
			if _, ok := s.variables[attr.Name]; !ok {
				diags = append(diags, diagnostic(traversal.SourceRange(), "Undeclared variable",
					fmt.Sprintf("No variable block declares %q.%s", attr.Name, DidYouMean(attr.Name, s.Declared())))...)
			}
		case "local":
			if _, ok := s.locals[attr.Name]; !ok {
				diags = append(diags, diagnostic(traversal.SourceRange(), "Undeclared local",
					fmt.Sprintf("No locals block defines %q.%s", attr.Name,
						DidYouMean(attr.Name, slices.Sorted(maps.Keys(s.locals)))))...)
			}
		}
	}
	return diags
}
