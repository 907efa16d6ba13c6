package draft

import (
	"context"
	"slices"
	"strings"

	"github.com/pleatdb/pleat/planner"
	"github.com/pleatdb/pleat/planner/online"
	"github.com/pleatdb/pleat/schema"
	"github.com/pleatdb/pleat/schema/sqltext"
)

// plan makes the plan. Where only measuring tells whether a column can be changed where it stands, the first plan does just that,
// and is there to be measured.
func (r *Request) plan(ctx context.Context, d *Draft, m *moves, found *findings, harmless map[schema.ID]bool) (plan *planner.Plan, measure bool, err error) {
	opts := planner.Options{Major: r.Major, Up: found.up, Down: found.down}
	if !r.Online {
		if plan, err = planner.New(m.state, d.Desired, opts); err == nil {
			r.guard(d, m, plan, online.Options{Options: opts, Converts: r.converts()})
		}
		return plan, false, err
	}
	if harmless == nil && uncertain(m.state, d.Desired) {
		plan, err = planner.New(m.state, d.Desired, opts)
		return plan, true, err
	}
	backfills := map[schema.ID]online.Backfill{}
	for id, b := range r.Desired.Backfills {
		backfills[id] = online.Backfill{Set: b.Set, Batch: b.Batch}
	}
	bounds, err := r.bounds(ctx, m.state, d.Desired)
	if err != nil {
		return nil, false, err
	}
	all := online.Options{
		Options: opts, Today: r.Version[:8], Renames: m.carried, Aliases: m.aliases, Backfills: backfills, Converts: r.converts(),
		Harmless: harmless, Hard: r.Hard, RenameColumn: sqltext.RenameColumn, RenameType: sqltext.RenameType, Columns: sqltext.ExprColumns, Bounds: bounds, Late: found.late,
		InPlace: r.inPlace(m), AtOnce: r.atOnce(), Taken: r.taken(),
	}
	if plan, err = online.New(m.state, d.Desired, all); err == nil {
		r.guard(d, m, plan, all)
	}
	return plan, false, err
}

func (r *Request) converts() map[schema.ID]online.Convert {
	out := map[schema.ID]online.Convert{}
	for id, c := range r.Desired.Converts {
		out[id] = online.Convert{Using: c.Using, Reverse: c.Reverse}
	}
	return out
}

// guard puts before each step that changes a type the check that no value is lost on the way, where the step has none yet.
func (r *Request) guard(d *Draft, m *moves, plan *planner.Plan, opts online.Options) {
	d.Lossy = nil
	for id, check := range online.Conversions(m.state, d.Desired, opts) {
		d.Lossy = append(d.Lossy, check)
		if slices.ContainsFunc(plan.Steps, func(s planner.Step) bool { return slices.Contains(s.Checks, check) }) {
			continue
		}
		i := slices.IndexFunc(plan.Steps, func(s planner.Step) bool {
			return slices.ContainsFunc(s.Up, func(s planner.Statement) bool { return s.Object == id })
		})
		if i >= 0 {
			plan.Steps[i].Checks = append(plan.Steps[i].Checks, check)
		}
	}
	slices.SortFunc(d.Lossy, func(a, b planner.Check) int { return strings.Compare(a.Message, b.Message) })
}

// uncertain reports whether a plan retypes columns or adds some with a default, which costs nothing or a table written anew.
func uncertain(from, to *schema.Catalog) bool {
	for _, c := range planner.Diff(from, to) {
		before, isTable := c.From.(*schema.Table)
		after, stays := c.To.(*schema.Table)
		if !isTable || !stays {
			continue
		}
		for _, col := range after.Columns {
			old := before.Column(col.Name)
			def := schema.ColumnID(after.ID(), col.Name)
			def.Kind = schema.KindDefault
			if old == nil && to.Has(def) || old != nil && (old.Type != col.Type || old.Collation != col.Collation) {
				return true
			}
		}
	}
	return false
}

// harmlessColumns lists the columns that a measured plan changed without reading, writing or building anything.
func harmlessColumns(plan *planner.Plan) map[schema.ID]bool {
	out := map[schema.ID]bool{}
	for _, step := range plan.Steps {
		for i, s := range step.Up {
			if s.Object.Kind != schema.KindColumn || i >= len(step.Effects) {
				continue
			}
			e := step.Effects[i]
			quiet := len(e.Rewrites)+len(e.Scans)+len(e.Builds)+len(e.Validates) == 0
			known, seen := out[s.Object]
			out[s.Object] = quiet && (known || !seen)
		}
	}
	return out
}
