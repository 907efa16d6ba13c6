package hclfile

import (
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/pleatdb/pleat/schema"
	"github.com/zclconf/go-cty/cty"
)

// referenceRoots are the words that a reference to an object begins with, and the kind that each stands for.
var referenceRoots = map[string]schema.Kind{
	"schema": schema.KindSchema, "extension": schema.KindExtension, "enum": schema.KindEnum, "domain": schema.KindDomain,
	"composite": schema.KindComposite, "sequence": schema.KindSequence, "table": schema.KindTable,
	"partition": schema.KindTable, "view": schema.KindView, "materialized": schema.KindMaterialized,
	"function": schema.KindFunction, "procedure": schema.KindProcedure,
}

// referenceParts are the words for what belongs to an object: the third part of table.users.column.id, or the first of
// column.id inside the table.
var referenceParts = map[string]schema.Kind{
	"column": schema.KindColumn, "field": schema.KindColumn, "index": schema.KindIndex, "primary_key": schema.KindPrimaryKey,
	"unique": schema.KindUnique, "exclude": schema.KindExclude, "check": schema.KindCheck,
	"foreign_key": schema.KindForeignKey, "trigger": schema.KindTrigger, "policy": schema.KindPolicy,
}

// typeRoots are the roots of references that stand for a type.
var typeRoots = []string{"enum", "domain", "composite", "table", "partition", "view", "materialized"}

// relationRoots are the roots of references to what has columns and rows.
var relationRoots = []string{"table", "partition", "view", "materialized"}

type step struct {
	name string
	rng  hcl.Range
}

// path reads an expression as a reference without evaluating it, the keys of table["we ird"] and an iterator that is
// bound to a reference apart.
func (b *block) path(expr hcl.Expression) ([]step, bool) {
	switch e := expr.(type) {
	case *hclsyntax.ParenthesesExpr:
		return b.path(e.Expression)
	case *hclsyntax.RelativeTraversalExpr:
		steps, ok := b.path(e.Source)
		return appendTraversal(steps, e.Traversal, ok)
	case *hclsyntax.IndexExpr:
		steps, ok := b.path(e.Collection)
		if !ok {
			return nil, false
		}
		name, ok := b.text(e.Key)
		return append(steps, step{name, e.Key.Range()}), ok
	}
	traversal, diags := hcl.AbsTraversalForExpr(expr)
	if diags.HasErrors() {
		// JSON may also write "${table.users}".
		vars := expr.Variables()
		if _, native := expr.(hclsyntax.Expression); native || len(vars) != 1 {
			return nil, false
		}
		traversal = vars[0]
	}
	return b.pathOf(traversal)
}

func (b *block) pathOf(traversal hcl.Traversal) ([]step, bool) {
	if traversal.IsRelative() || len(traversal) == 0 {
		return nil, false
	}
	root := traversal.RootName()
	if bound, ok := b.env.bound[root]; ok && len(traversal) > 1 && stepName(traversal[1]) == "value" {
		steps, ok := b.path(bound)
		return appendTraversal(steps, traversal[2:], ok)
	}
	if root == "var" || root == "local" {
		return nil, false
	}
	if b.isVariable(root) && len(traversal) > 1 && slices.Contains([]string{"key", "value"}, stepName(traversal[1])) {
		return nil, false
	}
	return appendTraversal([]step{{root, traversal[0].SourceRange()}}, traversal[1:], true)
}

func appendTraversal(steps []step, rest hcl.Traversal, ok bool) ([]step, bool) {
	for _, t := range rest {
		name := stepName(t)
		if name == "" {
			return nil, false
		}
		steps = append(steps, step{name, t.SourceRange()})
	}
	return steps, ok
}

func stepName(t hcl.Traverser) string {
	switch t := t.(type) {
	case hcl.TraverseAttr:
		return t.Name
	case hcl.TraverseIndex:
		if t.Key.Type() == cty.String && t.Key.IsKnown() && !t.Key.IsNull() {
			return t.Key.AsString()
		}
	}
	return ""
}

// rootName is the first word of a reference, or empty.
func rootName(expr hcl.Expression) string {
	switch e := expr.(type) {
	case *hclsyntax.ParenthesesExpr:
		return rootName(e.Expression)
	case *hclsyntax.RelativeTraversalExpr:
		return rootName(e.Source)
	case *hclsyntax.IndexExpr:
		return rootName(e.Collection)
	}
	traversal, diags := hcl.AbsTraversalForExpr(expr)
	if diags.HasErrors() || traversal.IsRelative() || len(traversal) < 2 {
		return ""
	}
	return traversal.RootName()
}

// reference is a path split into its parts. An object is named by one part or by two, schema and name, so that the number
// of parts alone tells the forms apart.
type reference struct {
	root   string
	schema string // empty where the reference leaves it out
	name   string
	part   string // a word of referenceParts, or empty
	sub    string // the name of the part
	at     hcl.Range
}

// split reads the steps of a reference. own is the root word of the surrounding object, for references such as column.id.
func split(steps []step) (r reference, ok bool) {
	if len(steps) < 2 {
		return r, false
	}
	r = reference{root: steps[0].name, at: hcl.RangeBetween(steps[0].rng, steps[len(steps)-1].rng)}
	if _, ok := referenceParts[r.root]; ok && len(steps) == 2 {
		return reference{part: r.root, sub: steps[1].name, at: r.at}, true
	}
	if _, ok := referenceRoots[r.root]; !ok {
		return r, false
	}
	rest := steps[1:]
	if len(rest)%2 == 0 {
		r.schema, rest = rest[0].name, rest[1:]
	}
	r.name = rest[0].name
	switch len(rest) {
	case 1:
		return r, true
	case 3:
		r.part, r.sub = rest[1].name, rest[2].name
		_, ok := referenceParts[r.part]
		return r, ok
	}
	return r, false
}

// String is the reference as a person writes it.
func (r reference) String() string {
	var parts []string
	for _, p := range []string{r.root, r.schema, r.name, r.part, r.sub} {
		if p != "" {
			parts = append(parts, p)
		}
	}
	return strings.Join(parts, ".")
}
