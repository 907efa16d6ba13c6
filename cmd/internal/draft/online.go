package draft

import (
	"context"

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
		plan, err = planner.New(m.state, d.Desired, opts)
		return plan, false, err
	}
	if harmless == nil && uncertain(m.state, d.Desired) {
		plan, err = planner.New(m.state, d.Desired, opts)
		return plan, true, err
	}
	backfills, converts := map[schema.ID]online.Backfill{}, map[schema.ID]online.Convert{}
	for id, b := range r.Desired.Backfills {
		backfills[id] = online.Backfill{Set: b.Set, Batch: b.Batch}
	}
	for id, c := range r.Desired.Converts {
		converts[id] = online.Convert{Using: c.Using, Reverse: c.Reverse}
	}
	bounds, err := r.bounds(ctx, m.state, d.Desired)
	if err != nil {
		return nil, false, err
	}
	plan, err = online.New(m.state, d.Desired, online.Options{
		Options: opts, Today: r.Version[:8], Renames: m.carried, Aliases: m.aliases, Backfills: backfills, Converts: converts,
		Harmless: harmless, Hard: r.Hard, RenameColumn: sqltext.RenameColumn, RenameType: sqltext.RenameType, Columns: sqltext.ExprColumns, Bounds: bounds,
		InPlace: r.inPlace(m), AtOnce: r.atOnce(), Taken: r.taken(),
	})
	return plan, false, err
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
