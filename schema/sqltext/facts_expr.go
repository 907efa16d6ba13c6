package sqltext

import (
	"slices"
	"strconv"
	"strings"

	pgquery "github.com/pganalyze/pg_query_go/v5"
)

// typeFact names a type. Names that the grammar itself translates lie in pg_catalog; that schema is left out.
func typeFact(t *pgquery.TypeName) TypeFact {
	name := nameOf(strs(t.GetNames()))
	f := TypeFact{Schema: name.Schema, Name: name.Name, Array: len(t.GetArrayBounds()) > 0}
	if f.Schema == "pg_catalog" {
		f.Schema = ""
	}
	for _, m := range t.GetTypmods() {
		if n, err := strconv.Atoi(literalText(m)); err == nil {
			f.Mods = append(f.Mods, n)
		}
	}
	if f.Name == "interval" && len(f.Mods) > 0 && f.Mods[0] == 0x7fff { // INTERVAL_FULL_RANGE: no fields, a precision only
		f.Mods = f.Mods[1:]
	}
	f.SQL = spell(t)
	return f
}

// spell is the text of a type.
func spell(t *pgquery.TypeName) string {
	if t == nil {
		return ""
	}
	column := &pgquery.ColumnRef{Fields: []*pgquery.Node{pgquery.MakeStrNode("x")}}
	cast := &pgquery.Node{Node: &pgquery.Node_ColumnRef{ColumnRef: column}}
	node := &pgquery.Node{Node: &pgquery.Node_TypeCast{TypeCast: &pgquery.TypeCast{Arg: cast, TypeName: t}}}
	_, text, _ := strings.Cut(exprText(node), "::")
	return text
}

// exprText writes an expression as text; empty where the library cannot.
func exprText(n *pgquery.Node) string {
	if n == nil {
		return ""
	}
	target := &pgquery.Node{Node: &pgquery.Node_ResTarget{ResTarget: &pgquery.ResTarget{Val: n}}}
	query := &pgquery.SelectStmt{
		TargetList: []*pgquery.Node{target}, LimitOption: pgquery.LimitOption_LIMIT_OPTION_DEFAULT, Op: pgquery.SetOperation_SETOP_NONE,
	}
	tree := &pgquery.ParseResult{Stmts: []*pgquery.RawStmt{{Stmt: &pgquery.Node{Node: &pgquery.Node_SelectStmt{SelectStmt: query}}}}}
	turn.Lock()
	defer turn.Unlock()
	text, err := pgquery.Deparse(tree)
	if err != nil {
		return ""
	}
	return strings.TrimPrefix(text, "SELECT ")
}

func exprFact(n *pgquery.Node) *ExprFact {
	e := &ExprFact{SQL: exprText(n), Null: n.GetAConst().GetIsnull(), Columns: columnsOf(n), Calls: callsOf(n)}
	if cast := n.GetTypeCast(); cast != nil {
		t := typeFact(cast.TypeName)
		e.Cast = &t
		e.Null = cast.Arg.GetAConst().GetIsnull()
		if fields := strs(cast.Arg.GetColumnRef().GetFields()); len(fields) > 0 {
			e.CastOf = fields[len(fields)-1]
		}
	} else if fields := strs(n.GetColumnRef().GetFields()); len(fields) > 0 {
		e.CastOf = fields[len(fields)-1]
	}
	e.AtTimeZone = slices.ContainsFunc(e.Calls, func(c Name) bool { return c.Name == "timezone" })
	return e
}

// columnsOf are the names of columns in expressions, without repetition.
func columnsOf(nodes ...*pgquery.Node) (out []string) {
	eachMessage(nodes, func(m message) {
		if c, ok := m.Interface().(*pgquery.ColumnRef); ok {
			if fields := strs(c.Fields); len(fields) > 0 && fields[len(fields)-1] != "*" && !slices.Contains(out, fields[len(fields)-1]) {
				out = append(out, fields[len(fields)-1])
			}
		}
	})
	return out
}

func callsOf(nodes ...*pgquery.Node) (out []Name) {
	eachMessage(nodes, func(m message) {
		if c, ok := m.Interface().(*pgquery.FuncCall); ok {
			name := nameOf(strs(c.Funcname))
			if name.Schema == "pg_catalog" {
				name.Schema = ""
			}
			out = append(out, name)
		}
	})
	return out
}

func stringsOf(node *pgquery.Node) (out []string) {
	eachMessage([]*pgquery.Node{node}, func(m message) {
		if c, ok := m.Interface().(*pgquery.A_Const); ok && c.GetSval() != nil {
			out = append(out, c.GetSval().Sval)
		}
	})
	return out
}

func eachMessage(nodes []*pgquery.Node, f func(message)) {
	for _, n := range nodes {
		if n != nil {
			walk(n.ProtoReflect(), func(m message) bool { f(m); return true })
		}
	}
}

// queryFact describes a query and the changes of rows in it; a nil query has none.
func queryFact(node *pgquery.Node) *QueryFact {
	q := &QueryFact{Columns: columnsOf(node), Calls: callsOf(node)}
	eachMessage([]*pgquery.Node{node}, func(m message) {
		switch n := m.Interface().(type) {
		case *pgquery.RangeVar:
			q.Reads = append(q.Reads, relName(n))
		case *pgquery.ResTarget:
			fields := n.GetVal().GetColumnRef().GetFields()
			q.Star = q.Star || len(fields) > 0 && fields[len(fields)-1].GetAStar() != nil
		case *pgquery.InsertStmt:
			values := n.SelectStmt == nil || len(n.SelectStmt.GetSelectStmt().GetValuesLists()) > 0
			q.Writes = append(q.Writes, WriteFact{Verb: "insert", Table: relName(n.Relation), Values: values})
		case *pgquery.UpdateStmt:
			q.Writes = append(q.Writes, WriteFact{Verb: "update", Table: relName(n.Relation), All: n.WhereClause == nil})
		case *pgquery.DeleteStmt:
			q.Writes = append(q.Writes, WriteFact{Verb: "delete", Table: relName(n.Relation), All: n.WhereClause == nil})
		case *pgquery.MergeStmt:
			q.Writes = append(q.Writes, WriteFact{Verb: "merge", Table: relName(n.Relation)})
		}
	})
	return q
}

// TypeOf describes a type that PostgreSQL printed, such as "character varying(20)"; empty where it is no type.
func TypeOf(text string) TypeFact {
	node := parseOne("SELECT NULL::" + text)
	targets := node.GetSelectStmt().GetTargetList()
	if len(targets) != 1 {
		return TypeFact{}
	}
	return typeFact(targets[0].GetResTarget().GetVal().GetTypeCast().GetTypeName())
}
