package hclfile

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"
)

// quoted writes a string literal. A sequence that would start a template is broken by an escape of its first character
// where doubling it could be misread.
func quoted(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\t':
			b.WriteString(`\t`)
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case (r == '$' || r == '%') && i+1 < len(s) && (s[i+1] == '{' || s[i+1] == s[i]):
			templateStart(&b, s, i)
		case r < ' ' || r == 0x7f || r == 0x85 || r == 0x2028 || r == 0x2029 || r == 0xfeff:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteString(s[i : i+size])
		}
		i += size
	}
	b.WriteByte('"')
	return b.String()
}

// templateStart writes a $ or % before a brace or another of its kind.
func templateStart(b *strings.Builder, s string, i int) {
	if alone := i == 0 || s[i-1] != s[i]; alone && s[i+1] == '{' {
		b.WriteString(s[i:i+1] + s[i:i+1])
		return
	}
	if rest := strings.TrimLeft(s[i:], s[i:i+1]); strings.HasPrefix(rest, "{") {
		fmt.Fprintf(b, `\u%04x`, s[i])
		return
	}
	b.WriteByte(s[i])
}

// sqlCall writes sql("…"), whose text comes back to the byte.
func sqlCall(text string) string { return "sql(" + quoted(text) + ")" }

// isWord reports whether a name can stand in a file without quotes.
func isWord(s string) bool {
	for i := 0; i < len(s); i++ {
		c := s[i]
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_'
		if !letter && (i == 0 || c != '-' && (c < '0' || c > '9')) {
			return false
		}
	}
	return s != "" && s != "true" && s != "false" && s != "null"
}

// render gives the most readable form that reads back as the same text: a heredoc with the surrounding indentation, a
// heredoc at the margin, either inside chomp() where the text does not end in a line break, and a quoted string at last.
func (t *longText) render(depth int) string {
	if !strings.Contains(t.text, "\n") {
		return quoted(t.text)
	}
	body := t.text
	open, shut := "", ""
	switch {
	case strings.HasSuffix(body, "\n"):
	case t.trimmed:
		body += "\n"
	default:
		body += "\n"
		open, shut = "chomp(", "\n"+strings.Repeat("  ", depth)+")"
	}
	tag := "SQL"
	for strings.Contains(body, tag) {
		tag += "_"
	}
	body = strings.NewReplacer("${", "$${", "%{", "%%{").Replace(body)
	for _, heredoc := range []string{indented(body, tag, depth), "<<" + tag + "\n" + body + tag} {
		if expr := open + heredoc + shut; t.readsBack(expr) {
			return expr
		}
	}
	return quoted(t.text)
}

func indented(body, tag string, depth int) string {
	var b strings.Builder
	b.WriteString("<<-" + tag + "\n")
	indent := strings.Repeat("  ", depth+1)
	for line := range strings.SplitAfterSeq(body, "\n") {
		if !isBlank(line) {
			b.WriteString(indent)
		}
		b.WriteString(line)
	}
	b.WriteString(strings.Repeat("  ", depth) + tag)
	return b.String()
}

func (t *longText) readsBack(expr string) bool {
	read, ok := evalText(expr)
	return ok && t.same(read)
}

// evalText is what loading an expression without references gives.
func evalText(expr string) (string, bool) {
	src := []byte("x = " + expr + "\n")
	parsed, ok := parseExpr(src)
	if !ok {
		return "", false
	}
	v, diags := parsed.Value(&hcl.EvalContext{Functions: map[string]function.Function{"chomp": stdlib.ChompFunc}})
	if diags.HasErrors() || v.Type() != cty.String || v.IsNull() || !v.IsKnown() {
		return "", false
	}
	return exactText(parsed, src, v.AsString()), true
}

func parseExpr(src []byte) (hcl.Expression, bool) {
	file, diags := hclsyntax.ParseConfig(src, "", hcl.InitialPos)
	if diags.HasErrors() {
		return nil, false
	}
	attrs, diags := file.Body.JustAttributes()
	if diags.HasErrors() || attrs["x"] == nil || len(attrs) != 1 {
		return nil, false
	}
	return attrs["x"].Expr, true
}
