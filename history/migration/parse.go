package migration

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/pleatdb/pleat/schema/sqltext"
)

// Parse reads one file. name is its base name, which gives version, name and phase.
// The error is a *NameError, or SyntaxErrors with everything that is wrong with the text.
func Parse(name string, text []byte) (*Migration, error) {
	version, slug, phase, err := ParseName(name)
	if err != nil {
		return nil, err
	}
	if e := readable(name, text); e != nil {
		return nil, SyntaxErrors{e}
	}
	p := &parser{
		file: name, text: strings.TrimSuffix(string(Normalize(text)), "\n"),
		m: &Migration{Version: version, Name: slug, Phase: phase},
	}
	p.run()
	if len(p.errs) > 0 {
		return nil, p.errs
	}
	return p.m, nil
}

// parser reads one file; see [Parse].
type parser struct {
	file, text string
	m          *Migration
	errs       SyntaxErrors
	blocks     []*block
}

// block is a stretch of the file that a directive opened: a step or an undo.
type block struct {
	down    bool
	number  int // 0 when the file does not number it
	title   string
	opened  directive
	notes   []string
	outside bool // "no transaction"
	checks  []Check
	batch   *Batch
	loses   []string
	stmts   []Statement
	// wrapped is set when the statements stood between begin and COMMIT.
	wrapped bool
	begin   Statement
}

func (p *parser) run() {
	if line := conflictMarker(p.text); line > 0 {
		p.fail(directive{line: line, column: 1}, "a merge conflict is not resolved here", "decide which side to keep")
		return
	}
	ds := p.directives()
	if len(p.errs) > 0 {
		return
	}
	first := len(p.text)
	if len(ds) > 0 {
		first = ds[0].start
	}
	p.piece(nil, 0, first)
	for i, d := range ds {
		end := len(p.text)
		if i+1 < len(ds) {
			end = ds[i+1].start
		}
		p.directive(d)
		p.piece(&ds[i], d.end, end)
	}
	p.finish()
}

// current is the block that statements go to; plain SQL before any section opens an unnumbered step.
func (p *parser) current(open bool) *block {
	if len(p.blocks) == 0 {
		if !open {
			return nil
		}
		p.blocks = append(p.blocks, &block{})
	}
	return p.blocks[len(p.blocks)-1]
}

// piece takes the text between two directives: the notes of a step that was just opened, and statements.
func (p *parser) piece(after *directive, start, end int) {
	stmts, ok := p.split(start, end)
	if !ok {
		return
	}
	if b := p.current(false); b != nil && after != nil && after.word == "step" {
		head := p.text[start:end]
		if len(stmts) > 0 {
			head = p.text[start : start+stmts[0].start]
		}
		b.notes = notes(head)
	}
	if after != nil && after.word == "check" {
		if len(stmts) == 0 {
			p.fail(*after, "a check without a query", "write a query below it that returns no row when all is well")
			return
		}
		b := p.current(true)
		b.checks = append(b.checks, Check{Message: unescape(after.rest), Query: stmts[0].Statement})
		stmts = stmts[1:]
	}
	for _, s := range stmts {
		b := p.current(true)
		b.stmts = append(b.stmts, s.Statement)
	}
}

// placed is a statement with its offset in the piece it came from.
type placed struct {
	Statement
	start int
}

func (p *parser) split(start, end int) ([]placed, bool) {
	base := directive{line: 1 + strings.Count(p.text[:start], "\n"), column: 1}
	parts, err := sqltext.Split(p.text[start:end])
	if err != nil {
		p.failSplit(base.line, err)
		return nil, false
	}
	out := make([]placed, len(parts))
	for i, s := range parts {
		at := start + s.Start
		lineStart := strings.LastIndexByte(p.text[:at], '\n') + 1
		out[i] = placed{Statement{
			SQL: s.SQL, Line: base.line + s.Line - 1,
			Column: utf8.RuneCountInString(p.text[lineStart:at]) + 1,
		}, s.Start}
	}
	return out, true
}

// failSplit reports what the splitter found at its line of the whole file.
func (p *parser) failSplit(base int, err error) {
	var syntax *sqltext.SyntaxError
	var unsupported *sqltext.UnsupportedError
	at := directive{line: base, column: 1}
	switch {
	case errors.As(err, &syntax):
		at.line += syntax.Line - 1
		p.fail(at, syntax.What, "")
	case errors.As(err, &unsupported) && strings.HasPrefix(unsupported.Name, `\`):
		at.line += unsupported.Line - 1
		p.fail(at, unsupported.Name+" is a command of psql, not SQL", commandHint(unsupported.Name))
	case errors.As(err, &unsupported):
		at.line += unsupported.Line - 1
		p.fail(at, unsupported.Name+" needs rows from the client, which a migration cannot carry",
			"write INSERT instead of it and its lines of data, or load the rows beside the migrations")
	default:
		p.fail(at, err.Error(), "")
	}
}

// fail records an error at a directive or, with only line and column set, at any other place.
func (p *parser) fail(at directive, summary, hint string) {
	p.errs = append(p.errs, &SyntaxError{
		File: p.file, Line: at.line, Column: at.column, Source: sourceLine(p.text, at.line), Summary: summary, Hint: hint,
	})
}

func (p *parser) failf(at directive, hint, format string, args ...any) {
	p.fail(at, fmt.Sprintf(format, args...), hint)
}

// failAt records an error at a statement.
func (p *parser) failAt(s Statement, summary, hint string) {
	p.fail(directive{line: s.Line, column: s.Column}, summary, hint)
}

// notes are the comment lines at the head of a step, without their dashes.
func notes(head string) []string {
	var out []string
	for _, c := range lineComments(head) {
		out = append(out, unescape(strings.Trim(strings.TrimPrefix(head[c.start:c.end], "--"), " \t")))
	}
	return out
}

// conflictMarker returns the line of a merge conflict's mark, or 0. Both marks must be there: text may
// hold either of them by chance.
func conflictMarker(text string) int {
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
