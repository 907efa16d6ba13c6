package sqltext

import (
	"strings"

	pgquery "github.com/pganalyze/pg_query_go/v5"
)

// Verb tells what a statement does to an object.
type Verb string

// The verbs of a Touch.
const (
	Create  Verb = "create"
	Alter   Verb = "alter"
	Drop    Verb = "drop"
	Write   Verb = "write" // rows or values, not the definition
	Comment Verb = "comment"
	Grant   Verb = "grant"
)

// Touch is one object that a statement creates, changes, drops or writes to.
type Touch struct {
	// Kind is the object's kind in lower case as SQL spells it: "table", "materialized view", "index".
	Kind string
	// Schema is empty if it was not written or the kind has none.
	Schema, Name string
	// Of is the table of a trigger, rule, policy, constraint or column.
	Of   Name
	Verb Verb
}

// Reach is all that a statement touches by itself. Triggers that fire and what CASCADE
// takes along are not in it; Cascade tells of the latter.
type Reach struct {
	Objects []Touch
	// Bounded is false if the statement may touch more than Objects: it runs code (DO, CALL, a function
	// in a query), or the grammar does not know it.
	Bounded bool
	// Cascade is true for DROP … CASCADE and TRUNCATE … CASCADE.
	Cascade bool
}

// Touched tells what a single statement touches.
func Touched(stmt string) Reach {
	node := parseOne(stmt)
	if node == nil {
		return Reach{}
	}
	t := toucher{Reach{Bounded: true}}
	t.statement(node)
	return t.reach
}

// toucher gathers the reach of a statement.
type toucher struct {
	reach Reach
}

func (t *toucher) add(kind string, n Name, verb Verb) {
	t.reach.Objects = append(t.reach.Objects, Touch{Kind: kind, Schema: n.Schema, Name: n.Name, Verb: verb})
}

// part adds an object that belongs to a table, and the table as altered.
func (t *toucher) part(kind, name string, of Name, verb Verb) {
	t.reach.Objects = append(t.reach.Objects, Touch{Kind: kind, Schema: of.Schema, Name: name, Of: of, Verb: verb})
	if verb != Comment {
		t.add("table", of, Alter)
	}
}

// statement tries each family of statements; what none knows is unbounded.
func (t *toucher) statement(node *pgquery.Node) {
	for _, family := range [...]func(*pgquery.Node) bool{t.relations, t.tableParts, t.types, t.routines, t.anyKind, t.rows, t.cluster, t.session} {
		if family(node) {
			return
		}
	}
	t.reach.Bounded = false
}

// kindName returns SQL's word for a kind of object.
func kindName(kind pgquery.ObjectType) string {
	switch kind {
	case pgquery.ObjectType_OBJECT_MATVIEW:
		return "materialized view"
	case pgquery.ObjectType_OBJECT_TABCONSTRAINT:
		return "constraint"
	case pgquery.ObjectType_OBJECT_TSCONFIGURATION:
		return "text search configuration"
	case pgquery.ObjectType_OBJECT_TSDICTIONARY:
		return "text search dictionary"
	case pgquery.ObjectType_OBJECT_TSPARSER:
		return "text search parser"
	case pgquery.ObjectType_OBJECT_TSTEMPLATE:
		return "text search template"
	case pgquery.ObjectType_OBJECT_FDW:
		return "foreign data wrapper"
	case pgquery.ObjectType_OBJECT_FOREIGN_SERVER:
		return "server"
	case pgquery.ObjectType_OBJECT_STATISTIC_EXT:
		return "statistics"
	case pgquery.ObjectType_OBJECT_OPCLASS:
		return "operator class"
	case pgquery.ObjectType_OBJECT_OPFAMILY:
		return "operator family"
	case pgquery.ObjectType_OBJECT_DOMCONSTRAINT:
		return "domain constraint"
	}
	return strings.ToLower(strings.ReplaceAll(strings.TrimPrefix(kind.String(), "OBJECT_"), "_", " "))
}

// relName returns the name of a relation.
func relName(r *pgquery.RangeVar) Name { return Name{r.GetSchemaname(), r.GetRelname()} }

// objectName returns the name that a node of DROP, COMMENT, ALTER … OWNER and their like holds.
func objectName(n *pgquery.Node) []string {
	switch o := n.GetNode().(type) {
	case *pgquery.Node_List:
		var parts []string
		for _, item := range o.List.Items {
			parts = append(parts, objectName(item)...)
		}
		return parts
	case *pgquery.Node_String_:
		return []string{o.String_.Sval}
	case *pgquery.Node_TypeName:
		return strs(o.TypeName.Names)
	case *pgquery.Node_ObjectWithArgs:
		return strs(o.ObjectWithArgs.Objname)
	case *pgquery.Node_RangeVar:
		return []string{o.RangeVar.Schemaname, o.RangeVar.Relname}
	}
	return nil
}
