package sqltext

import (
	"strconv"
	"strings"
)

// deepest bounds how far string constants inside string constants are read.
const deepest = 4

// Mentions are all identifiers that occur in a text, as PostgreSQL would read them, those in its string constants included, since
// a body may build statements from them. It needs no grammar: what is not mentioned is not used by that text itself.
func Mentions(text string) map[string]bool {
	found := map[string]bool{}
	mention(found, text, 0)
	return found
}

func mention(found map[string]bool, text string, depth int) {
	tokens, err := significant(text)
	if err != nil {
		// A constant cut in pieces: its words count wherever they stand.
		for _, word := range strings.FieldsFunc(text, func(r rune) bool { return r < 0x80 && !isIdentPart(byte(r)) }) {
			found[strings.ToLower(word)], found[word] = true, true
		}
		return
	}
	for _, t := range tokens {
		part := t.text(text)
		switch {
		case t.kind == tokenWord:
			found[strings.ToLower(part)] = true
		case t.kind == tokenQuoted:
			open := strings.IndexByte(part, '"')
			name := strings.ReplaceAll(strings.TrimSuffix(part[open+1:], `"`), `""`, `"`)
			if open > 0 {
				name = unescaped(name)
			}
			found[name] = true
		case t.kind == tokenString && depth < deepest:
			mention(found, content(part), depth+1)
		}
	}
}

// unescaped reads the escapes of U&"…", \0061 and \+000061. Another escape character (UESCAPE) is not looked for.
func unescaped(name string) string {
	var b strings.Builder
	for i := 0; i < len(name); i++ {
		digits := 4
		from := i + 1
		if name[i] == '\\' && strings.HasPrefix(name[from:], "+") {
			digits, from = 6, from+1
		}
		if name[i] == '\\' && from+digits <= len(name) {
			if code, err := strconv.ParseUint(name[from:from+digits], 16, 32); err == nil {
				b.WriteRune(rune(code))
				i = from + digits - 1
				continue
			}
		}
		b.WriteByte(name[i])
	}
	return b.String()
}

// content is what stands in a string constant, near enough to look for words in it.
func content(constant string) string {
	if strings.HasPrefix(constant, "$") {
		tag := strings.IndexByte(constant[1:], '$') + 2
		return constant[min(tag, len(constant)):max(min(tag, len(constant)), len(constant)-tag)]
	}
	open := strings.IndexByte(constant, '\'')
	return strings.ReplaceAll(strings.TrimSuffix(constant[open+1:], "'"), "''", "'")
}
