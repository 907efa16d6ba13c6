package online

import (
	"slices"

	"github.com/pleatdb/pleat/schema"
)

// edit lets f change a copy of the table.
func edit(c *schema.Catalog, table schema.ID, f func(*schema.Table)) {
	t := *c.Get(table).(*schema.Table)
	t.Columns = slices.Clone(t.Columns)
	f(&t)
	c.Add(&t)
}

// editColumn lets f change a copy of the column.
func editColumn(c *schema.Catalog, column schema.ID, f func(*schema.Column)) {
	edit(c, tableOf(column), func(t *schema.Table) {
		if col := t.Column(column.Name); col != nil {
			f(col)
		}
	})
}

// column finds a column of a table, or nil.
func column(c *schema.Catalog, id schema.ID) *schema.Column {
	t, ok := c.Get(tableOf(id)).(*schema.Table)
	if !ok {
		return nil
	}
	return t.Column(id.Name)
}

// addColumn puts a column at the end of its table, with what it needs there.
func addColumn(c *schema.Catalog, table schema.ID, col schema.Column, needs []schema.ID) {
	edit(c, table, func(t *schema.Table) { t.Columns = append(t.Columns, col) })
	for _, need := range needs {
		c.Depend(schema.ColumnID(table, col.Name), need)
	}
}

// dropColumn takes a column out, and what belongs to it alone: its default, comment, rights, and the sequence that it owns.
func dropColumn(c *schema.Catalog, id schema.ID) {
	for _, x := range belongings(c, id) {
		c.Remove(x)
	}
	edit(c, tableOf(id), func(t *schema.Table) {
		t.Columns = slices.DeleteFunc(t.Columns, func(col schema.Column) bool { return col.Name == id.Name })
	})
}

// belongings lists what lives and dies with a column and has no use without it.
func belongings(c *schema.Catalog, column schema.ID) []schema.ID {
	var out []schema.ID
	for _, x := range c.NeededBy()[column] {
		switch o := c.Get(x).(type) {
		case *schema.Comment, *schema.Grant:
			out = append(out, x)
		case *schema.Default:
			if o.Column == column.Name {
				out = append(out, x)
			}
		case *schema.Sequence:
			if o.OwnedBy != nil && o.OwnedBy.ID() == column {
				out = append(append(out, x), attachments(c, x)...)
			}
		}
	}
	return out
}

// attachments lists comment, owner and rights of an object, and those of the columns of a view, which come and go with it.
func attachments(c *schema.Catalog, id schema.ID) []schema.ID {
	targets := []schema.ID{id}
	if id.Kind == schema.KindView || id.Kind == schema.KindMaterialized {
		targets = append(targets, c.Columns(id)...)
	}
	var out []schema.ID
	for _, target := range targets {
		for _, x := range c.NeededBy()[target] {
			if x.Kind.IsAttachment() && x.Target() == target || x.Kind == schema.KindDefault && target != id {
				out = append(out, x)
			}
		}
	}
	return out
}

// membersOf lists what belongs to a table: columns' defaults, constraints, indexes, triggers, policies, rules, attachments.
func membersOf(c *schema.Catalog, table schema.ID) []schema.ID {
	var out []schema.ID
	for _, id := range c.IDs() {
		owner, ok := c.Owner(id)
		if ok && owner == table {
			out = append(out, id)
		} else if ok && id.Kind.IsAttachment() && owner != table {
			if above, ok := c.Owner(owner); ok && above == table {
				out = append(out, id)
			}
		}
	}
	return out
}

// dependents lists what needs any of the objects or columns, directly or not, itself and columns left out.
func dependents(c *schema.Catalog, roots ...schema.ID) []schema.ID {
	seen, out := map[schema.ID]bool{}, []schema.ID{}
	for _, root := range roots {
		seen[root] = true
	}
	by := c.NeededBy()
	for stack := slices.Clone(roots); len(stack) > 0; {
		id := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		for _, x := range by[id] {
			if seen[x] {
				continue
			}
			seen[x] = true
			stack = append(stack, x)
			if x.Kind != schema.KindColumn {
				out = append(out, x)
				stack = append(stack, c.Columns(x)...)
			} else if owner, ok := c.Owner(x); ok && owner.Kind != schema.KindTable && !seen[owner] {
				seen[owner] = true
				out, stack = append(out, owner), append(stack, owner)
			}
		}
	}
	slices.SortFunc(out, schema.ID.Compare)
	return out
}

// putWith copies an object with what is attached to it.
func putWith(c, from *schema.Catalog, id schema.ID) {
	c.Put(from, id)
	for _, x := range attachments(from, id) {
		c.Put(from, x)
	}
}

// removeWith takes out an object with what is attached to it.
func removeWith(c *schema.Catalog, id schema.ID) {
	for _, x := range attachments(c, id) {
		c.Remove(x)
	}
	c.Remove(id)
}
