package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"github.com/pleatdb/pleat/cmd/internal/fleet"
	"github.com/pleatdb/pleat/cmd/internal/view"
	"github.com/pleatdb/pleat/history/migration"
)

// planned is how many different groups of targets are planned for; more are listed with what differs, and no plan.
const planned = 8

// overFleet plans for all targets: they are inspected and grouped, each distinct state is planned for once, and the plan of the largest
// group is written. What the others would need is shown, and written for none: a file that was made for another state would refuse
// to run on them, or should.
func (o *planOptions) overFleet(ctx context.Context, p *project) error {
	x, err := p.expedition(ctx, errand{name: "plan", over: o.fleet})
	if err != nil {
		return err
	}
	s := &survey{expedition: x, groups: map[string]*group{}}
	if err := s.look(ctx); err != nil {
		return err
	}
	doc := &view.FleetPlan{Environment: p.env.Name, All: len(x.rest), DryRun: o.dryRun, Plans: []view.GroupPlan{}, Unreachable: []view.FleetTarget{}}
	failed := s.unreachable(doc)
	groups := s.sorted()
	s.check(groups)
	var first error
	doc.Plans = make([]view.GroupPlan, len(groups))
	// The largest group comes last: its file must not be pending for the others, which are planned for from the same files.
	for i, g := range slices.Backward(groups) {
		plan := view.GroupPlan{Targets: g.names(), Count: len(g.targets)}
		if i > 0 {
			plan.Differences = view.Differences(groups[0].catalog, g.catalog)
			plan.Log = g.lacks(groups[0])
		}
		if i < planned {
			if err := o.planGroup(ctx, x, g, i == 0, &plan); err != nil && i == 0 {
				first = err
			}
		}
		doc.Plans[i] = plan
	}
	doc.Merge()
	if first != nil {
		return first
	}
	if err := p.view.Show(doc); err != nil {
		return err
	}
	switch {
	case failed:
		return shown{errors.New("not all targets could be read")}
	case o.detailedExitcode && slices.ContainsFunc(doc.Plans, func(g view.GroupPlan) bool { return !g.NoOp }):
		return errFound
	}
	return nil
}

// planGroup plans for the first target of a group. Only that of the largest group is written.
func (o *planOptions) planGroup(ctx context.Context, x *expedition, g *group, largest bool, plan *view.GroupPlan) error {
	var result bytes.Buffer
	q, err := x.at(g.targets[0], x.home, x.view.Of(&result, g.targets[0].Name))
	if err == nil {
		mine := *o
		mine.dryRun = o.dryRun || !largest
		mine.detailedExitcode = false
		err = mine.on(ctx, q)
	}
	if err != nil {
		f := view.Explain(err)
		plan.Error = &f
		return err
	}
	var full view.Plan
	if err := json.Unmarshal(result.Bytes(), &full); err != nil {
		return err
	}
	plan.NoOp, plan.Name, plan.Files, plan.Summary, plan.Changes, plan.Steps, plan.Risks, plan.SQL =
		full.NoOp, full.Name, full.Files, full.Summary, full.Changes, full.Steps, full.Risks, full.SQL
	return nil
}

// onTarget plans for one target of the environment, or says why there is none.
func (o *planOptions) onTarget(ctx context.Context, p *project) error {
	// From the directory alone a plan is the same for all of them.
	if p.fleet == nil || p.place != nil || o.from == "migrations" {
		if used := o.fleet.used(); used != "" {
			return &view.Refusal{Code: "usage", Message: used + " is about many targets", Next: "name an environment with a block \"targets\""}
		}
		return o.on(ctx, p)
	}
	return o.overFleet(ctx, p)
}

// unreachable puts the targets that could not be read into the plan.
func (s *survey) unreachable(doc *view.FleetPlan) bool {
	for _, o := range s.outcomes {
		if o.State == fleet.Failed || o.State == fleet.Interrupted || o.State == fleet.NotStarted {
			doc.Unreachable = append(doc.Unreachable, view.FleetTarget{
				Target: o.Target.Name, Schema: o.Target.Schema, State: string(o.State), Milliseconds: o.Took.Milliseconds(), Code: o.Code, Message: o.Message,
			})
		}
	}
	return len(doc.Unreachable) > 0
}

// templates are the migration files as they are written, whatever the target.
func (p *project) templates() (*migration.Dir, error) {
	d, err := migration.ReadDir(p.migrations)
	if err != nil {
		return nil, err
	}
	return d, d.Validate()
}

// names are those of a group's targets, the first few of many.
func (g *group) names() []string {
	const few = 50
	var out []string
	for _, t := range g.targets[:min(few, len(g.targets))] {
		out = append(out, t.Name)
	}
	return out
}

// lacks says how the log of a group is behind, or ahead of, that of another.
func (g *group) lacks(other *group) (out []string) {
	mine, theirs := strings.Fields(g.pending), strings.Fields(other.pending)
	for _, v := range mine {
		if !slices.Contains(theirs, v) {
			out = append(out, "has not got "+v)
		}
	}
	for _, v := range theirs {
		if !slices.Contains(mine, v) {
			out = append(out, "has "+v+" already")
		}
	}
	return out
}
