package sqltext

import pgquery "github.com/pganalyze/pg_query_go/v5"

// relations knows the statements about tables, views and sequences as a whole.
func (t *toucher) relations(node *pgquery.Node) bool {
	switch n := node.Node.(type) {
	case *pgquery.Node_CreateStmt:
		t.table(n.CreateStmt, "table")
	case *pgquery.Node_CreateForeignTableStmt:
		t.table(n.CreateForeignTableStmt.BaseStmt, "foreign table")
	case *pgquery.Node_CreateTableAsStmt:
		t.add(kindName(n.CreateTableAsStmt.Objtype), relName(n.CreateTableAsStmt.Into.GetRel()), Create)
		if !n.CreateTableAsStmt.Into.GetSkipData() {
			t.calls(n.CreateTableAsStmt.Query)
		}
	case *pgquery.Node_ViewStmt:
		t.add("view", relName(n.ViewStmt.View), Create)
	case *pgquery.Node_RefreshMatViewStmt:
		t.add("materialized view", relName(n.RefreshMatViewStmt.Relation), Write)
	case *pgquery.Node_CreateSeqStmt:
		t.add("sequence", relName(n.CreateSeqStmt.Sequence), Create)
	case *pgquery.Node_AlterSeqStmt:
		t.add("sequence", relName(n.AlterSeqStmt.Sequence), Alter)
	case *pgquery.Node_AlterTableStmt:
		t.add(kindName(n.AlterTableStmt.Objtype), relName(n.AlterTableStmt.Relation), Alter)
		t.related(n.AlterTableStmt.ProtoReflect(), n.AlterTableStmt.Relation)
	case *pgquery.Node_CreateSchemaStmt:
		t.add("schema", Name{Name: n.CreateSchemaStmt.Schemaname}, Create)
		for _, e := range n.CreateSchemaStmt.SchemaElts {
			t.statement(e)
		}
	default:
		return false
	}
	return true
}

func (t *toucher) table(c *pgquery.CreateStmt, kind string) {
	t.add(kind, relName(c.Relation), Create)
	t.related(c.ProtoReflect(), c.Relation)
}

// related adds as altered the other tables that a table's definition names: parents, partitions, and
// those referenced by foreign keys, which get triggers.
func (t *toucher) related(m message, self *pgquery.RangeVar) {
	walk(m, func(m message) bool {
		if r, ok := m.Interface().(*pgquery.RangeVar); ok && r != self {
			t.add("table", relName(r), Alter)
		}
		return true
	})
}

// tableParts knows the statements about what belongs to a table.
func (t *toucher) tableParts(node *pgquery.Node) bool {
	switch n := node.Node.(type) {
	case *pgquery.Node_IndexStmt:
		t.part("index", n.IndexStmt.Idxname, relName(n.IndexStmt.Relation), Create)
	case *pgquery.Node_CreateTrigStmt:
		t.part("trigger", n.CreateTrigStmt.Trigname, relName(n.CreateTrigStmt.Relation), Create)
	case *pgquery.Node_RuleStmt:
		t.part("rule", n.RuleStmt.Rulename, relName(n.RuleStmt.Relation), Create)
	case *pgquery.Node_CreatePolicyStmt:
		t.part("policy", n.CreatePolicyStmt.PolicyName, relName(n.CreatePolicyStmt.Table), Create)
	case *pgquery.Node_AlterPolicyStmt:
		t.part("policy", n.AlterPolicyStmt.PolicyName, relName(n.AlterPolicyStmt.Table), Alter)
	case *pgquery.Node_CreateStatsStmt:
		t.add("statistics", nameOf(strs(n.CreateStatsStmt.Defnames)), Create)
		for _, r := range n.CreateStatsStmt.Relations {
			t.add("table", relName(r.GetRangeVar()), Alter)
		}
	case *pgquery.Node_AlterStatsStmt:
		t.add("statistics", nameOf(strs(n.AlterStatsStmt.Defnames)), Alter)
	default:
		return false
	}
	return true
}

// types knows the statements about types and collations.
func (t *toucher) types(node *pgquery.Node) bool {
	switch n := node.Node.(type) {
	case *pgquery.Node_CreateEnumStmt:
		t.add("type", nameOf(strs(n.CreateEnumStmt.TypeName)), Create)
	case *pgquery.Node_AlterEnumStmt:
		t.add("type", nameOf(strs(n.AlterEnumStmt.TypeName)), Alter)
	case *pgquery.Node_CompositeTypeStmt:
		t.add("type", relName(n.CompositeTypeStmt.Typevar), Create)
	case *pgquery.Node_CreateRangeStmt:
		t.add("type", nameOf(strs(n.CreateRangeStmt.TypeName)), Create)
	case *pgquery.Node_AlterTypeStmt:
		t.add("type", nameOf(strs(n.AlterTypeStmt.TypeName)), Alter)
	case *pgquery.Node_CreateDomainStmt:
		t.add("domain", nameOf(strs(n.CreateDomainStmt.Domainname)), Create)
	case *pgquery.Node_AlterDomainStmt:
		t.add("domain", nameOf(strs(n.AlterDomainStmt.TypeName)), Alter)
	case *pgquery.Node_DefineStmt:
		t.add(kindName(n.DefineStmt.Kind), nameOf(strs(n.DefineStmt.Defnames)), Create)
	default:
		return false
	}
	return true
}

// routines knows the statements about functions and what is made of them.
func (t *toucher) routines(node *pgquery.Node) bool {
	switch n := node.Node.(type) {
	case *pgquery.Node_CreateFunctionStmt:
		kind := "function"
		if n.CreateFunctionStmt.IsProcedure {
			kind = "procedure"
		}
		t.add(kind, nameOf(strs(n.CreateFunctionStmt.Funcname)), Create)
	case *pgquery.Node_AlterFunctionStmt:
		t.add(kindName(n.AlterFunctionStmt.Objtype), nameOf(objectNameOf(n.AlterFunctionStmt.Func)), Alter)
	case *pgquery.Node_AlterOperatorStmt:
		t.add("operator", nameOf(objectNameOf(n.AlterOperatorStmt.Opername)), Alter)
	case *pgquery.Node_CreateCastStmt:
		t.add("cast", nameOf(strs(n.CreateCastStmt.Targettype.GetNames())), Create)
	case *pgquery.Node_CreateOpClassStmt:
		t.add("operator class", nameOf(strs(n.CreateOpClassStmt.Opclassname)), Create)
	case *pgquery.Node_CreateOpFamilyStmt:
		t.add("operator family", nameOf(strs(n.CreateOpFamilyStmt.Opfamilyname)), Create)
	case *pgquery.Node_AlterOpFamilyStmt:
		t.add("operator family", nameOf(strs(n.AlterOpFamilyStmt.Opfamilyname)), Alter)
	case *pgquery.Node_AlterTsconfigurationStmt:
		t.add("text search configuration", nameOf(strs(n.AlterTsconfigurationStmt.Cfgname)), Alter)
	case *pgquery.Node_AlterTsdictionaryStmt:
		t.add("text search dictionary", nameOf(strs(n.AlterTsdictionaryStmt.Dictname)), Alter)
	case *pgquery.Node_CreateTransformStmt:
		t.add("transform", nameOf(strs(n.CreateTransformStmt.TypeName.GetNames())), Create)
	case *pgquery.Node_CreatePlangStmt:
		t.add("language", Name{Name: n.CreatePlangStmt.Plname}, Create)
	case *pgquery.Node_CreateAmStmt:
		t.add("access method", Name{Name: n.CreateAmStmt.Amname}, Create)
	case *pgquery.Node_CreateConversionStmt:
		t.add("conversion", nameOf(strs(n.CreateConversionStmt.ConversionName)), Create)
	case *pgquery.Node_CreateEventTrigStmt:
		t.add("event trigger", Name{Name: n.CreateEventTrigStmt.Trigname}, Create)
	case *pgquery.Node_AlterEventTrigStmt:
		t.add("event trigger", Name{Name: n.AlterEventTrigStmt.Trigname}, Alter)
	default:
		return false
	}
	return true
}

func objectNameOf(o *pgquery.ObjectWithArgs) []string { return strs(o.GetObjname()) }

// cluster knows the statements about what a database or a cluster holds once.
func (t *toucher) cluster(node *pgquery.Node) bool {
	switch n := node.Node.(type) {
	case *pgquery.Node_CreateExtensionStmt:
		t.add("extension", Name{Name: n.CreateExtensionStmt.Extname}, Create)
	case *pgquery.Node_AlterExtensionStmt:
		t.add("extension", Name{Name: n.AlterExtensionStmt.Extname}, Alter)
	case *pgquery.Node_CreatePublicationStmt:
		t.add("publication", Name{Name: n.CreatePublicationStmt.Pubname}, Create)
	case *pgquery.Node_AlterPublicationStmt:
		t.add("publication", Name{Name: n.AlterPublicationStmt.Pubname}, Alter)
	case *pgquery.Node_CreateSubscriptionStmt:
		t.add("subscription", Name{Name: n.CreateSubscriptionStmt.Subname}, Create)
	case *pgquery.Node_AlterSubscriptionStmt:
		t.add("subscription", Name{Name: n.AlterSubscriptionStmt.Subname}, Alter)
	case *pgquery.Node_DropSubscriptionStmt:
		t.add("subscription", Name{Name: n.DropSubscriptionStmt.Subname}, Drop)
	case *pgquery.Node_CreateRoleStmt:
		t.add("role", Name{Name: n.CreateRoleStmt.Role}, Create)
	case *pgquery.Node_AlterRoleStmt:
		t.add("role", Name{Name: n.AlterRoleStmt.Role.GetRolename()}, Alter)
	case *pgquery.Node_DropRoleStmt:
		for _, r := range n.DropRoleStmt.Roles {
			t.add("role", Name{Name: r.GetRoleSpec().GetRolename()}, Drop)
		}
	case *pgquery.Node_GrantRoleStmt:
		for _, r := range n.GrantRoleStmt.GrantedRoles {
			t.add("role", Name{Name: r.GetAccessPriv().GetPrivName()}, Grant)
		}
	case *pgquery.Node_CreateForeignServerStmt:
		t.add("server", Name{Name: n.CreateForeignServerStmt.Servername}, Create)
	case *pgquery.Node_CreateUserMappingStmt:
		t.add("user mapping", Name{Name: n.CreateUserMappingStmt.User.GetRolename()}, Create)
	case *pgquery.Node_CreateFdwStmt:
		t.add("foreign data wrapper", Name{Name: n.CreateFdwStmt.Fdwname}, Create)
	case *pgquery.Node_CreatedbStmt:
		t.add("database", Name{Name: n.CreatedbStmt.Dbname}, Create)
	case *pgquery.Node_DropdbStmt:
		t.add("database", Name{Name: n.DropdbStmt.Dbname}, Drop)
	case *pgquery.Node_AlterDatabaseSetStmt:
		t.add("database", Name{Name: n.AlterDatabaseSetStmt.Dbname}, Alter)
	default:
		return false
	}
	return true
}
