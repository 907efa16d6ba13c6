package foreign

import (
	"errors"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/pleatdb/pleat/schema/sqltext"
)

// script reads the text of one direction piece by piece.
type script struct {
	out Script
	// text is what is cut into statements: out.Text, with placeholders replaced.
	text string
	// broken is set where the text is none, so that nothing more is read of it.
	broken bool
	cursor cursor
}

// script loads a file; problems are in what it gives.
func (l *listing) script(rel string) *script {
	name := l.path(rel)
	var text string
	var problem *Problem
	if g, ok := l.given[rel]; ok {
		text, problem = g.text, g.problem
	} else {
		size := int64(0)
		if i := slices.IndexFunc(l.entries, func(e entry) bool { return e.rel == rel }); i >= 0 {
			size = l.entries[i].size
		}
		text, problem = load(name, size)
	}
	s := &script{out: Script{Path: name, Text: text}, text: text}
	s.cursor.reset(text)
	if problem != nil {
		s.out.Problems, s.broken = append(s.out.Problems, *problem), true
	} else if line := conflict(text); line > 0 {
		s.problem(line, 1, "a merge conflict is not resolved here", "decide which side to keep")
		s.broken = true
	}
	return s
}

// other is a script of the same file for the other direction.
func (s *script) other() *script {
	o := &script{out: Script{Path: s.out.Path, Text: s.out.Text, Placeholders: s.out.Placeholders}, text: s.text, broken: s.broken}
	o.cursor.reset(s.text)
	return o
}

func (s *script) done() Script { return s.out }

// maxProblems is how many are kept of one file: more of them say nothing new.
const maxProblems = 50

func (s *script) problem(line, column int, summary, hint string) {
	switch n := len(s.out.Problems); {
	case n > maxProblems:
		return
	case n == maxProblems:
		summary, hint = "there is more of this kind below", ""
	}
	s.out.Problems = append(s.out.Problems, Problem{Path: s.out.Path, Line: line, Column: column, Summary: summary, Hint: hint})
}

func (s *script) psqlOnly(line, column int, summary, hint string) {
	if s.problem(line, column, summary, hint); len(s.out.Problems) <= maxProblems {
		s.out.Problems[len(s.out.Problems)-1].PsqlOnly = true
	}
}

// whole reads all of the text as one piece.
func (s *script) whole(m Mode) { s.piece(0, len(s.text), m) }

// piece reads a part of the text and adds its units.
func (s *script) piece(start, end int, m Mode) {
	if s.broken {
		return
	}
	s.out.Units = append(s.out.Units, units(s.statements(start, end), m)...)
}

// statements cuts a part of the text. What only psql understands, and what has no end, is reported, and the rest is read.
func (s *script) statements(start, end int) []Statement {
	var out []Statement
	for start < end {
		parts, err := sqltext.Split(s.text[start:end])
		if err == nil && len(parts) == 0 {
			s.allowsAlone(start, end, len(out) > 0)
		}
		out = append(out, s.placed(start, parts)...)
		var unsupported *sqltext.UnsupportedError
		var syntax *sqltext.SyntaxError
		switch {
		case err == nil:
			return out
		case errors.As(err, &unsupported):
			from := start + unsupported.Start
			// What stands before the command was cut without an error already, so that it can be cut again.
			if parts, err := sqltext.Split(s.text[start:from]); err == nil {
				out = append(out, s.placed(start, parts)...)
			}
			start = min(s.beyond(unsupported, from, start+unsupported.End), end)
		case errors.As(err, &syntax):
			line, _ := place(s.text, start)
			line += syntax.Line - 1
			s.problem(line, 1, syntax.What, "")
			if parts, err := sqltext.Split(s.text[start:max(start, min(lineStart(s.text, line), end))]); err == nil {
				out = append(out, s.placed(start, parts)...)
			}
			return out
		default:
			line, column := place(s.text, start)
			s.problem(line, column, err.Error(), "")
			return out
		}
	}
	return out
}

// beyond reports a command of psql and returns where the text goes on behind it and its data.
func (s *script) beyond(e *sqltext.UnsupportedError, from, to int) int {
	line, column := s.cursor.at(from)
	if strings.HasPrefix(e.Name, `\`) {
		s.psqlOnly(line, column, e.Name+" is a command of psql, not SQL", "write the SQL that it stands for")
		return endOfLine(s.text, to)
	}
	s.psqlOnly(line, column, e.Name+" needs rows from the client, which only psql can send", "write INSERT, or load the rows beside the migrations")
	rest := s.text[endOfLine(s.text, to):]
	offset := len(s.text) - len(rest)
	for l := range strings.Lines(rest) {
		offset += len(l)
		if strings.TrimRight(l, "\n") == `\.` {
			return offset
		}
	}
	return len(s.text)
}

// placed gives statements their places in the whole text, and takes the allow lines above them.
func (s *script) placed(start int, parts []sqltext.Statement) []Statement {
	out := make([]Statement, 0, len(parts))
	for _, p := range parts {
		line, column := s.cursor.at(start + p.Start)
		out = append(out, Statement{SQL: p.SQL, Line: line, Column: column})
		s.allows(p.Leading, line)
	}
	return out
}

// cursor turns rising byte offsets into places, each part of the text being looked at once.
type cursor struct {
	text                 string
	offset, line, column int
}

func (c *cursor) reset(text string) { c.text, c.offset, c.line, c.column = text, 0, 1, 1 }

func (c *cursor) at(offset int) (line, column int) {
	if offset < c.offset {
		c.reset(c.text)
	}
	part := c.text[c.offset:offset]
	if n := strings.Count(part, "\n"); n > 0 {
		c.line += n
		c.column = 1
		part = part[strings.LastIndexByte(part, '\n')+1:]
	}
	c.column += utf8.RuneCountInString(part)
	c.offset = offset
	return c.line, c.column
}

// lineStart is the byte offset of a line, counted from 1.
func lineStart(text string, line int) int {
	offset := 0
	for l := range strings.Lines(text) {
		if line--; line == 0 {
			break
		}
		offset += len(l)
	}
	return offset
}

// endOfLine is the offset behind the newline that follows.
func endOfLine(text string, from int) int {
	if n := strings.IndexByte(text[from:], '\n'); n >= 0 {
		return from + n + 1
	}
	return len(text)
}

// conflict is the line of a merge conflict's mark, or 0. Both marks must be there: text may hold either of them by chance.
func conflict(text string) int {
	if !strings.Contains(text, "<<<<<<< ") {
		return 0
	}
	line, open := 0, 0
	for l := range strings.Lines(text) {
		line++
		switch {
		case strings.HasPrefix(l, "<<<<<<< "):
			open = line
		case strings.HasPrefix(l, ">>>>>>> ") && open > 0:
			return open
		}
	}
	return 0
}
