package planner

import "github.com/pleatdb/pleat/schema"

var ruleRules = kindRules{
	create: func(p *planning, o schema.Object) []string {
		r := o.(*schema.Rule)
		sql := []string{r.Definition}
		if r.Enabled != "" {
			sql = append(sql, p.enableSQL(p.to, r.ID(), "RULE", r.Enabled))
		}
		return sql
	},
	drop: func(_ *planning, o schema.Object) []string {
		r := o.(*schema.Rule)
		return []string{"DROP RULE " + schema.Quote(r.Name) + " ON " + schema.Qualified(r.Schema, r.Table)}
	},
	replaces: func(_ *planning, before, after schema.Object) bool {
		return before.(*schema.Rule).Definition != after.(*schema.Rule).Definition
	},
	alter: func(p *planning, _, after schema.Object) ([]string, error) {
		r := after.(*schema.Rule)
		return []string{p.enableSQL(p.to, r.ID(), "RULE", r.Enabled)}, nil
	},
}
