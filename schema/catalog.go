package schema

import (
	"maps"
	"slices"
)

// Catalog is one state of a database, or of a part of it. The zero value is not usable; see [New]. It is not safe for
// concurrent use, not even for reading.
type Catalog struct {
	objects map[ID]Object
	deps    map[ID][]ID
	// sorted and neededBy are computed when first asked for, and forgotten at every change.
	sorted   []ID
	neededBy map[ID][]ID
}

// New returns an empty catalog.
func New() *Catalog {
	return &Catalog{objects: map[ID]Object{}, deps: map[ID][]ID{}}
}

// Add puts an object into the catalog, in place of one with the same ID.
func (c *Catalog) Add(o Object) {
	c.forget()
	c.objects[o.ID()] = o
}

func (c *Catalog) forget() { c.sorted, c.neededBy = nil, nil }

// Remove takes an object and what it depends on out of the catalog. Objects that depend on it stay.
func (c *Catalog) Remove(id ID) {
	c.forget()
	delete(c.objects, id)
	delete(c.deps, id)
}

// Get returns the object with the ID, or nil.
func (c *Catalog) Get(id ID) Object { return c.objects[id] }

// Has reports whether there is an object with the ID. An address of a column counts where its relation or
// composite type has that column.
func (c *Catalog) Has(id ID) bool {
	if id.Kind == KindColumn {
		return c.hasColumn(id)
	}
	_, ok := c.objects[id]
	return ok
}

// Len is the number of objects.
func (c *Catalog) Len() int { return len(c.objects) }

// IDs lists all objects in the order of [ID.Compare]. The caller must not change the slice.
func (c *Catalog) IDs() []ID {
	if c.sorted == nil {
		c.sorted = slices.SortedFunc(maps.Keys(c.objects), ID.Compare)
	}
	return c.sorted
}

// Depend records that object from needs object to. Both may be addresses of columns. Repeated and reflexive
// edges are dropped.
func (c *Catalog) Depend(from, to ID) {
	if from == to || slices.Contains(c.deps[from], to) {
		return
	}
	c.forget()
	c.deps[from] = append(c.deps[from], to)
}

// DependsOn lists what the object needs directly, sorted. For a relation the needs of its columns are not
// included; see [Catalog.Columns].
func (c *Catalog) DependsOn(id ID) []ID {
	return slices.SortedFunc(slices.Values(c.deps[id]), ID.Compare)
}

// Dependents is the inverse of DependsOn for the whole catalog: what needs each object directly, sorted.
func (c *Catalog) Dependents() map[ID][]ID {
	out := map[ID][]ID{}
	for from, tos := range c.deps {
		for _, to := range tos {
			out[to] = append(out[to], from)
		}
	}
	for _, froms := range out {
		slices.SortFunc(froms, ID.Compare)
	}
	return out
}

// Owner is the object that a column, constraint, index, trigger, policy, rule, comment, owner or grant belongs to:
// the table or view, domain, type, or target. ok is false for objects that stand alone, and where the
// owner is not in the catalog.
func (c *Catalog) Owner(id ID) (ID, bool) {
	if id.Kind.IsAttachment() {
		t := id.Target()
		if t.Kind == KindColumn {
			return c.Owner(t)
		}
		return t, c.Has(t)
	}
	if id.Parent == "" {
		return ID{}, false
	}
	for _, kind := range []Kind{KindTable, KindView, KindMaterialized, KindDomain, KindComposite} {
		owner := ID{Kind: kind, Schema: id.Schema, Name: id.Parent}
		if _, ok := c.objects[owner]; ok {
			return owner, true
		}
	}
	return ID{}, false
}

// Columns lists the addresses of the columns of a relation or the fields of a composite type, in order.
func (c *Catalog) Columns(id ID) []ID {
	var names []string
	switch o := c.objects[id].(type) {
	case *Table:
		for _, col := range o.Columns {
			names = append(names, col.Name)
		}
	case *View:
		names = viewColumnNames(o.Columns)
	case *Materialized:
		names = viewColumnNames(o.Columns)
	case *Composite:
		for _, f := range o.Fields {
			names = append(names, f.Name)
		}
	}
	ids := make([]ID, len(names))
	for i, n := range names {
		ids[i] = ColumnID(id, n)
	}
	return ids
}

// Clone copies the catalog. Objects are shared: they are values that nobody changes once added.
func (c *Catalog) Clone() *Catalog {
	out := &Catalog{objects: maps.Clone(c.objects), deps: make(map[ID][]ID, len(c.deps))}
	for id, deps := range c.deps {
		out.deps[id] = slices.Clone(deps)
	}
	return out
}

// Subset is the catalog of the named objects alone, with the dependencies that they have; dependencies may lead
// out of the subset.
func (c *Catalog) Subset(ids []ID) *Catalog {
	out := New()
	for _, id := range ids {
		if o, ok := c.objects[id]; ok {
			out.objects[id] = o
			out.copyDeps(c, id)
		}
	}
	return out
}

func (c *Catalog) copyDeps(from *Catalog, id ID) {
	for _, source := range append(from.Columns(id), id) {
		if deps := from.deps[source]; len(deps) > 0 {
			c.deps[source] = slices.Clone(deps)
		}
	}
}

// Put copies an object with its dependencies from another catalog into this one.
func (c *Catalog) Put(from *Catalog, id ID) {
	if o, ok := from.objects[id]; ok {
		c.forget()
		c.objects[id] = o
		c.copyDeps(from, id)
	}
}

func (c *Catalog) hasColumn(id ID) bool {
	owner, ok := c.Owner(id)
	return ok && slices.Contains(c.Columns(owner), id)
}

func viewColumnNames(columns []ViewColumn) []string {
	names := make([]string, len(columns))
	for i, col := range columns {
		names[i] = col.Name
	}
	return names
}
