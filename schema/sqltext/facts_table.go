package sqltext

import pgquery "github.com/pganalyze/pg_query_go/v5"

func (r reader) createTable(s *pgquery.CreateStmt, kind string) {
	r.about(CreateTable, kind, relName(s.Relation))
	r.fact.IfNotExists = s.IfNotExists
	t := &TableFact{Temporary: s.Relation.GetRelpersistence() == "t"}
	for _, e := range s.TableElts {
		switch n := e.Node.(type) {
		case *pgquery.Node_ColumnDef:
			t.Columns = append(t.Columns, columnFact(n.ColumnDef))
		case *pgquery.Node_Constraint:
			t.Constraints = append(t.Constraints, constraintFact(n.Constraint))
		case *pgquery.Node_TableLikeClause:
			t.Like = append(t.Like, relName(n.TableLikeClause.Relation))
		}
	}
	for _, c := range s.Constraints {
		t.Constraints = append(t.Constraints, constraintFact(c.GetConstraint()))
	}
	if s.Partspec != nil {
		t.Partitioned = true
		for _, p := range s.Partspec.PartParams {
			t.KeyColumns = append(t.KeyColumns, p.GetPartitionElem().GetName())
		}
	}
	for _, parent := range s.InhRelations {
		name := relName(parent.GetRangeVar())
		if s.Partbound != nil {
			t.PartitionOf, t.Default = &name, s.Partbound.IsDefault
		} else {
			t.Inherits = append(t.Inherits, name)
		}
	}
	r.fact.Table = t
}

func columnFact(d *pgquery.ColumnDef) ColumnFact {
	c := ColumnFact{Name: d.GetColname(), Type: typeFact(d.GetTypeName()), Collation: collation(d.GetCollClause())}
	readColumnConstraints(&c, d.GetConstraints())
	return c
}

func collation(c *pgquery.CollateClause) string { return nameOf(strs(c.GetCollname())).Name }

// readColumnConstraints takes apart what the grammar lists as constraints of a column.
func readColumnConstraints(c *ColumnFact, list []*pgquery.Node) {
	for _, n := range list {
		k := n.GetConstraint()
		switch k.GetContype() {
		case pgquery.ConstrType_CONSTR_NOTNULL:
			c.NotNull = true
		case pgquery.ConstrType_CONSTR_DEFAULT:
			c.Default = exprFact(k.RawExpr)
		case pgquery.ConstrType_CONSTR_IDENTITY:
			c.Identity, c.NotNull = true, true
		case pgquery.ConstrType_CONSTR_GENERATED:
			c.Generated = exprFact(k.RawExpr)
		case pgquery.ConstrType_CONSTR_CHECK, pgquery.ConstrType_CONSTR_UNIQUE, pgquery.ConstrType_CONSTR_PRIMARY,
			pgquery.ConstrType_CONSTR_FOREIGN, pgquery.ConstrType_CONSTR_EXCLUSION:
			f := constraintFact(k)
			switch {
			case f.Name == markVirtual:
				c.Virtual = true
				continue
			case f.Name == markNotEnforced:
				if last := len(c.Constraints) - 1; last >= 0 {
					c.Constraints[last].NotEnforced = true
				}
				continue
			case len(f.Columns) == 0 && f.Kind != "check":
				f.Columns = []string{c.Name}
			}
			c.Constraints = append(c.Constraints, f)
		}
	}
}

func constraintFact(k *pgquery.Constraint) ConstraintFact {
	c := ConstraintFact{
		Name: k.GetConname(), NotValid: k.GetSkipValidation(), UsingIndex: k.GetIndexname(),
		Columns: strs(k.GetKeys()),
	}
	switch k.GetContype() {
	case pgquery.ConstrType_CONSTR_CHECK:
		c.Kind, c.Expr, c.Proves = "check", exprFact(k.RawExpr), proves(k.RawExpr)
		c.Columns = c.Expr.Columns
		unmark(&c)
	case pgquery.ConstrType_CONSTR_UNIQUE:
		c.Kind = "unique"
	case pgquery.ConstrType_CONSTR_PRIMARY:
		c.Kind = "primary key"
	case pgquery.ConstrType_CONSTR_EXCLUSION:
		c.Kind = "exclude"
	case pgquery.ConstrType_CONSTR_FOREIGN:
		c.Kind, c.Columns = "foreign key", strs(k.FkAttrs)
		c.References, c.RefColumns = relName(k.Pktable), strs(k.PkAttrs)
	case pgquery.ConstrType_CONSTR_NOTNULL:
		c.Kind = "not null"
	}
	return c
}

// proves are the columns that a condition says are not null. Only what is joined with AND counts.
func proves(n *pgquery.Node) []string {
	if t := n.GetNullTest(); t != nil && t.Nulltesttype == pgquery.NullTestType_IS_NOT_NULL {
		if fields := strs(t.Arg.GetColumnRef().GetFields()); len(fields) > 0 {
			return []string{fields[len(fields)-1]}
		}
	}
	var out []string
	if b := n.GetBoolExpr(); b != nil && b.Boolop == pgquery.BoolExprType_AND_EXPR {
		for _, a := range b.Args {
			out = append(out, proves(a)...)
		}
	}
	return out
}

func indexFact(s *pgquery.IndexStmt) *IndexFact {
	f := &IndexFact{Unique: s.Unique, Method: s.AccessMethod, Partial: s.WhereClause != nil, Uses: columnsOf(s.WhereClause)}
	for _, p := range s.IndexParams {
		e := p.GetIndexElem()
		f.Columns = append(f.Columns, e.GetName())
		f.Uses = append(f.Uses, columnsOf(e.GetExpr())...)
	}
	for _, p := range s.IndexIncludingParams {
		f.Include = append(f.Include, p.GetIndexElem().GetName())
	}
	return f
}
