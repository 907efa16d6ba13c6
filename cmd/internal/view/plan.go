package view

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pleatdb/pleat/cmd/internal/draft"
	"github.com/pleatdb/pleat/history/migration"
	"github.com/pleatdb/pleat/planner"
	"github.com/pleatdb/pleat/planner/cost"
	"github.com/pleatdb/pleat/schema"
	"github.com/pleatdb/pleat/schema/hclfile"
)

// text puts what changed outside of pleat first and what could do harm last, where it is seen.
func (d *Plan) text(p *page) {
	p.driftNote(d.Drift)
	if d.NoOp {
		p.blank()
		once := ""
		if n := len(d.Pending); n > 0 {
			once = " once " + plural(n, "pending migration") + " ran"
		}
		p.linef("No changes. %s matches the schema%s.", databaseName(d.Database), once)
		return
	}
	if len(d.Drift) > 0 {
		p.blank()
		p.styledf(bold, "The plan, from the database as it is now:")
	}
	p.blank()
	p.changes(d.Changes)
	if d.DryRun {
		p.blank()
		p.block(faint, "  ", d.SQL)
	}
	p.steps(d.Steps)
	p.blank()
	p.styledf(bold, "%s", d.Summary.sentence())
	for _, file := range d.Files {
		p.linef("Wrote %s", file)
	}
	if d.DryRun {
		p.linef("Nothing was written (--dry-run).")
	}
	p.risks(d.Risks)
}

// steps lists how the plan goes about it, where it does not simply do it: the phases, and why a step has the form that it has.
func (p *page) steps(steps []PlanStep) {
	if !slices.ContainsFunc(steps, func(s PlanStep) bool { return s.Reason != "" || s.Phase == planner.Contract.String() }) {
		return
	}
	phase, reason := "", ""
	for _, s := range steps {
		if s.Phase != phase {
			phase = s.Phase
			p.blank()
			p.styledf(bold, "%s:", map[string]string{"expand": "Expand, while the old code runs", "contract": "Contract, once nothing uses the old shape"}[phase])
		}
		how := ""
		switch {
		case s.Batched:
			how = " (in batches)"
		case !s.Transaction:
			how = " (outside of a transaction)"
		}
		p.linef("  %s%s", s.Title, how)
		if s.Reason != "" && s.Reason != reason {
			p.styledf(faint, "    why: %s", s.Reason)
		}
		reason = s.Reason
	}
}

func databaseName(name string) string {
	if name == "" {
		return "The directory of migrations"
	}
	return fmt.Sprintf("Database %q", name)
}

func (p *page) driftNote(drift []Change) {
	if len(drift) == 0 {
		return
	}
	p.styledf(bold, "Note: objects have changed outside of pleat since its last run:")
	p.blank()
	p.changes(drift)
}

func (p *page) risks(risks []Risk) {
	if len(risks) == 0 {
		return
	}
	p.blank()
	p.styledf(bold, "Risks:")
	for _, r := range risks {
		p.styledf(red, "  %s: %s", r.Risk, r.Message)
	}
}

// Steps lists the steps of a plan.
func Steps(plan *planner.Plan) []PlanStep {
	out := []PlanStep{}
	for i, s := range plan.Steps {
		out = append(out, PlanStep{Number: i + 1, Title: s.Title, Statements: sqlOf(s.Up), Undo: sqlOf(s.Down),
			Transaction: s.Mode != planner.Outside, Batched: s.Mode == planner.Batched, Phase: s.Phase.String(), Reason: s.Reason})
	}
	return out
}

func sqlOf(statements []planner.Statement) []string {
	out := []string{}
	for _, s := range statements {
		out = append(out, s.SQL)
	}
	return out
}

// Risks lists what a plan destroys, what it writes anew, and what it does for long while others wait. sizes are those of the target, as
// far as they are known.
func Risks(plan *planner.Plan, sizes map[schema.ID]cost.Size) []Risk {
	out := []Risk{}
	for i, s := range plan.Steps {
		for _, id := range s.Loses {
			out = append(out, Risk{"destructive", id.String(), fmt.Sprintf("drops %s and the data in it", id), i + 1})
		}
		out = append(out, workRisks(i+1, planner.Sum(s.Effects), sizes)...)
	}
	return out
}

// workRisks lists the work of a step that others have to wait for.
func workRisks(step int, e planner.Effect, sizes map[schema.ID]cost.Size) []Risk {
	price := ""
	if c := cost.Of(e, sizes, cost.Rates{}); c.Text != "" {
		price = ": " + c.Text
	}
	if len(e.Rewrites) > 0 {
		id := e.Rewrites[0]
		return []Risk{{"rewrite", id.String(), fmt.Sprintf("writes %s anew while nobody can use it%s", id, price), step}}
	}
	for _, id := range slices.Concat(e.Scans, e.Builds, e.Validates) {
		if mode := e.Strongest(id); mode.BlocksWrites() {
			return []Risk{{"blocking", id.String(), fmt.Sprintf("works on all of %s under %s%s", id, mode, price), step}}
		}
	}
	return nil
}

// NewPlan turns a draft into its published shape. moves are the declared renames, sizes those of the target.
func NewPlan(database string, d *draft.Draft, moves []hclfile.Move, sizes map[schema.ID]cost.Size) *Plan {
	out := &Plan{
		Database: database, NoOp: len(d.Migrations) == 0, Steps: Steps(d.Plan), Risks: Risks(d.Plan, sizes), Drift: []Change{}, Pending: []string{},
		Files: []string{},
	}
	out.Changes = renames(d, moves)
	out.Changes = append(out.Changes, Changes(d.Plan.Changes, rebuilt(d))...)
	out.Summary = Count(out.Changes)
	out.SetMigrations(d.Migrations)
	return out
}

// renames are the declared renames that the plan makes, and not an earlier one.
func renames(d *draft.Draft, moves []hclfile.Move) []Change {
	out := []Change{}
	for _, m := range moves {
		if d.Base.Has(m.From) && !d.Desired.Has(m.From) {
			out = append(out, Change{Action: "rename", Object: m.To.String(), From: m.From.String(), Attributes: []Attribute{}})
		}
	}
	return out
}

// rebuilt lists what is the same before and after. What a rename lets the engine print in another way is in the
// plan's list too, and is left out.
func rebuilt(d *draft.Draft) (out []schema.ID) {
	for _, id := range d.Plan.Rebuilt {
		before, after := d.Base.Get(id), d.Desired.Get(id)
		if before != nil && after != nil && planner.Equal(before, after) {
			out = append(out, id)
		}
	}
	return out
}

// SetMigrations puts name and text of the files into the plan.
func (d *Plan) SetMigrations(files []*migration.Migration) {
	var texts []string
	for i, m := range files {
		if i == 0 {
			d.Name = m.Version + "_" + m.Name
		}
		texts = append(texts, string(migration.Format(m)))
	}
	d.SQL = strings.Join(texts, "\n")
}

// Empties adds the file that drops what has been in the trash for long enough.
func (d *Plan) Empties(m *migration.Migration, trash []schema.ID) {
	for _, id := range trash {
		if text := draft.Drops(id); slices.Contains(m.Destructive, text) {
			d.Risks = append(d.Risks, Risk{Risk: "destructive", Object: id.String(), Message: text + " (it has been in the trash for long enough)"})
		}
	}
	if d.SQL != "" {
		d.SQL += "\n"
	}
	d.SQL += string(migration.Format(m))
	d.NoOp = false
}
