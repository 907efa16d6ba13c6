package apply

import (
	"context"
	"fmt"
	"slices"

	"github.com/pleatdb/pleat/history"
	"github.com/pleatdb/pleat/history/migration"
)

// The values of [Held].Code.
const (
	HeldNotApplied  = "not_applied"  // the contract's expand is not applied
	HeldSameRun     = "same_run"     // its expand would be applied in the same run
	HeldSameRelease = "same_release" // its expand was applied under the same release
	HeldBackfill    = "backfill"     // a step in batches of its expand is not complete
	HeldEvidence    = "evidence"     // something uses what it takes away, or nobody knows
	HeldBehind      = "behind"       // the file touches objects of one that is held
)

// gate divides the pending migrations into those that run and those that are held.
func (s *session) gate(ctx context.Context, t *target, units []*unit) (run []*unit, held []Held, err error) {
	for _, u := range units {
		h, err := s.hold(ctx, t, run, held, u)
		switch {
		case err != nil:
			return nil, nil, err
		case h == nil:
			run = append(run, u)
		case u.Version == s.opts.To:
			return nil, nil, &GateClosed{*h}
		default:
			held = append(held, *h)
		}
	}
	return run, held, nil
}

// hold says why a migration is held; nil when it may run. The run so far and what is held are those before it.
func (s *session) hold(ctx context.Context, t *target, run []*unit, held []Held, u *unit) (*Held, error) {
	if u.begun() {
		return nil, nil
	}
	if completes(u, t.state) {
		if h, err := s.closed(ctx, t, run, u); h != nil || err != nil {
			return h, err
		}
	}
	if h := behind(held, u); h != nil {
		return h, nil
	}
	reason, err := s.evidence(ctx, run, u)
	if reason == "" || err != nil {
		return nil, err
	}
	return &Held{u.Migration, HeldEvidence, reason}, nil
}

// completes reports whether a file is the contract of an expand that this history has run or is to run. A contract file that only takes
// away has none, and what a baseline covers is done: then the evidence alone decides.
func completes(u *unit, state *history.State) bool {
	return u.Phase == migration.Contract && u.ContractOf != "" && u.ContractOf > state.Baseline
}

// behind says which held file a migration may stand on: what was planned after that file and touches the same objects, unless it was
// planned beside it, for either order. A hand-written file cannot be told, and runs.
func behind(held []Held, u *unit) *Held {
	if !u.Bounded() {
		return nil
	}
	for _, h := range held {
		if !h.Migration.Bounded() || u.BesideOf(h.Migration.Version) != nil {
			continue
		}
		closed := newReach()
		closed.add(h.Migration)
		if closed.meets(u.Migration) {
			return &Held{u.Migration, HeldBehind, "it touches objects of " + h.Migration.File() + ", which is held"}
		}
	}
	return nil
}

// closed says why a contract file is held by its expand; nil when it is not. A run and a release need not lie between the two where
// that is wished; a backfill must be complete in any case.
func (s *session) closed(ctx context.Context, t *target, run []*unit, u *unit) (*Held, error) {
	hold := func(code, format string, args ...any) (*Held, error) {
		return &Held{u.Migration, code, fmt.Sprintf(format, args...)}, nil
	}
	immediate := s.opts.Contract == Immediate
	expand := t.state.Record(u.ContractOf)
	if expand == nil || expand.Status != history.StatusApplied && expand.Status != history.StatusImported {
		here := slices.ContainsFunc(run, func(other *unit) bool { return other.Version == u.ContractOf })
		switch {
		case !here:
			return hold(HeldNotApplied, "its expand %s is not applied", u.ContractOf)
		case !immediate:
			return hold(HeldSameRun, "its expand %s runs in this very run", u.ContractOf)
		}
		return nil, nil
	}
	reason, err := s.unfinished(ctx, expand)
	if err != nil {
		return nil, err
	}
	if reason != "" {
		return hold(HeldBackfill, "%s", reason)
	}
	if !immediate && expand.Status == history.StatusApplied && s.opts.Release != "" && expand.Release == s.opts.Release {
		return hold(HeldSameRelease, "its expand %s was applied under the same release %q", u.ContractOf, s.opts.Release)
	}
	return nil, nil
}

// unfinished says which step in batches of an applied expand has no proof that it went through all rows; empty when each has.
func (s *session) unfinished(ctx context.Context, expand *history.Record) (string, error) {
	if expand.Status == history.StatusImported {
		return "", nil
	}
	b, err := s.kept(ctx, expand)
	if err != nil {
		return "", err
	}
	var known []history.Backfill
	for _, step := range b.Steps {
		if step.Batch == nil {
			continue
		}
		if known == nil {
			if known, err = s.log.Backfills(ctx, expand.Version); err != nil {
				return "", unreadable(err)
			}
		}
		i := slices.IndexFunc(known, func(f history.Backfill) bool { return f.Step == step.Number })
		switch {
		case i < 0:
			return fmt.Sprintf("nothing proves that step %d of its expand %s went through all rows of %s", step.Number, b.File(), step.Batch.Table), nil
		case !known[i].Complete():
			return fmt.Sprintf("step %d of its expand %s is not complete: %d rows of %s are changed so far", step.Number, b.File(), known[i].Rows, step.Batch.Table), nil
		}
	}
	return "", nil
}

// contractable looks once more, right before a contract file begins, whether its expand is complete.
func (r *runner) contractable(ctx context.Context, u *unit) error {
	if u.begun() || !completes(u, r.target.state) {
		return nil
	}
	expand := r.target.state.Record(u.ContractOf)
	for _, o := range r.units {
		if o.Version == u.ContractOf {
			expand = &history.Record{Version: o.Version, Name: o.Name, Checksum: o.file.Checksum, Status: history.StatusApplied}
		}
	}
	if expand == nil {
		return nil
	}
	reason, err := r.unfinished(ctx, expand)
	if err != nil || reason == "" {
		return err
	}
	return &GateClosed{Held{u.Migration, HeldBackfill, reason}}
}
