package hclfile

import (
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/pleatdb/pleat/schema"
)

// expr reads an SQL condition or expression without the parentheses around all of it, as the model has it.
func (b *block) expr(attr string) string { return stripParens(b.str(attr)) }

// stripParens takes white space and pairs of parentheses off that enclose a whole expression.
func stripParens(s string) string {
	for {
		s = strings.TrimSpace(s)
		if len(s) < 2 || s[0] != '(' || closing(s) != len(s)-1 || isQuery(s[1:len(s)-1]) {
			return s
		}
		s = s[1 : len(s)-1]
	}
}

// isQuery reports whether the inside of a pair of parentheses is a query, which needs them, or may be one.
func isQuery(inner string) bool {
	word, _, _ := (&typeParser{text: strings.TrimLeft(inner, "( \t\r\n")}).word()
	switch word {
	case "select", "with", "values", "table":
		return true
	}
	return false
}

// closing is the index of the parenthesis that closes the one at the start, or -1. Quotes are skipped; where there is
// anything else in which a parenthesis could hide, the answer is -1, which leaves the expression as it is.
func closing(s string) int {
	depth := 0
	for i := 0; i < len(s); i++ {
		switch c := s[i]; c {
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return i
			}
		case '\'', '"':
			if i > 0 && c == '\'' && (s[i-1] == 'e' || s[i-1] == 'E') {
				return -1
			}
			end := strings.IndexByte(s[i+1:], c)
			if end < 0 {
				return -1
			}
			i += end + 1
		case '$':
			return -1
		case '-', '/':
			if i+1 < len(s) && (s[i+1] == '-' || s[i+1] == '*') {
				return -1
			}
		}
	}
	return -1
}

// collation reads the name of a collation: a string or bare word is built in, sql("…") may be qualified.
func (b *block) collation() string {
	a := b.attrs["collate"]
	if a == nil {
		return ""
	}
	if word := hcl.ExprAsKeyword(a.Expr); word != "" && !b.isVariable(word) {
		return schema.Qualified("pg_catalog", word)
	}
	v, ok := b.eval(a.Expr)
	if !ok || v.IsNull() {
		return ""
	}
	text, ok := b.textOf(a.Expr, v)
	if !ok || v.Type().Equals(sqlType) {
		return strings.TrimSpace(text)
	}
	return schema.Qualified("pg_catalog", text)
}

// bareKeyword is the text of a bare word, true and false among them, or empty.
func (b *block) bareKeyword(attr string) string {
	a := b.attrs[attr]
	if a == nil {
		return ""
	}
	if word := hcl.ExprAsKeyword(a.Expr); word != "" {
		return word
	}
	if v, diags := a.Expr.Value(nil); !diags.HasErrors() && v.Type() == boolType && v.IsKnown() && !v.IsNull() {
		return map[bool]string{true: "true", false: "false"}[v.True()]
	}
	return ""
}
