package planner

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pleatdb/pleat/schema"
)

// maxRelations bounds how many relations one transaction creates or alters. Each takes some entries of the lock
// table, which holds max_locks_per_transaction × max_connections (64 × 100 by default, 13 to 18) for the
// whole server; 1,300 tables with their indexes in one transaction do not fit.
const maxRelations = 400

// cut divides the ordered actions into steps. All of a plan is one transaction, unless it adds values to an enum that
// the rest uses, which PostgreSQL refuses before the values are committed, or is too large for the lock table.
//
// The second result lists everything that the ways back touch.
func cut(p *planning, opts Options) ([]Step, []schema.ID, error) {
	groups := p.groups()
	states := p.states(groups)
	var steps []Step
	var touched []schema.ID
	for i, group := range groups {
		down, err := undo(states[i+1], states[i], opts.reversed())
		if err != nil {
			return nil, nil, fmt.Errorf("plan the way back: %w", err)
		}
		touched = append(touched, down.changedIDs()...)
		up := statements(group)
		if len(up) == 0 {
			continue
		}
		steps = append(steps, Step{
			Title:     title(group),
			Up:        up,
			Down:      statements(down.actions),
			Loses:     losses(group),
			DownLoses: losses(down.actions),
		})
	}
	return steps, touched, nil
}

// undo plans the way back of one step, which is one transaction: where it would add a value to an enum and use it, the
// enum is made anew instead.
func undo(from, to *schema.Catalog, opts Options) (*planning, error) {
	down, err := sequence(from, to, opts)
	if err != nil {
		return nil, err
	}
	grown, others := down.enumValues()
	if len(grown) == 0 || len(others) == 0 {
		return down, nil
	}
	opts.Up.Rebuild = maps.Clone(opts.Up.Rebuild)
	if opts.Up.Rebuild == nil {
		opts.Up.Rebuild = map[schema.ID]bool{}
	}
	for _, a := range grown {
		opts.Up.Rebuild[a.id] = true
	}
	return sequence(from, to, opts)
}

// groups lists the actions of each step.
func (p *planning) groups() [][]*action {
	rest := p.actions
	var out [][]*action
	if first, others := p.enumValues(); len(others) > 0 && len(first) > 0 {
		out, rest = append(out, first), others
	}
	start, relations := 0, 0
	for i, a := range rest {
		if a.id.Kind.IsRelation() || a.id.Kind == schema.KindIndex || a.id.Kind.IsConstraint() {
			relations++
		}
		if relations >= maxRelations && p.separable(rest[start:i+1], rest[i+1:]) {
			out = append(out, rest[start:i+1])
			start, relations = i+1, 0
		}
	}
	if start < len(rest) {
		out = append(out, rest[start:])
	}
	return out
}

// enumValues splits off the actions that add values to enums, if anything else in the plan needs one of them.
func (p *planning) enumValues() (values, others []*action) {
	grown := map[schema.ID]bool{}
	for _, a := range p.actions {
		if a.id.Kind == schema.KindEnum && p.changes[a.id].mode == alter {
			values = append(values, a)
			grown[a.id] = true
		} else {
			others = append(others, a)
		}
	}
	for _, a := range others {
		for _, id := range append(slices.Clone(a.makes), a.id) {
			for _, need := range p.reaches(id) {
				if grown[need] {
					return values, others
				}
			}
		}
	}
	return nil, p.actions
}

// reaches lists what an object needs, and what its columns and those need: a check needs the type of the column
// that it compares.
func (p *planning) reaches(id schema.ID) []schema.ID {
	out := allNeeds(p.to, id)
	for _, need := range slices.Clone(out) {
		out = append(out, allNeeds(p.to, need)...)
	}
	return out
}

// separable reports whether no object is changed by actions on both sides, so that the state between them can
// be described.
func (p *planning) separable(before, after []*action) bool {
	seen := map[schema.ID]bool{}
	for _, a := range before {
		seen[subject(a.id)] = true
	}
	return !slices.ContainsFunc(after, func(a *action) bool { return seen[subject(a.id)] })
}

// subject is the object whose state an action changes: for a column its table.
func subject(id schema.ID) schema.ID {
	if id.Kind == schema.KindColumn {
		return schema.ID{Kind: schema.KindTable, Schema: id.Schema, Name: id.Parent}
	}
	return id
}

// states lists the catalog before each step and, last, after all.
func (p *planning) states(groups [][]*action) []*schema.Catalog {
	step := map[schema.ID]int{}
	for i, group := range groups {
		for _, a := range group {
			step[subject(a.id)] = i
			for _, id := range append(slices.Clone(a.makes), a.drops...) {
				step[subject(id)] = i
			}
		}
	}
	out := []*schema.Catalog{p.from}
	for i := range groups {
		if i == len(groups)-1 {
			out = append(out, p.to)
			break
		}
		next := out[i].Clone()
		for _, id := range p.changedIDs() {
			if at, ok := p.stepOf(step, id); !ok || at != i {
				continue
			}
			next.Remove(id)
			next.Put(p.to, id)
		}
		out = append(out, next)
	}
	return out
}

// stepOf finds the step of an object without an action of its own: what was folded into a table, or goes with it.
func (p *planning) stepOf(step map[schema.ID]int, id schema.ID) (int, bool) {
	if at, ok := step[id]; ok {
		return at, true
	}
	for _, c := range []*schema.Catalog{p.to, p.from} {
		if owner, ok := c.Owner(id); ok {
			if at, ok := step[owner]; ok {
				return at, true
			}
		}
	}
	return 0, false
}

func losses(actions []*action) []schema.ID {
	seen := map[schema.ID]bool{}
	for _, a := range actions {
		for _, id := range a.loses {
			seen[id] = true
		}
	}
	return sortedIDs(seen)
}

// title says in a few words what the step does.
func title(actions []*action) string {
	var parts []string
	for _, a := range actions {
		if len(a.sql) == 0 {
			continue
		}
		if part := a.describe(); !slices.Contains(parts, part) {
			parts = append(parts, part)
		}
	}
	const shown = 3
	if n := len(parts); n > shown+1 {
		return strings.Join(parts[:shown], ", ") + fmt.Sprintf(" and %d more", n-shown)
	}
	return strings.Join(parts, ", ")
}
