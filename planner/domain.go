package planner

import "github.com/pleatdb/pleat/schema"

var domainRules = kindRules{
	create: func(_ *planning, o schema.Object) []string {
		d := o.(*schema.Domain)
		sql := "CREATE DOMAIN " + d.ID().SQL() + " AS " + d.Type + collate(d.Collation)
		if d.Default != "" {
			sql += " DEFAULT " + d.Default
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
		sql := "ALTER DOMAIN " + schema.Qualified(c.Schema, c.Domain) + " ADD CONSTRAINT " + schema.Quote(c.Name) +
			" CHECK (" + c.Expr + ")"
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
