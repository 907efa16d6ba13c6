package sqltext

import (
	"slices"
	"strings"

	pgquery "github.com/pganalyze/pg_query_go/v5"
)

// Facts describes a single statement. Syntax of PostgreSQL 17 and 18 about columns and constraints is understood beyond
// the grammar (see newer). Of a statement that nothing here knows, Known is false and the rest is empty.
func Facts(stmt string) Fact {
	long := longNames(stmt)
	for _, text := range newer(stmt) {
		if node := parseOne(text); node != nil {
			f := Fact{Known: true, Command: OtherCommand, LongNames: long}
			r := reader{fact: &f}
			r.statement(node)
			f.Strings = stringsOf(node)
			return f
		}
	}
	return Fact{LongNames: long}
}

// reader fills a fact from a parse tree.
type reader struct{ fact *Fact }

func (r reader) about(command Command, kind string, name Name) {
	r.fact.Command = command
	r.fact.Objects = append(r.fact.Objects, Target{Kind: kind, Name: name})
}

func (r reader) part(command Command, kind string, name, of Name) {
	r.fact.Command = command
	r.fact.Objects = append(r.fact.Objects, Target{Kind: kind, Name: name, Of: of})
}

func (r reader) statement(node *pgquery.Node) {
	for _, family := range [...]func(*pgquery.Node) bool{r.tables, r.tableParts, r.typesAndDomains, r.anyKind, r.rows, r.upkeep, r.session, r.creations} {
		if family(node) {
			return
		}
	}
}

func (r reader) tables(node *pgquery.Node) bool {
	f := r.fact
	switch n := node.Node.(type) {
	case *pgquery.Node_CreateStmt:
		r.createTable(n.CreateStmt, "table")
	case *pgquery.Node_CreateForeignTableStmt:
		r.createTable(n.CreateForeignTableStmt.BaseStmt, "foreign table")
	case *pgquery.Node_CreateTableAsStmt:
		s := n.CreateTableAsStmt
		r.about(CreateTableAs, kindName(s.Objtype), relName(s.Into.GetRel()))
		f.IfNotExists, f.Skip, f.Query = s.IfNotExists, s.Into.GetSkipData(), queryFact(s.Query)
	case *pgquery.Node_ViewStmt:
		r.about(CreateView, "view", relName(n.ViewStmt.View))
		f.OrReplace, f.Query = n.ViewStmt.Replace, queryFact(n.ViewStmt.Query)
	case *pgquery.Node_AlterTableStmt:
		s := n.AlterTableStmt
		r.about(AlterTable, kindName(s.Objtype), relName(s.Relation))
		f.IfExists, f.Only = s.MissingOk, !s.Relation.GetInh()
		for _, c := range s.Cmds {
			f.Actions = append(f.Actions, action(c.GetAlterTableCmd()))
		}
	case *pgquery.Node_RefreshMatViewStmt:
		r.about(Refresh, "materialized view", relName(n.RefreshMatViewStmt.Relation))
		f.Concurrently, f.Skip = n.RefreshMatViewStmt.Concurrent, n.RefreshMatViewStmt.SkipData
	default:
		return false
	}
	return true
}

func (r reader) tableParts(node *pgquery.Node) bool {
	f := r.fact
	switch n := node.Node.(type) {
	case *pgquery.Node_IndexStmt:
		s := n.IndexStmt
		r.part(CreateIndex, "index", Name{relName(s.Relation).Schema, s.Idxname}, relName(s.Relation))
		f.Concurrently, f.IfNotExists, f.Only = s.Concurrent, s.IfNotExists, !s.Relation.GetInh()
		f.Index = indexFact(s)
	case *pgquery.Node_CreateTrigStmt:
		s := n.CreateTrigStmt
		r.part(CreateTrigger, "trigger", Name{Name: s.Trigname}, relName(s.Relation))
		f.OrReplace = s.Replace
		f.Trigger = &TriggerFact{UpdateOf: strs(s.Columns), When: columnsOf(s.WhenClause)}
		for bit, event := range map[int32]string{4: "INSERT", 8: "DELETE", 16: "UPDATE", 32: "TRUNCATE"} { // pg_trigger.h
			if s.Events&bit != 0 {
				f.Trigger.Events = append(f.Trigger.Events, event)
			}
		}
		slices.Sort(f.Trigger.Events)
	case *pgquery.Node_RuleStmt:
		r.part(CreateRule, "rule", Name{Name: n.RuleStmt.Rulename}, relName(n.RuleStmt.Relation))
		f.OrReplace = n.RuleStmt.Replace
	case *pgquery.Node_CreatePolicyStmt:
		r.part(CreatePolicy, "policy", Name{Name: n.CreatePolicyStmt.PolicyName}, relName(n.CreatePolicyStmt.Table))
		f.Query = &QueryFact{Columns: columnsOf(n.CreatePolicyStmt.Qual, n.CreatePolicyStmt.WithCheck)}
	case *pgquery.Node_AlterPolicyStmt:
		r.part(AlterPolicy, "policy", Name{Name: n.AlterPolicyStmt.PolicyName}, relName(n.AlterPolicyStmt.Table))
	case *pgquery.Node_CreateStatsStmt:
		s := n.CreateStatsStmt
		var of Name
		if len(s.Relations) > 0 {
			of = relName(s.Relations[0].GetRangeVar())
		}
		r.part(CreateStatistics, "statistics", nameOf(strs(s.Defnames)), of)
		f.Query = &QueryFact{Columns: statisticsColumns(s)}
	default:
		return false
	}
	return true
}

func statisticsColumns(s *pgquery.CreateStatsStmt) []string {
	columns := columnsOf(s.Exprs...)
	for _, e := range s.Exprs {
		if name := e.GetStatsElem().GetName(); name != "" {
			columns = append(columns, name)
		}
	}
	return columns
}

func (r reader) typesAndDomains(node *pgquery.Node) bool {
	f := r.fact
	switch n := node.Node.(type) {
	case *pgquery.Node_CreateEnumStmt:
		r.about(CreateType, "enum", nameOf(strs(n.CreateEnumStmt.TypeName)))
	case *pgquery.Node_CompositeTypeStmt:
		r.about(CreateType, "composite", relName(n.CompositeTypeStmt.Typevar))
	case *pgquery.Node_CreateRangeStmt:
		r.about(CreateType, "range", nameOf(strs(n.CreateRangeStmt.TypeName)))
	case *pgquery.Node_CreateDomainStmt:
		s := n.CreateDomainStmt
		r.about(CreateDomain, "domain", nameOf(strs(s.Domainname)))
		c := ColumnFact{Name: r.fact.Objects[0].Name.Name, Type: typeFact(s.TypeName)}
		readColumnConstraints(&c, s.Constraints)
		f.Table = &TableFact{Columns: []ColumnFact{c}}
	case *pgquery.Node_AlterDomainStmt:
		r.about(AlterDomain, "domain", nameOf(strs(n.AlterDomainStmt.TypeName)))
		f.Actions = []Action{domainAction(n.AlterDomainStmt)}
	case *pgquery.Node_AlterEnumStmt:
		s := n.AlterEnumStmt
		r.about(AddEnumValue, "enum", nameOf(strs(s.TypeName)))
		f.Value, f.NewValue, f.Placed, f.IfNotExists = s.OldVal, s.NewVal, s.NewValNeighbor != "", s.SkipIfNewValExists
		if s.OldVal != "" {
			f.Command = RenameEnumValue
		}
	default:
		return false
	}
	return true
}

// domainAction translates the letters of ALTER DOMAIN (parsenodes.h, AlterDomainStmt).
func domainAction(s *pgquery.AlterDomainStmt) Action {
	a := Action{Do: OtherAction, Name: s.Name, Cascade: s.Behavior == pgquery.DropBehavior_DROP_CASCADE}
	switch s.Subtype {
	case "T":
		a.Do = DropDefault
		if s.Def != nil {
			a.Do, a.Expr = SetDefault, exprFact(s.Def)
		}
	case "N":
		a.Do = DropNotNull
	case "O":
		a.Do = SetNotNull
	case "C":
		c := constraintFact(s.Def.GetConstraint())
		a.Do, a.Constraint, a.Name = AddConstraint, &c, c.Name
	case "X":
		a.Do = DropConstraint
	case "V":
		a.Do = ValidateConstraint
	}
	return a
}

// creations knows what is made and needs no more than its name.
func (r reader) creations(node *pgquery.Node) bool {
	f := r.fact
	switch n := node.Node.(type) {
	case *pgquery.Node_CreateSchemaStmt:
		r.about(CreateSchema, "schema", Name{Name: n.CreateSchemaStmt.Schemaname})
		f.IfNotExists = n.CreateSchemaStmt.IfNotExists
	case *pgquery.Node_CreateSeqStmt:
		r.about(CreateSequence, "sequence", relName(n.CreateSeqStmt.Sequence))
		f.IfNotExists = n.CreateSeqStmt.IfNotExists
	case *pgquery.Node_AlterSeqStmt:
		r.about(AlterSequence, "sequence", relName(n.AlterSeqStmt.Sequence))
	case *pgquery.Node_CreateFunctionStmt:
		s := n.CreateFunctionStmt
		r.about(CreateFunction, "function", nameOf(strs(s.Funcname)))
		f.OrReplace = s.Replace
		f.Value = strings.ToLower(option(s.Options, "volatility").GetArg().GetString_().GetSval())
	case *pgquery.Node_CreatedbStmt:
		r.about(CreateDatabase, "database", Name{Name: n.CreatedbStmt.Dbname})
	case *pgquery.Node_DropdbStmt:
		r.about(DropDatabase, "database", Name{Name: n.DropdbStmt.Dbname})
	case *pgquery.Node_CreatePublicationStmt:
		r.publication(CreatePublication, n.CreatePublicationStmt.Pubname, n.CreatePublicationStmt.Pubobjects)
	case *pgquery.Node_AlterPublicationStmt:
		r.publication(AlterPublication, n.AlterPublicationStmt.Pubname, n.AlterPublicationStmt.Pubobjects)
	default:
		return false
	}
	return true
}

// publication puts the tables of a publication behind it.
func (r reader) publication(command Command, name string, objects []*pgquery.Node) {
	r.about(command, "publication", Name{Name: name})
	for _, o := range objects {
		if t := o.GetPublicationObjSpec().GetPubtable(); t != nil {
			r.fact.Objects = append(r.fact.Objects, Target{Kind: "table", Name: relName(t.Relation)})
		}
	}
}

// longNames finds identifiers that PostgreSQL cuts to 63 bytes (NAMEDATALEN - 1).
func longNames(stmt string) (long []string) {
	tokens, err := significant(stmt)
	if err != nil {
		return nil
	}
	for _, t := range tokens {
		text := t.text(stmt)
		switch {
		case t.kind == tokenQuoted && strings.HasPrefix(text, `"`):
			text = strings.ReplaceAll(text[1:len(text)-1], `""`, `"`)
		case t.kind != tokenWord:
			continue
		}
		if len(text) > 63 {
			long = append(long, text)
		}
	}
	return long
}
