package draft

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pleatdb/pleat/history/migration"
	"github.com/pleatdb/pleat/inspect/shadow"
	"github.com/pleatdb/pleat/planner"
	"github.com/pleatdb/pleat/schema"
)

// migrations writes a proven plan as files, one for each phase that has steps.
func (r *Request) migrations(plan *planner.Plan, proof *shadow.Proof) ([]*migration.Migration, error) {
	cut := slices.IndexFunc(plan.Steps, func(s planner.Step) bool { return s.Phase == planner.Contract })
	if cut < 0 {
		return []*migration.Migration{r.migration(plan.Steps, proof, proof.Before, proof.After)}, nil
	}
	contract := r.migration(plan.Steps[cut:], proof, proof.Middle, proof.After)
	contract.Phase = migration.Contract
	if cut == 0 {
		return []*migration.Migration{contract}, nil
	}
	expand := r.migration(plan.Steps[:cut], proof, proof.Before, proof.Middle)
	expand.Phase = migration.Expand
	version, err := migration.NextVersion(r.Version, time.Time{})
	if err != nil {
		return nil, err
	}
	contract.Version, contract.ContractOf = version, expand.Version
	return []*migration.Migration{expand, contract}, nil
}

// migration writes steps as a migration file.
func (r *Request) migration(steps []planner.Step, proof *shadow.Proof, before, after string) *migration.Migration {
	m := &migration.Migration{
		Version:   r.Version,
		Name:      r.Name,
		Generated: true,
		Before:    before,
		After:     after,
		Objects:   proof.Touched,
		Proven:    "up and down on PostgreSQL " + r.Shadow.Version(),
		HasDown:   true,
	}
	for i, step := range steps {
		m.Steps = append(m.Steps, fileStep(i+1, &step))
		for _, id := range step.Loses {
			m.Destructive = append(m.Destructive, Drops(id))
		}
		m.Down = append(m.Down, undos(i+1, &step)...)
	}
	slices.SortStableFunc(m.Down, func(a, b migration.Undo) int { return b.Step - a.Step })
	return m
}

// Drops says in a file's header that the file destroys the object.
func Drops(id schema.ID) string { return fmt.Sprintf("drops %s with all that is in it", id) }

func fileStep(number int, step *planner.Step) migration.Step {
	out := migration.Step{
		Number: number, Title: step.Title, Notes: notes(step), NoTransaction: step.Mode == planner.Outside, Statements: fileStatements(step.Up),
	}
	for _, c := range step.Checks {
		out.Checks = append(out.Checks, migration.Check{Message: c.Message, Query: migration.Statement{SQL: c.SQL}})
	}
	if step.Mode == planner.Batched {
		out.Batch = &migration.Batch{Table: step.Table.SQL(), Size: step.Batch}
	}
	return out
}

// undos are the parts of a step's way back: one transaction, or one statement each where they run outside of one.
func undos(number int, step *planner.Step) []migration.Undo {
	statements := fileStatements(step.Down)
	if step.DownMode != planner.Outside || len(statements) == 0 {
		return []migration.Undo{{Step: number, Part: 1, Parts: 1, Statements: statements, Loses: lossText(step.DownLoses)}}
	}
	var out []migration.Undo
	for i := range statements {
		u := migration.Undo{Step: number, Part: i + 1, Parts: len(statements), NoTransaction: true, Statements: statements[i : i+1]}
		if i == 0 {
			u.Loses = lossText(step.DownLoses)
		}
		out = append(out, u)
	}
	return out
}

// notes say above a step what it does to running programs, and why it has the form that it has.
func notes(step *planner.Step) []string {
	var out []string
	if locks := lockNote(step.Effects); locks != "" {
		out = append(out, "lock: "+locks)
	}
	if step.Reason != "" {
		out = append(out, "why: "+step.Reason)
	}
	return out
}

// lockNote sums up what the statements of a step were seen to do: the locks that make others wait, and the work done under them.
func lockNote(effects []planner.Effect) string {
	if len(effects) == 0 {
		return ""
	}
	whole := planner.Sum(effects)
	var parts []string
	for _, l := range whole.Locks {
		if l.Mode >= planner.ShareUpdateExclusive && l.On.Kind != schema.KindIndex {
			parts = append(parts, l.Mode.String()+" on "+l.On.SQL())
		}
	}
	const shown = 4
	if n := len(parts); n > shown {
		parts = append(parts[:shown], fmt.Sprintf("and %d more", n-shown))
	}
	if len(parts) == 0 {
		parts = append(parts, "none that makes anybody wait")
	}
	text := strings.Join(parts, ", ")
	for _, work := range []struct {
		word string
		on   []schema.ID
	}{{"writes anew", whole.Rewrites}, {"reads", whole.Scans}, {"builds", whole.Builds}, {"validates", whole.Validates}} {
		if len(work.on) > 0 {
			text += " · " + work.word + " " + work.on[0].SQL()
			if n := len(work.on) - 1; n > 0 {
				text += fmt.Sprintf(" and %d more", n)
			}
		}
	}
	if len(whole.Rewrites)+len(whole.Scans)+len(whole.Builds)+len(whole.Validates) == 0 {
		text += " · no rewrite · no scan"
	}
	if whole.Estimated {
		text += " · estimated"
	}
	return text
}

func fileStatements(statements []planner.Statement) []migration.Statement {
	out := make([]migration.Statement, len(statements))
	for i, s := range statements {
		out[i] = migration.Statement{SQL: s.SQL}
	}
	return out
}

func lossText(ids []schema.ID) []string {
	var out []string
	for _, id := range ids {
		out = append(out, id.String())
	}
	return out
}

// Scripts are the steps of pending migrations as the shadow replays them.
func Scripts(pending []*migration.Migration) []shadow.Script {
	var out []shadow.Script
	for _, m := range pending {
		for _, step := range m.Steps {
			s := shadow.Script{File: m.File(), Step: step.Number, Transactional: !step.NoTransaction}
			for _, statement := range step.Statements {
				s.SQL = append(s.SQL, statement.SQL)
			}
			out = append(out, s)
		}
	}
	return out
}
