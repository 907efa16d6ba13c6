package migration

import "strings"

// comment is one line comment of a file: the byte range from its dashes to the end of its line.
type comment struct{ start, end int }

// lineComments finds the line comments of SQL text that stand outside of literals, quoted names,
// dollar quotes and block comments. A literal without an end swallows the rest of the text; the
// splitter reports it.
func lineComments(text string) []comment {
	var out []comment
	for i := 0; i < len(text); {
		switch c := text[i]; {
		case c == '-' && strings.HasPrefix(text[i:], "--"):
			end := indexFrom(text, i, "\n")
			out = append(out, comment{i, end})
			i = end
		case c == '/' && strings.HasPrefix(text[i:], "/*"):
			i = skipBlockComment(text, i)
		case c == '\'':
			i = skipString(text, i+1, '\'', i > 0 && text[i-1]|0x20 == 'e' && (i < 2 || !wordByte(text[i-2])))
		case c == '"':
			i = skipString(text, i+1, '"', false)
		case c == '$' && (i == 0 || !wordByte(text[i-1])):
			i = skipDollar(text, i)
		default:
			i++
		}
	}
	return out
}

// skipString returns the offset after the closing quote; a doubled quote reads as two strings, which comes to the same.
func skipString(text string, i int, quote byte, escapes bool) int {
	for ; i < len(text); i++ {
		switch {
		case text[i] == quote:
			return i + 1
		case escapes && text[i] == '\\':
			i++
		}
	}
	return len(text)
}

// skipBlockComment follows nesting, which standard SQL and PostgreSQL have and C has not.
func skipBlockComment(text string, i int) int {
	depth := 0
	for i < len(text) {
		switch {
		case strings.HasPrefix(text[i:], "/*"):
			depth++
			i += 2
		case strings.HasPrefix(text[i:], "*/"):
			depth--
			i += 2
			if depth == 0 {
				return i
			}
		default:
			i++
		}
	}
	return len(text)
}

// skipDollar skips a dollar-quoted literal, or only the dollar where none begins there.
func skipDollar(text string, i int) int {
	end := i + 1
	for end < len(text) && wordByte(text[end]) && text[end] != '$' {
		end++
	}
	digit := end > i+1 && text[i+1] >= '0' && text[i+1] <= '9'
	if end == len(text) || text[end] != '$' || digit {
		return i + 1
	}
	tag := text[i : end+1]
	return min(indexFrom(text, end+1, tag)+len(tag), len(text))
}

func indexFrom(text string, i int, what string) int {
	if n := strings.Index(text[i:], what); n >= 0 {
		return i + n
	}
	return len(text)
}

func wordByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '$' || c >= 0x80
}
