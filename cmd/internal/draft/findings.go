package draft

import (
	"errors"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/pleatdb/pleat/inspect/shadow"
	"github.com/pleatdb/pleat/planner"
	"github.com/pleatdb/pleat/schema"
	"github.com/pleatdb/pleat/schema/hclfile"
)

// findings are what declarations and failed proofs say about the two directions of a plan.
type findings struct {
	up, down planner.Findings
	tried    map[string]bool
	// late are tables whose place as a partition is taken until the contract.
	late map[schema.ID]bool
}

func newFindings(converts map[schema.ID]hclfile.Convert) *findings {
	f := &findings{
		up:    planner.Findings{Casts: map[schema.ID]string{}, Rebuild: map[schema.ID]bool{}},
		down:  planner.Findings{Casts: map[schema.ID]string{}, Rebuild: map[schema.ID]bool{}},
		tried: map[string]bool{},
		late:  map[schema.ID]bool{},
	}
	for id, convert := range converts {
		if convert.Using != "" {
			f.up.Casts[id] = convert.Using
		}
		if convert.Reverse != "" {
			f.down.Casts[id] = convert.Reverse
		}
	}
	return f
}

// learn takes in why a proof failed and reports whether another plan is worth a try. Each lesson counts once.
func (f *findings) learn(err error, from, to *schema.Catalog) bool {
	var oe *shadow.ObjectError
	var pg *pgconn.PgError
	if !errors.As(err, &oe) || !errors.As(err, &pg) {
		return false
	}
	side, goal := &f.up, to
	if oe.Down {
		side, goal = &f.down, from
	}
	lesson := pg.Code + " " + oe.Object.String()
	if oe.Down {
		lesson += " down"
	}
	if f.tried[lesson] {
		return false
	}
	f.tried[lesson] = true
	switch {
	case isPartition(to, oe.Object) && !oe.Down && pg.Code == "42P17": // invalid_object_definition: the bounds overlap others
		f.late[oe.Object] = true
		return true
	case oe.Object.Kind == schema.KindColumn && pg.Code == "42804": // datatype_mismatch: no assignment cast
		side.Casts[oe.Object] = castOf(goal, oe.Object, "")
	case oe.Object.Kind == schema.KindColumn && pg.Code == "42846": // cannot_coerce: no cast at all
		side.Casts[oe.Object] = castOf(goal, oe.Object, "::text")
	case oe.Object.Kind == schema.KindExtension && pg.Code == "22023": // no update path between two versions
		side.Rebuild[oe.Object] = true
	default:
		return false
	}
	return side.Casts[oe.Object] != "" || side.Rebuild[oe.Object]
}

// castOf is the explicit cast of a column to its type in the goal.
func castOf(goal *schema.Catalog, column schema.ID, through string) string {
	owner, _ := goal.Owner(column)
	t, ok := goal.Get(owner).(*schema.Table)
	if !ok || t.Column(column.Name) == nil {
		return ""
	}
	return schema.Quote(column.Name) + through + "::" + t.Column(column.Name).Type
}
