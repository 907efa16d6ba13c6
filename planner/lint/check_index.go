package lint

import (
	"slices"

	"github.com/pleatdb/pleat/schema"
	"github.com/pleatdb/pleat/schema/sqltext"
)

func (c *checker) createIndex(s *statement) {
	f := s.fact
	of := c.world.resolve(f.Objects[0].Of)
	name := c.world.indexName(f)
	id := schema.ID{Kind: schema.KindIndex, Schema: name.Schema, Parent: of.Name, Name: name.Name}
	c.indexAdvice(s, id)
	if !c.existing(of) {
		return
	}
	partitioned := c.world.table(of).partitioned
	w := indexWords(f)
	switch {
	case partitioned && f.Concurrently:
		w["what"] = "PostgreSQL refuses CONCURRENTLY for the partitioned table " + schema.Qualified(of.Schema, of.Name) + "."
		c.find("KX11", s, id, w)
	case partitioned && !f.Only:
		w["what"] = "Writes to all partitions of " + schema.Qualified(of.Schema, of.Name) + " wait (SHARE) until the index of each is built."
		c.find("KX11", s, id, w)
	case partitioned, f.Concurrently:
	case len(s.effect.Builds) == 0: // IF NOT EXISTS, and it does
	default:
		c.find("KX10", s, id, w)
	}
}

// indexWords are the words for a form of CREATE INDEX: the name is not qualified there, and may be missing.
func indexWords(f sqltext.Fact) words {
	w := words{"name": "", "unique": "", "columns": quoted(f.Index.Columns)}
	if name := f.Objects[0].Name.Name; name != "" {
		w["name"] = schema.Quote(name) + " "
	}
	if f.Index.Unique {
		w["unique"] = "UNIQUE "
	}
	if len(f.Index.Uses) > 0 || slices.Contains(f.Index.Columns, "") {
		w["columns"] = "…"
	}
	return w
}

func (c *checker) reindex(s *statement) {
	f := s.fact
	if f.Concurrently || len(f.Objects) == 0 {
		return
	}
	o := f.Objects[0]
	n := c.world.resolve(o.Name)
	id := tableID(n)
	if o.Kind == "index" {
		id = schema.ID{Kind: schema.KindIndex, Schema: n.Schema, Name: n.Name}
		if i := c.world.indexes[n]; i != nil {
			if id = c.world.indexID(i); !c.existing(i.table) {
				return
			}
		}
	} else if o.Kind == "table" && !c.existing(n) {
		return
	}
	name := schema.Qualified(n.Schema, n.Name)
	if o.Kind != "index" && o.Kind != "table" {
		name = schema.Quote(o.Name.Name)
	}
	c.find("KX13", s, id, words{"name": name, "kind": upper(o.Kind)})
}

// dropIndex judges DROP INDEX of one index.
func (c *checker) dropIndex(s *statement, o sqltext.Target) {
	n := c.world.resolve(o.Name)
	i := c.world.indexes[n]
	gone := c.once["KX12 "+n.SQL()]
	c.once["KX12 "+n.SQL()] = true
	if s.fact.Concurrently || s.fact.IfExists && i == nil && gone || i != nil && (!c.existing(i.table) || i.made == c.world.file) {
		return
	}
	id := schema.ID{Kind: schema.KindIndex, Schema: n.Schema, Name: n.Name}
	switch {
	case i != nil && c.world.table(i.table).partitioned:
		id = c.world.indexID(i)
		f := c.find("KX12", s, id, nil)
		f.Safe = "There is no concurrent form for the index of a partitioned table: under a short lock_timeout with retries."
		return
	case i != nil:
		id = c.world.indexID(i)
	}
	c.find("KX12", s, id, nil)
}

// replacedIndexes finds indexes that are dropped before the one that replaces them is built.
func (c *checker) replacedIndexes() {
	for n, s := range c.all {
		if s.fact.Command != sqltext.DropObjects {
			continue
		}
		for _, o := range s.fact.Objects {
			if o.Kind == "index" {
				c.replacedIndex(s, c.world.resolve(o.Name), c.all[n+1:])
			}
		}
	}
}

func (c *checker) replacedIndex(s *statement, old schema.Name, later []*statement) {
	for _, l := range later {
		if l.fact.Command != sqltext.CreateIndex {
			continue
		}
		now, of := c.world.indexName(l.fact), c.world.resolve(l.fact.Objects[0].Of)
		same := now == old
		for _, lock := range s.locks {
			same = same || lock.On == tableID(of)
		}
		if same && c.existing(of) {
			id := schema.ID{Kind: schema.KindIndex, Schema: old.Schema, Parent: of.Name, Name: old.Name}
			c.find("KX14", s, id, words{"new": schema.Qualified(now.Schema, now.Name)})
			return
		}
	}
}

// leftovers finds invalid indexes of the tables that a statement locks; each is named once.
func (c *checker) leftovers(s *statement) {
	if s.fact.Command == sqltext.DropObjects || s.fact.Command == sqltext.Rows {
		return
	}
	for _, l := range s.locks {
		for _, i := range c.world.indexesOf(schema.Name{Schema: l.On.Schema, Name: l.On.Name}) {
			if !i.invalid || c.world.table(i.table).partitioned || c.once["KX15 "+i.name.SQL()] {
				continue
			}
			c.once["KX15 "+i.name.SQL()] = true
			f := c.find("KX15", s, c.world.indexID(i), nil)
			if i.unique && c.does(s.effect.Rewrites, i.table) {
				f.Severity = Error
				f.Why += " This statement builds it anew and fails if rows are not unique."
			}
		}
	}
}

// indexAdvice names choices that are hard to change later.
func (c *checker) indexAdvice(s *statement, id schema.ID) {
	f := s.fact.Index
	switch {
	case f.Method == "hash":
		c.find("CO26", s, id, words{"what": "A hash index serves = alone, cannot be unique, and has one column; a btree serves more at little more cost."})
	case len(f.Columns) > 3 && !f.Unique:
		c.find("CO26", s, id, words{"what": "An index of more than three columns is large and seldom used beyond its first ones."})
	}
}
