package sqltext

import pgquery "github.com/pganalyze/pg_query_go/v5"

// visit gathers the references of a node and of all below it.
func (c *collector) visit(m message, s *scope) {
	switch n := m.Interface().(type) {
	case *pgquery.SelectStmt:
		s = c.query(s, n.WithClause, n.FromClause)
	case *pgquery.InsertStmt:
		s = c.query(s, n.WithClause, nil, n.Relation)
	case *pgquery.UpdateStmt:
		s = c.query(s, n.WithClause, n.FromClause, n.Relation)
	case *pgquery.DeleteStmt:
		s = c.query(s, n.WithClause, n.UsingClause, n.Relation)
	case *pgquery.MergeStmt:
		s = c.query(s, n.WithClause, []*pgquery.Node{n.SourceRelation}, n.Relation)
	case *pgquery.WithClause:
		return // query went into it
	case *pgquery.RangeVar:
		if n.Schemaname != "" || !s.isCTE(n.Relname) {
			add(&c.refs.Relations, Name{n.Schemaname, n.Relname})
		}
	case *pgquery.ColumnRef:
		c.column(strs(n.Fields), s)
	case *pgquery.FuncCall:
		c.call(n)
	case *pgquery.TypeName:
		c.typeName(n)
	case *pgquery.TypeCast:
		if t := nameOf(strs(n.TypeName.GetNames())); t.Name == "regclass" {
			c.regclass(n.Arg)
		}
	case *pgquery.CollateClause:
		add(&c.refs.Collations, nameOf(strs(n.Collname)))
	case *pgquery.A_Expr:
		c.operator(strs(n.Name))
	case *pgquery.IndexElem:
		add(&c.refs.Collations, nameOf(strs(n.Collation)))
	case *pgquery.CreateTrigStmt:
		c.functionName(strs(n.Funcname), 0)
	case *pgquery.DoStmt:
		c.do(n)
	case *pgquery.PrepareStmt, *pgquery.ExecuteStmt:
		c.refs.Complete = false
	}
	own := defines(m)
	children(m, func(child message) {
		if child.Interface() != own {
			c.visit(child, s)
		}
	})
}

// query opens the scope of a query and goes into its WITH clause. A recursive clause sees
// all of its names, a plain one those before.
func (c *collector) query(outer *scope, with *pgquery.WithClause, from []*pgquery.Node, targets ...*pgquery.RangeVar) *scope {
	s := outer.inner()
	if with != nil {
		if with.Recursive {
			for _, e := range with.Ctes {
				s.ctes[e.GetCommonTableExpr().GetCtename()] = true
			}
		}
		for _, e := range with.Ctes {
			c.visit(e.ProtoReflect(), s)
			s.ctes[e.GetCommonTableExpr().GetCtename()] = true
		}
	}
	for _, item := range from {
		s.declare(item)
	}
	for _, t := range targets {
		s.declareTable(t)
	}
	return s
}

// column enters schema.table.column, or alias.column where the alias is a relation of the query.
func (c *collector) column(fields []string, s *scope) {
	switch len(fields) {
	case 2:
		if r, ok := s.relation(fields[0]); ok {
			c.refs.Columns = append(c.refs.Columns, ColumnName{r.Schema, r.Name, fields[1]})
		}
	case 3:
		c.refs.Columns = append(c.refs.Columns, ColumnName{fields[0], fields[1], fields[2]})
	}
}

func (c *collector) call(n *pgquery.FuncCall) {
	names := strs(n.Funcname)
	c.functionName(names, len(n.Args))
	if name := nameOf(names); (name.Schema == "" || name.Schema == "pg_catalog") && len(n.Args) > 0 {
		switch name.Name {
		case "nextval", "currval", "setval":
			c.regclass(n.Args[0])
		}
	}
}

func (c *collector) functionName(names []string, args int) {
	if n := nameOf(names); n.Schema != "pg_catalog" && n.Name != "" {
		c.refs.Functions = append(c.refs.Functions, FunctionName{n.Schema, n.Name, args})
	}
}

// operator enters an operator written OPERATOR(schema.name).
func (c *collector) operator(names []string) {
	if len(names) == 2 {
		add(&c.refs.Operators, nameOf(names))
	}
}

// typeName enters a type; in table.column%TYPE it is the column.
func (c *collector) typeName(n *pgquery.TypeName) {
	names := strs(n.Names)
	if !n.PctType || len(names) < 2 {
		add(&c.refs.Types, nameOf(names))
		return
	}
	relation := nameOf(names[:len(names)-1])
	add(&c.refs.Relations, relation)
	c.refs.Columns = append(c.refs.Columns, ColumnName{relation.Schema, relation.Name, names[len(names)-1]})
}

// regclass enters the relation that a string constant names.
func (c *collector) regclass(n *pgquery.Node) {
	if text := n.GetAConst().GetSval().GetSval(); text != "" {
		if names, ok := splitName(text); ok {
			add(&c.refs.Regclasses, nameOf(names))
		}
	}
}

// defines returns the node of a CREATE that names the new relation, which is no reference.
func defines(m message) any {
	var r *pgquery.RangeVar
	switch n := m.Interface().(type) {
	case *pgquery.CreateStmt:
		r = n.Relation
	case *pgquery.ViewStmt:
		r = n.View
	case *pgquery.IntoClause:
		r = n.Rel
	case *pgquery.CreateSeqStmt:
		r = n.Sequence
	case *pgquery.CompositeTypeStmt:
		r = n.Typevar
	default:
		return nil
	}
	return r.ProtoReflect().Interface()
}
