package planner

import (
	"fmt"
	"slices"

	"github.com/pleatdb/pleat/schema"
)

// Move is a declared rename.
type Move struct {
	From, To schema.ID
}

// MoveError says why a declared rename cannot be honoured. A declaration that cannot be is never ignored.
type MoveError struct {
	Move   Move
	Reason string
}

func (e *MoveError) Error() string {
	return fmt.Sprintf("moved from %s to %s: %s", e.Move.From, e.Move.To, e.Reason)
}

// Moved is what declared renames come to in one database.
type Moved struct {
	// Up renames, Down takes it back, each in the order in which it runs.
	Up, Down []Statement
	// Made are the renames of Up, from and to names as they are at that moment; Done are declarations that were
	// carried out before.
	Made, Done []Move
}

// Moves turns the renames that the live state has not seen yet into statements. A chain is followed as far as it has to be.
func Moves(live, desired *schema.Catalog, moves []Move) (*Moved, error) {
	out := &Moved{}
	names := newNames(live)
	rest := slices.Clone(moves)
	slices.SortStableFunc(rest, func(a, b Move) int { return int(a.From.Kind) - int(b.From.Kind) })
	for progress := true; progress && len(rest) > 0; {
		progress = false
		for i := 0; i < len(rest); i++ {
			m := rest[i]
			from, to := names.current(m.From), m.To
			if !names.has(from) {
				continue
			}
			if names.has(to) {
				return nil, &MoveError{m, "both are in the database; drop one of them or the declaration"}
			}
			forth, back, err := moveSQL(live, from, to)
			if err != nil {
				return nil, &MoveError{m, err.Error()}
			}
			out.Up, out.Down = append(out.Up, forth...), append(back, out.Down...)
			out.Made = append(out.Made, Move{from, to})
			names.rename(from, to)
			rest = slices.Delete(rest, i, i+1)
			i--
			progress = true
		}
	}
	for _, m := range rest {
		goesOn := slices.ContainsFunc(moves, func(n Move) bool { return n.From == m.To })
		if !goesOn && !names.has(m.To) && !desired.Has(m.To) {
			return nil, &MoveError{m, "neither is in the database, and the second is not declared"}
		}
		if goesOn || names.has(m.To) {
			out.Done = append(out.Done, m)
		}
	}
	return out, nil
}

// names follows which names are taken while renames are applied one after the other.
type names struct {
	live    *schema.Catalog
	gone    map[schema.ID]bool
	taken   map[schema.ID]bool
	parents map[schema.ID]schema.ID
}

func newNames(live *schema.Catalog) *names {
	return &names{live: live, gone: map[schema.ID]bool{}, taken: map[schema.ID]bool{}, parents: map[schema.ID]schema.ID{}}
}

func (n *names) has(id schema.ID) bool {
	if n.gone[id] {
		return n.taken[id]
	}
	return n.taken[id] || n.live.Has(n.original(id))
}

// current is the ID after the renames so far of the table or schema that it belongs to.
func (n *names) current(id schema.ID) schema.ID {
	for from, to := range n.parents {
		if id.Parent != "" && id.Schema == from.Schema && id.Parent == from.Name {
			id.Schema, id.Parent = to.Schema, to.Name
		}
	}
	return id
}

// original is the inverse of current.
func (n *names) original(id schema.ID) schema.ID {
	for from, to := range n.parents {
		if id.Parent != "" && id.Schema == to.Schema && id.Parent == to.Name {
			id.Schema, id.Parent = from.Schema, from.Name
		}
	}
	return id
}

func (n *names) rename(from, to schema.ID) {
	n.gone[from], n.taken[from] = true, false
	n.taken[to] = true
	if from.Kind.IsRelation() || from.Kind == schema.KindDomain || from.Kind == schema.KindComposite {
		for original, now := range n.parents {
			if now == from {
				n.parents[original] = to
				return
			}
		}
		n.parents[from] = to
	}
}

// moveSQL renames one object, into another schema where that differs, and back.
func moveSQL(live *schema.Catalog, from, to schema.ID) (up, down []Statement, err error) {
	if from.Kind != to.Kind {
		return nil, nil, fmt.Errorf("a %s cannot become a %s", from.Kind, to.Kind)
	}
	if from.Parent != to.Parent || from.Parent != "" && from.Schema != to.Schema || from.Args != to.Args {
		return nil, nil, fmt.Errorf("a %s cannot move to another owner; only its name can change", from.Kind)
	}
	var relation schema.Kind
	if owner, ok := live.Owner(from); ok {
		relation = owner.Kind
	}
	if from.Schema != to.Schema {
		between := from
		between.Schema = to.Schema
		up = append(up, Statement{SQL: "ALTER " + renameTarget(from) + " SET SCHEMA " + schema.Quote(to.Schema), Object: to})
		down = append(down, Statement{SQL: "ALTER " + renameTarget(between) + " SET SCHEMA " + schema.Quote(from.Schema), Object: from})
		from = between
	}
	if from.Name != to.Name {
		up = append(up, Statement{SQL: renameSQL(from, to.Name, relation), Object: to})
		down = append([]Statement{{SQL: renameSQL(to, from.Name, relation), Object: from}}, down...)
	}
	return up, down, nil
}

// renameTarget writes an object that stands alone as ALTER names it.
func renameTarget(id schema.ID) string { return wordOf(id.Kind) + " " + id.SQL() }

func renameSQL(id schema.ID, name string, relation schema.Kind) string {
	owner := schema.Qualified(id.Schema, id.Parent)
	switch {
	case id.Kind == schema.KindColumn:
		word := " RENAME COLUMN "
		if relation == schema.KindComposite {
			word = " RENAME ATTRIBUTE "
		}
		return "ALTER " + relationWord(relation) + " " + owner + word + schema.Quote(id.Name) + " TO " + schema.Quote(name)
	case id.Kind == schema.KindDomainCheck:
		return "ALTER DOMAIN " + owner + " RENAME CONSTRAINT " + schema.Quote(id.Name) + " TO " + schema.Quote(name)
	case id.Kind.IsConstraint():
		return "ALTER TABLE " + owner + " RENAME CONSTRAINT " + schema.Quote(id.Name) + " TO " + schema.Quote(name)
	case id.Kind == schema.KindTrigger, id.Kind == schema.KindPolicy, id.Kind == schema.KindRule:
		return "ALTER " + wordOf(id.Kind) + " " + schema.Quote(id.Name) + " ON " + owner + " RENAME TO " + schema.Quote(name)
	}
	return "ALTER " + renameTarget(id) + " RENAME TO " + schema.Quote(name)
}
