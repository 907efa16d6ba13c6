package lint

import (
	"slices"

	"github.com/pleatdb/pleat/schema"
	"github.com/pleatdb/pleat/schema/sqltext"
)

// alterType judges ALTER COLUMN … TYPE.
func (c *checker) alterType(s *statement, name schema.Name, a sqltext.Action) {
	t := c.world.table(name)
	col := t.columns[a.Name]
	id := schema.ColumnID(tableID(name), a.Name)
	w := words{"type": a.Type.SQL, "what": "The change to " + a.Type.SQL}
	old, known := col.typeOf()
	if known {
		w["what"] = "The change from " + old.SQL + " to " + a.Type.SQL
	}
	if deps := c.retyped(t, a.Name); len(deps) > 0 {
		c.find("CO16", s, id, words{"what": list(deps)})
	}
	c.typeOfKey(s, t, a, id)
	rewrites := c.does(s.effect.Rewrites, name)
	switch {
	case known && timestamps(old, *a.Type) || a.Expr != nil && a.Expr.AtTimeZone:
		c.timestamps(s, id, a, rewrites)
	case rewrites:
		f := c.find("CO12", s, id, w)
		if s.Effect == nil && c.world.change(col, a) == unknownChange {
			doubt(f, "The present type is not known; changes such as varchar to text or to a longer varchar rewrite nothing.")
		}
	}
	if !rewrites {
		c.typeWithoutRewrite(s, t, a, id)
	}
	c.find("LK18", s, tableID(name), nil)
	if plainType(*a.Type) == "json" {
		c.find("CO25", s, id, nil)
	}
}

func (c *checker) typeWithoutRewrite(s *statement, t *table, a sqltext.Action, id schema.ID) {
	if c.does(s.effect.Builds, t.name) {
		var names []string
		for _, b := range s.effect.Builds {
			names = append(names, "index "+schema.Quote(b.Name))
		}
		c.find("CO13", s, id, words{"what": list(names)})
	}
	if checks := checksOn(t, a.Name); c.does(s.effect.Scans, t.name) && (len(checks) > 0 || len(s.effect.Builds) == 0) {
		what := "a check"
		if len(checks) > 0 {
			what = "check " + quoted(checks)
		}
		c.find("CO14", s, id, words{"what": what})
	}
}

// typeOfKey judges a type change of a column that a foreign key has on either side.
func (c *checker) typeOfKey(s *statement, t *table, a sqltext.Action, id schema.ID) {
	for _, k := range c.world.keysOn(t, a.Name) {
		other := k.ref
		if other == t.name {
			other = k.table.name
		}
		w := words{"what": "foreign key " + schema.Quote(k.name), "other": schema.Qualified(other.Schema, other.Name)}
		if len(s.effect.Validates) > 0 {
			w["work"] = ", and all rows are compared again"
		}
		c.find("CO15", s, id, w)
	}
}

// retyped is what makes PostgreSQL refuse a type change.
func (c *checker) retyped(t *table, column string) (out []string) {
	for _, u := range t.uses {
		switch u.kind {
		case "view", "materialized view", "rule", "policy", "trigger", "generated column", "function":
			if slices.Contains(u.columns, column) {
				out = append(out, u.kind+" "+schema.Quote(u.name))
			}
		}
	}
	return out
}

// timestamps judges a change between timestamp and timestamptz, which depends on the time zone of the session.
func (c *checker) timestamps(s *statement, id schema.ID, a sqltext.Action, rewrites bool) {
	zone, set := c.session.get("timezone")
	utc := zone == "UTC" || zone == "GMT" || zone == "Etc/UTC"
	w := words{"type": a.Type.Name}
	switch {
	case a.Expr != nil && a.Expr.AtTimeZone:
		w["what"] = "USING … AT TIME ZONE computes each value: the table is written anew under ACCESS EXCLUSIVE, whatever the zone is."
	case len(a.Type.Mods) > 0 && a.Type.Mods[0] < 6:
		w["what"] = "With a precision each value is rounded: the table is written anew under ACCESS EXCLUSIVE, whatever the time zone is."
	case !set && !(rewrites && s.Effect != nil): // what was measured holds for the time zone of that server
		w["what"] = "Only in a session whose TimeZone is UTC is nothing written anew. The file does not set it."
		if f := c.find("CO17", s, id, w); f.Severity == Error {
			f.Severity = Warning
		}
		return
	case set && !utc:
		w["what"] = "With TimeZone = " + zone + " each value changes: the table is written anew under ACCESS EXCLUSIVE."
	case rewrites && s.Effect != nil:
		w["what"] = "The table is written anew under ACCESS EXCLUSIVE."
	default:
		return
	}
	c.find("CO17", s, id, w)
}
