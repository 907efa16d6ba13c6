package migration

import "strings"

// Inert is SQL in which no comment reads as one of pleat's lines: text that was written for another tool must not begin to mean something. It
// changes line comments alone, by a mark in front of the word.
func Inert(sql string) string {
	if !strings.Contains(sql, "pleat:") {
		return sql
	}
	var b strings.Builder
	from := 0
	for _, c := range lineComments(sql) {
		if _, ok := directiveBody(sql[c.start:c.end]); ok {
			b.WriteString(sql[from:c.start] + "-- |")
			from = c.start + len("--")
		}
	}
	return b.String() + sql[from:]
}
