package view

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/pleatdb/pleat/history"
	"github.com/pleatdb/pleat/history/legacy"
)

// NewImportedHistory turns a history into its published shape.
func NewImportedHistory(h *legacy.History, directory string) *ImportedHistory {
	d := &ImportedHistory{
		Tool: string(h.Source.Tool), Schema: h.Source.Schema, Table: h.Source.Table, Layout: h.Source.Layout, Project: h.Source.Project,
		Why: h.Source.Why, Rows: h.Source.Rows, Directory: directory, Found: len(h.Files),
		Entries: make([]ImportedEntry, 0, len(h.Entries)), Markers: []ImportedMarker{}, States: map[string]int{}, FileStates: map[string]int{},
		Pending: []ImportedPending{}, Accepted: []ImportProblem{}, Problems: []ImportProblem{}, Notes: append([]string{}, h.Notes...),
		Alignment: ImportAlignment{Differences: []ImportedDifference{}}, Frozen: []string{},
	}
	for i := range h.Entries {
		e := importedEntry(&h.Entries[i])
		d.States[e.State]++
		d.FileStates[e.File.State]++
		d.Entries = append(d.Entries, e)
	}
	for _, m := range h.Markers {
		d.Markers = append(d.Markers, ImportedMarker{m.Why, m.Row})
	}
	for _, f := range h.Pending {
		d.Pending = append(d.Pending, ImportedPending{Key: f.Key, Path: f.Path})
	}
	return d
}

func importedEntry(e *legacy.Entry) ImportedEntry {
	out := ImportedEntry{
		Order: e.Order, Key: e.Key, Recorded: e.Key, Version: e.Version, Name: e.Name, By: e.By, Checksum: e.Checksum, State: string(e.State),
		InEffect: e.InEffect, Note: e.Note, File: ImportedFile{string(e.File.State), e.File.Path, e.File.Reason}, Row: e.Row,
	}
	out.AppliedAt, out.Zone = AppliedAt(e.AppliedAt, e.Local)
	if e.Duration != nil {
		ms := e.Duration.Milliseconds()
		out.Milliseconds = &ms
	}
	return out
}

// AppliedAt writes a time as the log and the JSON have it, and its zone; both are empty for the zero time.
func AppliedAt(at time.Time, local bool) (text, zone string) {
	switch {
	case at.IsZero():
		return "", ""
	case local:
		return at.Format(history.LocalTime), "unknown"
	}
	return at.UTC().Format(time.RFC3339Nano), "UTC"
}

// ImportProblems turns problems into their published shape.
func ImportProblems(list []legacy.Problem) []ImportProblem {
	out := make([]ImportProblem, 0, len(list))
	for _, p := range list {
		out = append(out, ImportProblem{string(p.Code), p.Key, p.Message, p.Next})
	}
	return out
}

// ImportRefusal is that a history cannot be taken over; it has at least one problem. History is what was read of it; nil where it was not.
type ImportRefusal struct {
	Problems []legacy.Problem
	History  *ImportedHistory
}

// Error is the first problem, and how many there are.
func (e *ImportRefusal) Error() string {
	if n := len(e.Problems); n > 1 {
		return fmt.Sprintf("%s (and %d more)", e.Problems[0].Error(), n-1)
	}
	return e.Problems[0].Error()
}

// explain gives the code of the first problem.
func (e *ImportRefusal) explain(f *Failure) {
	first := e.Problems[0]
	f.Code, f.Reason, f.Message, f.Next = string(first.Code), string(first.Code), first.Message, first.Next
	f.Problems, f.History = ImportProblems(e.Problems), e.History
}

// Verbose has the text list all entries.
func (d *Import) Verbose() { d.verbose = true }

func (d *Import) text(p *page) {
	if d.History != nil {
		d.History.text(p, d.verbose)
		p.blank()
	}
	wrote, recorded := "Wrote", "Recorded"
	if d.DryRun {
		wrote, recorded = "Would write", "Would record"
	}
	for _, file := range d.Files {
		p.linef("%s %s", wrote, file)
	}
	if d.Baseline != "" {
		p.linef("%s version %s as the baseline: everything that is there counts as present.", recorded, d.Baseline)
	}
	if h := d.History; h != nil {
		p.linef("%s %s of %s in the log, as imported: nothing of it runs again, and nothing of it can be rolled back.", recorded, plural(len(h.Entries), "entry"), h.Tool)
		for _, table := range h.Frozen {
			p.linef("Frozen: %s; %s fails there now, with a message that names pleat.", oneLine(table), h.Tool)
		}
	}
	if d.Next != "" {
		p.linef("Next: %s", d.Next)
	}
}

const (
	// entriesShown is above how many entries the text shows only the newest ones.
	entriesShown = 20
	// statesOrder and fileStatesOrder are how counts are listed.
	statesOrder     = "applied repeatable baseline inferred undone failed"
	fileStatesOrder = "verified mismatched missing unverifiable"
)

func (h *ImportedHistory) text(p *page, verbose bool) {
	p.linef("Found the history of %s in %s (%s)%s.", h.Tool, h.source(), plural(int(h.Rows), "row"), because(h.Why))
	if h.Directory != "" {
		p.linef("Its migrations are in %s (%d found).", h.Directory, h.Found)
	} else {
		p.linef("No directory of its migrations was given (--legacy), so no file was compared.")
	}
	h.table(p, verbose)
	p.linef("%s: %s. Files: %s.", plural(len(h.Entries), "entry"), listedCounts(h.States, statesOrder), listedCounts(h.FileStates, fileStatesOrder))
	for _, m := range h.Markers {
		p.styledf(faint, "no migration: %s", m.Why)
	}
	for _, note := range h.Notes {
		p.linef("note: %s", oneLine(note))
	}
	for _, a := range h.Accepted {
		p.styledf(yellow, "accepted: %s: %s (%s)", a.Code, oneLine(a.Message), oneLine(h.Reason))
	}
	h.alignment(p)
	for _, f := range h.Pending {
		if f.Migration != "" {
			p.styledf(yellow, "pending: %s has not run and becomes %s", f.Path, f.Migration)
		} else {
			p.styledf(yellow, "pending: %s has not run and stays with %s", f.Path, h.Tool)
		}
	}
}

func because(why string) string {
	if why == "" {
		return ""
	}
	return ", by " + why
}

func (h *ImportedHistory) source() string {
	text := oneLine(history.FrozenTable{Schema: h.Schema, Table: h.Table}.SQL())
	if h.Layout != "" {
		text += ", layout " + h.Layout
	}
	if h.Project != "" {
		text += ", project " + oneLine(h.Project)
	}
	return text
}

// table lists the entries, only the newest ones where there are many.
func (h *ImportedHistory) table(p *page, verbose bool) {
	list := h.Entries
	if len(list) > entriesShown && !verbose {
		p.styledf(faint, "  … %d earlier entries (--verbose lists them)", len(list)-entriesShown)
		list = list[len(list)-entriesShown:]
	}
	var rows [][]string
	for _, e := range list {
		state := e.State
		if !e.InEffect && (e.State == "applied" || e.State == "repeatable" || e.State == "baseline") {
			state += " (no longer in effect)"
		}
		what := strings.TrimSpace(e.Version + " " + strings.TrimSpace(strings.TrimPrefix(e.Name, e.Version)))
		at := e.AppliedAt
		if e.Zone == "unknown" {
			at += " (zone unknown)"
		}
		rows = append(rows, []string{state, what, at, e.File.remark(), e.Note})
	}
	p.table("  ", rows)
}

func (f ImportedFile) remark() string {
	text := f.State
	if f.Path != "" {
		text += " " + f.Path
	}
	if f.State != "verified" && f.Reason != "" {
		text += ": " + f.Reason
	}
	return text
}

// listedCounts lists counts in an order, "3 applied, 1 undone".
func listedCounts(counts map[string]int, order string) string {
	var out []string
	words := strings.Fields(order)
	for _, word := range slices.Sorted(maps.Keys(counts)) {
		if !slices.Contains(words, word) {
			words = append(words, word)
		}
	}
	for _, word := range words {
		if counts[word] > 0 {
			out = append(out, fmt.Sprintf("%d %s", counts[word], word))
		}
	}
	if len(out) == 0 {
		return "none"
	}
	return strings.Join(out, ", ")
}

func (h *ImportedHistory) alignment(p *page) {
	a := h.Alignment
	switch {
	case !a.Compared:
		p.linef("The database was not compared with what the files build: %s.", a.Reason)
		return
	case len(a.Differences) == 0:
		p.styledf(green, "The database is what its %s build.", plural(a.Files, "file"))
	default:
		p.styledf(yellow, "The database is not what its %s build. This is drift of the time before pleat, and it is described as it is now:", plural(a.Files, "file"))
	}
	for _, d := range a.Differences {
		p.drifted(d)
	}
	for _, note := range a.Notes {
		p.linef("note: %s", note)
	}
}

// drifted writes one object that is not as the files build it.
func (p *page) drifted(d ImportedDifference) {
	switch d.Kind {
	case "missing":
		p.styledf(red, "    - %s  # the files make it, the database does not have it", oneLine(d.Object))
	case "extra":
		p.styledf(green, "    + %s  # no file makes it", oneLine(d.Object))
	default:
		p.styledf(yellow, "    ~ %s", oneLine(d.Object))
	}
	for _, line := range d.Detail {
		p.block(plain, "        ", line)
	}
}

func (d *ImportFrozen) text(p *page) {
	what := "Frozen"
	if d.DryRun {
		what = "Would freeze"
	}
	for _, table := range d.Frozen {
		p.linef("%s: %s; %s fails there, with a message that names pleat.", what, oneLine(table), d.Tool)
	}
}

func (d *ImportUndone) text(p *page) {
	removed, taken := "Removed", "is taken back"
	if d.DryRun {
		removed, taken = "Would remove", "would be taken back"
	}
	for _, file := range d.Removed {
		p.linef("%s %s", removed, file)
	}
	for _, file := range d.Kept {
		p.styledf(yellow, "Kept %s", file)
	}
	for _, table := range d.Thawed {
		p.linef("Thawed %s", oneLine(table))
	}
	what := "The baseline"
	if d.Tool != "" {
		what = fmt.Sprintf("The import of %s of %s", plural(d.Entries, "entry"), d.Tool)
	}
	p.linef("%s of %s %s; the log keeps it, and says so.", what, d.Of.Format(time.RFC3339), taken)
}
