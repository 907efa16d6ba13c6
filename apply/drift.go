package apply

import (
	"slices"

	udiff "github.com/aymanbagabas/go-udiff"

	"github.com/pleatdb/pleat/history/migration"
	"github.com/pleatdb/pleat/schema"
)

// Compare lists the objects that differ between two states, with a diff of each.
func Compare(from, to *schema.Catalog) []ObjectDiff {
	ids := slices.Clone(from.IDs())
	for _, id := range to.IDs() {
		if !from.Has(id) {
			ids = append(ids, id)
		}
	}
	return compareObjects(from, to, ids)
}

func compareObjects(from, to *schema.Catalog, ids []schema.ID) []ObjectDiff {
	var out []ObjectDiff
	for _, id := range ids {
		a, b := from.Get(id), to.Get(id)
		switch {
		case a == nil && b == nil, a != nil && b != nil && schema.Equal(a, b):
		case b == nil:
			out = append(out, ObjectDiff{ID: id, Gone: true})
		case a == nil:
			out = append(out, ObjectDiff{ID: id, New: true})
		default:
			out = append(out, ObjectDiff{ID: id, Diff: udiff.Unified("before", "now", schema.Describe(a), schema.Describe(b))})
		}
	}
	return out
}

// scopeBefore checks that the objects of a generated migration are what its plan started from.
func scopeBefore(t *target, m *migration.Migration) error {
	if !m.Bounded() || t.fingerprint(m.Objects) == t.scope(m).Before {
		return nil
	}
	return scopeError(t, m, t.scope(m).Before, &DriftError{File: m.File(), Next: "plan again against the live database, or bring the objects back to how they were"})
}

// scopeAfter checks that the objects of a generated migration are what its plan promised.
func scopeAfter(t *target, m *migration.Migration) error {
	if !m.Bounded() || t.fingerprint(m.Objects) == t.scope(m).After {
		return nil
	}
	return scopeError(t, m, t.scope(m).After, &DriftError{File: m.File(), After: true,
		Next: "its steps ran and are in the database; undo them with: pleat rollback --steps 1"})
}

func scopeError(t *target, m *migration.Migration, expected string, e *DriftError) error {
	e.Expected, e.Found = expected, t.fingerprint(m.Objects)
	if t.snapshot != nil && !e.After {
		e.Objects = compareObjects(t.snapshot, t.live, m.Objects)
		e.Known = len(e.Objects) > 0
	}
	if !e.Known {
		for _, id := range m.Objects {
			e.Objects = append(e.Objects, ObjectDiff{ID: id, Gone: !t.live.Has(id)})
		}
	}
	return e
}

// foreignDrift lists the objects that differ from the snapshot and that none of the migrations touches.
func foreignDrift(t *target, units []*unit) []schema.ID {
	if t.snapshot == nil {
		return nil
	}
	ours := map[schema.ID]bool{}
	for _, u := range units {
		for _, id := range u.Objects {
			ours[id] = true
		}
	}
	var out []schema.ID
	for _, d := range Compare(t.snapshot, t.live) {
		if !ours[d.ID] {
			out = append(out, d.ID)
		}
	}
	return out
}
