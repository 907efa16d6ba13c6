package online

import (
	"github.com/pleatdb/pleat/planner"
	"github.com/pleatdb/pleat/schema"
)

// giveReasons says of each step that has the plain form why it has no other one, where there is something to say.
func (r *route) giveReasons(d *division) {
	d.findReasons()
	for i := range r.steps {
		step := &r.steps[i]
		for _, s := range step.Up {
			if why := d.reasons[s.Object]; why != "" && step.Reason == "" {
				step.Reason = why
			}
		}
	}
}

// findReasons finds the changes for which there is no online form.
func (d *division) findReasons() {
	for _, c := range planner.Diff(d.from, d.to) {
		id := c.ID()
		switch to := c.To.(type) {
		case *schema.Table:
			if from, ok := c.From.(*schema.Table); ok {
				d.tableReasons(from, to)
			}
		case *schema.Exclude:
			if d.from.Has(tableOf(id)) {
				d.reasons[id] = "an exclusion constraint has no form that is built while the table is in use: building its index holds ACCESS EXCLUSIVE"
			}
		}
	}
}

func (d *division) tableReasons(from, to *schema.Table) {
	for i := range to.Columns {
		after := &to.Columns[i]
		if after.Generated == nil || after.Inherited {
			continue
		}
		before := from.Column(after.Name)
		if why := d.generatedReason(before, after); why != "" {
			d.reasons[schema.ColumnID(to.ID(), after.Name)] = why
		}
	}
	var what string
	switch {
	case from.Unlogged != to.Unlogged:
		what = "SET LOGGED and SET UNLOGGED write"
	case from.AccessMethod != to.AccessMethod:
		what = "SET ACCESS METHOD writes"
	case from.Tablespace != to.Tablespace:
		what = "SET TABLESPACE copies"
	default:
		return
	}
	d.reasons[to.ID()] = what + " the whole table under ACCESS EXCLUSIVE, and there is no online form; a new table that takes over the rows stops nobody"
}

// generatedReason says why a STORED generated column writes its table anew.
func (d *division) generatedReason(before, after *schema.Column) string {
	if after.Generated.Virtual || before != nil && before.Generated != nil && *before.Generated == *after.Generated {
		return ""
	}
	instead := "; declare a plain column with a backfill"
	if d.opts.Major >= 18 {
		instead += ", or VIRTUAL"
	} else {
		instead += ", or VIRTUAL since PostgreSQL 18"
	}
	return "a STORED generated column is computed for every row at once, which writes the table anew under ACCESS EXCLUSIVE" + instead
}
