package draft

import (
	"context"
	"fmt"
	"slices"

	"github.com/pleatdb/pleat/inspect/shadow"
	"github.com/pleatdb/pleat/planner"
	"github.com/pleatdb/pleat/planner/online"
	"github.com/pleatdb/pleat/schema"
	"github.com/pleatdb/pleat/schema/hclfile"
)

// moves are the renames that come before everything else in a plan.
type moves struct {
	// state is the base after the renames so far.
	state *schema.Catalog
	step  planner.Step
	// carried are columns whose rename the plan makes by expand and contract.
	carried []planner.Move
	// aliases are tables that stay known under their old names until the contract.
	aliases []planner.Move
}

// declaredMoves applies moved blocks and renamed_from. Columns that are to be carried over while programs know the old name are
// left for the plan.
func (r *Request) declaredMoves(ctx context.Context, d *Draft, m *moves) error {
	var all, now []planner.Move
	gradual := map[planner.Move]bool{}
	for _, move := range r.Desired.Moves {
		declared := planner.Move{From: move.From, To: move.To}
		gradual[declared] = r.Online && r.strategyOf(move) != hclfile.InPlace
		all = append(all, declared)
	}
	made, err := planner.Moves(m.state, r.Desired.Catalog, all)
	if err != nil {
		return err
	}
	for _, move := range all {
		if gradual[move] && move.From.Kind == schema.KindColumn && r.carries(m, made, move) {
			continue
		}
		if gradual[move] && move.From.Kind == schema.KindTable && slices.Contains(made.Made, move) && r.aliased(m, move) {
			m.aliases = append(m.aliases, move)
		}
		now = append(now, move)
	}
	for _, done := range made.Done {
		d.Notes = append(d.Notes, fmt.Sprintf(
			"moved from %s to %s has been done here; the declaration can go once it is done everywhere", done.From, done.To))
	}
	return m.apply(ctx, r.Shadow, r.Desired.Catalog, now, nil)
}

// carries notes a column that is renamed by expand and contract, if that can be done. Of a table that is renamed in the same
// plan it cannot: the view under the old name would have to change with it.
func (r *Request) carries(m *moves, made *planner.Moved, move planner.Move) bool {
	if !slices.Contains(made.Made, move) || move.From.Schema != move.To.Schema || move.From.Parent != move.To.Parent ||
		!online.Carriable(m.state, move.From) {
		return false
	}
	for _, other := range made.Made {
		if other.From.Kind == schema.KindTable && other.To.Name == move.To.Parent && other.To.Schema == move.To.Schema {
			return false
		}
	}
	m.carried = append(m.carried, move)
	return true
}

// aliased reports whether a view can stand in for a table under its old name. Before PostgreSQL 15 a view
// is read with its owner's rights, and would let everyone past the table's policies.
func (r *Request) aliased(m *moves, move planner.Move) bool {
	t, ok := m.state.Get(move.From).(*schema.Table)
	return ok && (r.Major >= 15 || !t.RowSecurity.Enabled)
}

// apply makes renames and looks at what they lead to. Those that were made before are reported.
func (m *moves) apply(ctx context.Context, s *shadow.Shadow, desired *schema.Catalog, list []planner.Move, done func(planner.Move)) error {
	moved, err := planner.Moves(m.state, desired, list)
	if err != nil {
		return err
	}
	for _, move := range moved.Done {
		if done != nil {
			done(move)
		}
	}
	m.state, err = s.Move(ctx, m.state, moved.Made, moved.Up)
	m.step.Up = append(m.step.Up, moved.Up...)
	m.step.Down = append(moved.Down, m.step.Down...)
	return err
}

// keepRights gives a column that is carried to another name the rights on the old one, which no file declares.
func (m *moves) keepRights(desired *schema.Catalog) {
	for _, move := range m.carried {
		g, ok := m.state.Get(schema.GrantID(move.From)).(*schema.Grant)
		if ok && desired.Get(schema.GrantID(move.To)) == nil {
			desired.Add(&schema.Grant{On: move.To, Entries: g.Entries})
		}
	}
}

// precede puts the renames before the other steps.
func (m *moves) precede(plan *planner.Plan, base *schema.Catalog) {
	if len(m.step.Up) == 0 {
		return
	}
	step := m.step
	step.Title = "rename"
	for i, s := range step.Up {
		if i > 0 {
			step.Title += ","
		}
		step.Title += " " + s.Object.String()
	}
	if len(m.aliases) > 0 && len(plan.Steps) > 0 {
		// The view comes in the transaction of the rename: in between, programs would find nothing under the old name.
		first := &plan.Steps[0]
		first.Title = step.Title + ", " + first.Title
		first.Up, first.Down = slices.Concat(step.Up, first.Up), slices.Concat(first.Down, step.Down)
	} else {
		plan.Steps = append([]planner.Step{step}, plan.Steps...)
	}
	for _, id := range base.IDs() {
		if o := m.state.Get(id); o == nil || !planner.Equal(base.Get(id), o) {
			plan.Rebuilt = append(plan.Rebuilt, id)
		}
	}
	for _, id := range m.state.IDs() {
		if base.Get(id) == nil {
			plan.Rebuilt = append(plan.Rebuilt, id)
		}
	}
}
