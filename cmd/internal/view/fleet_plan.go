package view

import (
	"fmt"
	"reflect"
	"strings"
)

// Merge makes one of groups whose targets differ, but need the same steps.
func (d *FleetPlan) Merge() {
	var out []GroupPlan
	for _, g := range d.Plans {
		merged := false
		for i := range out {
			if g.Error == nil && out[i].Error == nil && g.planned() && out[i].planned() && len(g.Differences)+len(out[i].Differences) == 0 &&
				len(g.Log)+len(out[i].Log) == 0 && reflect.DeepEqual(g.Steps, out[i].Steps) {
				out[i].Count += g.Count
				out[i].Targets = append(out[i].Targets, g.Targets...)
				merged = true
				break
			}
		}
		if !merged {
			out = append(out, g)
		}
	}
	if out != nil {
		d.Plans = out
	}
}

// planned says that the group was planned for.
func (g *GroupPlan) planned() bool { return g.NoOp || len(g.Steps) > 0 }

// text shows the plan that is written in full, and of the others what sets their targets apart.
func (d *FleetPlan) text(p *page) {
	for i := range d.Plans {
		d.group(p, i)
	}
	for _, t := range d.Unreachable {
		p.styledf(red, "unreadable: %s: %s", Clean(t.Target), firstLine(t.Message))
	}
	p.blank()
	p.styledf(bold, "%s", d.sentence())
	if len(d.Plans) == 0 {
		return
	}
	for _, file := range d.Plans[0].Files {
		p.linef("Wrote %s", file)
	}
	switch {
	case d.DryRun:
		p.linef("Nothing was written (--dry-run).")
	case len(d.Plans) > 1:
		p.linef("Only the plan for %s is written. Bring the others to the same state, or plan for one of them: pleat plan --env %s --target NAME",
			plural(d.Plans[0].Count, "target"), d.Environment)
	}
}

func (d *FleetPlan) group(p *page, i int) {
	g := d.Plans[i]
	const few = 5
	names := strings.Join(g.Targets[:min(few, len(g.Targets))], ", ")
	if g.Count > few {
		names += fmt.Sprintf(" and %d more", g.Count-few)
	}
	p.blank()
	p.styledf(bold, "%s: %s", plural(g.Count, "target"), names)
	if len(g.Differences)+len(g.Log) > 0 {
		p.linef("  not like the %s above:", plural(d.Plans[0].Count, "target"))
		for _, line := range g.Log {
			p.linef("    the log %s", line)
		}
		for _, c := range g.Differences {
			p.linef("    %s %s", symbols[c.Action].text, c.Object)
		}
	}
	switch {
	case g.Error != nil:
		p.styledf(red, "  no plan: %s", g.Error.Message)
	case g.NoOp:
		p.linef("  no changes: they match the schema files")
	case len(g.Steps) == 0:
		p.linef("  not planned for: there are too many different states")
	default:
		p.blank()
		p.changes(g.Changes)
		p.steps(g.Steps)
		p.blank()
		p.linef("%s", g.Summary.sentence())
		p.risks(g.Risks)
	}
}

// sentence is such as "3 plans cover 4987 + 12 + 1 targets".
func (d *FleetPlan) sentence() string {
	if len(d.Plans) == 0 {
		return "No target could be read."
	}
	var counts []string
	for _, g := range d.Plans {
		counts = append(counts, fmt.Sprint(g.Count))
	}
	verb := "cover"
	if len(d.Plans) == 1 {
		verb = "covers"
	}
	noun := "targets"
	if len(d.Plans) == 1 && d.Plans[0].Count == 1 {
		noun = "target"
	}
	text := fmt.Sprintf("%s %s %s %s.", plural(len(d.Plans), "plan"), verb, strings.Join(counts, " + "), noun)
	if n := len(d.Unreachable); n > 0 {
		text += fmt.Sprintf(" %s could not be read.", plural(n, "target"))
	}
	return text
}
