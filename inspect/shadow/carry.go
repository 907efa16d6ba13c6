package shadow

import (
	"slices"

	"github.com/pleatdb/pleat/planner"
	"github.com/pleatdb/pleat/schema"
)

// Carry fills in what files leave open from the live state, so that silence means "as it is": the version of an
// extension, names that the engine chose, and what PostgreSQL derives for partitions and children. An object that
// is otherwise the same then equals the live one and is never sent to the shadow.
//
// noDefault holds the defaults of inherited columns that the files declare away.
func Carry(live, desired *schema.Catalog, noDefault map[schema.ID]bool) *schema.Catalog {
	c := &carrier{live: live, out: desired.Clone(), noDefault: noDefault}
	c.builtin()
	for _, id := range desired.IDs() {
		if o := live.Get(id); o != nil {
			c.object(o, desired.Get(id))
		}
	}
	c.derived()
	for _, id := range c.out.IDs() {
		if o := live.Get(id); o != nil && planner.Equal(o, c.out.Get(id)) {
			c.out.Put(live, id)
		}
	}
	return c.out
}

type carrier struct {
	live, out *schema.Catalog
	noDefault map[schema.ID]bool
}

// builtin keeps what every new database has: not to mention it is no wish to drop it.
func (c *carrier) builtin() {
	public := schema.ID{Kind: schema.KindSchema, Name: "public"}
	language := schema.ID{Kind: schema.KindExtension, Name: "plpgsql"}
	for _, id := range []schema.ID{public, language} {
		if c.live.Has(id) && !c.out.Has(id) {
			c.out.Put(c.live, id)
			c.out.Put(c.live, schema.CommentID(id))
		}
	}
}

// object fills in one object that exists on both sides.
func (c *carrier) object(live, desired schema.Object) {
	switch o := desired.(type) {
	case *schema.Extension:
		c.extension(live.(*schema.Extension), *o)
	case *schema.Table:
		c.table(live.(*schema.Table), *o)
	case *schema.View:
		was := live.(*schema.View)
		if copied := *o; was.Query == o.Query {
			copied.Columns = fillColumns(was.Columns, o.Columns)
			c.out.Add(&copied)
		}
	case *schema.Materialized:
		was := live.(*schema.Materialized)
		if copied := *o; was.Query == o.Query {
			copied.Columns = fillColumns(was.Columns, o.Columns)
			c.out.Add(&copied)
		}
	case *schema.Index:
		was := live.(*schema.Index)
		if copied := *o; was.AttachedTo != nil && c.isPartition(live.ID()) && c.hasIndex(*was.AttachedTo) {
			copied.AttachedTo = was.AttachedTo
			c.out.Add(&copied)
		}
	case *schema.PrimaryKey:
		copied := *o
		copied.Index.AttachedTo = c.attachedKey(live.ID(), live.(*schema.PrimaryKey).Index.AttachedTo)
		c.out.Add(&copied)
	case *schema.Unique:
		copied := *o
		copied.Index.AttachedTo = c.attachedKey(live.ID(), live.(*schema.Unique).Index.AttachedTo)
		c.out.Add(&copied)
	}
}

func (c *carrier) extension(live *schema.Extension, desired schema.Extension) {
	if desired.Version == "" {
		desired.Version = live.Version
	}
	if desired.Schema == "" {
		desired.Schema = live.Schema
	}
	c.out.Add(&desired)
}

// fillColumns takes the types of a view's columns from the live view where the files give names at most.
func fillColumns(live, desired []schema.ViewColumn) []schema.ViewColumn {
	if len(desired) == 0 { // which says nothing of names and types, and that no column has settings of its own
		out := make([]schema.ViewColumn, len(live))
		for i, c := range live {
			out[i] = schema.ViewColumn{Name: c.Name, Type: c.Type, Collation: c.Collation}
		}
		return out
	}
	if len(desired) != len(live) {
		return desired
	}
	for i, d := range desired {
		if d.Name != live[i].Name {
			return desired
		}
	}
	out := slices.Clone(live)
	for i, d := range desired {
		if d.Type != "" {
			out[i].Type = d.Type
		}
		out[i].Statistics, out[i].Storage, out[i].Compression, out[i].Options = d.Statistics, d.Storage, d.Compression, d.Options
	}
	return out
}

func (c *carrier) hasIndex(n schema.Name) bool {
	for _, id := range c.out.IDs() {
		if id.Kind == schema.KindIndex && id.Schema == n.Schema && id.Name == n.Name {
			return true
		}
	}
	return false
}

// isPartition reports whether the table of an index or key is declared as a partition.
func (c *carrier) isPartition(id schema.ID) bool {
	t, ok := c.out.Get(schema.ID{Kind: schema.KindTable, Schema: id.Schema, Name: id.Parent}).(*schema.Table)
	return ok && t.PartitionOf != nil
}

// attachedKey keeps the tie of a partition's key to its parent's while the files still have that one.
func (c *carrier) attachedKey(id schema.ID, parentKey string) string {
	if parentKey == "" || !c.isPartition(id) {
		return ""
	}
	for _, d := range c.live.DependsOn(id) {
		if d.Kind == id.Kind && d.Name == parentKey && c.out.Has(d) {
			return parentKey
		}
	}
	return ""
}

// derived adds what the engine makes by itself for partitions: their parts of the parent's indexes and keys.
func (c *carrier) derived() {
	for _, id := range c.live.IDs() {
		if c.out.Has(id) {
			continue
		}
		table := schema.ID{Kind: schema.KindTable, Schema: id.Schema, Name: id.Parent}
		switch o := c.live.Get(id).(type) {
		case *schema.Index:
			if o.AttachedTo != nil && c.isPartition(id) && c.hasIndex(*o.AttachedTo) {
				c.out.Put(c.live, id)
			}
		case *schema.PrimaryKey:
			if c.out.Has(table) && c.attachedKey(id, o.Index.AttachedTo) != "" {
				c.out.Put(c.live, id)
			}
		case *schema.Unique:
			if c.out.Has(table) && c.attachedKey(id, o.Index.AttachedTo) != "" {
				c.out.Put(c.live, id)
			}
		}
	}
	c.inheritedDefaults()
}

// CarryAttachments adds owners, grants, rules and everything unmanaged from the live state to objects that stay.
// HCL does not declare them, so they stay too.
func CarryAttachments(live, out *schema.Catalog) {
	for _, id := range live.IDs() {
		switch id.Kind {
		case schema.KindOwner, schema.KindGrant:
			if out.Has(id.Target()) {
				out.Put(live, id)
			}
		case schema.KindRule:
			if _, ok := out.Owner(id); ok {
				out.Put(live, id)
			}
		case schema.KindUnmanaged:
			out.Put(live, id)
		}
	}
	for _, id := range live.IDs() { // what is on the rules themselves
		if id.Kind == schema.KindComment && id.Target().Kind == schema.KindRule && out.Has(id.Target()) {
			out.Put(live, id)
		}
	}
}
