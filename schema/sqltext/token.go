package sqltext

import "strings"

// tokenKind is the lexical class of a token.
type tokenKind uint8

const (
	tokenWord    tokenKind = iota // unquoted identifier or keyword
	tokenQuoted                   // "…" or U&"…"
	tokenString                   // any string, bit string or dollar-quoted constant
	tokenNumber                   // numeric constant
	tokenParam                    // $1
	tokenOp                       // operator, also :: := => ..
	tokenPunct                    // one of , ( ) [ ] . ; :
	tokenComment                  // -- … or /* … */
	tokenBad                      // a byte no SQL token starts with
)

// token is a half-open byte range of the scanned text.
type token struct {
	kind       tokenKind
	start, end int
}

// text returns the token's bytes in src.
func (t token) text(src string) string { return src[t.start:t.end] }

// is tells whether the token is the one-byte punctuation c.
func (t token) is(src string, c byte) bool {
	return t.kind == tokenPunct && src[t.start] == c
}

// word tells whether the token is the unquoted keyword w (given in lower case).
func (t token) word(src, w string) bool {
	return t.kind == tokenWord && t.end-t.start == len(w) && strings.EqualFold(src[t.start:t.end], w)
}

// scanner cuts SQL text into tokens by the lexical rules of PostgreSQL
// (src/backend/parser/scan.l, PostgreSQL 16) with standard_conforming_strings on.
type scanner struct {
	src string
	pos int
}

// next returns the next token, comments included. ok is false at the end of the text.
// The error is a *SyntaxError for a literal or comment without an end.
func (s *scanner) next() (t token, ok bool, err error) {
	for s.pos < len(s.src) && isSpace(s.src[s.pos]) {
		s.pos++
	}
	if s.pos == len(s.src) {
		return token{}, false, nil
	}
	t.start = s.pos
	t.kind, err = s.scan()
	t.end = s.pos
	return t, err == nil, err
}

// scan consumes one token at s.pos.
func (s *scanner) scan() (tokenKind, error) {
	c := s.src[s.pos]
	switch {
	case c == '\'':
		return tokenString, s.quoted(s.pos, s.pos, '\'', false, "string")
	case c == '"':
		return tokenQuoted, s.quoted(s.pos, s.pos, '"', false, "quoted identifier")
	case c == '$':
		return s.dollar()
	case isDigit(c), c == '.' && isDigit(s.at(1)):
		s.number()
		return tokenNumber, nil
	case isIdentStart(c):
		return s.word()
	case c == '-' && s.at(1) == '-':
		s.lineComment()
		return tokenComment, nil
	case c == '/' && s.at(1) == '*':
		return tokenComment, s.blockComment()
	case c == ':' && (s.at(1) == ':' || s.at(1) == '='), c == '.' && s.at(1) == '.':
		s.pos += 2
		return tokenOp, nil
	case strings.IndexByte(",()[].;:", c) >= 0:
		s.pos++
		return tokenPunct, nil
	case isOperator(c):
		s.operator()
		return tokenOp, nil
	}
	s.pos++
	return tokenBad, nil
}

// at returns the byte n places after the current one, or 0 past the end.
func (s *scanner) at(n int) byte {
	if s.pos+n < len(s.src) {
		return s.src[s.pos+n]
	}
	return 0
}

// word scans an identifier, or the string constant that its first letters introduce.
func (s *scanner) word() (tokenKind, error) {
	start := s.pos
	switch c := s.src[start] | 0x20; {
	case c == 'e' && s.at(1) == '\'':
		return tokenString, s.quoted(start, start+1, '\'', true, "string")
	case (c == 'b' || c == 'x' || c == 'n') && s.at(1) == '\'':
		return tokenString, s.quoted(start, start+1, '\'', false, "string")
	case c == 'u' && s.at(1) == '&' && s.at(2) == '\'':
		return tokenString, s.quoted(start, start+2, '\'', false, "string")
	case c == 'u' && s.at(1) == '&' && s.at(2) == '"':
		return tokenQuoted, s.quoted(start, start+2, '"', false, "quoted identifier")
	}
	for s.pos < len(s.src) && isIdentPart(s.src[s.pos]) {
		s.pos++
	}
	return tokenWord, nil
}

// number scans 1, 1.5, .5, 1e-3, 0x1F, 1_000. In 1..2 the number ends before the dots.
func (s *scanner) number() {
	if s.src[s.pos] == '0' && strings.IndexByte("xXoObB", s.at(1)) >= 0 && isIdentPart(s.at(2)) && s.at(1) != 0 {
		s.pos += 2
		for s.pos < len(s.src) && (isHex(s.src[s.pos]) || s.src[s.pos] == '_') {
			s.pos++
		}
		return
	}
	s.digits()
	if s.at(0) == '.' && s.at(1) != '.' {
		s.pos++
		s.digits()
	}
	if s.at(0)|0x20 == 'e' {
		n := 1
		if s.at(1) == '+' || s.at(1) == '-' {
			n = 2
		}
		if isDigit(s.at(n)) {
			s.pos += n
			s.digits()
		}
	}
}

func (s *scanner) digits() {
	for isDigit(s.at(0)) || s.at(0) == '_' && isDigit(s.at(1)) {
		s.pos++
	}
}

// operator scans the longest operator, which a comment cuts short, and which may
// end in + or - only if it holds one of the characters that SQL operators never do.
func (s *scanner) operator() {
	end := s.pos
	for end < len(s.src) && isOperator(s.src[end]) {
		end++
	}
	op := s.src[s.pos:end]
	for _, comment := range [...]string{"--", "/*"} {
		if i := strings.Index(op, comment); i > 0 {
			op = op[:i]
		}
	}
	for len(op) > 1 && (op[len(op)-1] == '+' || op[len(op)-1] == '-') && !strings.ContainsAny(op, "~!@#^&|`?%") {
		op = op[:len(op)-1]
	}
	s.pos += len(op)
}

func isSpace(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' }

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isHex(c byte) bool { return isDigit(c) || c|0x20 >= 'a' && c|0x20 <= 'f' }

func isIdentStart(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_' || c >= 0x80 }

func isIdentPart(c byte) bool { return isIdentStart(c) || isDigit(c) || c == '$' }

func isOperator(c byte) bool { return c != 0 && strings.IndexByte("~!@#^&|`?+-*/%<>=", c) >= 0 }
