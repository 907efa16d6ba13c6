package eval

import (
	"fmt"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/ext/typeexpr"
	"github.com/hashicorp/hcl/v2/gohcl"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
)

// Variable is one `variable` block.
type Variable struct {
	Name        string
	Description string
	// Type is cty.DynamicPseudoType where the block names none.
	Type cty.Type
	// Default is cty.NilVal where a value must be given.
	Default cty.Value
	// Sensitive keeps the value out of every output.
	Sensitive bool
	// Nullable lets null be a value; without it null means the default.
	Nullable bool
	// Range is the block's first line.
	Range hcl.Range

	// constraint is Type with the attributes that may be left out, and defaults are the values of those.
	constraint  cty.Type
	defaults    *typeexpr.Defaults
	validations []validation
}

type validation struct {
	condition hcl.Expression
	message   hcl.Expression
}

var variableBody = &hcl.BodySchema{
	Attributes: []hcl.AttributeSchema{
		{Name: "type"}, {Name: "default"}, {Name: "description"}, {Name: "sensitive"}, {Name: "nullable"},
	},
	Blocks: []hcl.BlockHeaderSchema{{Type: "validation"}},
}

var validationBody = &hcl.BodySchema{Attributes: []hcl.AttributeSchema{
	{Name: "condition", Required: true}, {Name: "error_message", Required: true},
}}

func (s *Scope) addVariable(block *hcl.Block) hcl.Diagnostics {
	name := block.Labels[0]
	if !hclsyntax.ValidIdentifier(name) {
		return diagnostic(block.LabelRanges[0], "Invalid variable name",
			"A variable's name starts with a letter and holds letters, digits, underscores and dashes.")
	}
	if before, ok := s.variables[name]; ok {
		return diagnostic(block.DefRange, "Duplicate variable",
			fmt.Sprintf("The variable %q is already declared at %s.", name, before.Range))
	}
	content, diags := block.Body.Content(variableBody)
	v := &Variable{Name: name, Type: cty.DynamicPseudoType, constraint: cty.DynamicPseudoType, Nullable: true, Range: block.DefRange}
	s.variables[name] = v
	diags = append(diags, v.decodeAttributes(content.Attributes, s)...)
	for _, inner := range content.Blocks {
		rule, more := inner.Body.Content(validationBody)
		diags = append(diags, more...)
		if !more.HasErrors() {
			v.validations = append(v.validations,
				validation{rule.Attributes["condition"].Expr, rule.Attributes["error_message"].Expr})
		}
	}
	return diags
}

func (v *Variable) decodeAttributes(attrs hcl.Attributes, s *Scope) (diags hcl.Diagnostics) {
	if a, ok := attrs["type"]; ok {
		diags = append(diags, v.readType(a.Expr)...)
	}
	for name, into := range map[string]any{
		"description": &v.Description, "sensitive": &v.Sensitive, "nullable": &v.Nullable,
	} {
		if a, ok := attrs[name]; ok {
			diags = append(diags, gohcl.DecodeExpression(a.Expr, nil, into)...)
		}
	}
	a, ok := attrs["default"]
	if !ok {
		return diags
	}
	val, more := a.Expr.Value(&hcl.EvalContext{Functions: s.functions})
	diags = append(diags, more...)
	if more.HasErrors() {
		v.Default = cty.DynamicVal
		return diags
	}
	val, err := v.convert(val)
	if err != nil {
		diags = append(diags, diagnostic(a.Expr.Range(), "Invalid default value",
			fmt.Sprintf("The default of variable %q does not fit its type, %s: %s.", v.Name, typeName(v.constraint), err))...)
		val = cty.UnknownVal(v.Type)
	}
	v.Default = val
	return diags
}

// readType reads a type constraint; int is another word for number, as in existing schema files.
func (v *Variable) readType(expr hcl.Expression) (diags hcl.Diagnostics) {
	if hcl.ExprAsKeyword(expr) == "int" {
		v.constraint = cty.Number
	} else {
		v.constraint, v.defaults, diags = typeexpr.TypeConstraintWithDefaults(expr)
	}
	v.Type = v.constraint.WithoutOptionalAttributesDeep()
	return diags
}

// convert gives a value the variable's type, with the defaults of attributes that it leaves out.
func (v *Variable) convert(val cty.Value) (cty.Value, error) {
	if v.defaults != nil && !val.IsNull() {
		val = v.defaults.Apply(val)
	}
	return convert.Convert(val, v.constraint)
}

func typeName(t cty.Type) string { return typeexpr.TypeString(t) }

// resolveVariables gives every declared variable its value, by rising precedence of the sources.
func (s *Scope) resolveVariables() hcl.Diagnostics {
	inputs, diags := s.readInputs()
	for _, v := range s.Variables() {
		val, more := v.value(inputs[v.Name])
		if v.Sensitive {
			more = masked(more)
			val = val.Mark(Sensitive)
		}
		diags = append(diags, more...)
		s.values[v.Name] = val
	}
	for _, v := range s.Variables() {
		diags = append(diags, v.validate(s)...)
	}
	return diags
}

// value is the variable's value from its winning input, or its default.
func (v *Variable) value(in *input) (cty.Value, hcl.Diagnostics) {
	if in == nil {
		if v.Default == cty.NilVal {
			return cty.UnknownVal(v.Type), diagnostic(v.Range, "No value for variable",
				fmt.Sprintf("The variable %q has no default and was not given. Give it with --var %s=…, in a variables file "+
					"(--var-file), or in the environment as %s%s.", v.Name, v.Name, envPrefix, v.Name))
		}
		return v.Default, nil
	}
	val, diags := in.valueFor(v)
	if diags.HasErrors() {
		return cty.UnknownVal(v.Type), diags
	}
	val, err := v.convert(val)
	if err != nil {
		return cty.UnknownVal(v.Type), in.diagnostic(v, "Invalid value for variable",
			fmt.Sprintf("The value from %s does not fit the type of variable %q, %s: %s.", in.source, v.Name, typeName(v.constraint), err))
	}
	if val.IsNull() && !v.Nullable {
		if v.Default == cty.NilVal {
			return cty.UnknownVal(v.Type), in.diagnostic(v, "Invalid value for variable",
				fmt.Sprintf("The variable %q cannot be null.", v.Name))
		}
		return v.Default, nil
	}
	return val, nil
}

// validate evaluates the validation blocks; the message is the user's own.
func (v *Variable) validate(s *Scope) (diags hcl.Diagnostics) {
	val, _ := s.values[v.Name].UnmarkDeep()
	if !val.IsWhollyKnown() {
		return nil
	}
	ctx := s.context(false)
	for _, rule := range v.validations {
		var ok bool
		more := gohcl.DecodeExpression(rule.condition, ctx, &ok)
		var message string
		more = append(more, gohcl.DecodeExpression(rule.message, ctx, &message)...)
		if v.Sensitive {
			more = masked(more)
		}
		diags = append(diags, more...)
		if !more.HasErrors() && !ok {
			detail := s.Mask(message)
			diags = append(diags, diagnostic(rule.condition.Range(), "Invalid value for variable",
				fmt.Sprintf("%s\n\nThis was checked by the validation rule of variable %q.", detail, v.Name))...)
		}
	}
	return diags
}
