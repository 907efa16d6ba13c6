package sqltext

import pgquery "github.com/pganalyze/pg_query_go/v5"

// MarkKind says what a [Mark] is a fact about.
type MarkKind string

// The kinds of marks. Name is the object, Of the table that it belongs to.
const (
	MarkRelation     MarkKind = "relation" // a table, view, sequence, …
	MarkColumn       MarkKind = "column"
	MarkConstraint   MarkKind = "constraint"
	MarkValidated    MarkKind = "validated constraint"
	MarkPartition    MarkKind = "partition" // Name is attached to Of
	MarkEnumValue    MarkKind = "enum value"
	MarkSchema       MarkKind = "schema"
	MarkExtension    MarkKind = "extension"
	MarkDatabase     MarkKind = "database"
	MarkTablespace   MarkKind = "tablespace"
	MarkSubscription MarkKind = "subscription"
)

// Mark is a fact that the catalogs show once a statement has run, and did not show before.
type Mark struct {
	Kind MarkKind
	// Of is the table of a column, constraint or partition, and the type of an enum value.
	Of, Name Name
	// Gone is set where the object is gone once the statement has run.
	Gone bool
}

// Outcome is how to tell whether a statement ran of which no answer came. Its zero value: nothing tells.
type Outcome struct {
	// Marks are what the statement leaves. A statement takes effect as a whole, so each of them is enough.
	Marks []Mark
	// Repeat is set where running the statement a second time leads to the same and does no harm.
	Repeat bool
	// Detach is the partition that ALTER TABLE … DETACH PARTITION CONCURRENTLY or FINALIZE is about, which works in two transactions:
	// in between the partition is marked as one that goes.
	Detach *Mark
	// ReindexAll is set for REINDEX SCHEMA, DATABASE or SYSTEM CONCURRENTLY, which leaves invalid indexes anywhere in ReindexSchema, or in
	// the database where that is empty.
	ReindexAll    bool
	ReindexSchema string
}

// ReadOutcome reads what the catalogs will show of a single statement. Indexes are left to [Touched].
func ReadOutcome(stmt string) Outcome {
	node := parseOne(stmt)
	if node == nil {
		return outcomeOfWords(stmt)
	}
	if o := outcomeOfObject(node); o != nil {
		return *o
	}
	if o := outcomeOfServer(node); o != nil {
		return *o
	}
	return Outcome{Repeat: repeatable(node)}
}

// outcomeOfWords knows what newer grammars write and what is repeated without harm.
func outcomeOfWords(stmt string) Outcome {
	tokens, err := significant(stmt)
	if err != nil {
		return Outcome{}
	}
	w := words{stmt, tokens}
	switch w.at(0) {
	case "vacuum", "analyze", "checkpoint":
		return Outcome{Repeat: true}
	}
	return Outcome{}
}

func created(kind MarkKind, n Name, missingOK bool) *Outcome {
	return &Outcome{Marks: []Mark{{Kind: kind, Name: n}}, Repeat: missingOK}
}

func gone(kind MarkKind, n Name, missingOK bool) *Outcome {
	return &Outcome{Marks: []Mark{{Kind: kind, Name: n, Gone: true}}, Repeat: missingOK}
}

// outcomeOfObject knows statements about what is in a database; nil for others.
func outcomeOfObject(node *pgquery.Node) *Outcome {
	switch n := node.Node.(type) {
	case *pgquery.Node_AlterTableStmt:
		return outcomeOfAlter(n.AlterTableStmt)
	case *pgquery.Node_AlterEnumStmt:
		e := n.AlterEnumStmt
		o := &Outcome{Repeat: e.SkipIfNewValExists, Marks: []Mark{{Kind: MarkEnumValue, Of: nameOf(strs(e.TypeName)), Name: Name{Name: e.NewVal}}}}
		return o
	case *pgquery.Node_ReindexStmt:
		r := n.ReindexStmt
		o := &Outcome{Repeat: true}
		if o.ReindexAll = optionSet(r.Params, "concurrently") && r.Relation == nil; o.ReindexAll && r.Kind == pgquery.ReindexObjectType_REINDEX_OBJECT_SCHEMA {
			o.ReindexSchema = r.Name
		}
		return o
	case *pgquery.Node_CreateStmt:
		return created(MarkRelation, relName(n.CreateStmt.Relation), n.CreateStmt.IfNotExists)
	case *pgquery.Node_CreateTableAsStmt:
		return created(MarkRelation, relName(n.CreateTableAsStmt.Into.GetRel()), n.CreateTableAsStmt.IfNotExists)
	case *pgquery.Node_ViewStmt:
		return created(MarkRelation, relName(n.ViewStmt.View), n.ViewStmt.Replace)
	case *pgquery.Node_CreateSeqStmt:
		return created(MarkRelation, relName(n.CreateSeqStmt.Sequence), n.CreateSeqStmt.IfNotExists)
	case *pgquery.Node_CreateSchemaStmt:
		return created(MarkSchema, Name{Name: n.CreateSchemaStmt.Schemaname}, n.CreateSchemaStmt.IfNotExists)
	case *pgquery.Node_CreateExtensionStmt:
		return created(MarkExtension, Name{Name: n.CreateExtensionStmt.Extname}, n.CreateExtensionStmt.IfNotExists)
	case *pgquery.Node_DropStmt:
		return outcomeOfDrop(n.DropStmt)
	case *pgquery.Node_RenameStmt:
		return outcomeOfRename(n.RenameStmt)
	}
	return nil
}

func outcomeOfDrop(d *pgquery.DropStmt) *Outcome {
	o := &Outcome{Repeat: d.MissingOk}
	for _, object := range d.Objects {
		name := nameOf(objectName(object))
		switch d.RemoveType {
		case pgquery.ObjectType_OBJECT_TABLE, pgquery.ObjectType_OBJECT_VIEW, pgquery.ObjectType_OBJECT_MATVIEW, pgquery.ObjectType_OBJECT_SEQUENCE,
			pgquery.ObjectType_OBJECT_FOREIGN_TABLE:
			o.Marks = append(o.Marks, Mark{Kind: MarkRelation, Name: name, Gone: true})
		case pgquery.ObjectType_OBJECT_SCHEMA:
			o.Marks = append(o.Marks, Mark{Kind: MarkSchema, Name: name, Gone: true})
		case pgquery.ObjectType_OBJECT_EXTENSION:
			o.Marks = append(o.Marks, Mark{Kind: MarkExtension, Name: name, Gone: true})
		}
	}
	return o
}

// outcomeOfRename knows the new name of a relation or column.
func outcomeOfRename(r *pgquery.RenameStmt) *Outcome {
	switch r.RenameType {
	case pgquery.ObjectType_OBJECT_TABLE, pgquery.ObjectType_OBJECT_VIEW, pgquery.ObjectType_OBJECT_MATVIEW, pgquery.ObjectType_OBJECT_SEQUENCE,
		pgquery.ObjectType_OBJECT_FOREIGN_TABLE:
		if r.Relation != nil {
			return created(MarkRelation, Name{r.Relation.Schemaname, r.Newname}, false)
		}
	case pgquery.ObjectType_OBJECT_COLUMN:
		return &Outcome{Marks: []Mark{{Kind: MarkColumn, Of: relName(r.Relation), Name: Name{Name: r.Newname}}}}
	}
	return &Outcome{}
}

// outcomeOfServer knows statements about what a whole server has; nil for others.
func outcomeOfServer(node *pgquery.Node) *Outcome {
	switch n := node.Node.(type) {
	case *pgquery.Node_CreatedbStmt:
		return created(MarkDatabase, Name{Name: n.CreatedbStmt.Dbname}, false)
	case *pgquery.Node_DropdbStmt:
		return gone(MarkDatabase, Name{Name: n.DropdbStmt.Dbname}, n.DropdbStmt.MissingOk)
	case *pgquery.Node_CreateTableSpaceStmt:
		return created(MarkTablespace, Name{Name: n.CreateTableSpaceStmt.Tablespacename}, false)
	case *pgquery.Node_DropTableSpaceStmt:
		return gone(MarkTablespace, Name{Name: n.DropTableSpaceStmt.Tablespacename}, n.DropTableSpaceStmt.MissingOk)
	case *pgquery.Node_CreateSubscriptionStmt:
		return created(MarkSubscription, Name{Name: n.CreateSubscriptionStmt.Subname}, false)
	case *pgquery.Node_DropSubscriptionStmt:
		return gone(MarkSubscription, Name{Name: n.DropSubscriptionStmt.Subname}, n.DropSubscriptionStmt.MissingOk)
	}
	return nil
}

// repeatable knows statements that lead to the same however often they run.
func repeatable(node *pgquery.Node) bool {
	switch n := node.Node.(type) {
	case *pgquery.Node_VacuumStmt, *pgquery.Node_ClusterStmt, *pgquery.Node_RefreshMatViewStmt, *pgquery.Node_AlterSystemStmt, *pgquery.Node_CheckPointStmt,
		*pgquery.Node_AlterDatabaseStmt, *pgquery.Node_AlterDatabaseSetStmt, *pgquery.Node_AlterRoleSetStmt, *pgquery.Node_DiscardStmt,
		*pgquery.Node_VariableSetStmt, *pgquery.Node_VariableShowStmt, *pgquery.Node_CommentStmt, *pgquery.Node_GrantStmt, *pgquery.Node_GrantRoleStmt,
		*pgquery.Node_AlterOwnerStmt, *pgquery.Node_SecLabelStmt, *pgquery.Node_LoadStmt, *pgquery.Node_ListenStmt:
		return true
	case *pgquery.Node_CreateFunctionStmt:
		return n.CreateFunctionStmt.Replace
	case *pgquery.Node_CreateTrigStmt:
		return n.CreateTrigStmt.Replace
	case *pgquery.Node_AlterSubscriptionStmt:
		k := n.AlterSubscriptionStmt.Kind
		return k != pgquery.AlterSubscriptionType_ALTER_SUBSCRIPTION_ADD_PUBLICATION && k != pgquery.AlterSubscriptionType_ALTER_SUBSCRIPTION_DROP_PUBLICATION &&
			k != pgquery.AlterSubscriptionType_ALTER_SUBSCRIPTION_SKIP
	}
	return false
}
