package sqltext

import (
	"strconv"
	"strings"

	pgquery "github.com/pganalyze/pg_query_go/v5"
)

// anyKind knows the statements that are the same for objects of all kinds.
func (r reader) anyKind(node *pgquery.Node) bool {
	f := r.fact
	switch n := node.Node.(type) {
	case *pgquery.Node_DropStmt:
		s := n.DropStmt
		f.Command = DropObjects
		f.Cascade, f.IfExists, f.Concurrently = s.Behavior == pgquery.DropBehavior_DROP_CASCADE, s.MissingOk, s.Concurrent
		for _, o := range s.Objects {
			f.Objects = append(f.Objects, target(s.RemoveType, objectName(o)))
		}
	case *pgquery.Node_CommentStmt:
		f.Command = CommentOn
		f.Objects = []Target{target(n.CommentStmt.Objtype, objectName(n.CommentStmt.Object))}
	case *pgquery.Node_RenameStmt:
		r.rename(n.RenameStmt)
	case *pgquery.Node_AlterObjectSchemaStmt:
		s := n.AlterObjectSchemaStmt
		name := nameOf(objectName(s.Object))
		if s.Relation != nil {
			name = relName(s.Relation)
		}
		r.about(SetSchema, kindName(s.ObjectType), name)
		f.NewName = s.Newschema
	case *pgquery.Node_AlterOwnerStmt:
		r.about(ChangeOwner, kindName(n.AlterOwnerStmt.ObjectType), nameOf(objectName(n.AlterOwnerStmt.Object)))
	default:
		return false
	}
	return true
}

// target is an object by its kind and the parts of its name; the last part names what belongs to a table.
func target(kind pgquery.ObjectType, parts []string) Target {
	switch kind {
	case pgquery.ObjectType_OBJECT_TRIGGER, pgquery.ObjectType_OBJECT_RULE, pgquery.ObjectType_OBJECT_POLICY,
		pgquery.ObjectType_OBJECT_TABCONSTRAINT, pgquery.ObjectType_OBJECT_COLUMN:
		if last := len(parts) - 1; last > 0 {
			return Target{Kind: kindName(kind), Name: Name{Name: parts[last]}, Of: nameOf(parts[:last])}
		}
	}
	return Target{Kind: kindName(kind), Name: nameOf(parts)}
}

func (r reader) rename(s *pgquery.RenameStmt) {
	r.fact.NewName, r.fact.IfExists = s.Newname, s.MissingOk
	kind := kindName(s.RenameType)
	switch s.RenameType {
	case pgquery.ObjectType_OBJECT_COLUMN, pgquery.ObjectType_OBJECT_TABCONSTRAINT, pgquery.ObjectType_OBJECT_TRIGGER,
		pgquery.ObjectType_OBJECT_RULE, pgquery.ObjectType_OBJECT_POLICY, pgquery.ObjectType_OBJECT_ATTRIBUTE:
		r.part(RenameObject, kind, Name{Name: s.Subname}, relName(s.Relation))
	case pgquery.ObjectType_OBJECT_ROLE, pgquery.ObjectType_OBJECT_SCHEMA, pgquery.ObjectType_OBJECT_DATABASE, pgquery.ObjectType_OBJECT_TABLESPACE:
		r.about(RenameObject, kind, Name{Name: s.Subname})
	case pgquery.ObjectType_OBJECT_DOMCONSTRAINT:
		r.part(RenameObject, kind, Name{Name: s.Subname}, nameOf(objectName(s.Object)))
	default:
		name := nameOf(objectName(s.Object))
		if s.Relation != nil {
			name = relName(s.Relation)
		}
		r.about(RenameObject, kind, name)
	}
}

// rows knows the statements that read and write rows.
func (r reader) rows(node *pgquery.Node) bool {
	f := r.fact
	switch n := node.Node.(type) {
	case *pgquery.Node_InsertStmt, *pgquery.Node_UpdateStmt, *pgquery.Node_DeleteStmt, *pgquery.Node_MergeStmt, *pgquery.Node_SelectStmt:
		f.Command, f.Query = Rows, queryFact(node)
		if node.GetSelectStmt().GetIntoClause() != nil {
			r.about(CreateTableAs, "table", relName(node.GetSelectStmt().IntoClause.Rel))
		}
	case *pgquery.Node_CopyStmt:
		f.Command, f.Query = Rows, queryFact(n.CopyStmt.Query)
		if n.CopyStmt.IsFrom {
			f.Query.Writes = append(f.Query.Writes, WriteFact{Verb: "copy", Table: relName(n.CopyStmt.Relation)})
		}
	case *pgquery.Node_TruncateStmt:
		f.Command, f.Cascade = TruncateTables, n.TruncateStmt.Behavior == pgquery.DropBehavior_DROP_CASCADE
		r.relations("table", n.TruncateStmt.Relations)
	default:
		return false
	}
	return true
}

func (r reader) relations(kind string, list []*pgquery.Node) {
	for _, o := range list {
		if v := o.GetRangeVar(); v != nil {
			r.fact.Objects = append(r.fact.Objects, Target{Kind: kind, Name: relName(v)})
			r.fact.Only = r.fact.Only || !v.Inh
		}
	}
}

// upkeep knows the statements that rearrange what is stored.
func (r reader) upkeep(node *pgquery.Node) bool {
	f := r.fact
	switch n := node.Node.(type) {
	case *pgquery.Node_LockStmt:
		f.Command, f.LockMode = LockTables, int(n.LockStmt.Mode)
		r.relations("table", n.LockStmt.Relations)
	case *pgquery.Node_VacuumStmt:
		s := n.VacuumStmt
		f.Command, f.Full = Analyze, optionSet(s.Options, "full")
		if s.IsVacuumcmd {
			f.Command = Vacuum
		}
		for _, rel := range s.Rels {
			f.Objects = append(f.Objects, Target{Kind: "table", Name: relName(rel.GetVacuumRelation().GetRelation())})
		}
	case *pgquery.Node_ClusterStmt:
		f.Command = Cluster
		if n.ClusterStmt.Relation != nil {
			r.about(Cluster, "table", relName(n.ClusterStmt.Relation))
		}
	case *pgquery.Node_ReindexStmt:
		s := n.ReindexStmt
		f.Concurrently = optionSet(s.Params, "concurrently")
		switch s.Kind {
		case pgquery.ReindexObjectType_REINDEX_OBJECT_INDEX:
			r.about(Reindex, "index", relName(s.Relation))
		case pgquery.ReindexObjectType_REINDEX_OBJECT_TABLE:
			r.about(Reindex, "table", relName(s.Relation))
		case pgquery.ReindexObjectType_REINDEX_OBJECT_SCHEMA:
			r.about(Reindex, "schema", Name{Name: s.Name})
		default:
			r.about(Reindex, "database", Name{Name: s.Name})
		}
	default:
		return false
	}
	return true
}

// session knows the statements about the session and its transactions, and those that run code.
func (r reader) session(node *pgquery.Node) bool {
	f := r.fact
	switch n := node.Node.(type) {
	case *pgquery.Node_TransactionStmt:
		f.Command, f.Value = Transaction, transactionWord(n.TransactionStmt.Kind)
	case *pgquery.Node_VariableSetStmt:
		f.Command, f.Setting = SetVariable, settingFact(n.VariableSetStmt)
	case *pgquery.Node_DoStmt, *pgquery.Node_CallStmt:
		f.Command = RunCode
	default:
		return false
	}
	return true
}

func transactionWord(kind pgquery.TransactionStmtKind) TransactionWord {
	switch kind {
	case pgquery.TransactionStmtKind_TRANS_STMT_BEGIN, pgquery.TransactionStmtKind_TRANS_STMT_START:
		return "begin"
	case pgquery.TransactionStmtKind_TRANS_STMT_COMMIT:
		return "commit"
	case pgquery.TransactionStmtKind_TRANS_STMT_ROLLBACK:
		return "rollback"
	case pgquery.TransactionStmtKind_TRANS_STMT_PREPARE:
		return "prepare"
	case pgquery.TransactionStmtKind_TRANS_STMT_RELEASE:
		return "release"
	}
	return "savepoint"
}

func settingFact(s *pgquery.VariableSetStmt) *SettingFact {
	out := &SettingFact{Name: strings.ToLower(s.Name), Local: s.IsLocal}
	switch s.Kind {
	case pgquery.VariableSetKind_VAR_RESET, pgquery.VariableSetKind_VAR_SET_DEFAULT:
		out.Reset = true
	case pgquery.VariableSetKind_VAR_RESET_ALL:
		out.Name, out.Reset = "all", true
	}
	var values []string
	for _, a := range s.Args {
		values = append(values, literalText(a))
	}
	out.Value = strings.Join(values, ", ")
	return out
}

// literalText is the text of a constant, or empty.
func literalText(n *pgquery.Node) string {
	c := n.GetAConst()
	switch v := c.GetVal().(type) {
	case *pgquery.A_Const_Sval:
		return v.Sval.Sval
	case *pgquery.A_Const_Ival:
		return strconv.Itoa(int(v.Ival.Ival))
	case *pgquery.A_Const_Fval:
		return v.Fval.Fval
	case *pgquery.A_Const_Boolval:
		return strconv.FormatBool(v.Boolval.Boolval)
	}
	return literalOfCast(n)
}

func literalOfCast(n *pgquery.Node) string {
	if cast := n.GetTypeCast(); cast != nil {
		return literalText(cast.Arg)
	}
	return ""
}
