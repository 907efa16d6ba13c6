package hclfile

import (
	"math"
	"math/big"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/pleatdb/pleat/schema/hclfile/eval"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
	"github.com/zclconf/go-cty/cty/function"
)

// sqlType carries the text of sql("…") through evaluation, so that it is told apart from a plain string even when it
// comes out of a variable or a condition.
var sqlType = cty.Capsule("sql", rawSQLType)

var sqlFunc = function.New(&function.Spec{
	Params: []function.Parameter{{Name: "text", Type: cty.String}},
	Type:   function.StaticReturnType(sqlType),
	Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
		text := rawSQL(args[0].AsString())
		return cty.CapsuleVal(sqlType, &text), nil
	},
})

// value evaluates an attribute; ok is false where it is absent or wrong, which is then reported.
func (b *block) value(attr string) (v cty.Value, ok bool) {
	a := b.attrs[attr]
	if a == nil {
		return cty.NilVal, false
	}
	return b.eval(a.Expr)
}

func (b *block) eval(expr hcl.Expression) (cty.Value, bool) {
	if diags := b.load.scope.CheckReferences(expr); diags.HasErrors() {
		b.load.diags = append(b.load.diags, diags...)
		return cty.NilVal, false
	}
	v, diags := expr.Value(b.env.ctx)
	if diags.HasErrors() {
		b.load.diags = append(b.load.diags, b.load.scope.MaskDiagnostics(diags)...)
		return cty.NilVal, false
	}
	v, sensitive := eval.Unmark(v)
	if sensitive {
		b.errorf(expr.Range(), "Sensitive value", "This value is sensitive, and all of the schema ends up in migration files and in the database's catalogs.")
		return cty.NilVal, false
	}
	if !v.IsWhollyKnown() {
		// What could not be resolved was reported where it is declared, except for a bound reference used as a value.
		if len(b.env.bound) > 0 {
			b.errorf(expr.Range(), "Wrong type of value", "This stands for a reference to an object, not for a value.")
		}
		return cty.NilVal, false
	}
	return v, true
}

// converted evaluates an attribute as a type; null counts as absent.
func (b *block) converted(attr string, t cty.Type, want string) (cty.Value, bool) {
	v, ok := b.value(attr)
	if !ok || v.IsNull() {
		return cty.NilVal, false
	}
	out, err := convert.Convert(v, t)
	if err != nil {
		b.errorf(b.at(attr), "Wrong type of value", "%s takes %s, not %s.", attr, want, v.Type().FriendlyName())
		return cty.NilVal, false
	}
	return out, true
}

func (b *block) str(attr string) string {
	if !b.has(attr) {
		return ""
	}
	text, _ := b.text(b.attrs[attr].Expr)
	return text
}

// text evaluates an expression that is a string or sql("…") to its text.
func (b *block) text(expr hcl.Expression) (string, bool) {
	v, ok := b.eval(expr)
	if !ok || v.IsNull() {
		return "", false
	}
	return b.textOf(expr, v)
}

func (b *block) textOf(expr hcl.Expression, v cty.Value) (string, bool) {
	var text string
	switch {
	case v.Type().Equals(sqlType):
		text = string(*v.EncapsulatedValue().(*rawSQL))
	default:
		s, err := convert.Convert(v, cty.String)
		if err != nil || s.IsNull() {
			b.errorf(expr.Range(), "Wrong type of value", "This takes a string or sql(\"…\"), not %s.", v.Type().FriendlyName())
			return "", false
		}
		text = s.AsString()
	}
	if strings.ContainsRune(text, 0) {
		b.errorf(expr.Range(), "Invalid text", "PostgreSQL cannot store the character U+0000.")
		return "", false
	}
	return exactText(expr, b.env.src, text), true
}

func (b *block) boolean(attr string, fallback bool) bool {
	if v, ok := b.converted(attr, cty.Bool, "true or false"); ok {
		return v.True()
	}
	return fallback
}

// integer evaluates a whole number within bounds.
func (b *block) integer(attr string, fallback, least, most int64) int64 {
	v, ok := b.converted(attr, cty.Number, "a whole number")
	if !ok {
		return fallback
	}
	f := v.AsBigFloat()
	n, accuracy := f.Int64()
	if accuracy != big.Exact || n < least || n > most {
		if least == math.MinInt64 && most == math.MaxInt64 {
			b.errorf(b.at(attr), "Number out of range", "%s takes a whole number of 64 bits.", attr)
		} else {
			b.errorf(b.at(attr), "Number out of range", "%s takes a whole number from %d to %d.", attr, least, most)
		}
		return fallback
	}
	return n
}

// optional is a whole number that may be absent.
func (b *block) optional(attr string, least, most int64) *int {
	if !b.has(attr) {
		return nil
	}
	n := int(b.integer(attr, least, least, most))
	return &n
}

// word evaluates an attribute that is one of a few words, bare or as a string, in any case. The result is the known
// spelling, or empty where the attribute is absent or wrong.
func (b *block) word(attr string, known ...string) string {
	text := b.bareWord(attr)
	if text == "" {
		return ""
	}
	spelled := strings.ToUpper(text)
	for _, k := range known {
		if strings.ToUpper(k) == spelled {
			return k
		}
	}
	b.allow(attr, spelled, known)
	return ""
}

// bareWord is the text of an attribute that is a bare word or a string.
func (b *block) bareWord(attr string) string {
	a := b.attrs[attr]
	if a == nil {
		return ""
	}
	if word := hcl.ExprAsKeyword(a.Expr); word != "" && word != "true" && word != "false" && word != "null" && !b.isVariable(word) {
		return word
	}
	return b.str(attr)
}

// isVariable reports whether a bare word is the name of a variable in scope, such as an iterator.
func (b *block) isVariable(word string) bool {
	for ctx := b.env.ctx; ctx != nil; ctx = ctx.Parent() {
		if _, ok := ctx.Variables[word]; ok {
			return true
		}
	}
	return false
}

// isFunction reports whether a word is the name of a function of the language.
func (b *block) isFunction(word string) bool {
	for ctx := b.env.ctx; ctx != nil; ctx = ctx.Parent() {
		if _, ok := ctx.Functions[word]; ok {
			return true
		}
	}
	return false
}

// list is the elements of an attribute that is written as a list, for lists of references.
func (b *block) list(attr string) []hcl.Expression {
	a := b.attrs[attr]
	if a == nil {
		return nil
	}
	items, diags := hcl.ExprList(a.Expr)
	if diags.HasErrors() {
		b.errorf(a.Expr.Range(), "Wrong type of value", "%s takes a list: [ … ].", attr)
	}
	return items
}

// isEmptyList reports whether an attribute is written as a list without elements.
func (b *block) isEmptyList(attr string) bool {
	items, failed := b.literalList(attr)
	return !failed && len(items) == 0
}

// strings evaluates an attribute that is a list of strings.
func (b *block) strings(attr string) []string {
	if items, diags := b.literalList(attr); !diags {
		out := make([]string, 0, len(items))
		for _, item := range items {
			if text, ok := b.text(item); ok {
				out = append(out, text)
			}
		}
		return out
	}
	v, ok := b.converted(attr, cty.List(cty.String), "a list of strings")
	if !ok {
		return nil
	}
	var out []string
	for it := v.ElementIterator(); it.Next(); {
		if _, item := it.Element(); !item.IsNull() {
			out = append(out, item.AsString())
		}
	}
	return out
}

func (b *block) literalList(attr string) (items []hcl.Expression, failed bool) {
	a := b.attrs[attr]
	if a == nil {
		return nil, true
	}
	items, diags := hcl.ExprList(a.Expr)
	return items, diags.HasErrors()
}
