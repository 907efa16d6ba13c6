package lint

import (
	"strings"

	"github.com/pleatdb/pleat/schema"
	"github.com/pleatdb/pleat/schema/sqltext"
)

// load takes over a catalog.
func (w *world) load(c *schema.Catalog) {
	for _, id := range c.IDs() {
		switch o := c.Get(id).(type) {
		case *schema.Table:
			w.loadTable(o)
		case *schema.View:
			w.views[schema.Name{Schema: o.Schema, Name: o.Name}] = &view{}
		case *schema.Materialized:
			w.views[schema.Name{Schema: o.Schema, Name: o.Name}] = &view{materialized: true}
		case *schema.Domain:
			w.domains[schema.Name{Schema: o.Schema, Name: o.Name}] = &domain{base: sqltext.TypeOf(o.Type), constrained: o.NotNull}
		case *schema.Function:
			w.functions[schema.Name{Schema: o.Schema, Name: o.Name}] = strings.ToLower(o.Volatility)
		}
	}
	for _, id := range c.IDs() {
		w.loadPart(c, id)
	}
	w.loadUses(c)
}

func (w *world) loadTable(o *schema.Table) {
	t := w.table(schema.Name{Schema: o.Schema, Name: o.Name})
	t.known, t.unlogged, t.partitioned = true, o.Unlogged, o.Partition != nil
	if o.Partition != nil {
		for _, e := range o.Partition.Elements {
			t.keys = append(t.keys, e.Column)
		}
	}
	t.parents = append(t.parents, o.Inherits...)
	if p := o.PartitionOf; p != nil {
		t.parents, t.defaultPart = append(t.parents, p.Parent), p.Bound == "DEFAULT"
	}
	for _, c := range o.Columns {
		t.order = append(t.order, c.Name)
		t.columns[c.Name] = &column{
			text: c.Type, notNull: c.NotNull, collation: c.Collation,
			generated: c.Generated != nil, virtual: c.Generated != nil && c.Generated.Virtual,
		}
	}
}

// loadPart takes over what belongs to a table or domain.
func (w *world) loadPart(c *schema.Catalog, id schema.ID) {
	of := schema.Name{Schema: id.Schema, Name: id.Parent}
	name := schema.Name{Schema: id.Schema, Name: id.Name}
	switch o := c.Get(id).(type) {
	case *schema.DomainCheck:
		if d := w.domains[schema.Name{Schema: o.Schema, Name: o.Domain}]; d != nil {
			d.constrained = true
		}
	case *schema.Check:
		w.table(of).constraints[o.Name] = &constraint{name: o.Name, kind: "check", valid: !o.NotValid && !o.NotEnforced, expr: o.Expr}
	case *schema.ForeignKey:
		w.table(of).constraints[o.Name] = &constraint{
			name: o.Name, kind: "foreign key", columns: o.Columns, ref: o.RefTable, refColumns: o.RefColumns, valid: !o.NotValid && !o.NotEnforced,
		}
	case *schema.PrimaryKey:
		w.loadKey(of, "primary key", name, o.Columns, o.Index.AttachedTo)
	case *schema.Unique:
		w.loadKey(of, "unique", name, o.Columns, o.Index.AttachedTo)
	case *schema.Exclude:
		w.table(of).constraints[o.Name] = &constraint{name: o.Name, kind: "exclude", valid: true}
		w.indexes[name] = &index{name: name, table: of, constraint: true}
	case *schema.Index:
		w.loadIndex(c, o)
	}
}

func (w *world) loadKey(of schema.Name, kind string, name schema.Name, columns []string, attachedTo string) {
	t := w.table(of)
	t.constraints[name.Name] = &constraint{name: name.Name, kind: kind, columns: columns, valid: true}
	i := &index{name: name, table: of, unique: true, columns: columns, constraint: true}
	if attachedTo != "" && len(t.parents) > 0 {
		i.attachedTo = schema.Name{Schema: t.parents[0].Schema, Name: attachedTo}
	}
	w.indexes[name] = i
	if kind == "primary key" {
		for _, c := range columns {
			if col := t.columns[c]; col != nil {
				col.notNull = true
			}
		}
	}
}

func (w *world) loadIndex(c *schema.Catalog, o *schema.Index) {
	i := &index{
		name: schema.Name{Schema: o.Schema, Name: o.Name}, table: schema.Name{Schema: o.Schema, Name: o.Table},
		unique: o.Unique, partial: o.Where != "", invalid: o.Invalid,
	}
	if o.AttachedTo != nil {
		i.attachedTo = *o.AttachedTo
	}
	for _, e := range o.Elements {
		i.columns = append(i.columns, e.Column)
		i.expressions = i.expressions || e.Expr != ""
	}
	if i.partial || i.expressions {
		for _, need := range c.DependsOn(o.ID()) {
			if need.Kind == schema.KindColumn && need.Parent == o.Table {
				i.uses = append(i.uses, need.Name)
			}
		}
	}
	w.indexes[i.name] = i
}

// useKinds are the words for what can depend on a column and is neither an index nor a constraint.
var useKinds = map[schema.Kind]string{
	schema.KindView: "view", schema.KindMaterialized: "materialized view", schema.KindPolicy: "policy", schema.KindTrigger: "trigger",
	schema.KindRule: "rule", schema.KindFunction: "function", schema.KindProcedure: "procedure", schema.KindColumn: "generated column",
}

// loadUses takes over who needs which column.
func (w *world) loadUses(c *schema.Catalog) {
	neededBy := c.NeededBy()
	for _, t := range w.tables {
		for _, name := range t.order {
			for _, id := range neededBy[schema.ColumnID(tableID(t.name), name)] {
				w.loadUse(c, t, name, id)
			}
		}
	}
}

func (w *world) loadUse(c *schema.Catalog, t *table, name string, id schema.ID) {
	switch id.Kind {
	case schema.KindCheck:
		if k := t.constraints[id.Name]; k != nil && id.Parent == t.name.Name {
			k.columns = append(k.columns, name)
		}
		return
	case schema.KindUnmanaged:
		o := c.Get(id).(*schema.Unmanaged)
		t.uses = append(t.uses, use{kind: o.What, name: o.Name, columns: []string{name}})
		return
	}
	kind := useKinds[id.Kind]
	if kind == "" || id.Kind == schema.KindColumn && (id.Parent != t.name.Name || id.Schema != t.name.Schema || id.Name == name) {
		return
	}
	t.uses = append(t.uses, use{kind: kind, name: id.Name, columns: []string{name}})
}
