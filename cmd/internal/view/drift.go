package view

import (
	"time"

	"github.com/pleatdb/pleat/cmd/internal/draft"
	"github.com/pleatdb/pleat/planner"
	"github.com/pleatdb/pleat/schema"
)

func (d *Drift) text(p *page) {
	same, differs := "matches the schema files", "does not match the schema files"
	if d.Against == "snapshot" {
		left := "as the last run left it"
		if d.Since != nil {
			left += " (" + d.Since.UTC().Format(time.RFC3339) + ")"
		}
		same, differs = "is "+left, "is not "+left
	}
	if d.InSync {
		p.linef("No drift. %s %s.", databaseName(d.Database), same)
		return
	}
	p.linef("%s %s. What was there, and what is there now:", databaseName(d.Database), differs)
	p.blank()
	p.changes(d.Differences)
	p.blank()
	if d.Unrepairable != "" {
		p.linef("No SQL brings it back: %s", d.Unrepairable)
		return
	}
	p.styledf(bold, "This SQL would bring it back:")
	p.blank()
	for _, sql := range d.Repair {
		p.block(plain, "  ", sql+";")
	}
	p.risks(d.Risks)
}

// NewDrift compares a snapshot with what is there, and plans the way back to it.
func NewDrift(database string, snapshot, live *schema.Catalog, since time.Time, major int) *Drift {
	d := &Drift{
		Database: database, Against: "snapshot", Since: &since, Differences: Differences(snapshot, live), Repair: []string{}, Risks: []Risk{},
	}
	d.InSync = len(d.Differences) == 0
	if d.InSync {
		return d
	}
	plan, err := planner.New(live, snapshot, planner.Options{Major: major})
	if err != nil {
		d.Unrepairable = err.Error()
		return d
	}
	d.repair(plan)
	return d
}

// DriftOf is how the live state, from which a draft starts, differs from the desired one.
func DriftOf(database string, from *draft.Draft) *Drift {
	d := &Drift{Database: database, Against: "schema", Differences: Differences(from.Desired, from.Base), Repair: []string{}, Risks: []Risk{}}
	d.InSync = len(d.Differences) == 0
	d.repair(from.Plan)
	return d
}

func (d *Drift) repair(plan *planner.Plan) {
	for _, step := range plan.Steps {
		d.Repair = append(d.Repair, sqlOf(step.Up)...)
	}
	d.Risks = Risks(plan, nil)
}
