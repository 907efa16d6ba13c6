package planner

import "github.com/pleatdb/pleat/schema"

var extensionRules = kindRules{
	create: func(_ *planning, o schema.Object) []string {
		e := o.(*schema.Extension)
		sql := "CREATE EXTENSION " + schema.Quote(e.Name)
		if e.Schema != "" {
			sql += " SCHEMA " + schema.Quote(e.Schema)
		}
		if e.Version != "" {
			sql += " VERSION " + schema.Literal(e.Version)
		}
		return []string{sql}
	},
	drop: func(_ *planning, o schema.Object) []string {
		return []string{"DROP EXTENSION " + schema.Quote(o.(*schema.Extension).Name)}
	},
	replaces: func(*planning, schema.Object, schema.Object) bool { return false },
	alter:    alterExtension,
}

// alterExtension moves and updates. An extension that is not relocatable refuses SET SCHEMA when the plan is
// proven, and the error names it: dropping it could take the data of others along.
func alterExtension(_ *planning, before, after schema.Object) ([]string, error) {
	from, to := before.(*schema.Extension), after.(*schema.Extension)
	var out []string
	if from.Schema != to.Schema {
		out = append(out, "ALTER EXTENSION "+schema.Quote(to.Name)+" SET SCHEMA "+schema.Quote(to.Schema))
	}
	if from.Version != to.Version {
		out = append(out, "ALTER EXTENSION "+schema.Quote(to.Name)+" UPDATE TO "+schema.Literal(to.Version))
	}
	probe := *from
	probe.Schema, probe.Version = to.Schema, to.Version
	return out, complete(&probe, to)
}
