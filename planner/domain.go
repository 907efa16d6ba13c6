package planner

import "github.com/pleatdb/pleat/schema"

var domainRules = kindRules{
	create: func(_ *planning, o schema.Object) []string {
		d := o.(*schema.Domain)
		sql := "CREATE DOMAIN " + d.ID().SQL() + " AS " + d.Type + collate(d.Collation)
		if d.Default != "" {
			sql += " DEFAULT " + operand(d.Default)
		}
		if d.NotNull {
			sql += " NOT NULL"
		}
		return []string{sql}
	},
	drop: dropType,
	replaces: func(_ *planning, before, after schema.Object) bool {
		from, to := before.(*schema.Domain), after.(*schema.Domain)
		return from.Type != to.Type || from.Collation != to.Collation
	},
	alter: alterDomain,
}

func alterDomain(_ *planning, before, after schema.Object) ([]string, error) {
	from, to := before.(*schema.Domain), after.(*schema.Domain)
	prefix := "ALTER DOMAIN " + to.ID().SQL()
	var out []string
	switch {
	case from.Default == to.Default:
	case to.Default == "":
		out = append(out, prefix+" DROP DEFAULT")
	default:
		out = append(out, prefix+" SET DEFAULT "+to.Default)
	}
	switch {
	case from.NotNull == to.NotNull:
	case to.NotNull:
		out = append(out, prefix+" SET NOT NULL")
	default:
		out = append(out, prefix+" DROP NOT NULL")
	}
	probe := *from
	probe.Default, probe.NotNull = to.Default, to.NotNull
	return out, complete(&probe, to)
}

var domainCheckRules = kindRules{
	create: func(_ *planning, o schema.Object) []string {
		c := o.(*schema.DomainCheck)
		sql := "ALTER DOMAIN " + schema.Qualified(c.Schema, c.Domain) + " ADD " + domainCheckClause(c)
		if c.NotValid {
			sql += " NOT VALID"
		}
		return []string{sql}
	},
	drop: func(_ *planning, o schema.Object) []string {
		c := o.(*schema.DomainCheck)
		return []string{"ALTER DOMAIN " + schema.Qualified(c.Schema, c.Domain) + " DROP CONSTRAINT " + schema.Quote(c.Name)}
	},
	replaces: func(_ *planning, before, after schema.Object) bool {
		probe := *before.(*schema.DomainCheck)
		probe.NotValid = false
		return !Equal(&probe, after)
	},
	alter: func(_ *planning, _, after schema.Object) ([]string, error) {
		c := after.(*schema.DomainCheck)
		return []string{"ALTER DOMAIN " + schema.Qualified(c.Schema, c.Domain) + " VALIDATE CONSTRAINT " + schema.Quote(c.Name)}, nil
	},
}

func domainCheckClause(c *schema.DomainCheck) string {
	return "CONSTRAINT " + schema.Quote(c.Name) + " CHECK (" + c.Expr + ")"
}

// connectClauses creates what the checks of a new domain need before the domain itself, so that they can be part of its
// creation: PostgreSQL refuses to add a check while a column has the domain inside another type. The same goes for the
// default of an added column, which fills the rows only as part of ADD COLUMN. Where the clause needs its host in turn,
// as a function with a parameter of a domain does, it is added afterwards.
func (p *planning) connectClauses(g *graph, makers map[schema.ID][]*action) {
	for _, a := range p.actions {
		early := a.table.Kind == schema.KindDomain || a.table.Kind == schema.KindColumn
		if !early || p.leadsTo(a.id, a.table) {
			continue
		}
		for _, need := range needs(p.to, a.id) {
			if need == a.table {
				continue
			}
			for _, host := range makers[a.table] {
				g.edges(makers[need], host)
			}
		}
	}
}

// leadsTo reports whether the needs of a clause, its host and what that is part of aside, lead back to the host.
func (p *planning) leadsTo(clause, host schema.ID) bool {
	seen := map[schema.ID]bool{clause: true}
	stack := []schema.ID{}
	owner, _ := p.to.Owner(clause)
	for _, need := range needs(p.to, clause) {
		if need != host && need != owner {
			stack = append(stack, need)
		}
	}
	for len(stack) > 0 {
		id := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if id == host {
			return true
		}
		if !seen[id] {
			seen[id] = true
			stack = append(stack, allNeeds(p.to, id)...)
		}
	}
	return false
}
