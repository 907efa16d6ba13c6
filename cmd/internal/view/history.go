package view

import (
	"fmt"
	"time"

	"github.com/pleatdb/pleat/history"
)

// NewHistory turns the log into its published shape. Without verbose the text leaves out the single steps; the JSON has all.
func NewHistory(database string, entries []history.Entry, verbose bool) *History {
	d := &History{Database: database, Events: []Event{}, verbose: verbose}
	for _, e := range entries {
		d.Events = append(d.Events, Event{
			ID: e.ID, At: e.At.UTC(), Kind: string(e.Kind), Version: e.Version, Name: e.Name, Phase: string(e.Phase), Step: e.Step,
			Run: e.Run, Release: e.Release, Actor: e.Actor, Client: clientName(e.Client), Tool: e.Tool,
			Milliseconds: e.Duration.Milliseconds(), SQLState: e.SQLState, Detail: e.Detail, Digest: e.Digest,
		})
	}
	return d
}

func clientName(c history.Client) string {
	if c.User == "" || c.Host == "" {
		return c.User + c.Host
	}
	return c.User + "@" + c.Host
}

// details are the kinds that only a verbose history shows.
var details = map[history.Kind]bool{
	history.StepStarted: true, history.StepDone: true, history.UndoStarted: true, history.UndoDone: true, history.RunStarted: true,
	history.RunFinished: true, history.Created: true, history.EvidenceCounted: true, history.Upgraded: true,
}

func (d *History) text(p *page) {
	if len(d.Events) == 0 {
		p.linef("%s has no history yet.", databaseName(d.Database))
		return
	}
	var rows [][]string
	if n := d.count(history.Imported) - entriesShown; n > 0 && !d.verbose {
		p.styledf(faint, "… %d earlier imported entries (--verbose lists them)", n)
	}
	imported := d.count(history.Imported)
	for _, e := range d.Events {
		if details[history.Kind(e.Kind)] && !d.verbose {
			continue
		}
		if e.Kind == string(history.Imported) && !d.verbose {
			if imported--; imported >= entriesShown {
				continue
			}
		}
		rows = append(rows, e.row(d.verbose))
	}
	p.table("", rows)
}

// count counts the events of a kind.
func (d *History) count(kind history.Kind) (n int) {
	for _, e := range d.Events {
		if e.Kind == string(kind) {
			n++
		}
	}
	return n
}

// legacy says what another tool's history has of an imported entry, and what an import came to.
func (e Event) legacy() string {
	text := func(key string) string { s, _ := e.Detail[key].(string); return s }
	switch history.Kind(e.Kind) {
	case history.Imported:
		out := text("tool")
		if v := text("version"); v != "" && v != e.Version {
			out += " " + v
		}
		out += ", " + text("state")
		if in, said := e.Detail["in_effect"].(bool); said && !in && text("state") == "applied" {
			out += ", no longer in effect"
		}
		if at := text("applied_at"); at != "" {
			out += " at " + at
		}
		if text("zone") == "unknown" {
			out += " (zone unknown)"
		}
		return out
	case history.ImportSummary:
		return fmt.Sprintf("%v entries of %s from %s.%s", e.Detail["entries"], text("tool"), text("schema"), text("table"))
	case history.Frozen:
		return "the tables of " + text("tool")
	case history.ImportUndone:
		return fmt.Sprintf("takes back the import of row %v", e.Detail["of"])
	}
	return ""
}

func (e Event) row(verbose bool) []string {
	what := e.Version
	if e.Name != "" {
		what += "_" + e.Name
	}
	if e.Phase != "" {
		what += "." + e.Phase
	}
	if e.Step > 0 {
		what += fmt.Sprintf(" step %d", e.Step)
	}
	took := ""
	if e.Milliseconds > 0 {
		took = (time.Duration(e.Milliseconds) * time.Millisecond).String()
	}
	row := []string{e.At.Format(time.RFC3339), e.Kind, what, e.Actor}
	if !verbose {
		return append(row, took, e.message())
	}
	run := ""
	if e.Run != "" {
		run = "run " + e.Run
	}
	return append(row, took, e.Client, run, e.message())
}

// message is the server's or pleat's remark, where there is one.
func (e Event) message() string {
	if text := e.legacy(); text != "" {
		return text
	}
	text, _ := e.Detail["message"].(string)
	if e.SQLState != "" && text == "" {
		return "SQLSTATE " + e.SQLState
	}
	return firstLine(text)
}
