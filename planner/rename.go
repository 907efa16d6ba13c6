package planner

import (
	"reflect"
	"slices"
	"strings"

	"github.com/pleatdb/pleat/schema"
)

// LikelyRenames finds drops and creations in one plan that together look like a rename that nobody declared, and would
// lose rows: a table with the same columns as one that goes, or a column of the same type as one that goes from the
// same table, where the pair is the only one of its kind. pleat never acts on such a guess.
func LikelyRenames(from, to *schema.Catalog) []Move {
	var out []Move
	var gone, made []*schema.Table
	for _, id := range from.IDs() {
		if id.Kind != schema.KindTable {
			continue
		}
		before := from.Get(id).(*schema.Table)
		if after, ok := to.Get(id).(*schema.Table); ok {
			out = append(out, likelyColumns(before, after)...)
		} else {
			gone = append(gone, before)
		}
	}
	for _, id := range to.IDs() {
		if t, ok := to.Get(id).(*schema.Table); ok && from.Get(id) == nil {
			made = append(made, t)
		}
	}
	return append(out, pairs(gone, made, alike, (*schema.Table).ID)...)
}

// likelyColumns compares the columns that go with those that come. Inherited ones follow their parent's.
func likelyColumns(before, after *schema.Table) []Move {
	var gone, made []schema.Column
	for _, c := range before.Columns {
		if after.Column(c.Name) == nil && !c.Inherited && c.Generated == nil {
			gone = append(gone, c)
		}
	}
	for _, c := range after.Columns {
		if before.Column(c.Name) == nil && !c.Inherited && c.Generated == nil {
			made = append(made, c)
		}
	}
	id := func(c schema.Column) schema.ID { return schema.ColumnID(after.ID(), c.Name) }
	return pairs(gone, made, alikeColumns, id)
}

// alikeColumns reports whether one column could be the other under a new name: all but the name is the same.
func alikeColumns(a, b schema.Column) bool {
	a.Name, b.Name = "", ""
	if a.Identity != nil && b.Identity != nil {
		ia, ib := *a.Identity, *b.Identity
		ia.Sequence, ib.Sequence = "", ""
		a.Identity, b.Identity = &ia, &ib
	}
	return reflect.DeepEqual(a, b)
}

// alike reports whether one table could be the other under a new name or in another schema: the same columns, at
// least two of them or the same name.
func alike(a, b *schema.Table) bool {
	if a.PartitionOf != nil || b.PartitionOf != nil || len(a.Columns) == 0 || len(a.Columns) != len(b.Columns) {
		return false
	}
	columns := func(t *schema.Table) []string {
		out := make([]string, len(t.Columns))
		for i, c := range t.Columns {
			out[i] = c.Name + " " + c.Type
		}
		slices.SortFunc(out, strings.Compare)
		return out
	}
	return (len(a.Columns) > 1 || a.Name == b.Name) && slices.Equal(columns(a), columns(b))
}

// pairs lists those that have exactly one partner on the other side.
func pairs[T any](gone, made []T, same func(a, b T) bool, id func(T) schema.ID) []Move {
	var out []Move
	for _, g := range gone {
		var partners []T
		for _, m := range made {
			if same(g, m) {
				partners = append(partners, m)
			}
		}
		if len(partners) != 1 {
			continue
		}
		rivals := 0
		for _, other := range gone {
			if same(other, partners[0]) {
				rivals++
			}
		}
		if rivals == 1 {
			out = append(out, Move{id(g), id(partners[0])})
		}
	}
	return out
}

// SafeRenames finds constraints and indexes that go and come with nothing but another name. Renaming them touches no rows
// and loses nothing, so it needs no declaration; building them again would.
func SafeRenames(from, to *schema.Catalog) []Move {
	var gone, made []schema.Object
	for _, id := range from.IDs() {
		if renamable(id) && to.Get(id) == nil && to.Get(tableOf(id)) != nil {
			gone = append(gone, from.Get(id))
		}
	}
	for _, id := range to.IDs() {
		if renamable(id) && from.Get(id) == nil {
			made = append(made, to.Get(id))
		}
	}
	same := func(a, b schema.Object) bool {
		x, y := a.ID(), b.ID()
		return x.Kind == y.Kind && tableOf(x) == tableOf(y) && Equal(nameless(a), nameless(b))
	}
	return pairs(gone, made, same, schema.Object.ID)
}

func renamable(id schema.ID) bool { return id.Kind.IsConstraint() || id.Kind == schema.KindIndex }

func tableOf(id schema.ID) schema.ID {
	return schema.ID{Kind: schema.KindTable, Schema: id.Schema, Name: id.Parent}
}

// nameless copies a constraint or index without its name.
func nameless(o schema.Object) schema.Object {
	switch c := o.(type) {
	case *schema.PrimaryKey:
		probe := *c
		probe.Name = ""
		return &probe
	case *schema.Unique:
		probe := *c
		probe.Name = ""
		return &probe
	case *schema.Exclude:
		probe := *c
		probe.Name = ""
		return &probe
	case *schema.Check:
		probe := *c
		probe.Name = ""
		return &probe
	case *schema.ForeignKey:
		probe := *c
		probe.Name = ""
		return &probe
	case *schema.Index:
		probe := *c
		probe.Name = ""
		return &probe
	}
	return o
}
