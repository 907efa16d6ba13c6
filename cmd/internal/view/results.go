package view

import (
	"strings"
	"time"
)

func (d *Inspection) text(p *page) {
	if len(d.Files) == 0 {
		// The text is data for a file or a pipe: it is not cleaned, unless it goes to a terminal.
		p.raw(d.Text)
		return
	}
	for _, file := range d.Files {
		p.linef("Wrote %s", file)
	}
}

// raw writes data as it is; at a terminal what could command it is escaped.
func (p *page) raw(text string) {
	if p.terminal {
		text = Clean(text)
	}
	p.b.WriteString(text)
}

func (d *Status) text(p *page) {
	if d.Baseline != "" {
		p.linef("Baseline %s", d.Baseline)
	}
	var rows [][]string
	imported := d.imported()
	if n := len(imported); n > entriesShown {
		p.linef("imported: %d earlier ones of %s (pleat history --verbose lists them)", n-entriesShown, imported[0].Tool)
	}
	for i, m := range d.Migrations {
		if i < len(imported)-entriesShown {
			continue
		}
		name := m.Name
		if m.Phase != "" {
			name += " (" + m.Phase + ")"
		}
		rows = append(rows, []string{m.State, m.Version, name, m.when(), m.remark()})
	}
	p.table("", rows)
	for _, h := range d.Held {
		p.styledf(yellow, "held: %s: %s", h.File, h.Reason)
	}
	for _, t := range d.Trash {
		p.linef("trash: %s, since %s; plan proposes the drop from %s on", t.Object, t.Since, t.Until)
	}
	for _, problem := range d.Problems {
		p.styledf(red, "problem: %s", problem)
	}
	switch {
	case d.Pending > 0:
		p.linef("%s pending.", plural(d.Pending, "migration"))
	case d.UpToDate:
		p.linef("%s is up to date.", databaseName(d.Database))
	}
}

// imported are the migrations of another tool, which come first.
func (d *Status) imported() []StatusOfOne {
	n := 0
	for n < len(d.Migrations) && d.Migrations[n].State == "imported" {
		n++
	}
	return d.Migrations[:n]
}

func (m StatusOfOne) when() string {
	if m.Tool != "" {
		return strings.TrimSpace(m.AppliedAt + " by " + m.Tool)
	}
	if m.At == nil {
		return ""
	}
	text := m.At.UTC().Format(time.RFC3339)
	if m.By != "" {
		text += " by " + m.By
	}
	return text
}

func (m StatusOfOne) remark() string {
	switch {
	case m.Message != "":
		return firstLine(m.Message)
	case m.Edited:
		return "the file was edited since"
	case m.File == "" && m.State != "baseline" && m.Tool == "":
		return "the file is gone"
	}
	return ""
}

func (d *Checks) text(p *page) {
	for _, diag := range d.Diagnostics {
		p.diagnostic(diag)
		p.blank()
	}
	for _, problem := range d.Problems {
		p.styledf(red, "problem: %s", problem)
	}
	if d.OK {
		for _, c := range d.Checked {
			p.linef("ok: %s", c)
		}
	}
}

func (d *Files) text(p *page) {
	for _, file := range d.Files {
		p.linef("Wrote %s", file)
	}
}

func (d *Version) text(p *page) { p.linef("pleat %s (%s, %s)", d.Pleat, d.Go, d.OS) }

func (d *Server) text(p *page) { p.linef("%s", d.URL) }
