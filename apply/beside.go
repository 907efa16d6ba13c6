package apply

import (
	"context"

	"github.com/pleatdb/pleat/history"
	"github.com/pleatdb/pleat/history/migration"
)

// applied is a migration that is in the database.
type applied struct {
	version string
	// beside is the migration where it was planned beside a pending contract; else nil.
	beside *migration.Migration
}

// loadApplied lists what is in the database, in the order in which it went in.
func (s *session) loadApplied(ctx context.Context, t *target) error {
	besides, err := s.log.FilesBeside(ctx)
	if err != nil {
		return unreadable(err)
	}
	for i := range t.state.Records {
		r := &t.state.Records[i]
		if r.Status == history.StatusApplied {
			t.applied = append(t.applied, applied{r.Version, besides[r.Checksum]})
		}
	}
	return nil
}

// note adds a migration that went in during this run.
func (t *target) note(m *migration.Migration) {
	a := applied{version: m.Version}
	if len(m.Beside) > 0 {
		a.beside = m
	}
	t.applied = append(t.applied, a)
}

// drop takes out a migration that was undone in this run.
func (t *target) drop(version string) {
	for i := range t.applied {
		if t.applied[i].version == version {
			t.applied = append(t.applied[:i:i], t.applied[i+1:]...)
			return
		}
	}
}

// scope is what a migration's objects must be before and after it, by what went in before it. A migration that was planned beside
// a pending contract has another scope when the contract went first, and so has the contract when the migration did.
func (t *target) scope(m *migration.Migration) migration.Scope {
	out := migration.Scope{Before: m.Before, After: m.After}
	for _, a := range t.applied {
		if a.version == m.Version {
			break
		}
		if b := m.BesideOf(a.version); b != nil {
			out = b.First
		}
		if a.beside == nil {
			continue
		}
		if b := a.beside.BesideOf(m.Version); b != nil {
			out = b.Then
		}
	}
	return out
}
