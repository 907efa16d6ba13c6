package sqltext

import (
	"strings"

	pgquery "github.com/pganalyze/pg_query_go/v5"
)

// Class is what has to be known of a statement before it is run.
type Class struct {
	// Kind is the grammar's name of the statement, such as "CreateStmt"; empty if not Parsed.
	Kind string
	// Parsed is false if the grammar (PostgreSQL 16) does not know the statement. The
	// other fields then come from its first words.
	Parsed bool
	// Transactional is false if PostgreSQL refuses to run the statement inside a transaction block.
	Transactional bool
	// TransactionControl is true for BEGIN, COMMIT, SAVEPOINT, PREPARE TRANSACTION and their like.
	TransactionControl bool
	// NewEnumValue is true for ALTER TYPE … ADD VALUE: it may run in a transaction, but the value
	// cannot be used before that transaction commits.
	NewEnumValue bool
	// ReadOnly is true for SELECT, VALUES, SHOW and EXPLAIN that write nothing by themselves. A function
	// that a query calls may still write.
	ReadOnly bool
	// MayCommit is true for DO and CALL, whose body may commit if they run outside of a transaction block.
	MayCommit bool
}

// Classify tells what kind of statement stmt is. It must be a single statement, as Split gives it.
func Classify(stmt string) Class {
	node := parseOne(stmt)
	if node == nil {
		return classifyWords(stmt)
	}
	c := Class{Kind: kindOf(node), Parsed: true}
	c.Transactional = transactional(node)
	switch n := node.Node.(type) {
	case *pgquery.Node_TransactionStmt:
		c.TransactionControl = true
	case *pgquery.Node_AlterEnumStmt:
		c.NewEnumValue = n.AlterEnumStmt.OldVal == ""
	case *pgquery.Node_DoStmt, *pgquery.Node_CallStmt:
		c.MayCommit = true
	case *pgquery.Node_VariableShowStmt:
		c.ReadOnly = true
	case *pgquery.Node_SelectStmt:
		c.ReadOnly = readOnly(node)
	case *pgquery.Node_ExplainStmt:
		c.ReadOnly = !optionSet(n.ExplainStmt.Options, "analyze") || readOnly(n.ExplainStmt.Query)
	}
	return c
}

// readOnly tells whether a query neither writes, nor locks rows, nor makes a table.
func readOnly(query *pgquery.Node) bool {
	if query.GetSelectStmt() == nil {
		return false
	}
	writes := false
	walk(query.ProtoReflect(), func(m message) bool {
		switch n := m.Interface().(type) {
		case *pgquery.InsertStmt, *pgquery.UpdateStmt, *pgquery.DeleteStmt, *pgquery.MergeStmt, *pgquery.IntoClause:
			writes = true
		case *pgquery.SelectStmt:
			writes = writes || len(n.LockingClause) > 0
		}
		return !writes
	})
	return !writes
}

// transactional follows the calls of PreventInTransactionBlock in tcop/utility.c and
// commands/*.c (PostgreSQL 13 to 18).
func transactional(node *pgquery.Node) bool {
	switch n := node.Node.(type) {
	case *pgquery.Node_IndexStmt:
		return !n.IndexStmt.Concurrent
	case *pgquery.Node_DropStmt:
		return !n.DropStmt.Concurrent
	case *pgquery.Node_ReindexStmt:
		r := n.ReindexStmt
		whole := r.Kind == pgquery.ReindexObjectType_REINDEX_OBJECT_DATABASE ||
			r.Kind == pgquery.ReindexObjectType_REINDEX_OBJECT_SYSTEM || r.Kind == pgquery.ReindexObjectType_REINDEX_OBJECT_SCHEMA
		return !whole && !optionSet(r.Params, "concurrently")
	case *pgquery.Node_VacuumStmt:
		return !n.VacuumStmt.IsVacuumcmd
	case *pgquery.Node_ClusterStmt:
		return n.ClusterStmt.Relation != nil
	case *pgquery.Node_CreatedbStmt, *pgquery.Node_DropdbStmt, *pgquery.Node_CreateTableSpaceStmt,
		*pgquery.Node_DropTableSpaceStmt, *pgquery.Node_AlterSystemStmt, *pgquery.Node_DropSubscriptionStmt:
		return false
	case *pgquery.Node_AlterDatabaseStmt:
		return option(n.AlterDatabaseStmt.Options, "tablespace") == nil
	case *pgquery.Node_CreateSubscriptionStmt:
		options := n.CreateSubscriptionStmt.Options
		return optionOff(options, "connect") || optionOff(options, "create_slot")
	case *pgquery.Node_AlterSubscriptionStmt:
		return transactionalSubscription(n.AlterSubscriptionStmt)
	case *pgquery.Node_AlterTableStmt:
		for _, cmd := range n.AlterTableStmt.Cmds {
			if part := cmd.GetAlterTableCmd().GetDef().GetPartitionCmd(); part != nil && part.Concurrent {
				return false
			}
		}
	case *pgquery.Node_DiscardStmt:
		return n.DiscardStmt.Target != pgquery.DiscardMode_DISCARD_ALL
	}
	return true
}

// transactionalSubscription is false where a refresh copies tables.
func transactionalSubscription(s *pgquery.AlterSubscriptionStmt) bool {
	switch s.Kind {
	case pgquery.AlterSubscriptionType_ALTER_SUBSCRIPTION_REFRESH:
		return false
	case pgquery.AlterSubscriptionType_ALTER_SUBSCRIPTION_SET_PUBLICATION,
		pgquery.AlterSubscriptionType_ALTER_SUBSCRIPTION_ADD_PUBLICATION,
		pgquery.AlterSubscriptionType_ALTER_SUBSCRIPTION_DROP_PUBLICATION:
		return optionOff(s.Options, "refresh")
	}
	return true
}

// option returns the named option of a list, or nil.
func option(options []*pgquery.Node, name string) *pgquery.DefElem {
	for _, o := range options {
		if d := o.GetDefElem(); d != nil && strings.EqualFold(d.Defname, name) {
			return d
		}
	}
	return nil
}

// optionSet tells whether a boolean option is given and not off.
func optionSet(options []*pgquery.Node, name string) bool {
	return option(options, name) != nil && !optionOff(options, name)
}

// optionOff tells whether a boolean option is given as off.
func optionOff(options []*pgquery.Node, name string) bool {
	arg := option(options, name).GetArg()
	word := arg.GetString_().GetSval()
	if t := arg.GetTypeName(); t != nil { // the grammar reads an unreserved word here as a type
		word = nameOf(strs(t.Names)).Name
	}
	switch strings.ToLower(word) {
	case "false", "off", "0":
		return true
	}
	if b := arg.GetBoolean(); b != nil {
		return !b.Boolval
	}
	i := arg.GetInteger()
	return i != nil && i.Ival == 0
}
