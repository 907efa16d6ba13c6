package view

import (
	"fmt"
	"strings"
	"time"

	"github.com/pleatdb/pleat/apply/rehearse"
	"github.com/pleatdb/pleat/inspect/shadow/rows"
)

// NewRehearsal turns the result of a rehearsal into its published shape.
func NewRehearsal(database string, r *rehearse.Result, attached []string) *Rehearsal {
	d := &Rehearsal{
		Database: database, Passed: r.Passed(), Postgres: r.Version, Where: r.Where, Source: string(r.Source), Rows: r.Rows,
		Files: []RehearsedFile{}, Checks: []Offence{}, Tables: []FilledTable{}, Reasons: []RehearsalReason{},
		Remarks: append([]string{}, r.Notes...), Attached: append([]string{}, attached...),
	}
	for _, f := range r.Files {
		d.Files = append(d.Files, rehearsedFile(f))
	}
	for _, c := range r.Checks {
		d.Checks = append(d.Checks, offence(c))
	}
	for _, t := range r.Tables {
		d.Tables = append(d.Tables, filledTable(t))
	}
	for _, reason := range r.Reasons {
		d.Reasons = append(d.Reasons, RehearsalReason{reason.Code, reason.File, reason.Step, reason.Message})
	}
	return d
}

func filledTable(t rows.Filled) FilledTable {
	return FilledTable{Table: t.Table.Path(), Rows: t.Rows, Wanted: t.Wanted, Reason: t.Reason}
}

func rehearsedFile(f *rehearse.File) RehearsedFile {
	out := RehearsedFile{File: f.Migration.File(), Phase: string(f.Migration.Phase), Passages: []string{}, Steps: []RehearsedStep{}}
	for _, p := range f.Passages {
		out.Passages = append(out.Passages, string(p))
	}
	for _, s := range f.Steps {
		out.Steps = append(out.Steps, RehearsedStep{
			Passage: string(s.Passage), Number: s.Number, Title: s.Title, Batched: s.Batched, Milliseconds: milliseconds(s.Duration),
			LockMilliseconds: milliseconds(s.Lock.Held), LockMode: s.Lock.Mode, LockOn: s.Lock.Relation,
		})
	}
	return out
}

func milliseconds(d time.Duration) float64 {
	return float64(d.Round(10*time.Microsecond)) / float64(time.Millisecond)
}

func (d *Rehearsal) text(p *page) {
	if len(d.Files) == 0 {
		p.linef("Nothing to rehearse. %s has every migration that may run.", databaseName(d.Database))
		return
	}
	p.linef("Rehearsed on %s, %s:", d.Where, d.with())
	for _, f := range d.Files {
		p.blank()
		p.styledf(bold, "%s", f.File)
		table := [][]string{{"way", "step", "took", "longest lock"}}
		for _, s := range f.Steps {
			table = append(table, s.row())
		}
		p.table("  ", table)
	}
	p.blank()
	for _, t := range d.Tables {
		if t.Rows == 0 && t.Wanted > 0 {
			p.styledf(yellow, "no rows: %s: %s", t.Table, t.Reason)
		}
	}
	for _, remark := range d.Remarks {
		p.linef("note: %s", remark)
	}
	for _, c := range d.Checks {
		p.styledf(red, "in the way on the target: %s, step %d: %s: %s, such as %s", c.File, c.Step, c.Message, plural(int(c.Count), "row"), strings.Join(c.Rows, ", "))
	}
	for _, r := range d.Reasons {
		where := r.File
		if r.Step > 0 {
			where += fmt.Sprintf(", step %d", r.Step)
		}
		if where != "" {
			where += ": "
		}
		p.styledf(red, "%s: %s%s", r.Code, where, r.Message)
	}
	if !d.Passed {
		p.styledf(red, "Failed for %s.", plural(len(d.Reasons), "reason"))
		return
	}
	p.styledf(green, "Passed.")
	for _, file := range d.Attached {
		p.linef("The result is in the head of %s.", file)
	}
}

// with says which rows the copy had.
func (d *Rehearsal) with() string {
	switch d.Source {
	case string(rehearse.Generate):
		return fmt.Sprintf("with %s made for each table", plural(d.Rows, "row"))
	case string(rehearse.Sample):
		return fmt.Sprintf("with a sample of %s of each table", plural(d.Rows, "row"))
	case string(rehearse.None):
		return "without rows"
	}
	return "with the rows that it has"
}

func (s *RehearsedStep) row() []string {
	name := s.Title
	if name == "" && s.Number > 0 {
		name = fmt.Sprintf("step %d", s.Number)
	} else if name == "" {
		name = "all of it"
	} else {
		name = fmt.Sprintf("%d %s", s.Number, name)
	}
	const widest = 60
	if runes := []rune(name); len(runes) > widest {
		name = string(runes[:widest-1]) + "…"
	}
	lock := "none seen"
	if s.LockOn != "" {
		lock = fmt.Sprintf("%.0f ms %s on %s", s.LockMilliseconds, s.LockMode, s.LockOn)
	}
	return []string{s.Passage, name, fmt.Sprintf("%.0f ms", s.Milliseconds), lock}
}
