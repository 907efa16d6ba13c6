package migration

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"unicode/utf8"
)

// MaxSize is the largest file that is read, in bytes. A migration is parsed, sent and kept in the
// log as a whole; rows in bulk belong into a COPY that runs beside it.
const MaxSize = 32 << 20

// Normalize gives the text that checksums cover: no byte order mark, LF line ends, and exactly one newline at the end.
func Normalize(text []byte) []byte {
	text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
	text = bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n"))
	text = bytes.TrimRight(text, "\n")
	return append(bytes.Clone(text), '\n')
}

// Checksum is the SHA-256 of the normalised text, in hexadecimal.
func Checksum(text []byte) string {
	sum := sha256.Sum256(Normalize(text))
	return hex.EncodeToString(sum[:])
}

// readable refuses, by name, what is no text: too large, UTF-16, binary, or not UTF-8.
func readable(file string, text []byte) *SyntaxError {
	fail := func(offset int, summary, hint string) *SyntaxError {
		e := &SyntaxError{File: file, Summary: summary, Hint: hint}
		if offset >= 0 {
			before := text[:offset]
			e.Line = bytes.Count(before, []byte("\n")) + 1
			e.Column = utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:]) + 1
			e.Source = sourceLine(strings.ToValidUTF8(string(text), "\uFFFD"), e.Line)
		}
		return e
	}
	switch {
	case len(text) > MaxSize:
		return fail(-1, fmt.Sprintf("is %d MB large, the most is %d MB", len(text)>>20, MaxSize>>20),
			"load rows in bulk with COPY beside the migrations")
	case bytes.HasPrefix(text, []byte("\xff\xfe")) || bytes.HasPrefix(text, []byte("\xfe\xff")):
		return fail(-1, "is UTF-16", "save it as UTF-8")
	}
	if i := bytes.IndexByte(text, 0); i >= 0 {
		return fail(i, "is binary: it holds a zero byte", "a migration is UTF-8 text")
	}
	if i := invalidUTF8(text); i >= 0 {
		return fail(i, "is not UTF-8", "save it as UTF-8")
	}
	return nil
}

func invalidUTF8(text []byte) int {
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRune(text[i:])
		if r == utf8.RuneError && size <= 1 {
			return i
		}
		i += size
	}
	return -1
}

// oneLine escapes what could end a comment's line, so that it can be read back by [unescape].
func oneLine(s string) string {
	var b strings.Builder
	for i, r := range s {
		edge := i == 0 || i+utf8.RuneLen(r) == len(s)
		switch {
		case r == '\\':
			b.WriteString(`\\`)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\t':
			b.WriteString(`\t`)
		case r < ' ' || r >= 0x7f && r < 0xa0 || r == '\u2028' || r == '\u2029' || r == ' ' && edge:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// unescape is the inverse of oneLine; a backslash that oneLine would not have written stays.
func unescape(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			b.WriteByte(s[i])
			continue
		}
		switch s[i+1] {
		case '\\':
			b.WriteByte('\\')
		case 'n':
			b.WriteByte('\n')
		case 'r':
			b.WriteByte('\r')
		case 't':
			b.WriteByte('\t')
		case 'u':
			var r rune
			if n, err := fmt.Sscanf(s[i+2:min(i+6, len(s))], "%04x", &r); n != 1 || err != nil || i+6 > len(s) {
				b.WriteByte('\\')
				continue
			}
			b.WriteRune(r)
			i += 4
		default:
			b.WriteByte('\\')
			continue
		}
		i++
	}
	return b.String()
}
