package planner

import "strings"

// operand writes a default as CREATE TABLE, ADD COLUMN and CREATE DOMAIN want it. Their grammar has the narrower kind of expressions there
// (b_expr in gram.y), which has no AND, IS NULL, IN or AT TIME ZONE outside of parentheses, while ALTER COLUMN takes any. A constant and a call
// stay as they are; whatever else gets parentheses, which change nothing.
func operand(expr string) string {
	rest := expr
	switch c := first(rest); {
	case c == '\'':
		rest = afterQuoted(rest)
	case c == '-' || c == '+' || isDigit(c):
		rest = strings.TrimLeft(rest[1:], "0123456789.")
	case c == '"' || isLetter(c):
		rest = afterName(rest)
		if c := first(rest); c == '(' || c == '[' {
			rest = afterBrackets(rest)
		}
	default:
		return "(" + expr + ")"
	}
	for strings.HasPrefix(rest, "::") {
		rest = afterType(rest[2:])
	}
	if rest != "" || expr == "" {
		return "(" + expr + ")"
	}
	return expr
}

// wrong is what cannot be passed over; it is no end of any expression.
const wrong = "?"

func first(s string) byte {
	if s == "" {
		return 0
	}
	return s[0]
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isLetter(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c >= 0x80
}

// afterQuoted passes over a quoted literal or identifier.
func afterQuoted(s string) string {
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] != s[0]:
		case i+1 < len(s) && s[i+1] == s[0]:
			i++
		default:
			return s[i+1:]
		}
	}
	return wrong
}

// afterName passes over words and quoted identifiers between dots.
func afterName(s string) string {
	for {
		switch c := first(s); {
		case c == '"':
			s = afterQuoted(s)
		case isLetter(c):
			n := 1
			for n < len(s) && (isLetter(s[n]) || isDigit(s[n]) || s[n] == '$') {
				n++
			}
			s = s[n:]
		default:
			return wrong
		}
		if first(s) != '.' {
			return s
		}
		s = s[1:]
	}
}

// afterBrackets passes over what stands in brackets. Where something could hide one, such as a comment or an escaped literal, it gives up.
func afterBrackets(s string) string {
	depth := 0
	for s != "" {
		switch c := s[0]; c {
		case '(', '[':
			depth++
		case ')', ']':
			if depth--; depth == 0 {
				return s[1:]
			}
		case '\'', '"':
			s = " " + afterQuoted(s)
		case '\\', '$', '-', '/':
			return wrong
		}
		s = s[1:]
	}
	return wrong
}

// typeWords are those that follow the first one in the names of types.
var typeWords = []string{" varying", " precision", " without time zone", " with time zone"}

// afterType passes over the name of a type.
func afterType(s string) string {
	s = afterName(s)
	for _, word := range typeWords[:2] {
		s = strings.TrimPrefix(s, word)
	}
	if first(s) == '(' {
		s = afterBrackets(s)
	}
	for _, word := range typeWords[2:] {
		s = strings.TrimPrefix(s, word)
	}
	for strings.HasPrefix(s, "[]") {
		s = s[2:]
	}
	return s
}
