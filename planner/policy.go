package planner

import (
	"strings"

	"github.com/pleatdb/pleat/schema"
)

var policyRules = kindRules{
	create: func(_ *planning, o schema.Object) []string {
		c := o.(*schema.Policy)
		sql := "CREATE POLICY " + policyName(c)
		if c.Restrictive {
			sql += " AS RESTRICTIVE"
		}
		if c.Command != "" {
			sql += " FOR " + c.Command
		}
		if len(c.Roles) > 0 {
			sql += " TO " + policyRoles(c)
		}
		return []string{sql + policyConditions(c)}
	},
	drop: func(_ *planning, o schema.Object) []string {
		return []string{"DROP POLICY " + policyName(o.(*schema.Policy))}
	},
	replaces: func(_ *planning, before, after schema.Object) bool {
		from, to := before.(*schema.Policy), after.(*schema.Policy)
		// ALTER POLICY can change a condition but not take it away.
		return from.Restrictive != to.Restrictive || from.Command != to.Command ||
			from.Using != "" && to.Using == "" || from.Check != "" && to.Check == ""
	},
	alter: func(_ *planning, _, after schema.Object) ([]string, error) {
		c := after.(*schema.Policy)
		return []string{"ALTER POLICY " + policyName(c) + " TO " + policyRoles(c) + policyConditions(c)}, nil
	},
	remakes: true,
}

func policyName(c *schema.Policy) string {
	return schema.Quote(c.Name) + " ON " + schema.Qualified(c.Schema, c.Table)
}

// policyRoles joins the roles, which the model holds quoted.
func policyRoles(c *schema.Policy) string {
	if len(c.Roles) == 0 {
		return "PUBLIC"
	}
	return strings.Join(c.Roles, ", ")
}

func policyConditions(c *schema.Policy) string {
	sql := ""
	if c.Using != "" {
		sql += " USING (" + c.Using + ")"
	}
	if c.Check != "" {
		sql += " WITH CHECK (" + c.Check + ")"
	}
	return sql
}
