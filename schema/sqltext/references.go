package sqltext

import (
	"cmp"
	"slices"
)

// Name is a name as written in a text; Schema is empty if it was not qualified.
type Name struct{ Schema, Name string }

// FunctionName is a function, procedure or aggregate by the name and the number of
// arguments it is called with. Defaults and VARIADIC may make its own number another.
type FunctionName struct {
	Schema, Name string
	Args         int
}

// ColumnName is a column whose relation the text tells. Schema is empty if it was not written.
type ColumnName struct{ Schema, Relation, Column string }

// Refs are the names that a text depends on, each once and sorted. Names of pg_catalog are left
// out, and what the text itself defines: common table expressions, the object that a CREATE makes.
type Refs struct {
	Relations  []Name // tables, views, sequences used as such
	Columns    []ColumnName
	Functions  []FunctionName
	Types      []Name
	Collations []Name
	Operators  []Name // schema-qualified ones only
	// Regclasses are relations named by a constant: 'x'::regclass, nextval('x').
	Regclasses []Name
	// Complete is false if a part of the text is not known to the grammar, or is built at run time.
	Complete bool
}

// References names what a whole statement, a query or a script depends on. It looks into the bodies
// of functions in sql and plpgsql.
func References(sql string) Refs {
	c := collector{refs: Refs{Complete: true}}
	c.script(sql)
	return c.done()
}

// ExprReferences names what an expression depends on.
func ExprReferences(expr string) Refs {
	c := collector{refs: Refs{Complete: true}}
	c.expression(expr)
	return c.done()
}

// BodyReferences names what the body of a function depends on, without knowing its
// arguments. Other languages than sql and plpgsql give an incomplete answer.
func BodyReferences(language, body string) Refs {
	c := collector{refs: Refs{Complete: true}}
	c.body(language, body, "")
	return c.done()
}

// collector gathers references while it walks parse trees.
type collector struct {
	refs Refs
}

// script walks each statement of sql.
func (c *collector) script(sql string) {
	stmts, err := parse(sql)
	if err != nil {
		c.refs.Complete = false
		return
	}
	for _, s := range stmts {
		if f := s.Stmt.GetCreateFunctionStmt(); f != nil {
			c.function(f, sql)
		}
		c.visit(s.Stmt.ProtoReflect(), &scope{})
	}
}

// expression walks an expression by itself; false if the grammar does not know it.
func (c *collector) expression(expr string) bool {
	stmts, err := parse("SELECT (" + expr + "\n)")
	if err != nil || len(stmts) != 1 {
		c.refs.Complete = false
		return false
	}
	c.visit(stmts[0].Stmt.ProtoReflect(), &scope{})
	return true
}

// done sorts what was gathered and removes what came twice.
func (c *collector) done() Refs {
	names := func(list []Name) []Name {
		slices.SortFunc(list, func(a, b Name) int {
			return cmp.Or(cmp.Compare(a.Schema, b.Schema), cmp.Compare(a.Name, b.Name))
		})
		return slices.Compact(list)
	}
	r := &c.refs
	r.Relations, r.Types, r.Collations = names(r.Relations), names(r.Types), names(r.Collations)
	r.Operators, r.Regclasses = names(r.Operators), names(r.Regclasses)
	slices.SortFunc(r.Columns, func(a, b ColumnName) int {
		return cmp.Or(cmp.Compare(a.Schema, b.Schema), cmp.Compare(a.Relation, b.Relation), cmp.Compare(a.Column, b.Column))
	})
	r.Columns = slices.Compact(r.Columns)
	slices.SortFunc(r.Functions, func(a, b FunctionName) int {
		return cmp.Or(cmp.Compare(a.Schema, b.Schema), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Args, b.Args))
	})
	r.Functions = slices.Compact(r.Functions)
	return *r
}

// add appends a name unless it is of pg_catalog or empty.
func add(list *[]Name, n Name) {
	if n.Schema != "pg_catalog" && n.Name != "" {
		*list = append(*list, n)
	}
}
