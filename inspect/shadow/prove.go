package shadow

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/pleatdb/pleat/planner"
	"github.com/pleatdb/pleat/schema"
)

// Proof is what a proven plan does to the objects that it touches.
type Proof struct {
	// Touched lists those objects.
	Touched []schema.ID
	// Before and After are the fingerprints of the touched objects in the live state and after the plan.
	Before, After string
}

// ProofError says that a plan does not lead where it should. It is a fault of pleat, and the plan is not used.
type ProofError struct {
	// Direction is "up" or "down".
	Direction string
	// Differences name objects that are not what they should be, each with what is wrong.
	Differences []string
}

func (e *ProofError) Error() string {
	return fmt.Sprintf("the plan does not lead %s as it should: %s", e.Direction, strings.Join(e.Differences, "; "))
}

// Prove runs the steps up and down on the closure of what they touch, and compares: up must end in the desired state,
// down exactly where it began. An [*ObjectError] names a statement that the engine refuses.
func (s *Shadow) Prove(ctx context.Context, from, to *schema.Catalog, plan *planner.Plan) (*Proof, error) {
	touched := plan.Touched()
	d, drop, err := s.scratch(ctx)
	if err != nil {
		return nil, err
	}
	defer drop()
	base := proofBase(from, to, touched)
	if err := d.build(ctx, from.Subset(base)); err != nil {
		return nil, fmt.Errorf("rebuild the live state on the shadow: %w", err)
	}
	if err := d.standIn(ctx, to.Subset(touched)); err != nil {
		return nil, err
	}
	before, err := d.inspect(ctx)
	if err != nil {
		return nil, err
	}
	if err := d.runSteps(ctx, plan.Steps, false); err != nil {
		return nil, err
	}
	after, err := d.inspect(ctx)
	if err != nil {
		return nil, err
	}
	if diff := compare(to, after, expected(d.initial, to, base, touched)); len(diff) > 0 {
		return nil, &ProofError{"up", diff}
	}
	if err := d.runSteps(ctx, plan.Steps, true); err != nil {
		return nil, err
	}
	back, err := d.inspect(ctx)
	if err != nil {
		return nil, err
	}
	managed := func(id schema.ID) bool { return id.Kind != schema.KindUnmanaged }
	if diff := compare(before, back, managed); len(diff) > 0 {
		return nil, &ProofError{"down", diff}
	}
	return &Proof{Touched: touched, Before: from.FingerprintOf(touched), After: after.FingerprintOf(touched)}, nil
}

// proofBase is what has to be there for the plan to run: what it touches of the state before, what any of it needs on
// either side, and what depends on it, so that a dependent which the plan forgot stands in the way as it will
// in the real database.
func proofBase(from, to *schema.Catalog, touched []schema.ID) []schema.ID {
	base, goal := newClosure(from), newClosure(to)
	for _, id := range touched {
		base.add(id)
		goal.add(id)
	}
	for id := range goal.ids {
		base.add(id)
	}
	dependents := from.NeededBy()
	for _, id := range touched {
		if id.Kind == schema.KindSchema {
			continue // what is in a schema is no reason to build all of it
		}
		for _, part := range append(from.Columns(id), id) {
			for _, x := range dependents[part] {
				if x.Kind != schema.KindUnmanaged && !x.Kind.IsAttachment() {
					base.add(x)
				}
			}
		}
	}
	return base.list()
}

// runSteps executes steps as the applier does, each in a transaction of its own.
func (d *scratch) runSteps(ctx context.Context, steps []planner.Step, down bool) error {
	order := slices.Clone(steps)
	if down {
		slices.Reverse(order)
	}
	for _, step := range order {
		statements := step.Up
		if down {
			statements = step.Down
		}
		if err := d.runStep(ctx, statements); err != nil {
			var oe *ObjectError
			if errors.As(err, &oe) {
				oe.Down = down
			}
			return err
		}
	}
	return nil
}

func (d *scratch) runStep(ctx context.Context, statements []planner.Statement) error {
	tx, err := d.conn.Begin(ctx)
	if err != nil {
		return fmt.Errorf("prove on the shadow: %w", err)
	}
	defer func() { _ = tx.Rollback(ctx) }()
	for _, s := range statements {
		if _, err := tx.Exec(ctx, s.SQL); err != nil {
			return &ObjectError{Object: s.Object, SQL: s.SQL, Err: err}
		}
	}
	if err := tx.Commit(ctx); err != nil {
		return fmt.Errorf("prove on the shadow: %w", err)
	}
	return nil
}

// expected selects the objects about which the proof says something: everything on the shadow, except owners and grants
// that the plan does not touch, since those are the shadow's own.
func expected(initial, to *schema.Catalog, base, touched []schema.ID) func(id schema.ID) bool {
	named := map[schema.ID]bool{}
	for _, id := range append(slices.Clone(base), touched...) {
		named[id] = true
	}
	return func(id schema.ID) bool {
		switch {
		case id.Kind == schema.KindUnmanaged:
			return false
		case named[id]:
			return true
		case id.Kind == schema.KindOwner || id.Kind == schema.KindGrant:
			return false
		case id.Kind == schema.KindComment && id.Target().Kind == schema.KindExtension:
			return false
		}
		return initial.Get(id) == nil && to.Get(id) == nil
	}
}

// compare lists how the catalogs differ in the selected objects.
func compare(want, got *schema.Catalog, selected func(schema.ID) bool) []string {
	var out []string
	for _, id := range want.IDs() {
		if !selected(id) {
			continue
		}
		switch o := got.Get(id); {
		case o == nil:
			out = append(out, id.String()+" is missing")
		case !planner.Equal(want.Get(id), o):
			out = append(out, id.String()+" differs: "+planner.Difference(o, want.Get(id)))
		}
	}
	for _, id := range got.IDs() {
		if selected(id) && want.Get(id) == nil {
			out = append(out, id.String()+" should not be there")
		}
	}
	return out
}
