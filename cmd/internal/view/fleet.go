package view

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/pleatdb/pleat/cmd/internal/fleet"
)

// Of is the view of one target of many. Its result is JSON for result, masked as all output is; what it tells people goes to the
// view's standard error, each line with the target's name before it.
func (v *View) Of(result io.Writer, target string) *View {
	s := v.streams
	out := &Streams{In: strings.NewReader(""), Out: maskedWriter{result, s.mask}, Err: prefixed{s.Err, Line(target) + " | "}, mask: s.mask}
	o := v.opts
	o.JSON, o.JSONInto, o.NoColor = true, "", true
	return New(out, o)
}

// Line is a text on one line, for a name that somebody else chose.
func Line(text string) string { return oneLine(Clean(text)) }

// prefixed puts a text before each line. What it is given in one piece it writes in one piece, so that targets do not mix their words.
type prefixed struct {
	to     io.Writer
	prefix string
}

// Write reports the length of what was given.
func (w prefixed) Write(text []byte) (int, error) {
	var b strings.Builder
	for line := range bytes.Lines(text) {
		if len(bytes.TrimSpace(line)) > 0 {
			b.WriteString(w.prefix)
			b.Write(line)
		}
	}
	if b.Len() > 0 {
		if _, err := io.WriteString(w.to, b.String()); err != nil {
			return 0, err
		}
	}
	return len(text), nil
}

// FailureOf is the JSON of an error as the command would print it.
func (v *View) FailureOf(err error) json.RawMessage {
	d := &Failed{Head: Head{Version: ShapeVersion, Command: v.opts.Command, Notes: v.takeNotes()}, Unmanaged: v.takeListed(), Error: Explain(err)}
	text, err := json.Marshal(d)
	if err != nil {
		return nil
	}
	return json.RawMessage(v.streams.Mask(string(text)))
}

// Sum says in a few words what a command's own result says of a target. A text that is no result counts as done.
func Sum(result []byte) (fleet.State, string) {
	var d struct {
		Command    string
		DryRun     bool `json:"dry_run"`
		Done       []Migration
		Pending    json.RawMessage
		Held       []Held
		Drift      json.RawMessage
		UpToDate   bool     `json:"up_to_date"`
		InSync     bool     `json:"in_sync"`
		Differs    []Change `json:"differences"`
		OK         bool     `json:"ok"`
		Problems   []string
		Migrations []StatusOfOne
	}
	if json.Unmarshal(result, &d) != nil {
		return fleet.Done, ""
	}
	switch d.Command {
	case "apply":
		return sumRun(d.DryRun, len(d.Done), d.Pending, len(d.Held), d.Drift)
	case "status":
		return sumStatus(d.UpToDate, d.Pending, len(d.Held), d.Problems, d.Migrations)
	case "drift":
		return sumDrift(d.InSync, d.Differs)
	case "verify":
		if d.OK {
			return fleet.Done, "in order"
		}
		return fleet.Differs, plural(len(d.Problems), "problem") + ": " + strings.Join(d.Problems[:min(1, len(d.Problems))], "")
	}
	return fleet.Done, ""
}

func sumRun(dry bool, done int, pending json.RawMessage, held int, drift json.RawMessage) (fleet.State, string) {
	var list []Migration
	_ = json.Unmarshal(pending, &list) // absent is none
	also := ""
	if held > 0 {
		also = fmt.Sprintf(", %d held", held)
	}
	var objects []string
	_ = json.Unmarshal(drift, &objects) // absent is none
	if n := len(objects); n > 0 {
		also += ", changed outside of pleat: " + plural(n, "object")
	}
	switch {
	case dry && len(list) > 0:
		return fleet.Done, "would apply " + plural(len(list), "migration") + also
	case done > 0:
		return fleet.Done, "applied " + plural(done, "migration") + also
	}
	return fleet.UpToDate, "nothing to do" + also
}

func sumStatus(upToDate bool, pending json.RawMessage, held int, problems []string, migrations []StatusOfOne) (fleet.State, string) {
	var count int
	_ = json.Unmarshal(pending, &count) // absent is none
	newest := ""
	for _, m := range migrations {
		if m.State == "applied" {
			newest = ", at " + m.Version
		}
	}
	var words []string
	for _, m := range migrations {
		if m.State == "failed" || m.State == "partial" {
			words = append(words, m.State+": "+m.Version+"_"+m.Name)
		}
	}
	words = append(words, problems...)
	if count > 0 {
		words = append(words, plural(count, "migration")+" pending")
	}
	if held > 0 {
		words = append(words, fmt.Sprintf("%d held", held))
	}
	if upToDate {
		return fleet.UpToDate, strings.Join(append([]string{"up to date"}, words...), ", ") + newest
	}
	return fleet.Done, strings.Join(words, ", ") + newest
}

func sumDrift(inSync bool, differences []Change) (fleet.State, string) {
	if inSync {
		return fleet.Done, "no drift"
	}
	const few = 3
	var names []string
	for _, c := range differences[:min(few, len(differences))] {
		names = append(names, c.Object)
	}
	text := strings.Join(names, ", ")
	if n := len(differences); n > few {
		text += fmt.Sprintf(" and %d more", n-few)
	}
	return fleet.Differs, text
}

// StateWord is the word for people of how a target came out.
func StateWord(state string) string {
	word, ok := map[string]string{string(fleet.UpToDate): "ok", string(fleet.Done): "ok", string(fleet.NotStarted): "not started"}[state]
	if !ok {
		return state
	}
	return word
}

// NewFleet turns a report into its published shape.
func NewFleet(environment, run string, all int, r *fleet.Report) *Fleet {
	d := &Fleet{Environment: environment, Run: run, All: all, Targets: []FleetTarget{}, Counts: map[string]int{}, Stopped: r.Stopped}
	for _, o := range r.Outcomes {
		d.Counts[string(o.State)]++
		t := FleetTarget{
			Target: o.Target.Name, Schema: o.Target.Schema, State: string(o.State), Canary: o.Canary, Milliseconds: o.Took.Milliseconds(), Code: o.Code, Message: o.Message,
		}
		if len(o.Report) > 0 && json.Valid(o.Report) {
			t.Report = o.Report
		}
		d.Targets = append(d.Targets, t)
	}
	return d
}

// text lists every target of a small fleet; of a large one what needs a person, and the others as a number.
func (d *Fleet) text(p *page) {
	const small = 40
	var rows [][]string
	quiet := 0
	for _, t := range d.Targets {
		well := t.State == string(fleet.Done) || t.State == string(fleet.UpToDate)
		if well && len(d.Targets) > small {
			quiet++
			continue
		}
		took := ""
		if t.Milliseconds > 0 {
			took = (time.Duration(t.Milliseconds) * time.Millisecond).Round(10 * time.Millisecond).String()
		}
		stage := ""
		if t.Canary {
			stage = "canary"
		}
		rows = append(rows, []string{Clean(t.Target), StateWord(t.State), stage, took, firstLine(t.Message)})
	}
	p.table("", rows)
	if quiet > 0 {
		p.linef("and %s that need nobody.", plural(quiet, "target"))
	}
	p.blank()
	p.styledf(bold, "%s", d.sentence())
	if d.Stopped != "" {
		p.styledf(red, "Stopped: %s. Nothing more was started.", d.Stopped)
	}
	if d.Ledger != "" && (d.Stopped != "" || d.Counts[string(fleet.Failed)]+d.Counts[string(fleet.Interrupted)] > 0) {
		p.linef("Next: mend what failed, then go on with: pleat %s --env %s --resume=%s", d.Command, d.Environment, d.Run)
	}
}

func (d *Fleet) sentence() string {
	text := plural(len(d.Targets), "target")
	if len(d.Targets) != d.All {
		text += fmt.Sprintf(" of %d", d.All)
	}
	var words []string
	for _, s := range []fleet.State{fleet.Done, fleet.UpToDate, fleet.Differs, fleet.Failed, fleet.Interrupted, fleet.NotStarted} {
		if n := d.Counts[string(s)]; n > 0 {
			words = append(words, fmt.Sprintf("%d %s", n, strings.ReplaceAll(string(s), "_", " ")))
		}
	}
	if len(words) == 0 {
		return text + ": nothing was left to do."
	}
	return text + ": " + strings.Join(words, ", ") + "."
}
