package sqltext

import (
	"slices"

	pgquery "github.com/pganalyze/pg_query_go/v5"
)

// Written is one table whose rows a statement changes or takes away.
type Written struct {
	Table Name
	// Verb is insert, upsert (INSERT … ON CONFLICT DO UPDATE), update, delete, merge, truncate or copy.
	Verb string
	// Columns are those that an update or upsert assigns; of the other verbs there are none, and whole rows are meant.
	Columns []string
	// Only is set where the statement leaves out the tables that inherit from this one.
	Only bool
	// Cascade is TRUNCATE … CASCADE.
	Cascade bool
}

// WrittenBy lists the tables whose rows a single statement changes by itself, in the order of the text: not what triggers, rules,
// foreign keys and functions add. Definitions that hold such a statement (CREATE FUNCTION, CREATE RULE) change none.
func WrittenBy(stmt string) []Written {
	node := parseOne(stmt)
	if node == nil {
		return nil
	}
	switch n := node.Node.(type) {
	case *pgquery.Node_TruncateStmt:
		var out []Written
		for _, r := range n.TruncateStmt.Relations {
			out = append(out, Written{Table: relName(r.GetRangeVar()), Verb: "truncate", Only: !r.GetRangeVar().GetInh(),
				Cascade: n.TruncateStmt.Behavior == pgquery.DropBehavior_DROP_CASCADE})
		}
		return out
	case *pgquery.Node_InsertStmt, *pgquery.Node_UpdateStmt, *pgquery.Node_DeleteStmt, *pgquery.Node_MergeStmt, *pgquery.Node_SelectStmt,
		*pgquery.Node_CopyStmt, *pgquery.Node_CreateTableAsStmt, *pgquery.Node_ExplainStmt, *pgquery.Node_PrepareStmt:
		return writtenIn(node)
	}
	return nil
}

func writtenIn(node *pgquery.Node) (out []Written) {
	eachMessage([]*pgquery.Node{node}, func(m message) {
		var w Written
		var relation *pgquery.RangeVar
		switch n := m.Interface().(type) {
		case *pgquery.InsertStmt:
			relation, w.Verb = n.Relation, "insert"
			if n.OnConflictClause.GetAction() == pgquery.OnConflictAction_ONCONFLICT_UPDATE {
				w.Verb, w.Columns = "upsert", assigned(n.OnConflictClause.TargetList)
			}
		case *pgquery.UpdateStmt:
			relation, w.Verb, w.Columns = n.Relation, "update", assigned(n.TargetList)
		case *pgquery.DeleteStmt:
			relation, w.Verb = n.Relation, "delete"
		case *pgquery.MergeStmt:
			relation, w.Verb = n.Relation, "merge"
		case *pgquery.CopyStmt:
			if n.IsFrom {
				relation, w.Verb = n.Relation, "copy"
			}
		}
		if relation != nil {
			w.Table, w.Only = relName(relation), !relation.GetInh()
			out = append(out, w)
		}
	})
	return out
}

// assigned are the columns of SET, without repetition.
func assigned(list []*pgquery.Node) (out []string) {
	for _, n := range list {
		if name := n.GetResTarget().GetName(); name != "" && !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}
