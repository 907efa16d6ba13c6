package hclfile

import (
	"math/big"
	"strconv"
	"strings"

	"github.com/pleatdb/pleat/schema"
	"github.com/zclconf/go-cty/cty"
)

// defaultText reads a default: a literal becomes the constant that PostgreSQL prints for it, sql("…") stays as it
// is. none is set where the attribute says `null`, which PostgreSQL stores as no default at all.
func (b *block) defaultText(attr string, t typeValue) (text string, none bool) {
	a := b.attrs[attr]
	if a == nil {
		return "", false
	}
	v, ok := b.eval(a.Expr)
	switch {
	case !ok:
		return "", false
	case v.IsNull():
		return "", true
	case v.Type().Equals(sqlType):
		text, _ = b.textOf(a.Expr, v)
		text = stripParens(text)
		return text, strings.EqualFold(text, "null")
	case v.Type() == cty.Bool:
		return strconv.FormatBool(v.True()), false
	case v.Type() == cty.Number:
		return numberConstant(numberText(v)), false
	case v.Type() == cty.String:
		s, ok := b.textOf(a.Expr, v)
		if !ok {
			return "", false
		}
		return stringConstant(s, b.load.baseType(t)), false
	}
	b.errorf(a.Expr.Range(), "Wrong type of value", "A default is a string, a number, true, false, null or sql(\"…\"), not %s.", v.Type().FriendlyName())
	return "", false
}

// baseType follows domains to the type below, which is the type of the constants in defaults.
func (l *loader) baseType(t typeValue) typeValue {
	for range maxInheritance {
		if t.id.Kind != schema.KindDomain || t.name.array {
			return t
		}
		next := t
		for _, s := range l.symbols["domain"][t.id.Name] {
			if s.id == t.id {
				next, _ = s.block.readType("type")
			}
		}
		if next.text == t.text {
			return t
		}
		t = next
	}
	return t
}

// numberConstant prints a number as get_const_expr of ruleutils.c prints the constant that the parser makes of it: of
// type integer where it fits, else bigint, else numeric.
func numberConstant(digits string) string {
	f, _, err := big.ParseFloat(digits, 10, 512, big.ToNearestEven)
	if err != nil {
		return digits
	}
	n, accuracy := f.Int64()
	switch {
	case strings.Contains(digits, "."):
		if strings.HasPrefix(digits, "-") {
			return "'" + digits + "'::numeric"
		}
		return digits
	case accuracy != big.Exact || !f.IsInt():
		return "'" + digits + "'::numeric"
	case n < -1<<31 || n > 1<<31-1:
		return "'" + digits + "'::bigint"
	case n < 0:
		return "'" + digits + "'::integer"
	}
	return digits
}

// stringConstant prints a string literal of a column's type as PostgreSQL prints it back. For types whose input
// function changes the text, such as dates, the engine has the last word.
func stringConstant(s string, t typeValue) string {
	if t.known && t.name.builtin && !t.name.array {
		if text, ok := scalarConstant(s, t.name.name); ok {
			return text
		}
	}
	word := t.text
	if t.known {
		word = t.name.constant()
	}
	text := "'" + strings.ReplaceAll(s, "'", "''") + "'"
	if word == "" { // the column of a view, whose type the engine knows
		return text
	}
	return text + "::" + word
}

func scalarConstant(s, name string) (string, bool) {
	switch name {
	case "integer":
		if n, err := strconv.ParseInt(s, 10, 32); err == nil {
			return numberConstant(strconv.FormatInt(n, 10)), true
		}
	case "boolean":
		switch strings.ToLower(s) {
		case "t", "true", "yes", "on", "1":
			return "true", true
		case "f", "false", "no", "off", "0":
			return "false", true
		}
	case "numeric":
		if f, _, err := big.ParseFloat(s, 10, 512, big.ToNearestEven); err == nil && !isHuge(f) &&
			strings.Contains(s, ".") && strings.Trim(s, "0123456789.") == "" && s[0] != '.' && s[len(s)-1] != '.' {
			return s, true
		}
	}
	return "", false
}

// defaultExpr writes a default as a literal where reading that gives exactly the same text, else as sql("…").
func (w *writer) defaultExpr(expr, typeText string) string {
	t := w.readBack.typeText(typeText)
	for _, literal := range literalCandidates(expr) {
		if w.readDefault(literal, t) == expr {
			return literal
		}
	}
	return sqlCall(expr)
}

func literalCandidates(expr string) (out []string) {
	switch {
	case expr == "true" || expr == "false":
		return []string{expr}
	case isNumber(expr):
		return []string{expr}
	case strings.HasPrefix(expr, "'"):
		end := strings.LastIndex(expr, "'::")
		if end < 1 {
			return nil
		}
		body := expr[1:end]
		if strings.Contains(strings.ReplaceAll(body, "''", ""), "'") {
			return nil
		}
		body = strings.ReplaceAll(body, "''", "'")
		if isNumber(strings.TrimPrefix(body, "-")) {
			out = append(out, body)
		}
		return append(out, quoted(body))
	}
	return nil
}

func isNumber(s string) bool {
	digits := strings.Trim(s, "0123456789") == "" || strings.Count(s, ".") == 1 && strings.Trim(s, "0123456789.") == ""
	return digits && s != "" && s[0] != '.' && s[len(s)-1] != '.' && (len(s) == 1 || s[0] != '0' || s[1] == '.')
}

// readDefault is what loading a literal gives.
func (w *writer) readDefault(literal string, t typeValue) string {
	b := w.parseAttr(literal)
	if b == nil {
		return ""
	}
	b.load = w.readBack
	text, _ := b.defaultText("x", t)
	return text
}
