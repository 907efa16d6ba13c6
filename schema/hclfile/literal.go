package hclfile

import (
	"reflect"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// rawSQL is the text inside sql("…").
type rawSQL string

var rawSQLType = reflect.TypeFor[rawSQL]()

// exactText gives back the text of a literal as the file has it. Evaluation puts all strings into Unicode normal form C,
// which would change bodies and values that are not; where the expression is more than a literal, evaluated stands.
func exactText(expr hcl.Expression, src []byte, evaluated string) string {
	if isASCII(evaluated) {
		return evaluated
	}
	if text, _, ok := literal(expr, src); ok && cty.NormalizeString(text) == evaluated {
		return text
	}
	return evaluated
}

func isASCII(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// literal decodes a string literal or heredoc, also inside sql() and chomp(), from the source. The second result is
// the offset in the source of each byte of the text, and of its end.
func literal(expr hcl.Expression, src []byte) (string, []int, bool) {
	switch e := expr.(type) {
	case *hclsyntax.ParenthesesExpr:
		return literal(e.Expression, src)
	case *hclsyntax.FunctionCallExpr:
		if len(e.Args) != 1 || e.Name != "sql" && e.Name != "chomp" {
			return "", nil, false
		}
		text, at, ok := literal(e.Args[0], src)
		if ok && e.Name == "chomp" {
			text = strings.TrimRight(text, "\r\n")
			at = at[:len(text)+1]
		}
		return text, at, ok
	case *hclsyntax.TemplateExpr:
		for _, part := range e.Parts {
			if _, ok := part.(*hclsyntax.LiteralValueExpr); !ok {
				return "", nil, false
			}
		}
		r := e.Range()
		if r.Start.Byte < 0 || r.End.Byte > len(src) || r.Start.Byte >= r.End.Byte {
			return "", nil, false
		}
		if src[r.Start.Byte] == '"' {
			return decodeQuoted(src, r.Start.Byte+1, r.End.Byte-1)
		}
		return decodeHeredoc(src, r.Start.Byte, r.End.Byte)
	}
	return "", nil, false
}

// decoder collects decoded bytes and where each came from.
type decoder struct {
	out strings.Builder
	at  []int
}

func (d *decoder) add(text string, from, step int) {
	for i := range len(text) {
		d.at = append(d.at, from+i*step)
	}
	d.out.WriteString(text)
}

func (d *decoder) result(end int) (string, []int, bool) {
	return d.out.String(), append(d.at, end), true
}

func decodeQuoted(src []byte, start, end int) (string, []int, bool) {
	var d decoder
	for i := start; i < end; {
		switch {
		case src[i] == '\\' && i+1 < end:
			text, n := unescape(src[i:end])
			if n == 0 {
				return "", nil, false
			}
			d.add(text, i, 0)
			i += n
		case isTemplateEscape(src, i, end):
			d.add(string(src[i:i+1])+"{", i, 0)
			i += 3
		default:
			d.add(string(src[i:i+1]), i, 1)
			i++
		}
	}
	return d.result(end)
}

func isTemplateEscape(src []byte, i, end int) bool {
	return i+2 < end && (src[i] == '$' || src[i] == '%') && src[i+1] == src[i] && src[i+2] == '{'
}

var simpleEscapes = map[byte]string{'n': "\n", 'r': "\r", 't': "\t", '"': `"`, '\\': `\`}

func unescape(src []byte) (string, int) {
	if text, ok := simpleEscapes[src[1]]; ok {
		return text, 2
	}
	digits := map[byte]int{'u': 4, 'U': 8}[src[1]]
	if digits == 0 || len(src) < 2+digits {
		return "", 0
	}
	n, err := strconv.ParseUint(string(src[2:2+digits]), 16, 32)
	if err != nil {
		return "", 0
	}
	return string(rune(n)), 2 + digits
}

// decodeHeredoc decodes <<TAG and <<-TAG. The latter takes from every line as many leading spaces as the line with the
// fewest has, not counting blank lines.
func decodeHeredoc(src []byte, start, end int) (string, []int, bool) {
	text := string(src[start:end])
	first := strings.IndexByte(text, '\n')
	if first < 0 {
		return "", nil, false
	}
	body := text[first+1:]
	last := strings.LastIndexByte(strings.TrimRight(body, "\r\n"), '\n')
	body = body[:last+1]
	lines := strings.SplitAfter(body, "\n")
	strip := 0
	if strings.HasPrefix(text, "<<-") {
		strip = commonIndent(lines)
	}
	var d decoder
	offset := start + first + 1
	for _, line := range lines {
		skip := 0
		if !isBlank(line) {
			skip = indentBytes(line, strip)
		}
		for i := skip; i < len(line); {
			if isTemplateEscape([]byte(line), i, len(line)) {
				d.add(line[i:i+1]+"{", offset+i, 0)
				i += 3
				continue
			}
			d.add(line[i:i+1], offset+i, 1)
			i++
		}
		offset += len(line)
	}
	return d.result(offset)
}

func isBlank(line string) bool { return strings.TrimLeftFunc(line, unicode.IsSpace) == "" }

func commonIndent(lines []string) int {
	least := -1
	for _, line := range lines {
		if isBlank(line) {
			continue
		}
		n := utf8.RuneCountInString(line) - utf8.RuneCountInString(strings.TrimLeftFunc(line, unicode.IsSpace))
		if least < 0 || n < least {
			least = n
		}
	}
	return max(least, 0)
}

// indentBytes is the length of the first n characters.
func indentBytes(line string, n int) int {
	bytes := 0
	for range n {
		_, size := utf8.DecodeRuneInString(line[bytes:])
		bytes += size
	}
	return bytes
}
