package sqltext

import pgquery "github.com/pganalyze/pg_query_go/v5"

// anyKind knows the statements that are the same for objects of all kinds.
func (t *toucher) anyKind(node *pgquery.Node) bool {
	switch n := node.Node.(type) {
	case *pgquery.Node_DropStmt:
		t.reach.Cascade = n.DropStmt.Behavior == pgquery.DropBehavior_DROP_CASCADE
		for _, o := range n.DropStmt.Objects {
			t.object(n.DropStmt.RemoveType, objectName(o), Drop)
		}
	case *pgquery.Node_CommentStmt:
		t.object(n.CommentStmt.Objtype, objectName(n.CommentStmt.Object), Comment)
	case *pgquery.Node_SecLabelStmt:
		t.object(n.SecLabelStmt.Objtype, objectName(n.SecLabelStmt.Object), Comment)
	case *pgquery.Node_RenameStmt:
		t.rename(n.RenameStmt)
	case *pgquery.Node_AlterObjectSchemaStmt:
		s := n.AlterObjectSchemaStmt
		name := nameOf(objectName(s.Object))
		if s.Relation != nil {
			name = relName(s.Relation)
		}
		t.add(kindName(s.ObjectType), name, Alter)
		t.add(kindName(s.ObjectType), Name{s.Newschema, name.Name}, Create)
	case *pgquery.Node_AlterOwnerStmt:
		t.object(n.AlterOwnerStmt.ObjectType, objectName(n.AlterOwnerStmt.Object), Alter)
	case *pgquery.Node_AlterObjectDependsStmt:
		t.object(n.AlterObjectDependsStmt.ObjectType, objectName(n.AlterObjectDependsStmt.Object), Alter)
	case *pgquery.Node_GrantStmt:
		for _, o := range n.GrantStmt.Objects {
			t.object(n.GrantStmt.Objtype, objectName(o), Grant)
		}
		t.reach.Bounded = t.reach.Bounded && n.GrantStmt.Targtype == pgquery.GrantTargetType_ACL_TARGET_OBJECT
	case *pgquery.Node_AlterDefaultPrivilegesStmt:
		t.defaults(n.AlterDefaultPrivilegesStmt)
	default:
		return false
	}
	return true
}

// defaults adds the default privileges, which are known by the schemas they hold in.
func (t *toucher) defaults(a *pgquery.AlterDefaultPrivilegesStmt) {
	schemas := objectName(option(a.Options, "schemas").GetArg())
	if len(schemas) == 0 {
		t.add("default privileges", Name{}, Grant)
	}
	for _, s := range schemas {
		t.add("default privileges", Name{Schema: s}, Grant)
	}
}

// object adds an object by its kind and the parts of its name. The last part names what
// belongs to a table, the parts before the table.
func (t *toucher) object(kind pgquery.ObjectType, parts []string, verb Verb) {
	switch kind {
	case pgquery.ObjectType_OBJECT_TRIGGER, pgquery.ObjectType_OBJECT_RULE, pgquery.ObjectType_OBJECT_POLICY,
		pgquery.ObjectType_OBJECT_TABCONSTRAINT, pgquery.ObjectType_OBJECT_COLUMN:
		if len(parts) > 1 {
			last := len(parts) - 1
			t.part(kindName(kind), parts[last], nameOf(parts[:last]), verb)
			return
		}
	}
	t.add(kindName(kind), nameOf(parts), verb)
}

// rename adds the object under its old and its new name.
func (t *toucher) rename(r *pgquery.RenameStmt) {
	kind := kindName(r.RenameType)
	switch r.RenameType {
	case pgquery.ObjectType_OBJECT_COLUMN, pgquery.ObjectType_OBJECT_TABCONSTRAINT, pgquery.ObjectType_OBJECT_TRIGGER,
		pgquery.ObjectType_OBJECT_RULE, pgquery.ObjectType_OBJECT_POLICY:
		t.part(kind, r.Subname, relName(r.Relation), Alter)
		return
	case pgquery.ObjectType_OBJECT_ATTRIBUTE:
		t.add("type", relName(r.Relation), Alter)
		return
	case pgquery.ObjectType_OBJECT_DOMCONSTRAINT:
		t.add("domain", nameOf(objectName(r.Object)), Alter)
		return
	case pgquery.ObjectType_OBJECT_ROLE, pgquery.ObjectType_OBJECT_SCHEMA, pgquery.ObjectType_OBJECT_DATABASE, pgquery.ObjectType_OBJECT_TABLESPACE:
		t.add(kind, Name{Name: r.Subname}, Alter)
		t.add(kind, Name{Name: r.Newname}, Create)
		return
	}
	name := nameOf(objectName(r.Object))
	if r.Relation != nil {
		name = relName(r.Relation)
	}
	t.add(kind, name, Alter)
	t.add(kind, Name{name.Schema, r.Newname}, Create)
}

// rows knows the statements that read and write rows.
func (t *toucher) rows(node *pgquery.Node) bool {
	switch n := node.Node.(type) {
	case *pgquery.Node_InsertStmt, *pgquery.Node_UpdateStmt, *pgquery.Node_DeleteStmt, *pgquery.Node_MergeStmt, *pgquery.Node_SelectStmt:
		t.calls(node)
	case *pgquery.Node_TruncateStmt:
		t.reach.Cascade = n.TruncateStmt.Behavior == pgquery.DropBehavior_DROP_CASCADE
		for _, r := range n.TruncateStmt.Relations {
			t.add("table", relName(r.GetRangeVar()), Write)
		}
	case *pgquery.Node_CopyStmt:
		if n.CopyStmt.IsFrom {
			t.add("table", relName(n.CopyStmt.Relation), Write)
		}
		t.reach.Bounded = !n.CopyStmt.IsProgram
		t.calls(n.CopyStmt.Query)
	case *pgquery.Node_ExplainStmt:
		if optionSet(n.ExplainStmt.Options, "analyze") {
			t.statement(n.ExplainStmt.Query)
		}
	default:
		return false
	}
	return true
}

// calls adds the tables that a query writes, data-modifying WITH included. A function that the
// query calls makes it unbounded, unless it is one of harmless.
func (t *toucher) calls(query *pgquery.Node) {
	if query == nil {
		return
	}
	walk(query.ProtoReflect(), func(m message) bool {
		switch n := m.Interface().(type) {
		case *pgquery.InsertStmt:
			t.add("table", relName(n.Relation), Write)
		case *pgquery.UpdateStmt:
			t.add("table", relName(n.Relation), Write)
		case *pgquery.DeleteStmt:
			t.add("table", relName(n.Relation), Write)
		case *pgquery.MergeStmt:
			t.add("table", relName(n.Relation), Write)
		case *pgquery.IntoClause:
			if t.reach.Objects == nil {
				t.add("table", relName(n.Rel), Create)
			}
		case *pgquery.FuncCall:
			t.call(n)
		}
		return true
	})
}

// call adds the sequence that a call advances, and is unbounded for a function it does not know.
func (t *toucher) call(n *pgquery.FuncCall) {
	name := nameOf(strs(n.Funcname))
	if name.Schema != "" && name.Schema != "pg_catalog" {
		t.reach.Bounded = false
		return
	}
	if name.Name == "setval" || name.Name == "nextval" {
		arg := n.Args[0]
		if cast := arg.GetTypeCast(); cast != nil {
			arg = cast.Arg
		}
		if parts, ok := splitName(arg.GetAConst().GetSval().GetSval()); ok {
			t.add("sequence", nameOf(parts), Write)
			return
		}
	}
	t.reach.Bounded = t.reach.Bounded && harmless[name.Name]
}

// harmless are functions of PostgreSQL that people use in data migrations and that touch nothing.
var harmless = setOf("count sum min max avg coalesce now clock_timestamp statement_timestamp timezone date_trunc date_part extract " +
	"lower upper trim btrim ltrim rtrim replace translate substring substr position overlay left right length char_length concat concat_ws format md5 " +
	"to_char to_date to_timestamp to_number to_json to_jsonb row_to_json jsonb_build_object json_build_object jsonb_build_array json_build_array " +
	"jsonb_set jsonb_agg json_agg jsonb_object_agg jsonb_each jsonb_array_elements array_agg string_agg bool_and bool_or unnest generate_series array_length " +
	"cardinality array_remove array_append array_cat regexp_replace regexp_matches regexp_split_to_array split_part string_to_array array_to_string " +
	"round floor ceil ceiling abs mod power sqrt random gen_random_uuid row_number rank dense_rank lag lead first_value last_value set_config current_setting")
