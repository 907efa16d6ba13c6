package online

import (
	"slices"
	"strings"

	"github.com/pleatdb/pleat/schema"
)

// nosync is the setting with which a backfill tells the triggers that it writes the values itself.
const nosync = "IF pg_catalog.current_setting('pleat.nosync', true) = 'on' THEN\n        RETURN NEW;\n    END IF;\n"

// helperName is the name of a trigger and its function. BEFORE triggers fire in the order of their names, and this one has
// to see what the others made of the row.
func helperName(column schema.ID) string {
	return schema.Shorten("zzz_pleat_sync_" + column.Parent + "_" + column.Name)
}

// addHelper adds a trigger with its function: before every insert and update of a row, last of all.
func addHelper(c *schema.Catalog, name string, table schema.ID, body string) schema.ID {
	f := &schema.Function{Returns: "trigger"}
	f.Schema, f.Name, f.Language = table.Schema, name, "plpgsql"
	f.Body = "\n#variable_conflict use_column\nBEGIN\n    " + body + "    RETURN NEW;\nEND\n"
	t := &schema.Trigger{
		Schema: table.Schema, Table: table.Name, Name: name, Timing: "BEFORE", Events: []string{"INSERT", "UPDATE"}, Row: true,
		Function: schema.Name{Schema: table.Schema, Name: name},
	}
	c.Add(f)
	c.Add(t)
	c.Depend(t.ID(), f.ID())
	c.Depend(t.ID(), table)
	return t.ID()
}

// removeHelper takes both out again.
func removeHelper(c *schema.Catalog, trigger schema.ID) {
	removeWith(c, trigger)
	removeWith(c, functionOf(trigger))
}

func functionOf(trigger schema.ID) schema.ID {
	return schema.ID{Kind: schema.KindFunction, Schema: trigger.Schema, Name: trigger.Name}
}

// addFiller gives the rows that old code writes the value that a backfill declares.
func (d *division) addFiller(id schema.ID, set string) {
	field := "NEW." + schema.Quote(id.Name)
	body := nosync + "    IF " + field + " IS NULL THEN\n        " + field + " := " + d.overRow(id, set) + ";\n" +
		note(id, id.Name) + "    END IF;\n"
	d.helpers = append(d.helpers, addHelper(d.goal, helperName(id), tableOf(id), body))
}

// overRow evaluates an expression over the new row as it is between the phases.
func (d *division) overRow(id schema.ID, expr string) string {
	return overColumns(d.goal.Get(tableOf(id)).(*schema.Table), expr, d.opts.Columns)
}

// overColumns evaluates an expression over the new row of a table. It names only the columns that the expression reads: a trigger
// that names others would fail once one of them is renamed or dropped.
func overColumns(t *schema.Table, expr string, columns func(expr string) ([]string, bool)) string {
	var used []string
	known := false
	if columns != nil {
		used, known = columns(expr)
	}
	var parts []string
	for _, c := range t.Columns {
		if !known || slices.Contains(used, c.Name) || slices.Contains(used, t.Name) || slices.Contains(used, "*") {
			parts = append(parts, "NEW."+schema.Quote(c.Name)+" AS "+schema.Quote(c.Name))
		}
	}
	if len(parts) == 0 {
		return "(" + expr + ")"
	}
	return "(SELECT " + expr + " FROM (SELECT " + strings.Join(parts, ", ") + ") AS " + schema.Quote(t.Name) + ")"
}

// addRecomputer keeps a column that is no longer generated right for code that does not write it.
func (d *division) addRecomputer(id schema.ID, expr, typ string) {
	field, old := "NEW."+schema.Quote(id.Name), "OLD."+schema.Quote(id.Name)
	body := nosync + "    IF TG_OP = 'INSERT' AND " + field + " IS NULL OR TG_OP = 'UPDATE' AND NOT (" + differ(typ, field, old) + ") THEN\n        " +
		field + " := " + d.overRow(id, expr) + ";\n    END IF;\n"
	d.helpers = append(d.helpers, addHelper(d.goal, helperName(id), tableOf(id), body))
}

// note records that somebody wrote through the old shape, where the history can take it.
func note(id schema.ID, attribute string) string {
	return "        IF pg_catalog.to_regproc('pleat.note_write') IS NOT NULL THEN\n            PERFORM pleat.note_write(" +
		schema.Literal(schema.Qualified(id.Schema, id.Parent)) + ", " + schema.Literal(attribute) + ");\n        END IF;\n"
}

// differ compares two values, as text where the type has no equality.
func differ(typ, a, b string) string {
	base, _, _ := strings.Cut(typ, "(")
	switch strings.TrimSuffix(base, "[]") {
	case "json", "xml", "point", "polygon", "line", "pg_catalog.json":
		return a + "::text IS DISTINCT FROM " + b + "::text"
	}
	return a + " IS DISTINCT FROM " + b
}

// follow is the body of a trigger that computes one column from others, in one direction.
func follow(target, value string) string {
	return nosync + "    NEW." + schema.Quote(target) + " := " + value + ";\n"
}

// both is the body of a trigger that keeps an old and a new column equal, whoever writes which.
func both(old, renamed schema.ID, typ string) string {
	o, n := "NEW."+schema.Quote(old.Name), "NEW."+schema.Quote(renamed.Name)
	wasO, wasN := "OLD."+schema.Quote(old.Name), "OLD."+schema.Quote(renamed.Name)
	return nosync +
		"    IF TG_OP = 'INSERT' THEN\n" +
		"        IF " + n + " IS NULL THEN\n            " + n + " := " + o + ";\n    " + strings.ReplaceAll(note(old, old.Name), "\n    ", "\n        ") +
		"        ELSE\n            " + o + " := " + n + ";\n        END IF;\n" +
		"    ELSIF " + differ(typ, n, wasN) + " THEN\n        " + o + " := " + n + ";\n" +
		"    ELSIF " + differ(typ, o, wasO) + " THEN\n        " + n + " := " + o + ";\n" + note(old, old.Name) +
		"    END IF;\n"
}

// warm is the body of the trigger that keeps a column in the trash up to date, so that it can come back. A value that the
// old type cannot hold becomes NULL there: it must not stop anybody from writing. An INSERT that gives the column a value of its own
// does not name its columns, and means another one: the old column has kept its place in the order.
func warm(target, value string, plain bool) string {
	field := "NEW." + schema.Quote(target)
	assign := "        " + field + " := " + value + ";\n"
	if !plain {
		assign = "        BEGIN\n    " + assign + "        EXCEPTION WHEN data_exception OR cannot_coerce OR integrity_constraint_violation THEN\n            " +
			field + " := NULL;\n        END;\n"
	}
	return "DECLARE\n        pleat_given text := " + field + "::text;\n    BEGIN\n" + assign + // its type may be in the trash by now
		"        IF TG_OP = 'INSERT' AND pleat_given IS NOT NULL AND pleat_given IS DISTINCT FROM " + field + "::text THEN\n" +
		"            " + misplaced(target) + "        END IF;\n    END;\n"
}

// misplaced refuses a value for a column in the trash.
func misplaced(target string) string {
	return "RAISE EXCEPTION USING ERRCODE = 'object_not_in_prerequisite_state', MESSAGE = " +
		schema.Literal("column "+schema.Quote(target)+" was dropped and waits for its end, and takes no value") +
		", HINT = 'Name the columns in the INSERT.';\n"
}

// addRefuser adds a trigger that refuses rows with a value in a column in the trash.
func addRefuser(c *schema.Catalog, name string, table schema.ID, target string) {
	trigger := addHelper(c, name, table, misplaced(target))
	t := *c.Get(trigger).(*schema.Trigger)
	t.Events, t.When = []string{"INSERT"}, "NEW."+schema.Quote(target)+" IS NOT NULL"
	c.Add(&t)
}
