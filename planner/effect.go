package planner

import (
	"cmp"
	"slices"

	"github.com/pleatdb/pleat/schema"
)

// LockMode is a table-level lock of PostgreSQL (documentation, "Explicit Locking"), from weak to strong.
type LockMode uint8

// The eight modes, and no lock at all.
const (
	NoLock LockMode = iota
	AccessShare
	RowShare
	RowExclusive
	ShareUpdateExclusive
	Share
	ShareRowExclusive
	Exclusive
	AccessExclusive
)

var lockModes = [...]string{"none", "ACCESS SHARE", "ROW SHARE", "ROW EXCLUSIVE", "SHARE UPDATE EXCLUSIVE", "SHARE",
	"SHARE ROW EXCLUSIVE", "EXCLUSIVE", "ACCESS EXCLUSIVE"}

func (m LockMode) String() string { return lockModes[m] }

// BlocksWrites reports whether INSERT, UPDATE and DELETE wait for the lock.
func (m LockMode) BlocksWrites() bool { return m >= Share }

// BlocksReads reports whether SELECT waits for the lock.
func (m LockMode) BlocksReads() bool { return m == AccessExclusive }

// Lock is the strongest lock that a statement takes on a relation that was there before it.
type Lock struct {
	On   schema.ID
	Mode LockMode
}

// Effect is what a statement does to a running database, apart from its result.
type Effect struct {
	// Locks are the strongest ones by relation, referenced tables, partitions and indexes included.
	Locks []Lock
	// Scans, Rewrites and Builds list relations that are read in full, written anew, or built (indexes).
	Scans, Rewrites, Builds []schema.ID
	// Validates lists foreign keys whose rows are compared with the referenced table.
	Validates []schema.ID
	// Estimated is set where the effect follows from rules and was not measured on a server.
	Estimated bool
}

// Strongest is the strongest lock on the relation.
func (e *Effect) Strongest(on schema.ID) LockMode {
	mode := NoLock
	for _, l := range e.Locks {
		if l.On == on {
			mode = max(mode, l.Mode)
		}
	}
	return mode
}

// Sum is what several statements do together.
func Sum(effects []Effect) Effect {
	var out Effect
	for _, e := range effects {
		for _, l := range e.Locks {
			i := slices.IndexFunc(out.Locks, func(known Lock) bool { return known.On == l.On })
			if i < 0 {
				out.Locks = append(out.Locks, l)
			} else {
				out.Locks[i].Mode = max(out.Locks[i].Mode, l.Mode)
			}
		}
		out.Scans, out.Rewrites = union(out.Scans, e.Scans), union(out.Rewrites, e.Rewrites)
		out.Builds, out.Validates = union(out.Builds, e.Builds), union(out.Validates, e.Validates)
		out.Estimated = out.Estimated || e.Estimated
	}
	slices.SortFunc(out.Locks, func(a, b Lock) int { return cmp.Or(int(b.Mode)-int(a.Mode), a.On.Compare(b.On)) })
	return out
}

func union(a, b []schema.ID) []schema.ID {
	for _, id := range b {
		if !slices.Contains(a, id) {
			a = append(a, id)
		}
	}
	return a
}
