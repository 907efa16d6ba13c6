package eval

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/json"
	"github.com/zclconf/go-cty/cty"
)

// envPrefix is what the name of a variable takes in the environment.
const envPrefix = "PLEAT_VAR_"

// input is one value given for a variable: text from a flag or the environment, or an expression of a file.
type input struct {
	name   string
	source string // for people: "--var", "PLEAT_VAR_x", a file's path
	text   string
	attr   *hcl.Attribute // nil where text is the value
}

// readInputs returns the winning input of each declared variable.
func (s *Scope) readInputs() (map[string]*input, hcl.Diagnostics) {
	winners := map[string]*input{}
	var diags hcl.Diagnostics
	if s.opts.Getenv != nil {
		for name := range s.variables {
			if text := s.opts.Getenv(envPrefix + name); text != "" {
				winners[name] = &input{name: name, source: envPrefix + name, text: text}
			}
		}
	}
	given, more := readFiles(s.opts.Files)
	diags = append(diags, more...)
	for _, arg := range s.opts.Vars {
		name, text, ok := strings.Cut(arg, "=")
		name = strings.TrimSpace(name)
		if !ok || name == "" {
			// The argument may be a bare secret, so it is not repeated.
			diags = append(diags, general("Invalid --var", "A variable is given as --var name=value.")...)
			continue
		}
		given = append(given, &input{name: name, source: "--var", text: text})
	}
	for _, in := range given {
		if _, ok := s.variables[in.name]; ok {
			winners[in.name] = in
		} else if !slices.Contains(s.opts.DeclaredElsewhere, in.name) {
			s.unknown = append(s.unknown, *in)
		}
	}
	if s.opts.Undeclared == RefuseUndeclared {
		diags = append(diags, s.refuseUndeclared()...)
	}
	return winners, diags
}

func (s *Scope) refuseUndeclared() (diags hcl.Diagnostics) {
	known := append(s.Declared(), s.opts.DeclaredElsewhere...)
	for _, in := range s.unknown {
		detail := fmt.Sprintf("A value for %q was given (%s), but no variable block declares it.%s",
			in.name, in.source, DidYouMean(in.name, known))
		if in.attr != nil {
			diags = append(diags, diagnostic(in.attr.NameRange, "Undeclared variable", detail)...)
		} else {
			diags = append(diags, general("Undeclared variable", detail)...)
		}
	}
	return diags
}

// readFiles reads variables files in order; the attributes of one file come in the order in which they are written.
func readFiles(paths []string) (inputs []*input, diags hcl.Diagnostics) {
	for _, path := range paths {
		src, err := os.ReadFile(path)
		if err != nil {
			diags = append(diags, general("Unreadable variables file", fmt.Sprintf("Cannot read %s: %s.", path, cause(err)))...)
			continue
		}
		attrs, more := parseVariables(src, path)
		diags = append(diags, more...)
		for _, attr := range inOrder(attrs) {
			inputs = append(inputs, &input{name: attr.Name, source: path, attr: attr})
		}
	}
	return inputs, diags
}

func parseVariables(src []byte, path string) (hcl.Attributes, hcl.Diagnostics) {
	var file *hcl.File
	var diags hcl.Diagnostics
	if strings.HasSuffix(path, ".json") {
		file, diags = json.Parse(src, path)
	} else {
		file, diags = hclsyntax.ParseConfig(src, path, hcl.InitialPos)
	}
	if file == nil || file.Body == nil {
		return nil, diags
	}
	attrs, more := file.Body.JustAttributes()
	return attrs, append(diags, more...)
}

func inOrder(attrs hcl.Attributes) []*hcl.Attribute {
	out := make([]*hcl.Attribute, 0, len(attrs))
	for _, a := range attrs {
		out = append(out, a)
	}
	slices.SortFunc(out, func(a, b *hcl.Attribute) int { return a.Range.Start.Byte - b.Range.Start.Byte })
	return out
}

// valueFor evaluates the input. Text for a string, a number, a bool or an untyped variable is the value itself; for
// any other type it is an HCL expression.
func (in *input) valueFor(v *Variable) (cty.Value, hcl.Diagnostics) {
	if in.attr != nil {
		return in.attr.Expr.Value(nil)
	}
	if v.Type.IsPrimitiveType() || v.Type == cty.DynamicPseudoType {
		return cty.StringVal(in.text), nil
	}
	expr, diags := hclsyntax.ParseExpression([]byte(in.text), "<"+in.source+" "+in.name+">", hcl.InitialPos)
	if diags.HasErrors() {
		return cty.DynamicVal, in.diagnostic(v, "Invalid value for variable",
			fmt.Sprintf("The value from %s for variable %q is not an HCL expression of type %s.", in.source, v.Name, typeName(v.Type)))
	}
	return expr.Value(nil)
}

// diagnostic points at the value in its file, or else at the variable's declaration.
func (in *input) diagnostic(v *Variable, summary, detail string) hcl.Diagnostics {
	if in.attr != nil {
		return diagnostic(in.attr.Expr.Range(), summary, detail)
	}
	return diagnostic(v.Range, summary, detail)
}
