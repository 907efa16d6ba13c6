package draft

import (
	"fmt"
	"slices"

	"github.com/pleatdb/pleat/history/migration"
	"github.com/pleatdb/pleat/inspect/shadow"
	"github.com/pleatdb/pleat/planner"
	"github.com/pleatdb/pleat/schema"
)

// migration writes a proven plan as a migration file.
func (r *Request) migration(plan *planner.Plan, proof *shadow.Proof) *migration.Migration {
	m := &migration.Migration{
		Version:   r.Version,
		Name:      r.Name,
		Generated: true,
		Before:    proof.Before,
		After:     proof.After,
		Objects:   proof.Touched,
		Proven:    "up and down on PostgreSQL " + r.Shadow.Version(),
		HasDown:   true,
	}
	for i, step := range plan.Steps {
		m.Steps = append(m.Steps, migration.Step{Number: i + 1, Title: step.Title, Statements: fileStatements(step.Up)})
		for _, id := range step.Loses {
			m.Destructive = append(m.Destructive, fmt.Sprintf("drops %s with all that is in it", id))
		}
		m.Down = append(m.Down, migration.Undo{
			Step: i + 1, Part: 1, Parts: 1, Statements: fileStatements(step.Down), Loses: lossText(step.DownLoses),
		})
	}
	slices.Reverse(m.Down)
	return m
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

// scripts are the steps of pending migrations as the shadow replays them.
func scripts(pending []*migration.Migration) []shadow.Script {
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
