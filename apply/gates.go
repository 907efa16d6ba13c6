package apply

import (
	"context"
	"fmt"

	"github.com/pleatdb/pleat/history"
	"github.com/pleatdb/pleat/history/migration"
)

// gate divides the pending migrations into those that run and those that are held.
func (s *session) gate(ctx context.Context, t *target, units []*unit) (run []*unit, held []Held, err error) {
	closed := newReach()
	for _, u := range units {
		reason := s.closed(t, units, u)
		// What was planned after a held file may stand on it. A hand-written file cannot be told, and runs.
		if reason == "" && len(held) > 0 && u.Bounded() && !u.begun() && closed.meets(u.Migration) {
			reason = "it touches objects of " + held[len(held)-1].Migration.File() + ", which is held"
		}
		if reason == "" {
			if reason, err = s.evidence(ctx, units, u); err != nil {
				return nil, nil, err
			}
		}
		if reason == "" {
			run = append(run, u)
			continue
		}
		h := Held{u.Migration, reason}
		if u.Version == s.opts.To {
			return nil, nil, &GateClosed{h}
		}
		held = append(held, h)
		if u.Bounded() {
			closed.add(u.Migration)
		}
	}
	return run, held, nil
}

// closed says why a contract file is held; empty when its gate is open.
func (s *session) closed(t *target, units []*unit, u *unit) string {
	if u.Phase != migration.Contract || s.opts.Contract == Immediate || u.begun() || u.ContractOf <= t.state.Baseline {
		return ""
	}
	expand := t.state.Record(u.ContractOf)
	switch {
	case expand != nil && expand.Status == history.StatusApplied && s.opts.Release != "" && expand.Release == s.opts.Release:
		return fmt.Sprintf("its expand %s was applied under the same release %q", u.ContractOf, s.opts.Release)
	case expand != nil && (expand.Status == history.StatusApplied || expand.Status == history.StatusImported):
		return ""
	}
	for _, other := range units {
		if other.Version == u.ContractOf {
			return fmt.Sprintf("its expand %s runs in this very run", u.ContractOf)
		}
	}
	return fmt.Sprintf("its expand %s is not applied", u.ContractOf)
}
