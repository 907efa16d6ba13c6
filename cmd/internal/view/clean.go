package view

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Clean writes what could command a terminal, or change the order in which a reader sees the text, as escapes: control
// characters other than newline and tab, bytes that are no UTF-8, and Unicode's invisible and direction marks. What is
// left is printable.
func Clean(text string) string {
	if !strings.ContainsFunc(text, commands) && utf8.ValidString(text) {
		return text
	}
	var b strings.Builder
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, `\x%02x`, text[i])
		case !commands(r):
			b.WriteRune(r)
		case r < 0x80:
			fmt.Fprintf(&b, `\x%02x`, r)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
		i += size
	}
	return b.String()
}

// commands tells whether a character does something other than being seen. Cf holds the direction marks by which a text
// can be made to look like another one.
func commands(r rune) bool {
	return r != '\n' && r != '\t' && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == 0x2028 || r == 0x2029)
}

// oneLine is Clean for what must stay on its line.
func oneLine(text string) string {
	text = strings.ReplaceAll(Clean(text), "\t", `\t`)
	return strings.ReplaceAll(text, "\n", `\n`)
}

// firstLine is what a text of several lines begins with, where a list has one line for each.
func firstLine(text string) string {
	line, _, more := strings.Cut(text, "\n")
	if more {
		line += " …"
	}
	return line
}
