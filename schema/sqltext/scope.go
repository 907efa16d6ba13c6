package sqltext

import pgquery "github.com/pganalyze/pg_query_go/v5"

// scope holds the names that a query defines for its own text.
type scope struct {
	outer   *scope
	ctes    map[string]bool
	aliases map[string]Name // range variable → relation; an empty name is a sub-query or a function
}

func (s *scope) inner() *scope {
	return &scope{outer: s, ctes: map[string]bool{}, aliases: map[string]Name{}}
}

func (s *scope) isCTE(name string) bool {
	for ; s != nil; s = s.outer {
		if s.ctes[name] {
			return true
		}
	}
	return false
}

// relation returns the relation behind a range variable of this query or one around it.
func (s *scope) relation(alias string) (Name, bool) {
	for ; s != nil; s = s.outer {
		if n, ok := s.aliases[alias]; ok {
			return n, n.Name != ""
		}
	}
	return Name{}, false
}

// declare enters the range variables of a FROM item.
func (s *scope) declare(item *pgquery.Node) {
	switch n := item.GetNode().(type) {
	case *pgquery.Node_RangeVar:
		s.declareTable(n.RangeVar)
	case *pgquery.Node_JoinExpr:
		s.declare(n.JoinExpr.Larg)
		s.declare(n.JoinExpr.Rarg)
		s.hide(n.JoinExpr.Alias)
	case *pgquery.Node_RangeSubselect:
		s.hide(n.RangeSubselect.Alias)
	case *pgquery.Node_RangeFunction:
		s.hide(n.RangeFunction.Alias)
	case *pgquery.Node_RangeTableFunc:
		s.hide(n.RangeTableFunc.Alias)
	case *pgquery.Node_RangeTableSample:
		s.declare(n.RangeTableSample.Relation)
	}
}

func (s *scope) declareTable(r *pgquery.RangeVar) {
	if r == nil {
		return
	}
	name := Name{r.Schemaname, r.Relname}
	if r.Schemaname == "" && s.isCTE(r.Relname) {
		name = Name{}
	}
	alias := r.Relname
	if r.Alias != nil {
		alias = r.Alias.Aliasname
	}
	s.aliases[alias] = name
}

// hide enters a range variable that is no relation.
func (s *scope) hide(a *pgquery.Alias) {
	if a != nil {
		s.aliases[a.Aliasname] = Name{}
	}
}
