package online

import (
	"slices"

	"github.com/pleatdb/pleat/planner"
	"github.com/pleatdb/pleat/schema"
)

// Empty drops what has been in the trash for long enough: one step for each table that stays, and one for those that do not.
func Empty(trash []schema.ID) []planner.Step {
	var steps []planner.Step
	step := func(table schema.ID) *planner.Step {
		i := slices.IndexFunc(steps, func(s planner.Step) bool { return s.Table == table })
		if i < 0 {
			steps = append(steps, planner.Step{Table: table, Phase: planner.Contract})
			i = len(steps) - 1
		}
		return &steps[i]
	}
	sorted := slices.Clone(trash)
	slices.SortFunc(sorted, func(a, b schema.ID) int {
		if r := emptyRank(a) - emptyRank(b); r != 0 {
			return r
		}
		return a.Compare(b)
	})
	for _, id := range sorted {
		var table schema.ID
		if id.Parent != "" {
			table = tableOf(id)
		}
		s := step(table)
		if n := len(s.Up); n > 0 && id.Kind == schema.KindTable && s.Up[n-1].Object.Kind == schema.KindTable {
			s.Up[n-1].SQL += ", " + id.SQL() // with a parent its partitions go, which are in the trash as well
		} else {
			s.Up = append(s.Up, statement(id, emptySQL(id)))
		}
		if id.Kind == schema.KindTable || id.Kind == schema.KindColumn {
			s.Loses = append(s.Loses, id)
		}
	}
	for i := range steps {
		steps[i].Title = "empty the trash"
		if steps[i].Table != (schema.ID{}) {
			steps[i].Title += " of " + steps[i].Table.String()
		}
	}
	return slices.DeleteFunc(steps, func(s planner.Step) bool { return len(s.Up) == 0 })
}

// emptyRank orders what stands on something else before it. Functions come after every trigger, in the last step.
func emptyRank(id schema.ID) int {
	return slices.Index([]schema.Kind{schema.KindTrigger, schema.KindColumn, schema.KindFunction, schema.KindTable,
		schema.KindComposite, schema.KindDomain, schema.KindEnum, schema.KindSchema}, id.Kind)
}

func emptySQL(id schema.ID) string {
	switch id.Kind {
	case schema.KindTrigger:
		return "DROP TRIGGER " + schema.Quote(id.Name) + " ON " + tableOf(id).SQL()
	case schema.KindColumn:
		return alterTable(tableOf(id)) + "DROP COLUMN " + schema.Quote(id.Name)
	case schema.KindFunction:
		return "DROP FUNCTION " + id.SQL()
	case schema.KindDomain:
		return "DROP DOMAIN " + id.SQL()
	case schema.KindEnum, schema.KindComposite:
		return "DROP TYPE " + id.SQL()
	case schema.KindSchema:
		return "DROP SCHEMA " + schema.Quote(id.Name)
	}
	return "DROP TABLE " + id.SQL()
}
