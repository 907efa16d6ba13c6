package legacy

import "strings"

// pyKind is what a token of a Python module is.
type pyKind uint8

const (
	pyName pyKind = iota
	pyString
	// pyComputed is a string whose text only the program knows: an f-string, or bytes.
	pyComputed
	pyNumber
	pyOp
)

type pyToken struct {
	kind pyKind
	text string
}

// pyLine is a logical line: brackets and backslashes continue it, a semicolon ends it.
type pyLine struct {
	indent int
	tokens []pyToken
}

// is reports whether a line begins with these words and signs.
func (l *pyLine) is(texts ...string) bool {
	if len(l.tokens) < len(texts) {
		return false
	}
	for i, text := range texts {
		if l.tokens[i].kind == pyString || l.tokens[i].text != text {
			return false
		}
	}
	return true
}

// pyScanner cuts the text of a Python module into tokens. It knows what literals and comments look like and nothing of the grammar.
type pyScanner struct {
	text  string
	at    int
	depth int
	line  pyLine
	lines []pyLine
}

// pyLines cuts a Python module into logical lines.
func pyLines(text []byte) []pyLine {
	s := &pyScanner{text: strings.ReplaceAll(strings.TrimPrefix(string(text), "\ufeff"), "\r\n", "\n")}
	s.indent()
	for s.at < len(s.text) {
		s.next()
	}
	s.end()
	return s.lines
}

// indent measures the white space at the beginning of a line; a tab leads to the next multiple of eight.
func (s *pyScanner) indent() {
	s.line.indent = 0
	for s.at < len(s.text) {
		switch s.text[s.at] {
		case ' ':
			s.line.indent++
		case '\t':
			s.line.indent += 8 - s.line.indent%8
		case '\f':
			s.line.indent = 0
		default:
			return
		}
		s.at++
	}
}

// end closes the logical line.
func (s *pyScanner) end() {
	if len(s.line.tokens) > 0 {
		s.lines = append(s.lines, s.line)
	}
	s.line = pyLine{indent: s.line.indent}
}

func (s *pyScanner) next() {
	c := s.text[s.at]
	switch {
	case c == '\n' || c == '\r':
		s.at++
		if s.depth == 0 {
			s.end()
			s.indent()
		}
	case c == ' ' || c == '\t' || c == '\f':
		s.at++
	case c == '\\' && strings.HasPrefix(s.text[s.at:], "\\\n"):
		s.at += 2
	case c == '#':
		if n := strings.IndexByte(s.text[s.at:], '\n'); n >= 0 {
			s.at += n
		} else {
			s.at = len(s.text)
		}
	case c == '"' || c == '\'':
		s.literal("")
	case isPyWord(c):
		s.word()
	default:
		s.sign(c)
	}
}

func isPyWord(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}

// word reads a name, a number or the prefix of a literal.
func (s *pyScanner) word() {
	from := s.at
	for s.at < len(s.text) && isPyWord(s.text[s.at]) {
		s.at++
	}
	word := s.text[from:s.at]
	if s.at < len(s.text) && (s.text[s.at] == '"' || s.text[s.at] == '\'') && len(word) <= 2 && strings.Trim(strings.ToLower(word), "rbuft") == "" {
		s.literal(strings.ToLower(word))
		return
	}
	kind := pyName
	if word[0] >= '0' && word[0] <= '9' {
		kind = pyNumber
	}
	s.line.tokens = append(s.line.tokens, pyToken{kind, word})
}

func (s *pyScanner) sign(c byte) {
	s.at++
	switch c {
	case '(', '[', '{':
		s.depth++
	case ')', ']', '}':
		s.depth = max(s.depth-1, 0)
	case ';':
		if s.depth == 0 {
			s.end()
			return
		}
	}
	text := string(c)
	if strings.IndexByte("=!<>+-*/%&|^:", c) >= 0 && s.at < len(s.text) && s.text[s.at] == '=' {
		text += "="
		s.at++
	}
	s.line.tokens = append(s.line.tokens, pyToken{pyOp, text})
}

// literal reads a string behind its prefix.
func (s *pyScanner) literal(prefix string) {
	quote := s.text[s.at : s.at+1]
	if strings.HasPrefix(s.text[s.at:], strings.Repeat(quote, 3)) {
		quote = strings.Repeat(quote, 3)
	}
	s.at += len(quote)
	from := s.at
	for s.at < len(s.text) && !strings.HasPrefix(s.text[s.at:], quote) {
		if len(quote) == 1 && s.text[s.at] == '\n' {
			break // not closed: a broken module
		}
		if s.text[s.at] == '\\' {
			s.at++
		}
		s.at++
	}
	s.at = min(s.at, len(s.text))
	body := s.text[from:s.at]
	if strings.HasPrefix(s.text[s.at:], quote) {
		s.at += len(quote)
	}
	kind := pyString
	if strings.ContainsAny(prefix, "fbt") {
		kind = pyComputed
	}
	if !strings.Contains(prefix, "r") {
		body = pyUnescape(body)
	}
	s.line.tokens = append(s.line.tokens, pyToken{kind, body})
}

// pyEscapes are those that ids and messages hold; others stay as they are written.
var pyEscapes = strings.NewReplacer(`\\`, `\`, `\'`, `'`, `\"`, `"`, "\\\n", "", `\n`, "\n", `\t`, "\t", `\r`, "\r")

func pyUnescape(body string) string { return pyEscapes.Replace(body) }
