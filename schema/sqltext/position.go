package sqltext

import "unicode/utf8"

// Position maps the position of a PostgreSQL error in a statement, which counts
// characters from 1 (protocol field P), to a byte offset and to a line and a column, both
// 1-based, the column in characters. A position before the text or after it
// gives the nearest end.
func Position(sql string, chars int) (offset, line, column int) {
	line, column = 1, 1
	for n := 1; n < chars && offset < len(sql); n++ {
		r, size := utf8.DecodeRuneInString(sql[offset:])
		offset += size
		column++
		if r == '\n' {
			line++
			column = 1
		}
	}
	return offset, line, column
}
