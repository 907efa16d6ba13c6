package planner

import "github.com/pleatdb/pleat/schema"

var namespaceRules = kindRules{
	create: func(_ *planning, o schema.Object) []string {
		return []string{"CREATE SCHEMA " + schema.Quote(o.(*schema.Namespace).Name)}
	},
	drop: func(_ *planning, o schema.Object) []string {
		return []string{"DROP SCHEMA " + schema.Quote(o.(*schema.Namespace).Name)}
	},
}
