package eval

import (
	"maps"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
)

// Undeclared says what becomes of an input (--var, or an entry of a variables file) that no variable block declares.
type Undeclared int

const (
	// RefuseUndeclared makes it an error with "did you mean".
	RefuseUndeclared Undeclared = iota
	// KeepUndeclared leaves it to the caller, who asks [Scope.Undeclared]: the name may be declared in another set of
	// files.
	KeepUndeclared
)

// Options are the inputs of a [Scope]. A later source wins: Getenv, then Files in order, then Vars in order.
type Options struct {
	// Dir is what paths given to file() are relative to.
	Dir string
	// Getenv reads PLEAT_VAR_<name>. Nil: the environment is not read.
	Getenv func(string) string
	// Files are paths of variables files: one `name = value` a line, or JSON when the name ends in .json.
	Files []string
	// Vars are `name=value` arguments.
	Vars []string
	// DeclaredElsewhere are names that another scope declares; an input for one of them is not an error.
	DeclaredElsewhere []string
	// Undeclared says what an input for an unknown variable means.
	Undeclared Undeclared
	// Functions are the functions of the context. Nil: [Functions] of Dir.
	Functions map[string]function.Function
	// KeepMarks leaves sensitive values marked with [Sensitive] in the context; see [Unmark].
	KeepMarks bool
}

// Scope collects variable and locals blocks and resolves them. Not safe for concurrent use.
type Scope struct {
	opts      Options
	functions map[string]function.Function
	variables map[string]*Variable
	locals    map[string]*hcl.Attribute
	values    map[string]cty.Value // resolved variables, sensitive ones marked
	localVals map[string]cty.Value
	unknown   []input
}

// NewScope returns an empty scope.
func NewScope(opts Options) *Scope {
	fns := opts.Functions
	if fns == nil {
		fns = Functions(opts.Dir)
	}
	return &Scope{
		opts: opts, functions: fns,
		variables: map[string]*Variable{}, locals: map[string]*hcl.Attribute{},
		values: map[string]cty.Value{}, localVals: map[string]cty.Value{},
	}
}

var scopeBlocks = &hcl.BodySchema{Blocks: []hcl.BlockHeaderSchema{
	{Type: "variable", LabelNames: []string{"name"}},
	{Type: "locals"},
}}

// Add takes the variable and locals blocks out of body and returns what remains. The rest is usable even when there
// are errors.
func (s *Scope) Add(body hcl.Body) (hcl.Body, hcl.Diagnostics) {
	content, rest, diags := body.PartialContent(scopeBlocks)
	for _, block := range content.Blocks {
		if block.Type == "variable" {
			diags = append(diags, s.addVariable(block)...)
		} else {
			diags = append(diags, s.addLocals(block)...)
		}
	}
	return rest, diags
}

// Resolve gives every variable its value and evaluates every local. The context is usable for what could be resolved
// even when there are errors: what failed is unknown (cty.DynamicVal) in it, so that one mistake is reported once.
func (s *Scope) Resolve() (*hcl.EvalContext, hcl.Diagnostics) {
	diags := s.resolveVariables()
	diags = append(diags, s.resolveLocals()...)
	return s.context(s.opts.KeepMarks), diags
}

// context is the evaluation context over everything resolved so far.
func (s *Scope) context(marked bool) *hcl.EvalContext {
	return &hcl.EvalContext{
		Variables: map[string]cty.Value{
			"var":   objectOf(s.values, marked),
			"local": objectOf(s.localVals, marked),
		},
		Functions: s.functions,
	}
}

func objectOf(values map[string]cty.Value, marked bool) cty.Value {
	out := make(map[string]cty.Value, len(values))
	for name, v := range values {
		if !marked {
			v, _ = v.UnmarkDeep()
		}
		out[name] = v
	}
	return cty.ObjectVal(out)
}

// Variables are the declared variables, sorted by name.
func (s *Scope) Variables() []*Variable {
	out := make([]*Variable, 0, len(s.variables))
	for _, name := range slices.Sorted(maps.Keys(s.variables)) {
		out = append(out, s.variables[name])
	}
	return out
}

// Declared are the names of the declared variables, sorted.
func (s *Scope) Declared() []string { return slices.Sorted(maps.Keys(s.variables)) }

// Undeclared are the names of inputs that no variable block declares, sorted, without those declared elsewhere. Only
// after [Scope.Resolve].
func (s *Scope) Undeclared() []string {
	names := map[string]bool{}
	for _, in := range s.unknown {
		names[in.name] = true
	}
	return slices.Sorted(maps.Keys(names))
}
