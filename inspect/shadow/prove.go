package shadow

import (
	"context"
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
	// Before, Middle and After are the fingerprints of the touched objects in the live state, after the last expand
	// step, and after all. Middle is After where no step contracts.
	Before, Middle, After string
}

// ProofError says that a plan does not lead where it should. It is a fault of pleat, and the plan is not used.
type ProofError struct {
	// Direction is "up" or "down", with what says which way down: "down after step 2 of 5".
	Direction string
	// Differences name objects that are not what they should be, each with what is wrong.
	Differences []string
}

func (e *ProofError) Error() string {
	return fmt.Sprintf("the plan does not lead %s as it should: %s", e.Direction, strings.Join(e.Differences, "; "))
}

// Prove runs the steps up and down on the closure of what they touch, and compares: up must end in the desired state,
// down exactly where it began, the way down from the contract steps where these began, and so must every way down from
// somewhere between (see [cuts]). It stores the measured effects in the steps. An [*ObjectError] names a statement that the engine refuses.
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
	middle, after, err := d.proveUp(ctx, plan.Steps)
	if err != nil {
		return nil, err
	}
	if diff := compare(to, after, expected(d.initial, to, base, touched)); len(diff) > 0 {
		return nil, &ProofError{"up", diff}
	}
	if err := d.proveDown(ctx, plan.Steps, before, middle); err != nil {
		return nil, err
	}
	if err := d.provePartial(ctx, plan.Steps, before); err != nil {
		return nil, err
	}
	proof := &Proof{Touched: touched, Before: from.FingerprintOf(touched), After: after.FingerprintOf(touched)}
	proof.Middle = middle.FingerprintOf(touched)
	return proof, nil
}

// proveUp runs all steps, measures them, and reads the states after the last expand step and after all.
func (d *scratch) proveUp(ctx context.Context, steps []planner.Step) (middle, after *schema.Catalog, err error) {
	t, err := d.trace(ctx)
	if err != nil {
		return nil, nil, err
	}
	n := contractsFrom(steps)
	if err := d.climb(ctx, steps[:n], t); err != nil {
		return nil, nil, err
	}
	if n < len(steps) {
		if middle, err = d.inspect(ctx); err != nil {
			return nil, nil, err
		}
		if err := d.climb(ctx, steps[n:], t); err != nil {
			return nil, nil, err
		}
	}
	if err := t.stop(ctx); err != nil {
		return nil, nil, err
	}
	after, err = d.inspect(ctx)
	if n == len(steps) {
		middle = after
	}
	return middle, after, err
}

// proveDown undoes all steps, and stops to compare where the contract steps began.
func (d *scratch) proveDown(ctx context.Context, steps []planner.Step, before, middle *schema.Catalog) error {
	n := contractsFrom(steps)
	if n < len(steps) {
		if err := d.descend(ctx, steps[n:]); err != nil {
			return err
		}
		if err := d.mustBe(ctx, middle, "down from contract to expand"); err != nil {
			return err
		}
	}
	if err := d.descend(ctx, steps[:n]); err != nil {
		return err
	}
	return d.mustBe(ctx, before, "down")
}

// provePartial runs the first steps alone and undoes them, for several numbers of steps.
func (d *scratch) provePartial(ctx context.Context, steps []planner.Step, before *schema.Catalog) error {
	for _, n := range cuts(steps) {
		if err := d.climb(ctx, steps[:n], nil); err != nil {
			return err
		}
		if err := d.descend(ctx, steps[:n]); err != nil {
			return err
		}
		if err := d.mustBe(ctx, before, fmt.Sprintf("down after step %d of %d", n, len(steps))); err != nil {
			return err
		}
	}
	return nil
}

// mustBe compares the database with a state in which it was before.
func (d *scratch) mustBe(ctx context.Context, want *schema.Catalog, direction string) error {
	got, err := d.inspect(ctx)
	if err != nil {
		return err
	}
	isManaged := func(id schema.ID) bool { return id.Kind != schema.KindUnmanaged }
	if diff := compare(want, got, isManaged); len(diff) > 0 {
		return &ProofError{direction, diff}
	}
	return nil
}

// contractsFrom is the index of the first contract step.
func contractsFrom(steps []planner.Step) int {
	for i, s := range steps {
		if s.Phase == planner.Contract {
			return i
		}
	}
	return len(steps)
}

// maxCuts bounds the time that [scratch.provePartial] takes.
const maxCuts = 12

// cuts lists after how many steps a run may stop and be undone: after each of them, or evenly chosen ones of many.
// A plan of plain transactions has none, since each of them is planned with its own way back to where it began.
func cuts(steps []planner.Step) []int {
	plain := func(s planner.Step) bool {
		return s.Phase == planner.Expand && s.Mode == planner.Transaction && s.DownMode == planner.Transaction
	}
	between := len(steps) - 1
	if !slices.ContainsFunc(steps, func(s planner.Step) bool { return !plain(s) }) {
		return nil
	}
	var out []int
	for i := range min(between, maxCuts) {
		out = append(out, 1+i*between/min(between, maxCuts))
	}
	return out
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
