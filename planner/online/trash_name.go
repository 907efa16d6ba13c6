package online

import (
	"maps"
	"slices"

	"github.com/pleatdb/pleat/planner"
	"github.com/pleatdb/pleat/schema"
)

// trashNames gives names in the trash, each once: one day may see two drops of the same name, and a name that is cut may be
// that of another.
type trashNames struct {
	today string
	taken map[schema.ID]bool
	// columns and routines are the names that were given.
	columns, routines map[schema.ID]string
}

func newTrashNames(opts Options) *trashNames {
	n := &trashNames{today: opts.Today, taken: maps.Clone(opts.Taken), columns: map[schema.ID]string{}, routines: map[schema.ID]string{}}
	if n.taken == nil {
		n.taken = map[schema.ID]bool{}
	}
	return n
}

// first is the first name that is not taken.
func first(name func(n int) string, taken func(name string) bool) string {
	for n := 1; ; n++ {
		if s := name(n); !taken(s) {
			return s
		}
	}
}

// column is the name of a column in the trash, the same each time.
func (t *trashNames) column(id schema.ID) string {
	if name, ok := t.columns[id]; ok {
		return name
	}
	name := first(func(n int) string { return schema.TrashColumn(t.today, id.Name, n) }, func(name string) bool {
		return t.taken[schema.ColumnID(tableOf(id), name)] || t.taken[schema.ID{Kind: schema.KindColumn, Name: name}]
	})
	t.columns[id] = name
	t.taken[schema.ColumnID(tableOf(id), name)] = true
	return name
}

// routine is the name of the trigger and the function that keep a column in the trash up to date, the same each time.
func (t *trashNames) routine(column schema.ID) string {
	if name, ok := t.routines[column]; ok {
		return name
	}
	function := func(name string) schema.ID {
		return schema.ID{Kind: schema.KindFunction, Schema: column.Schema, Name: name}
	}
	name := first(func(n int) string { return schema.TrashRoutine(t.today, column.Parent+"_"+column.Name, n) }, func(name string) bool {
		trigger := schema.ID{Kind: schema.KindTrigger, Schema: column.Schema, Parent: column.Parent, Name: name}
		return t.taken[function(name)] || t.taken[trigger] || t.taken[schema.ID{Kind: schema.KindFunction, Name: name}]
	})
	t.routines[column] = name
	t.taken[function(name)] = true
	return name
}

// schemaFor is the schema of the trash that has room for all of the names.
func (t *trashNames) schemaFor(names []string) string {
	in := func(trash, name string) schema.ID {
		return schema.ID{Kind: schema.KindTable, Schema: trash, Name: name}
	}
	trash := first(func(n int) string { return schema.TrashSchema(t.today, n) }, func(trash string) bool {
		return t.taken[schema.ID{Kind: schema.KindSchema, Name: trash}] ||
			slices.ContainsFunc(names, func(name string) bool { return t.taken[in(trash, name)] })
	})
	for _, name := range names {
		t.taken[in(trash, name)] = true
	}
	return trash
}

// sequence is the name of a sequence that belongs to a column in the trash.
func (t *trashNames) sequence(id schema.ID) string {
	aside := id
	aside.Name = first(func(n int) string { return schema.TrashColumn(t.today, id.Name, n) }, func(name string) bool {
		aside.Name = name
		return t.taken[aside] || t.taken[schema.ID{Kind: schema.KindColumn, Name: name}]
	})
	t.taken[aside] = true
	return aside.Name
}

// sequencesOf lists the sequences that live and die with a column.
func (r *route) sequencesOf(id schema.ID) []schema.ID {
	var out []schema.ID
	for _, x := range belongings(r.cur, id) {
		if x.Kind == schema.KindSequence {
			out = append(out, x)
		}
	}
	if col := column(r.cur, id); col != nil && col.Identity != nil {
		out = append(out, schema.ID{Kind: schema.KindSequence, Schema: id.Schema, Name: col.Identity.Sequence})
	}
	return out
}

// namesWith lists the names that go along when a table moves to another schema: its own and those of its row type's array, its
// indexes and its sequences (ALTER TABLE documentation, "SET SCHEMA").
func (r *route) namesWith(table schema.ID) []string {
	names := []string{table.Name, schema.Shorten("_" + table.Name)}
	for _, column := range r.cur.Columns(table) {
		for _, s := range r.sequencesOf(column) {
			names = append(names, s.Name)
		}
	}
	for _, id := range membersOf(r.cur, table) {
		if nameOf(id) != (schema.ID{}) {
			names = append(names, id.Name)
		}
	}
	return names
}

// freeNotNull renames the NOT NULL constraint that a column takes into the trash, so that its name is free for another column. Such
// constraints have names since 18 (release notes), and do not follow their column; one with a name of its own, which nobody manages, is in
// nobody's way.
func (r *route) freeNotNull(id schema.ID, trash string, step *planner.Step) {
	if r.opts.Major < 18 || slices.ContainsFunc(r.cur.IDs(), func(x schema.ID) bool {
		return x.Kind == schema.KindUnmanaged && x.Schema == id.Schema && x.Parent == id.Parent && x.Name == id.Name
	}) {
		return
	}
	from, to := objectName(id.Parent, id.Name, "not_null"), objectName(id.Parent, trash, "not_null")
	rename := func(from, to string) planner.Statement {
		return statement(id, alterTable(tableOf(id))+"RENAME CONSTRAINT "+schema.Quote(from)+" TO "+schema.Quote(to))
	}
	step.Up, step.Down = append(step.Up, rename(from, to)), append([]planner.Statement{rename(to, from)}, step.Down...)
}
