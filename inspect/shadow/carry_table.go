package shadow

import (
	"reflect"

	"github.com/pleatdb/pleat/schema"
)

// table fills in the columns of a table: the names of identity sequences, and the inherited columns about which the
// files say nothing.
func (c *carrier) table(live *schema.Table, desired schema.Table) {
	columns := make([]schema.Column, 0, len(desired.Columns))
	for _, column := range desired.Columns {
		if was := live.Column(column.Name); was != nil {
			column = fillColumn(was, column)
		}
		columns = append(columns, column)
	}
	desired.Columns = columns
	if c.sameParents(live, &desired) {
		desired.Columns = c.inheritedColumns(live, &desired)
	}
	c.out.Add(&desired)
}

func fillColumn(live *schema.Column, column schema.Column) schema.Column {
	if column.Identity != nil && live.Identity != nil && column.Identity.Sequence == "" {
		filled := *column.Identity
		filled.Sequence = live.Identity.Sequence
		column.Identity = &filled
	}
	return column
}

// inheritedColumns is the live list of columns, with what the files say about some of them, followed by new ones.
func (c *carrier) inheritedColumns(live, desired *schema.Table) []schema.Column {
	var out []schema.Column
	for _, was := range live.Columns {
		stated := desired.Column(was.Name)
		switch {
		case stated == nil && was.Inherited:
			out = append(out, c.resetToParent(desired, was))
		case stated == nil:
		case stated.Inherited && stated.Type == "":
			out = append(out, mergeStated(was, *stated))
		default:
			out = append(out, *stated)
		}
	}
	for _, column := range desired.Columns {
		if live.Column(column.Name) == nil {
			out = append(out, column)
		}
	}
	return out
}

// resetToParent is an inherited column that the files do not mention: what it had of its own is no longer wanted.
func (c *carrier) resetToParent(t *schema.Table, column schema.Column) schema.Column {
	parent := c.parentColumn(t, column.Name)
	if parent == nil {
		return column
	}
	column.NotNull = parent.NotNull
	column.Storage, column.Compression = parent.Storage, parent.Compression
	column.Statistics, column.Options = parent.Statistics, parent.Options
	return column
}

// mergeStated lays what the files say about an inherited column over its live state.
func mergeStated(live, stated schema.Column) schema.Column {
	live.NotNull = stated.NotNull || live.NotNull
	live.Statistics, live.Options = stated.Statistics, stated.Options
	live.Storage, live.Compression = stated.Storage, stated.Compression
	return live
}

func (c *carrier) parentColumn(t *schema.Table, name string) *schema.Column {
	for _, parent := range parentsOf(t) {
		if pt, ok := c.out.Get(parent).(*schema.Table); ok {
			if column := pt.Column(name); column != nil {
				return column
			}
		}
	}
	return nil
}

func parentsOf(t *schema.Table) []schema.ID {
	names := t.Inherits
	if t.PartitionOf != nil {
		names = []schema.Name{t.PartitionOf.Parent}
	}
	ids := make([]schema.ID, len(names))
	for i, n := range names {
		ids[i] = schema.ID{Kind: schema.KindTable, Schema: n.Schema, Name: n.Name}
	}
	return ids
}

// sameParents reports whether the table has the same parents on both sides, with the same columns all the way up. Otherwise
// what it inherits is for the engine to say.
func (c *carrier) sameParents(live, desired *schema.Table) bool {
	if !reflect.DeepEqual(parentsOf(live), parentsOf(desired)) {
		return false
	}
	for _, id := range parentsOf(live) {
		was, ok1 := c.live.Get(id).(*schema.Table)
		is, ok2 := c.out.Get(id).(*schema.Table)
		if !ok1 || !ok2 || !sameColumns(was, is) || !c.sameParents(was, is) {
			return false
		}
	}
	return true
}

func sameColumns(a, b *schema.Table) bool {
	for _, column := range a.Columns {
		other := b.Column(column.Name)
		if other == nil && !column.Inherited || other != nil && other.Type != "" && !reflect.DeepEqual(column, fillColumn(&column, *other)) {
			return false
		}
	}
	for _, column := range b.Columns {
		if a.Column(column.Name) == nil {
			return false
		}
	}
	return true
}

// inheritedDefaults gives the inherited columns that say nothing the default of their parent's.
func (c *carrier) inheritedDefaults() {
	for again := true; again; {
		again = false
		for _, id := range c.out.IDs() {
			if t, ok := c.out.Get(id).(*schema.Table); ok && c.live.Has(id) {
				for i := range t.Columns {
					again = c.inheritedDefault(t, &t.Columns[i]) || again
				}
			}
		}
	}
}

// inheritedDefault does so for one column and reports whether it has a default now that it did not have.
func (c *carrier) inheritedDefault(t *schema.Table, column *schema.Column) bool {
	id := schema.ID{Kind: schema.KindDefault, Schema: t.Schema, Parent: t.Name, Name: column.Name}
	if !column.Inherited || column.Generated != nil || column.Identity != nil || c.noDefault[id] || c.out.Has(id) {
		return false
	}
	for _, parent := range parentsOf(t) {
		above := schema.ID{Kind: schema.KindDefault, Schema: parent.Schema, Parent: parent.Name, Name: column.Name}
		theirs, ok := c.out.Get(above).(*schema.Default)
		if !ok {
			continue
		}
		if own, ok := c.live.Get(id).(*schema.Default); ok && own.Expr == theirs.Expr {
			c.out.Put(c.live, id)
			return true
		}
		c.out.Add(&schema.Default{Schema: t.Schema, Table: t.Name, Column: column.Name, Expr: theirs.Expr})
		c.out.Depend(id, schema.ColumnID(t.ID(), column.Name))
		for _, need := range c.out.DependsOn(above) {
			if need != schema.ColumnID(parent, column.Name) {
				c.out.Depend(id, need)
			}
		}
		return true
	}
	return false
}
