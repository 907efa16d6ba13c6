package foreign

import "strings"

func isGoose(l *listing) bool { return l.marks(Goose) }

// readGoose reads goose's files: 001_name.sql with -- +goose Up and -- +goose Down, ordered by number.
func readGoose(l *listing) (out []File) {
	for _, e := range l.entries {
		_, _, ok := numbered(e.rel)
		if ok && strings.HasSuffix(e.rel, ".go") && !strings.HasSuffix(e.rel, "_test.go") && !strings.Contains(e.rel, "/") {
			l.skip(e.rel, "is written in Go")
		}
	}
	for _, rel := range l.top() {
		version, name, ok := numbered(rel)
		switch {
		case !ok && !l.alone():
			l.skip(rel, "has no number in front of its name, so that goose does not run it")
		case l.wanted(rel):
			out = append(out, l.goose(rel, version, name))
		}
	}
	return byNumber(out)
}

func (l *listing) goose(rel, version, name string) File {
	up := l.script(rel)
	marks := markers(up.text, "+goose")
	for _, m := range marks {
		if m.word == "envsub on" {
			up.substitute()
		}
	}
	down := up.other()
	two := directions{up: up, down: down, tool: Goose, marks: marks}
	two.read()
	return file(Goose, version, name, up, down)
}

// directions reads a file that two markers divide into the way up and the way back (goose, sql-migrate, dbmate).
type directions struct {
	up, down *script
	tool     Tool
	marks    []marker
}

// read takes the stretches between the markers. A stretch between StatementBegin and StatementEnd is sent to the server as
// one message.
func (d *directions) read() {
	noTransaction := false
	for _, m := range d.marks {
		noTransaction = noTransaction || m.word == "no transaction"
	}
	d.up.out.NoTransaction, d.down.out.NoTransaction = noTransaction, noTransaction
	var to *script
	from, block := 0, false
	stretches := map[*script][]stretch{}
	for _, m := range append(d.marks, marker{word: "end of file", start: len(d.up.text), end: len(d.up.text)}) {
		d.take(stretches, to, stretch{from, m.start, block})
		from = m.end
		word, option, _ := strings.Cut(m.word, " ")
		switch word {
		case "up":
			to, block = d.up, false
		case "down":
			to, block = d.down, false
		case "statementbegin":
			block = true
		case "statementend":
			block = false
		}
		if to != nil && (option == "notransaction" || strings.Contains(option, "transaction:false")) {
			to.out.NoTransaction = true
		}
	}
	if !d.up.broken && stretches[d.up] == nil {
		d.up.problem(1, 1, "has no line that begins the way up", "write: "+upLine(d.tool))
	}
	d.cut(d.up, stretches[d.up])
	d.cut(d.down, stretches[d.down])
}

type stretch struct {
	start, end int
	block      bool // one message to the server
}

// take keeps a stretch of a direction; statements above both of them are reported.
func (d *directions) take(into map[*script][]stretch, to *script, s stretch) {
	if to != nil {
		into[to] = append(into[to], s)
		return
	}
	if stmts := d.up.statements(s.start, s.end); len(stmts) > 0 && len(d.marks) > 0 {
		d.up.problem(stmts[0].Line, stmts[0].Column, "a statement above the line that begins the way up is never run", "move it below "+upLine(d.tool))
	}
}

func (d *directions) cut(s *script, list []stretch) {
	if s.broken {
		return
	}
	var all []Statement
	for _, part := range list {
		stmts := s.statements(part.start, part.end)
		all = append(all, stmts...)
		switch {
		case !s.out.NoTransaction || d.tool == Dbmate:
		case part.block:
			s.out.Units = append(s.out.Units, units(stmts, OneQuery)...)
		default:
			s.out.Units = append(s.out.Units, units(stmts, Single)...)
		}
	}
	switch {
	case !s.out.NoTransaction:
		s.out.Units = units(all, Wrapped)
	case d.tool == Dbmate:
		s.out.Units = units(all, OneQuery)
	}
}

func upLine(t Tool) string {
	switch t {
	case Dbmate:
		return "-- migrate:up"
	case SQLMigrate:
		return "-- +migrate Up"
	}
	return "-- +goose Up"
}
