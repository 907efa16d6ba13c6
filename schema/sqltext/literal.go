package sqltext

import "strings"

// quoted scans a quoted token that starts at start and whose opening quote is at open.
// A doubled quote stands for itself; escapes adds backslash escapes (E'…').
// A string goes on after white space with a line break in it, in the same mode.
func (s *scanner) quoted(start, open int, quote byte, escapes bool, what string) error {
	s.pos = open + 1
	for s.pos < len(s.src) {
		switch c := s.src[s.pos]; {
		case c == '\\' && escapes:
			s.pos += 2
		case c == quote && s.at(1) == quote:
			s.pos += 2
		case c == quote:
			s.pos++
			if quote == '"' || !s.continued() {
				return nil
			}
		default:
			s.pos++
		}
	}
	s.pos = len(s.src)
	return &SyntaxError{Line: lineAt(s.src, start), What: "unterminated " + what}
}

// continued consumes white space with a line break followed by a quote, the
// continuation of a string constant, or nothing. Line comments count as white space
// once there was a line break.
func (s *scanner) continued() bool {
	i, newline := s.pos, false
	for i < len(s.src) {
		switch c := s.src[i]; {
		case c == '\n' || c == '\r':
			newline = true
			i++
		case isSpace(c):
			i++
		case c == '-' && newline && strings.HasPrefix(s.src[i:], "--"):
			for i < len(s.src) && s.src[i] != '\n' && s.src[i] != '\r' {
				i++
			}
		case c == '\'' && newline:
			s.pos = i + 1
			return true
		default:
			return false
		}
	}
	return false
}

// dollar scans $1, $tag$…$tag$, or a lone dollar sign.
func (s *scanner) dollar() (tokenKind, error) {
	start := s.pos
	s.pos++
	if isDigit(s.at(0)) {
		for isDigit(s.at(0)) {
			s.pos++
		}
		return tokenParam, nil
	}
	end := s.pos
	if end < len(s.src) && isIdentStart(s.src[end]) {
		for end < len(s.src) && s.src[end] != '$' && isIdentPart(s.src[end]) {
			end++
		}
	}
	if end == len(s.src) || s.src[end] != '$' {
		return tokenBad, nil
	}
	tag := s.src[start : end+1]
	body := strings.Index(s.src[end+1:], tag)
	if body < 0 {
		s.pos = len(s.src)
		return tokenString, &SyntaxError{Line: lineAt(s.src, start), What: "unterminated dollar-quoted string " + tag}
	}
	s.pos = end + 1 + body + len(tag)
	return tokenString, nil
}

func (s *scanner) lineComment() {
	for s.pos < len(s.src) && s.src[s.pos] != '\n' && s.src[s.pos] != '\r' {
		s.pos++
	}
}

// blockComment scans a comment; comments nest.
func (s *scanner) blockComment() error {
	start, depth := s.pos, 0
	for s.pos < len(s.src) {
		switch {
		case s.src[s.pos] == '/' && s.at(1) == '*':
			depth++
			s.pos += 2
		case s.src[s.pos] == '*' && s.at(1) == '/':
			depth--
			s.pos += 2
			if depth == 0 {
				return nil
			}
		default:
			s.pos++
		}
	}
	return &SyntaxError{Line: lineAt(s.src, start), What: "unterminated comment"}
}

// significant returns the tokens of text without its comments.
func significant(text string) ([]token, error) {
	s := scanner{src: text}
	tokens := make([]token, 0, len(text)/4+1)
	for {
		t, ok, err := s.next()
		if err != nil || !ok {
			return tokens, err
		}
		if t.kind != tokenComment {
			tokens = append(tokens, t)
		}
	}
}
