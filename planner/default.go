package planner

import (
	"slices"

	"github.com/pleatdb/pleat/schema"
)

var defaultRules = kindRules{
	create: func(p *planning, o schema.Object) []string {
		d := o.(*schema.Default)
		return []string{p.defaultPrefix(p.to, d) + " SET DEFAULT " + d.Expr}
	},
	drop: func(p *planning, o schema.Object) []string {
		return []string{p.defaultPrefix(p.from, o.(*schema.Default)) + " DROP DEFAULT"}
	},
	replaces: func(*planning, schema.Object, schema.Object) bool { return false },
	alter: func(p *planning, _, after schema.Object) ([]string, error) {
		d := after.(*schema.Default)
		return []string{p.defaultPrefix(p.to, d) + " SET DEFAULT " + d.Expr}, nil
	},
	remakes: true,
}

// defaultPrefix names the column. ONLY keeps the default from descending to partitions and children, which have
// their own.
func (p *planning) defaultPrefix(c *schema.Catalog, d *schema.Default) string {
	owner, _ := c.Owner(d.ID())
	word := "ALTER " + relationWord(owner.Kind) + " "
	if owner.Kind == schema.KindTable && hasChildren(c, owner) {
		word += "ONLY "
	}
	return word + schema.Qualified(d.Schema, d.Table) + " ALTER COLUMN " + schema.Quote(d.Column)
}

// hasChildren reports whether other tables inherit from the table or are its partitions.
func hasChildren(c *schema.Catalog, table schema.ID) bool {
	if t, ok := c.Get(table).(*schema.Table); ok && t.Partition != nil {
		return true
	}
	for _, id := range c.NeededBy()[table] {
		child, ok := c.Get(id).(*schema.Table)
		if ok && slices.Contains(child.Inherits, schema.Name{Schema: table.Schema, Name: table.Name}) {
			return true
		}
	}
	return false
}

// childrenOf lists the tables that inherit from the table directly, its partitions among them.
func childrenOf(c *schema.Catalog, table schema.ID) []schema.ID {
	var out []schema.ID
	for _, id := range c.IDs() {
		if t, ok := c.Get(id).(*schema.Table); ok && slices.Contains(parentsOf(t), schema.Name{Schema: table.Schema, Name: table.Name}) {
			out = append(out, id)
		}
	}
	return out
}
