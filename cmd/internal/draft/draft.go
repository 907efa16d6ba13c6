package draft

import (
	"context"
	"fmt"

	"github.com/pleatdb/pleat/history/migration"
	"github.com/pleatdb/pleat/inspect/shadow"
	"github.com/pleatdb/pleat/planner"
	"github.com/pleatdb/pleat/schema"
	"github.com/pleatdb/pleat/schema/hclfile"
)

// Request is what a draft is made from.
type Request struct {
	// Live is the state of the database, or an empty catalog.
	Live    *schema.Catalog
	Desired *hclfile.Desired
	// Pending are migrations of the directory that the database has not seen, in order.
	Pending []*migration.Migration
	Shadow  *shadow.Shadow
	// Name and Version name the migration.
	Name    string
	Version string
	// Major is the major version of the target.
	Major int
	// Renames is "drop" to take look-alike drops and creations as they stand; otherwise they are a [*RenameError].
	Renames string
}

// Draft is a proven plan.
type Draft struct {
	Plan *planner.Plan
	// Migration is the file to be written; nil when nothing differs.
	Migration *migration.Migration
	// Base is the state from which the plan starts, pending migrations included; Desired the state in which it ends.
	Base, Desired *schema.Catalog
	// Notes are remarks for the user, such as declarations that have done their work.
	Notes []string
}

// RenameError lists drops and creations that look like renames which nobody declared.
type RenameError struct {
	Pairs []planner.Move
}

func (e *RenameError) Error() string {
	p := e.Pairs[0]
	text := fmt.Sprintf("dropping %s and creating %s looks like a rename", p.From, p.To)
	if n := len(e.Pairs) - 1; n > 0 {
		text += fmt.Sprintf(", and so do %d more", n)
	}
	return text + "; declare it with a moved block, or say that the drop is meant with a removed block"
}

// New makes and proves a plan. The errors are those of packages shadow and planner, and [*RenameError].
func New(ctx context.Context, r Request) (*Draft, error) {
	base, err := r.Shadow.Replay(ctx, r.Live, scripts(r.Pending))
	if err != nil {
		return nil, err
	}
	d := &Draft{Base: base}
	moved, moves, err := r.move(ctx, d)
	if err != nil {
		return nil, err
	}
	d.Desired, _, err = r.Shadow.Elaborate(ctx, moved, r.wanted(moved), r.Desired.NoDefault)
	if err != nil {
		return nil, err
	}
	if err := r.checkRenames(moved, d.Desired); err != nil {
		return nil, err
	}
	return d, r.prove(ctx, d, moved, moves)
}

// wanted is the declared state with what it leaves open taken from the live one.
func (r *Request) wanted(moved *schema.Catalog) *schema.Catalog {
	declared := r.Desired.Catalog.Clone()
	for _, removed := range r.Desired.Removed {
		if !removed.Destroy {
			keep(moved, declared, removed.ID)
		}
	}
	return shadow.Carry(moved, declared, r.Desired.NoDefault)
}

// keep leaves an object that is no longer managed in place, with all that belongs to it.
func keep(live, declared *schema.Catalog, id schema.ID) {
	declared.Put(live, id)
	for _, other := range live.IDs() {
		owner, ok := live.Owner(other)
		if ok && owner == id || other.Kind.IsAttachment() && other.Target() == id {
			declared.Put(live, other)
		}
	}
}

// move applies declared renames to the base.
func (r *Request) move(ctx context.Context, d *Draft) (*schema.Catalog, *planner.Step, error) {
	moves := make([]planner.Move, len(r.Desired.Moves))
	for i, m := range r.Desired.Moves {
		moves[i] = planner.Move{From: m.From, To: m.To}
	}
	up, down, done, err := planner.Moves(d.Base, r.Desired.Catalog, moves)
	if err != nil {
		return nil, nil, err
	}
	for _, m := range done {
		d.Notes = append(d.Notes, fmt.Sprintf("moved from %s to %s has been done here; the declaration can go once it is done everywhere", m.From, m.To))
	}
	if len(up) == 0 {
		return d.Base, nil, nil
	}
	moved, err := r.Shadow.Move(ctx, d.Base, up)
	if err != nil {
		return nil, nil, err
	}
	step := &planner.Step{Title: "rename what is declared as moved", Up: up, Down: down}
	return moved, step, nil
}

func (r *Request) checkRenames(base, desired *schema.Catalog) error {
	if r.Renames == "drop" {
		return nil
	}
	var pairs []planner.Move
	for _, pair := range planner.LikelyRenames(base, desired) {
		if !r.meant(pair.From) {
			pairs = append(pairs, pair)
		}
	}
	if len(pairs) > 0 {
		return &RenameError{pairs}
	}
	return nil
}

// meant reports whether a removed block says that the object is to go.
func (r *Request) meant(id schema.ID) bool {
	for _, removed := range r.Desired.Removed {
		if removed.Destroy && removed.ID == id {
			return true
		}
	}
	return false
}

// prove plans and proves, and plans again with what a failed proof has shown.
func (r *Request) prove(ctx context.Context, d *Draft, moved *schema.Catalog, moves *planner.Step) error {
	found := newFindings(r.Desired.Converts)
	for {
		plan, err := planner.New(moved, d.Desired, planner.Options{Major: r.Major, Up: found.up, Down: found.down})
		if err != nil {
			return err
		}
		withMoves(plan, moves, d.Base, moved)
		d.Plan = plan
		if plan.Empty() {
			return nil
		}
		proof, err := r.Shadow.Prove(ctx, d.Base, d.Desired, plan)
		if found.learn(err, moved, d.Desired) {
			continue
		}
		if err != nil {
			return err
		}
		d.Migration = r.migration(plan, proof)
		return nil
	}
}

// withMoves puts the declared renames before everything else.
func withMoves(plan *planner.Plan, moves *planner.Step, base, moved *schema.Catalog) {
	if moves == nil {
		return
	}
	plan.Steps = append([]planner.Step{*moves}, plan.Steps...)
	for _, id := range base.IDs() {
		if o := moved.Get(id); o == nil || !planner.Equal(base.Get(id), o) {
			plan.Rebuilt = append(plan.Rebuilt, id)
		}
	}
	for _, id := range moved.IDs() {
		if base.Get(id) == nil {
			plan.Rebuilt = append(plan.Rebuilt, id)
		}
	}
}
