package lint

import (
	"slices"
	"strings"

	"github.com/pleatdb/pleat/schema"
	"github.com/pleatdb/pleat/schema/sqltext"
)

// apply follows what a statement does.
func (w *world) apply(f sqltext.Fact) {
	if !f.Known || len(f.Objects) == 0 && f.Command != sqltext.SetVariable {
		return
	}
	switch f.Command {
	case sqltext.CreateTable, sqltext.CreateTableAs, sqltext.AlterTable, sqltext.DropObjects, sqltext.RenameObject, sqltext.SetSchema:
		defer w.forgetChildren()
	}
	switch f.Command {
	case sqltext.CreateTable:
		w.createTable(f)
	case sqltext.CreateTableAs, sqltext.CreateView:
		w.createView(f)
	case sqltext.CreateIndex:
		w.createIndex(f)
	case sqltext.AlterTable:
		for _, a := range f.Actions {
			w.alter(f, a)
		}
	case sqltext.CreateDomain:
		c := f.Table.Columns[0]
		w.domains[w.resolve(f.Objects[0].Name)] = &domain{base: c.Type, constrained: c.NotNull || len(c.Constraints) > 0}
		w.mark(schema.KindDomain, f.Objects[0].Name)
	case sqltext.CreateType:
		w.mark(schema.KindEnum, f.Objects[0].Name)
	case sqltext.CreateSchema:
		w.fresh[schema.ID{Kind: schema.KindSchema, Name: f.Objects[0].Name.Name}] = w.file
	case sqltext.AlterDomain:
		if d := w.domains[w.resolve(f.Objects[0].Name)]; d != nil && (f.Actions[0].Do == sqltext.AddConstraint || f.Actions[0].Do == sqltext.SetNotNull) {
			d.constrained = true
		}
	case sqltext.CreateFunction:
		w.functions[w.resolve(f.Objects[0].Name)] = f.Value
	case sqltext.CreateTrigger:
		t := w.table(w.resolve(f.Objects[0].Of))
		t.uses = append(t.uses, use{"trigger", f.Objects[0].Name.Name, append(slices.Clone(f.Trigger.UpdateOf), f.Trigger.When...)})
	case sqltext.CreatePolicy:
		t := w.table(w.resolve(f.Objects[0].Of))
		t.uses = append(t.uses, use{"policy", f.Objects[0].Name.Name, f.Query.Columns})
	case sqltext.CreateStatistics:
		t := w.table(w.resolve(f.Objects[0].Of))
		t.uses = append(t.uses, use{"statistics", f.Objects[0].Name.Name, f.Query.Columns})
	case sqltext.DropObjects:
		for _, o := range f.Objects {
			w.drop(o)
		}
	case sqltext.RenameObject:
		w.rename(f)
	case sqltext.SetSchema:
		if f.Objects[0].Kind == "table" {
			old := w.resolve(f.Objects[0].Name)
			w.moveTable(old, schema.Name{Schema: f.NewName, Name: old.Name})
		}
	case sqltext.SetVariable:
		if f.Setting.Name == "search_path" && f.Setting.Value != "" {
			w.searchPath(f.Setting.Value)
		}
	}
}

// searchPath takes the first schema of a search_path that is a name.
func (w *world) searchPath(path string) {
	for part := range strings.SplitSeq(path, ",") {
		if part = strings.TrimSpace(part); part != "" && part != "$user" {
			w.schema = part
			return
		}
	}
}

func (w *world) mark(kind schema.Kind, n sqltext.Name) {
	name := w.resolve(n)
	w.fresh[schema.ID{Kind: kind, Schema: name.Schema, Name: name.Name}] = w.file
}

func (w *world) createTable(f sqltext.Fact) {
	name := w.resolve(f.Objects[0].Name)
	if f.IfNotExists && w.tables[name] != nil {
		return
	}
	t := &table{
		name: name, kind: schema.KindTable, made: w.file, known: len(f.Table.Like) == 0 && len(f.Table.Inherits) == 0 && f.Table.PartitionOf == nil,
		partitioned: f.Table.Partitioned, keys: f.Table.KeyColumns, defaultPart: f.Table.Default,
		columns: map[string]*column{}, constraints: map[string]*constraint{},
	}
	w.tables[name] = t
	for _, p := range f.Table.Inherits {
		t.parents = append(t.parents, w.resolve(p))
	}
	if p := f.Table.PartitionOf; p != nil {
		parent := w.table(w.resolve(*p))
		t.parents = append(t.parents, parent.name)
		for _, c := range parent.order {
			copied := *parent.columns[c]
			t.columns[c], t.order = &copied, append(t.order, c)
		}
	}
	for i := range f.Table.Columns {
		w.addColumn(t, &f.Table.Columns[i])
	}
	for i := range f.Table.Constraints {
		w.addConstraint(t, &f.Table.Constraints[i])
	}
}

func (w *world) addColumn(t *table, c *sqltext.ColumnFact) {
	if t.columns[c.Name] == nil {
		t.order = append(t.order, c.Name)
	}
	t.columns[c.Name] = &column{
		typ: c.Type, typed: true, made: w.file, notNull: c.NotNull || c.Type.Serial(), generated: c.Generated != nil, virtual: c.Virtual, collation: c.Collation,
	}
	if c.Generated != nil {
		t.uses = append(t.uses, use{"generated column", c.Name, c.Generated.Columns})
	}
	for i := range c.Constraints {
		w.addConstraint(t, &c.Constraints[i])
	}
}

// addConstraint adds a constraint under the name that PostgreSQL chooses where none is given.
func (w *world) addConstraint(t *table, k *sqltext.ConstraintFact) {
	name := constraintName(t, k)
	added := &constraint{name: name, kind: k.Kind, columns: k.Columns, valid: !k.NotValid && !k.NotEnforced, proves: k.Proves, made: w.file}
	t.constraints[name] = added
	iname := schema.Name{Schema: t.name.Schema, Name: name}
	switch k.Kind {
	case "foreign key":
		added.ref, added.refColumns = w.resolve(k.References), k.RefColumns
	case "unique", "primary key", "exclude":
		if using := (schema.Name{Schema: t.name.Schema, Name: k.UsingIndex}); k.UsingIndex != "" && w.indexes[using] != nil {
			i := w.indexes[using]
			added.columns, i.constraint = i.columns, true
			delete(w.indexes, using)
			i.name = iname
			w.indexes[iname] = i
		} else {
			w.indexes[iname] = &index{name: iname, table: t.name, unique: k.Kind != "exclude", columns: k.Columns, constraint: true, made: w.file}
		}
	}
	for _, c := range added.columns {
		col := t.columns[c]
		switch {
		case col == nil:
		case k.Kind == "primary key", k.Kind == "not null" && !k.NotValid:
			col.notNull = true
		case k.Kind == "not null":
			col.notNull, col.unproven = true, true
		}
	}
}

// constraintName is the name that PostgreSQL chooses (ChooseConstraintName); long ones are cut in another way.
func constraintName(t *table, k *sqltext.ConstraintFact) string {
	if k.Name != "" {
		return k.Name
	}
	if k.UsingIndex != "" {
		return k.UsingIndex
	}
	parts := append([]string{t.name.Name}, k.Columns...)
	switch k.Kind {
	case "primary key":
		return t.name.Name + "_pkey"
	case "unique":
		return strings.Join(append(parts, "key"), "_")
	case "exclude":
		return strings.Join(append(parts, "excl"), "_")
	case "foreign key":
		return strings.Join(append(parts, "fkey"), "_")
	case "not null":
		return strings.Join(append(parts, "not_null"), "_")
	}
	if len(k.Columns) != 1 {
		return t.name.Name + "_check"
	}
	return strings.Join(append(parts, "check"), "_")
}

func (w *world) createIndex(f sqltext.Fact) {
	t := w.resolve(f.Objects[0].Of)
	i := &index{
		name: w.indexName(f), table: t, unique: f.Index.Unique, columns: f.Index.Columns, uses: f.Index.Uses, partial: f.Index.Partial,
		expressions: slices.Contains(f.Index.Columns, ""), made: w.file,
	}
	if w.indexes[i.name] == nil || !f.IfNotExists {
		w.indexes[i.name] = i
	}
}

// indexName is the name of the index that CREATE INDEX makes.
func (w *world) indexName(f sqltext.Fact) schema.Name {
	t := w.resolve(f.Objects[0].Of)
	name := f.Objects[0].Name.Name
	if name == "" {
		parts := []string{t.Name}
		for _, c := range f.Index.Columns {
			if c == "" {
				c = "expr"
			}
			parts = append(parts, c)
		}
		name = strings.Join(append(parts, "idx"), "_")
	}
	return schema.Name{Schema: t.Schema, Name: name}
}

func (w *world) createView(f sqltext.Fact) {
	name := w.resolve(f.Objects[0].Name)
	if f.Objects[0].Kind == "table" {
		w.tables[name] = &table{name: name, kind: schema.KindTable, made: w.file, columns: map[string]*column{}, constraints: map[string]*constraint{}}
		return
	}
	if w.views[name] == nil {
		w.fresh[tableID(name)] = w.file
	}
	v := &view{materialized: f.Objects[0].Kind == "materialized view", columns: f.Query.Columns}
	kind := "view"
	if v.materialized {
		kind = "materialized view"
	}
	for _, r := range f.Query.Reads {
		read := w.resolve(r)
		v.reads = append(v.reads, read)
		if t := w.tables[read]; t != nil {
			columns := f.Query.Columns
			if f.Query.Star {
				columns = slices.Concat(columns, t.order)
			}
			t.uses = append(t.uses, use{kind, name.Name, columns})
		}
	}
	w.views[name] = v
}
