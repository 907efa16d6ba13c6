package apply

import (
	"slices"
	"strings"

	"github.com/pleatdb/pleat/schema"
	"github.com/pleatdb/pleat/schema/sqltext"
)

// lockMode is a mode of table locks, 1 (ACCESS SHARE) to 8 (ACCESS EXCLUSIVE), as PostgreSQL numbers them (lockdefs.h).
type lockMode int

// lockModes are the modes' names in pg_locks.
var lockModes = [...]string{1: "AccessShareLock", "RowShareLock", "RowExclusiveLock", "ShareUpdateExclusiveLock", "ShareLock", "ShareRowExclusiveLock",
	"ExclusiveLock", "AccessExclusiveLock"}

// conflicts are the modes that exclude each mode (PostgreSQL documentation, 13.3.1, the same in 13 to 18).
var conflicts = [...][]lockMode{1: {8}, {7, 8}, {5, 6, 7, 8}, {4, 5, 6, 7, 8}, {3, 4, 6, 7, 8}, {3, 4, 5, 6, 7, 8}, {2, 3, 4, 5, 6, 7, 8}, {1, 2, 3, 4, 5, 6, 7, 8}}

// excludes lists the names of the modes that cannot be held together with this one.
func (m lockMode) excludes() (out []string) {
	for _, other := range conflicts[m] {
		out = append(out, lockModes[other])
	}
	return out
}

// modeWords turns "AccessExclusiveLock" into "ACCESS EXCLUSIVE".
func modeWords(mode string) string {
	var b strings.Builder
	for i, r := range strings.TrimSuffix(mode, "Lock") {
		if i > 0 && r >= 'A' && r <= 'Z' {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
	}
	return strings.ToUpper(b.String())
}

// want is a lock that a statement will ask for, as far as its text tells.
type want struct {
	relation string // qualified and quoted
	mode     lockMode
}

// wanted reads the locks from a statement. It serves to say who stands in the way and decides nothing, so that what it does not
// know it leaves out.
func wanted(sql string) (out []want) {
	f := sqltext.Facts(sql)
	add := func(n sqltext.Name, mode lockMode) {
		if n.Name != "" {
			out = append(out, want{schema.Qualified(n.Schema, n.Name), mode})
		}
	}
	mode := statementMode(f)
	switch f.Command {
	case sqltext.Rows:
		if f.Query != nil {
			for _, w := range f.Query.Writes {
				add(w.Table, mode)
			}
		}
		return out
	case sqltext.CreateTable:
		return append(out, wantedByTable(f)...)
	}
	if mode == 0 {
		return nil
	}
	for _, o := range f.Objects {
		if o.Of.Name != "" {
			add(o.Of, mode)
		} else if relationKind(o.Kind) {
			add(o.Name, mode)
		}
	}
	for _, a := range f.Actions {
		if a.Constraint != nil {
			add(a.Constraint.References, 6)
		}
		if a.Do == sqltext.AttachPartition || a.Do == sqltext.DetachPartition && !a.Concurrently {
			add(a.Other, 8)
		}
	}
	return out
}

// wantedByTable are the locks on tables that a new one refers to.
func wantedByTable(f sqltext.Fact) (out []want) {
	if f.Table == nil {
		return nil
	}
	if p := f.Table.PartitionOf; p != nil {
		out = append(out, want{schema.Qualified(p.Schema, p.Name), 8})
	}
	all := slices.Clone(f.Table.Constraints)
	for _, c := range f.Table.Columns {
		all = append(all, c.Constraints...)
	}
	for _, c := range all {
		if c.References.Name != "" {
			out = append(out, want{schema.Qualified(c.References.Schema, c.References.Name), 6})
		}
	}
	return out
}

func relationKind(kind string) bool {
	return slices.Contains([]string{"table", "view", "materialized view", "index", "sequence", "foreign table"}, kind)
}

// statementMode is the mode in which a statement locks what it names; 0 where that is not known.
func statementMode(f sqltext.Fact) lockMode {
	switch f.Command {
	case sqltext.Rows:
		return 3
	case sqltext.CreateIndex:
		return concurrentlyOr(f, 5)
	case sqltext.CreateTrigger:
		return 6
	case sqltext.AlterTable:
		return alterMode(f.Actions)
	case sqltext.DropObjects, sqltext.Reindex:
		return concurrentlyOr(f, 8)
	case sqltext.TruncateTables, sqltext.Cluster, sqltext.RenameObject, sqltext.SetSchema, sqltext.ChangeOwner, sqltext.CreatePolicy, sqltext.AlterPolicy,
		sqltext.CreateRule:
		return 8
	case sqltext.Refresh:
		if f.Concurrently {
			return 7
		}
		return 8
	case sqltext.Vacuum:
		if f.Full {
			return 8
		}
		return 4
	case sqltext.Analyze, sqltext.CommentOn, sqltext.CreateStatistics:
		return 4
	case sqltext.LockTables:
		return lockMode(max(0, min(f.LockMode, 8)))
	}
	return 0
}

func concurrentlyOr(f sqltext.Fact, mode lockMode) lockMode {
	if f.Concurrently {
		return 4
	}
	return mode
}

// alterMode is the strongest mode of the parts of ALTER TABLE.
func alterMode(actions []sqltext.Action) (mode lockMode) {
	for _, a := range actions {
		this := lockMode(8)
		switch a.Do {
		case sqltext.ValidateConstraint, sqltext.SetStatistics, sqltext.SetColumnOptions, sqltext.AttachPartition, sqltext.FinalizePartition, sqltext.ClusterOn:
			this = 4
		case sqltext.DetachPartition:
			if a.Concurrently {
				this = 4
			}
		case sqltext.SwitchTrigger:
			this = 6
		case sqltext.AddConstraint:
			if a.Constraint != nil && a.Constraint.Kind == "foreign key" {
				this = 6
			}
		}
		mode = max(mode, this)
	}
	return mode
}
