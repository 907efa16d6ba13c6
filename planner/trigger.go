package planner

import (
	"strings"

	"github.com/pleatdb/pleat/schema"
)

var triggerRules = kindRules{
	create: func(p *planning, o schema.Object) []string {
		t := o.(*schema.Trigger)
		sql := []string{triggerDefinition(t)}
		if t.Enabled != "" {
			sql = append(sql, p.enableSQL(p.to, t.ID(), "TRIGGER", t.Enabled))
		}
		return sql
	},
	drop: func(_ *planning, o schema.Object) []string {
		t := o.(*schema.Trigger)
		return []string{"DROP TRIGGER " + schema.Quote(t.Name) + " ON " + schema.Qualified(t.Schema, t.Table)}
	},
	replaces: func(_ *planning, before, after schema.Object) bool {
		probe := *before.(*schema.Trigger)
		probe.Enabled = after.(*schema.Trigger).Enabled
		return !Equal(&probe, after)
	},
	alter: func(p *planning, _, after schema.Object) ([]string, error) {
		t := after.(*schema.Trigger)
		return []string{p.enableSQL(p.to, t.ID(), "TRIGGER", t.Enabled)}, nil
	},
}

// enableSQL says when a trigger or rule fires.
func (p *planning) enableSQL(c *schema.Catalog, id schema.ID, word, enabled string) string {
	verb := map[string]string{"": "ENABLE ", "disabled": "DISABLE ", "replica": "ENABLE REPLICA ", "always": "ENABLE ALWAYS "}[enabled]
	owner, _ := c.Owner(id)
	relation := "ALTER TABLE "
	if owner.Kind == schema.KindTable && hasChildren(c, owner) && word == "TRIGGER" {
		relation += "ONLY "
	}
	return relation + schema.Qualified(id.Schema, id.Parent) + " " + verb + word + " " + schema.Quote(id.Name)
}

func triggerDefinition(t *schema.Trigger) string {
	sql := "CREATE TRIGGER "
	if t.Constraint {
		sql = "CREATE CONSTRAINT TRIGGER "
	}
	sql += schema.Quote(t.Name) + " " + t.Timing + " " + triggerEvents(t) + " ON " + schema.Qualified(t.Schema, t.Table)
	if t.From != nil {
		sql += " FROM " + t.From.SQL()
	}
	sql += deferral(t.Deferral)
	if t.OldTable != "" || t.NewTable != "" {
		sql += " REFERENCING"
		if t.OldTable != "" {
			sql += " OLD TABLE AS " + schema.Quote(t.OldTable)
		}
		if t.NewTable != "" {
			sql += " NEW TABLE AS " + schema.Quote(t.NewTable)
		}
	}
	if t.Row {
		sql += " FOR EACH ROW"
	} else {
		sql += " FOR EACH STATEMENT"
	}
	if t.When != "" {
		sql += " WHEN (" + t.When + ")"
	}
	args := make([]string, len(t.Args))
	for i, a := range t.Args {
		args[i] = schema.Literal(a)
	}
	return sql + " EXECUTE FUNCTION " + t.Function.SQL() + "(" + strings.Join(args, ", ") + ")"
}

func triggerEvents(t *schema.Trigger) string {
	events := make([]string, len(t.Events))
	for i, e := range t.Events {
		events[i] = e
		if e == "UPDATE" && len(t.UpdateOf) > 0 {
			events[i] += " OF " + schema.QuoteAll(t.UpdateOf)
		}
	}
	return strings.Join(events, " OR ")
}
