package apply

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/pleatdb/pleat/history"
	"github.com/pleatdb/pleat/history/migration"
	"github.com/pleatdb/pleat/schema"
)

// Selection says which migrations go back. At most one of Steps, To, Version and Run is set; none means the newest one.
type Selection struct {
	// Steps is how many migrations, counted from the newest in the log.
	Steps int
	// To is the version that stays as the newest; "0" takes everything back. What the log has after it goes.
	To string
	// Version is one migration alone. It is refused where a later one touches the same objects, or may.
	Version string
	// Run is the ID of a run: everything that it applied.
	Run string
	// AcceptDataLoss allows ways back that destroy data.
	AcceptDataLoss bool
}

func (sel *Selection) check() error {
	set := 0
	for _, is := range []bool{sel.Steps != 0, sel.To != "", sel.Version != "", sel.Run != ""} {
		if is {
			set++
		}
	}
	if set > 1 || sel.Steps < 0 {
		return &Refused{Code: "selection", Reason: "it is not clear what to roll back", Next: "use one of --steps, --to, --version and --run"}
	}
	if set == 0 {
		sel.Steps = 1
	}
	return nil
}

// choose lists what goes back, newest first, after checking that all of it can.
func (s *session) choose(ctx context.Context, t *target, sel Selection) ([]*back, error) {
	var present []*history.Record
	for i := range t.state.Records {
		if r := &t.state.Records[i]; inDatabase(r) {
			present = append(present, r)
		}
	}
	slices.Reverse(present)
	chosen, err := sel.among(present)
	if err != nil {
		return nil, err
	}
	var errs []error
	if imported := importedOf(chosen); len(imported) > 0 {
		errs = append(errs, forwardOnly(imported, own(present)))
	}
	backs := make([]*back, 0, len(chosen))
	for _, r := range chosen {
		if r.Status == history.StatusImported {
			continue
		}
		b, err := s.wayBack(ctx, r)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		backs = append(backs, b)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	if err := s.independent(ctx, t, present, backs); err != nil {
		return nil, err
	}
	return backs, losses(backs, sel.AcceptDataLoss)
}

// importedOf are those that another tool applied.
func importedOf(records []*history.Record) []*history.Record {
	return slices.DeleteFunc(slices.Clone(records), func(r *history.Record) bool { return r.Status != history.StatusImported })
}

// own counts those that pleat applied itself.
func own(records []*history.Record) (n int) {
	for _, r := range records {
		if r.Status != history.StatusImported && r.Status != history.StatusBaseline {
			n++
		}
	}
	return n
}

// inDatabase reports whether the database holds anything of a migration.
func inDatabase(r *history.Record) bool {
	switch r.Status {
	case history.StatusRolledBack:
		return false
	case history.StatusPartial, history.StatusFailed:
		return r.StepsDone > 0 || r.UndoneParts > 0 || r.InDoubt != nil
	}
	return true
}

// among picks from what the database holds, newest first.
func (sel *Selection) among(present []*history.Record) ([]*history.Record, error) {
	index := func(version string) int {
		if i := slices.IndexFunc(present, func(r *history.Record) bool { return r.Version == version }); i >= 0 {
			return i
		}
		return slices.IndexFunc(present, func(r *history.Record) bool { return r.Legacy != nil && r.Legacy.Version == version })
	}
	unknown := func(what string) error {
		return &Refused{Code: "version", Reason: what + " is not applied", Next: "see: pleat status"}
	}
	switch {
	case sel.Steps > len(present):
		return nil, &Refused{Code: "steps", Reason: fmt.Sprintf("%d migrations are asked for, %d are applied", sel.Steps, len(present)), Next: "see: pleat status"}
	case sel.Steps > 0:
		return present[:sel.Steps], nil
	case sel.To == "0":
		return present, nil
	case sel.To != "":
		if i := index(sel.To); i >= 0 {
			return present[:i], nil
		}
		return nil, unknown("migration " + sel.To)
	case sel.Version != "":
		if i := index(sel.Version); i >= 0 {
			return present[i : i+1], nil
		}
		return nil, unknown("migration " + sel.Version)
	}
	var out []*history.Record
	for _, r := range present {
		if r.Run == sel.Run {
			out = append(out, r)
		}
	}
	if len(out) == 0 {
		return nil, unknown("anything of run " + sel.Run)
	}
	return out, nil
}

// wayBack reads the kept text of a migration and plans its way back.
func (s *session) wayBack(ctx context.Context, r *history.Record) (*back, error) {
	refuse := func(reason, next string) error {
		return &Refused{Code: "forward_only", Reason: fmt.Sprintf("%s cannot be rolled back: %s", label(r), reason), Next: next}
	}
	if r.Status == history.StatusBaseline {
		return nil, refuse("it is the baseline, what was there before pleat", "roll back to it: pleat rollback --to "+r.Version)
	}
	b, err := s.kept(ctx, r)
	if err != nil {
		return nil, err
	}
	if ok, why := b.Reversible(); !ok {
		return nil, refuse(why, "write a new migration that does what is wanted")
	}
	if err := b.plan(); err != nil {
		return nil, err
	}
	return b, b.unmasked()
}

// kept reads a migration as it ran.
func (s *session) kept(ctx context.Context, r *history.Record) (*back, error) {
	name, text, ok, err := s.log.File(ctx, r.Checksum)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, &history.ChainError{Reason: "the text of " + label(r) + " is not kept any more"}
	}
	m, err := migration.Parse(name, text)
	if err != nil {
		return nil, fmt.Errorf("read the kept text of %s: %w", label(r), err)
	}
	s.conceal(text)
	return &back{Migration: m, record: r, text: text}, nil
}

// plan works out which parts of the way back are still to run.
func (b *back) plan() error {
	r := b.record
	// Some of the batches of an interrupted step are in the database, so its way back runs too.
	done := r.StepsDone
	if doubt := r.InDoubt; doubt != nil {
		stmts := b.doubtful(doubt)
		if len(stmts) == 0 {
			return fmt.Errorf("%s has no statement that the log calls interrupted", b.File())
		}
		if b.batching() {
			done = doubt.Step
		} else if err := undecidable(b.Migration, stmts[0], doubt); err != nil {
			return err
		}
	}
	parts, ok := b.UndoOf(done)
	if !ok && done > 0 {
		return &Refused{Code: "partial", Reason: fmt.Sprintf("%d of %d steps of %s are done, and its way back is not divided by step",
			r.StepsDone, len(b.Steps), b.File()), Next: "end it first: pleat apply"}
	}
	for _, part := range parts {
		// The parts of one step run in order, so the first ones are those that are done.
		if part.Step == r.UndoneStep && part.Part <= r.UndoneParts {
			continue
		}
		b.parts = append(b.parts, part)
	}
	return nil
}

// batching reports whether a step in batches was interrupted.
func (b *back) batching() bool {
	doubt := b.record.InDoubt
	return doubt != nil && !doubt.Undo && doubt.Step >= 1 && doubt.Step <= len(b.Steps) && b.Steps[doubt.Step-1].Batch != nil
}

// doubtful finds the statement that was interrupted.
func (b *back) doubtful(doubt *history.InDoubt) []migration.Statement {
	if !doubt.Undo {
		if doubt.Step > len(b.Steps) || doubt.Step < 1 {
			return nil
		}
		return b.Steps[doubt.Step-1].Statements
	}
	for _, u := range b.Down {
		if u.Step == doubt.Step && u.Part == doubt.Part {
			return u.Statements
		}
	}
	return nil
}

// independent refuses where a migration stays that went in later and that touches what goes, stands on it, or may.
func (s *session) independent(ctx context.Context, t *target, present []*history.Record, backs []*back) error {
	going := newReach()
	oldest := int64(0)
	leaves := map[string]bool{}
	for _, b := range backs {
		going.add(b.Migration)
		leaves[b.Version] = true
		oldest = b.record.Seq
	}
	for _, r := range present {
		if leaves[r.Version] || r.Seq < oldest || r.Status == history.StatusBaseline || r.Status == history.StatusImported {
			continue
		}
		later, err := s.kept(ctx, r)
		if err != nil {
			return err
		}
		if going.meets(later.Migration) || standsOn(t.live, later.Objects, going) {
			return &Refused{Code: "later", Reason: fmt.Sprintf("%s went in later and touches the same objects, or may", label(r)),
				Next: "roll it back as well: pleat rollback --steps or --to"}
		}
	}
	return nil
}

// standsOn reports whether any of the objects needs one within the reach, directly or through others.
func standsOn(live *schema.Catalog, objects []schema.ID, going *reach) bool {
	seen := map[schema.ID]bool{}
	var visit func(id schema.ID) bool
	visit = func(id schema.ID) bool {
		if seen[id] {
			return false
		}
		seen[id] = true
		if going.needs(id) {
			return true
		}
		for _, need := range append(live.Columns(id), live.DependsOn(id)...) {
			if visit(need) {
				return true
			}
		}
		return false
	}
	return slices.ContainsFunc(objects, visit)
}

func label(r *history.Record) string {
	if r.Name == "" {
		return r.Version
	}
	return r.Version + "_" + r.Name
}
