package eval

import (
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
)

type mark string

// Sensitive marks a value that must reach no output. It spreads by itself to whatever is computed from the value.
const Sensitive = mark("sensitive")

// redacted is what stands for a sensitive value in a text for people.
const redacted = "(sensitive value)"

// Unmark takes the mark off a value and says whether it, or a part of it, was sensitive.
func Unmark(v cty.Value) (cty.Value, bool) {
	plain, marks := v.UnmarkDeep()
	_, sensitive := marks[Sensitive]
	return plain, sensitive
}

// Secrets are the texts of all sensitive values and of the locals computed from them, longest first, so that masking
// one never leaves the rest of another. Only after [Scope.Resolve]. Short values (a bool, one digit) are left out:
// masking them would only garble the output.
func (s *Scope) Secrets() []string {
	var texts []string
	for _, values := range []map[string]cty.Value{s.values, s.localVals} {
		for _, v := range values {
			if plain, sensitive := Unmark(v); sensitive {
				texts = append(texts, textsOf(plain)...)
			}
		}
	}
	slices.SortFunc(texts, func(a, b string) int {
		if len(a) != len(b) {
			return len(b) - len(a)
		}
		return strings.Compare(a, b)
	})
	return slices.Compact(texts)
}

// textsOf are the texts of all primitive values inside v.
func textsOf(v cty.Value) (texts []string) {
	_ = cty.Walk(v, func(_ cty.Path, part cty.Value) (bool, error) {
		if !part.IsKnown() || part.IsNull() || !part.Type().IsPrimitiveType() || part.Type() == cty.Bool {
			return true, nil
		}
		if text, err := convert.Convert(part, cty.String); err == nil && len(text.AsString()) >= 3 {
			texts = append(texts, text.AsString())
		}
		return true, nil
	})
	return texts
}

// Mask replaces the text of every sensitive value in text.
func (s *Scope) Mask(text string) string {
	for _, secret := range s.Secrets() {
		text = strings.ReplaceAll(text, secret, redacted)
	}
	return text
}

// MaskDiagnostics masks the texts of diagnostics that an evaluation with sensitive values gave, and takes from them the
// context by which a printer could show the values.
func (s *Scope) MaskDiagnostics(diags hcl.Diagnostics) hcl.Diagnostics {
	for _, d := range diags {
		d.Summary, d.Detail = s.Mask(d.Summary), s.Mask(d.Detail)
		if d.Expression != nil && refersTo(d.Expression, s) {
			d.EvalContext = nil
		}
	}
	return diags
}

func refersTo(expr hcl.Expression, s *Scope) bool {
	for _, traversal := range expr.Variables() {
		val, diags := traversal.TraverseAbs(s.context(true))
		if diags.HasErrors() {
			continue
		}
		if _, sensitive := Unmark(val); sensitive {
			return true
		}
	}
	return false
}

// masked keeps where and what went wrong with a sensitive value, and drops the details that may quote it.
func masked(diags hcl.Diagnostics) hcl.Diagnostics {
	for _, d := range diags {
		if d.Summary != "No value for variable" {
			d.Detail = "The value is sensitive, so the reason is not shown."
		}
		d.Expression, d.EvalContext = nil, nil
	}
	return diags
}
