package view

import (
	"fmt"
	"strings"

	"github.com/pleatdb/pleat/cmd/internal/review"
)

// plain writes the result for people: each finding with its line, why, and the safe form; what is allowed in one line each.
func (d *Lint) plain(p *page) {
	if d.Audit != nil {
		d.audit(p)
		return
	}
	for _, f := range d.Findings {
		if f.Allowed == "" {
			p.finding(f)
			p.blank()
		}
	}
	d.rest(p)
	p.linef("%s", d.verdict())
}

// rest writes what is no finding: what is allowed, what was not read, and what was not measured.
func (d *Lint) rest(p *page) {
	lines := p.b.Len()
	for _, f := range d.Findings {
		if f.Allowed != "" {
			p.styledf(faint, "allowed %s %s: %s", f.Code, oneLine(where(f.File, f.Line)), oneLine(f.Allowed))
		}
	}
	for _, s := range d.Skipped {
		p.styledf(faint, "not read %s: %s", oneLine(s.File), oneLine(s.Reason))
	}
	for _, u := range d.Unmeasured {
		p.styledf(yellow, "not measured %s", oneLine(u))
	}
	if p.b.Len() > lines {
		p.blank()
	}
}

func (p *page) finding(f Finding) {
	colour, label := blue, "Note"
	switch f.Severity {
	case "error":
		colour, label = red, "Error"
	case "warning":
		colour, label = yellow, "Warning"
	}
	p.styledf(colour, "%s %s: %s", label, f.Code, f.Title)
	at := oneLine(f.File)
	if f.Line > 0 {
		at = fmt.Sprintf("%s:%d:%d", at, f.Line, f.Column)
	}
	if f.Down {
		at += " (on the way back)"
	}
	p.linef("  %s", at)
	if f.Source != "" {
		p.snippet(Diagnostic{Line: f.Line, Column: f.Column, EndLine: f.EndLine, EndColumn: f.EndColumn, Source: f.Source})
	}
	p.labelled("Why:  ", f.Why)
	p.labelled("Safe: ", f.Safe)
	if f.Cost != "" {
		p.labelled("Cost: ", f.Cost)
	}
	if basis := f.basis(); basis != "" {
		p.styledf(faint, "  %s", basis)
	}
}

// labelled writes a text whose later lines stand under the first.
func (p *page) labelled(label, text string) {
	if text == "" {
		return
	}
	for i, line := range strings.Split(strings.TrimRight(text, "\n"), "\n") {
		if i > 0 {
			label = strings.Repeat(" ", len(label))
		}
		p.linef("  %s%s", label, line)
	}
}

// basis says on what a finding rests; that a file cannot be read rests on nothing else.
func (f *Finding) basis() string {
	if f.Code == review.Unreadable.Code {
		return ""
	}
	out := "estimated from rules"
	if f.Measured {
		out = "measured on a server"
	}
	if f.Holds != "" {
		out += ", PostgreSQL " + f.Holds
	}
	return out
}

func where(file string, line int) string {
	if line == 0 {
		return file
	}
	return fmt.Sprintf("%s:%d", file, line)
}

// verdict is the last line.
func (d *Lint) verdict() string {
	s := d.Summary
	if s.Migrations == 0 && d.Since != "" {
		return "No migration differs from " + d.Since[:min(len(d.Since), 12)] + "."
	}
	out := "Nothing found in "
	if counts := counted(s); counts != "" {
		out = counts + " in "
	}
	out += plural(s.Migrations, "migration") + " (" + plural(s.Statements, "statement") + ")"
	if s.Allowed > 0 {
		out += fmt.Sprintf(", %d allowed", s.Allowed)
	}
	switch {
	case d.MeasuredOn != "":
		out += "; measured on " + d.MeasuredOn
	case d.Major > 0:
		out += fmt.Sprintf("; estimated for PostgreSQL %d", d.Major)
	default:
		out += "; estimated for the newest PostgreSQL that is known"
	}
	if d.Database != "" {
		out += ", with the tables of " + oneLine(d.Database)
	}
	return out + "."
}

func counted(s LintSummary) string {
	var parts []string
	for _, c := range []struct {
		n    int
		noun string
	}{{s.Errors, "error"}, {s.Warnings, "warning"}, {s.Notes, "note"}} {
		if c.n > 0 {
			parts = append(parts, plural(c.n, c.noun))
		}
	}
	return strings.Join(parts, ", ")
}

// audit writes what a directory destroys and what has no way back, and counts the rest.
func (d *Lint) audit(p *page) {
	if n := len(d.Audit.Destructive); n > 0 {
		p.styledf(bold, "Destructive: %s", plural(n, "statement"))
		var rows [][]string
		for _, x := range d.Audit.Destructive {
			rows = append(rows, []string{where(x.File, x.Line), x.What})
		}
		p.table("  ", rows)
	}
	if n := len(d.Audit.Forward); n > 0 {
		p.blank()
		p.styledf(bold, "Without a way back: %s", plural(n, "migration"))
		var rows [][]string
		for _, x := range d.Audit.Forward {
			rows = append(rows, []string{x.File, x.Reason})
		}
		p.table("  ", rows)
	}
	if p.b.Len() > 0 {
		p.blank()
	}
	for _, s := range d.Skipped {
		p.styledf(faint, "not read %s: %s", oneLine(s.File), oneLine(s.Reason))
	}
	out := fmt.Sprintf("%s: %s, %d without a way back", plural(d.Summary.Migrations, "migration"),
		plural(len(d.Audit.Destructive), "destructive statement"), len(d.Audit.Forward))
	if counts := counted(d.Summary); counts != "" {
		out += "; without --audit: " + counts
	}
	p.linef("%s.", out)
}
