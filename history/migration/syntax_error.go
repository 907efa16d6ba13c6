package migration

import (
	"fmt"
	"strings"

	"github.com/agext/levenshtein"
)

// SyntaxError says what is wrong at one place of a file. A view can draw Source with a caret under Column.
type SyntaxError struct {
	File   string
	Line   int    // from 1; 0 when the file as a whole is meant
	Column int    // from 1, in characters
	Source string // the line as it stands in the file
	// Summary says what is wrong, Hint how to mend it.
	Summary, Hint string
}

// Error is one line: place, what is wrong, how to mend it.
func (e *SyntaxError) Error() string {
	var b strings.Builder
	b.WriteString(e.File)
	if e.Line > 0 {
		fmt.Fprintf(&b, ":%d:%d", e.Line, e.Column)
	}
	b.WriteString(": " + e.Summary)
	if e.Hint != "" {
		b.WriteString("; " + e.Hint)
	}
	return b.String()
}

// SyntaxErrors is everything that is wrong with one file, in the order of its lines.
type SyntaxErrors []*SyntaxError

// Error joins the errors, one a line.
func (e SyntaxErrors) Error() string {
	lines := make([]string, len(e))
	for i, err := range e {
		lines[i] = err.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap gives errors.As and errors.Is each of the errors.
func (e SyntaxErrors) Unwrap() []error {
	out := make([]error, len(e))
	for i, err := range e {
		out[i] = err
	}
	return out
}

// suggest finds the known word nearest to a misspelt one; empty when none is near.
func suggest(word string, known []string) string {
	best, distance := "", len(word)/2+1
	for _, k := range known {
		if d := levenshtein.Distance(word, k, nil); d < distance {
			best, distance = k, d
		}
	}
	return best
}

// source cuts a long line for display and removes what a terminal would act on.
func sourceLine(text string, line int) string {
	for i := 1; i < line; i++ {
		n := strings.IndexByte(text, '\n')
		if n < 0 {
			return ""
		}
		text = text[n+1:]
	}
	if n := strings.IndexByte(text, '\n'); n >= 0 {
		text = text[:n]
	}
	const most = 500 // characters; more than any terminal is wide
	if runes := []rune(text); len(runes) > most {
		text = string(runes[:most]) + "…"
	}
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, text)
}
