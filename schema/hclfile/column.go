package hclfile

import (
	"slices"

	"github.com/pleatdb/pleat/schema"
)

func columnSpec() *spec {
	return shape("type null default collate storage compression statistics as strategy comment renamed_from depends_on").labels(1, 1).
		with("identity", shape("generated start increment min_value max_value cache cycle unlogged").once()).
		with("as", shape("expr! type").once()).
		with("options", shape("n_distinct n_distinct_inherited").once()).
		with("backfill", shape("set! batch").once()).
		with("convert", shape("using reverse").once())
}

// tableLoad is what loading a table's columns shares.
type tableLoad struct {
	table *schema.Table
	sym   *symbol
	block *block
	// partial tables take columns from a parent or type, so that a column block may state only what differs.
	partial bool
}

// loadColumn reads a column block into the table and its default into the catalog. The table is added afterwards, so what
// needs its ID only is fine here.
func (l *loader) loadColumn(t *tableLoad, c *block) {
	if !c.checkName(c.name()) || t.table.Column(c.name()) != nil {
		return
	}
	col := schema.Column{Name: c.name(), Collation: c.collation()}
	id := schema.ColumnID(t.table.ID(), col.Name)
	typ, ok := c.readType("type")
	if !c.has("type") {
		typ, ok = l.inheritedType(t, c)
	} else {
		col.Type = typ.text
	}
	if full := !t.partial || c.has("type") && t.table.PartitionOf == nil && t.table.Of == nil; full {
		col.NotNull = !c.boolean("null", false)
	} else {
		col.NotNull = c.has("null") && !c.boolean("null", false)
		col.Inherited = t.table.Of == nil
	}
	l.columnDetails(&col, c, typ)
	l.loadGenerated(&col, c)
	l.loadIdentity(&col, c, typ, t.table.Unlogged)
	t.table.Columns = append(t.table.Columns, col)
	l.out.Ranges[id] = c.position()
	l.addComment(id, c)
	l.addIntent(id, c)
	l.loadChange(id, c)
	if ok && c.has("type") {
		l.dependOnType(id, typ)
	}
	if typ.serial != "" && c.has("type") {
		l.addSerial(t, c, typ.serial)
		return
	}
	l.loadDefault(id, c, typ)
}

// inheritedType is the type of a column that is stated without one.
func (l *loader) inheritedType(t *tableLoad, c *block) (typeValue, bool) {
	if !t.partial {
		c.errorf(c.def, "Missing argument", "The argument \"type\" is required in a column block.")
		return typeValue{}, false
	}
	name := c.name()
	var find func(s *symbol, depth int) (typeValue, bool)
	find = func(s *symbol, depth int) (typeValue, bool) {
		for _, p := range s.parents {
			for _, pc := range slices.Concat(p.block.children("column"), p.block.children("field")) {
				if pc.name() == name && pc.has("type") {
					return pc.readType("type")
				}
			}
			if depth < maxInheritance {
				if t, ok := find(p, depth+1); ok {
					return t, true
				}
			}
		}
		return typeValue{}, false
	}
	typ, ok := find(t.sym, 0)
	if !ok {
		c.errorf(c.nameRange(), "Undeclared reference", "No parent of %s has a column %q, and a column of its own needs a type.", t.sym.id, name)
	}
	typ.serial = ""
	return typ, ok
}

func (l *loader) columnDetails(col *schema.Column, c *block, typ typeValue) {
	col.Storage = c.word("storage", "PLAIN", "EXTERNAL", "EXTENDED", "MAIN", "DEFAULT")
	if col.Storage == "DEFAULT" {
		col.Storage = ""
	}
	if word := c.word("compression", "pglz", "lz4", "default"); word != "default" {
		col.Compression = word
	}
	col.Statistics = c.optional("statistics", 0, 10000)
	if o := c.child("options"); o != nil {
		col.Options = o.params()
	}
	if typ.serial != "" {
		col.NotNull = true
		for _, attr := range []string{"default", "as"} {
			if c.has(attr) {
				c.errorf(c.at(attr), "Contradicting arguments", "A serial column has a default of its own.")
			}
		}
	}
}

func (l *loader) loadGenerated(col *schema.Column, c *block) {
	as := c.child("as")
	switch {
	case as != nil:
		col.Generated = &schema.Generated{Expr: as.expr("expr"), Virtual: as.word("type", "STORED", "VIRTUAL") == "VIRTUAL"}
		if c.has("as") {
			c.errorf(c.at("as"), "Contradicting arguments", "The argument and the block `as` say the same; one of them suffices.")
		}
	case c.has("as"):
		col.Generated = &schema.Generated{Expr: c.expr("as")}
	default:
		return
	}
	if c.has("default") || c.child("identity") != nil {
		c.errorf(c.def, "Contradicting arguments", "A column is either computed or has a default or identity, not both.")
	}
}

func (l *loader) loadIdentity(col *schema.Column, c *block, typ typeValue, unlogged bool) {
	b := c.child("identity")
	if b == nil {
		return
	}
	if _, ok := bounds[typ.text]; !ok && typ.text != "" {
		b.errorf(b.def, "Invalid type", "An identity column is smallint, integer or bigint, not %s.", typ.text)
	}
	if c.has("default") {
		c.errorf(c.at("default"), "Contradicting arguments", "An identity column has no default.")
	}
	if c.has("null") && c.boolean("null", false) {
		c.errorf(c.at("null"), "Contradicting arguments", "An identity column cannot be null.")
	}
	n := b.numbers(typ.text)
	col.NotNull = true
	col.Identity = &schema.Identity{
		Always: b.word("generated", "ALWAYS", "BY_DEFAULT") == "ALWAYS",
		Start:  n.start, Increment: n.increment, Min: n.least, Max: n.most, Cache: n.cache, Cycle: n.cycle,
		Unlogged: b.boolean("unlogged", unlogged),
	}
}

func (l *loader) loadDefault(column schema.ID, c *block, typ typeValue) {
	text, none := c.defaultText("default", typ)
	d := &schema.Default{Schema: column.Schema, Table: column.Parent, Column: column.Name, Expr: text}
	if none {
		l.out.NoDefault[d.ID()] = true
		return
	}
	if text != "" {
		l.addDefault(d, c)
	}
}

func (l *loader) addDefault(d *schema.Default, c *block) {
	l.out.Catalog.Add(d)
	p := c.position()
	p.Attrs = map[string]Attr{"default": p.Attrs["default"]}
	l.out.Ranges[d.ID()] = p
	column := schema.ID{Kind: schema.KindColumn, Schema: d.Schema, Parent: d.Table, Name: d.Column}
	l.depend(d.ID(), column)
	l.dependOnExpr(d.ID(), d.Expr, nil)
}

// addSerial adds what the serial types stand for: a sequence that belongs to the column, and a default that draws from it.
func (l *loader) addSerial(t *tableLoad, c *block, integer string) {
	n := defaultNumbers(integer, 1)
	seq := &schema.Sequence{
		Schema: t.table.Schema, Name: defaultName(t.table.Name, c.name(), "seq"), Type: integer,
		Start: n.start, Increment: n.increment, Min: n.least, Max: n.most, Cache: n.cache, Unlogged: t.table.Unlogged,
		OwnedBy: &schema.ColumnRef{Schema: t.table.Schema, Table: t.table.Name, Column: c.name()},
	}
	if !l.claim(seq.ID(), c) {
		return
	}
	l.out.Catalog.Add(seq)
	l.out.Ranges[seq.ID()] = Position{Def: c.def, Block: c.rng}
	l.depend(seq.ID(), schema.ID{Kind: schema.KindSchema, Name: seq.Schema})
	d := &schema.Default{Schema: t.table.Schema, Table: t.table.Name, Column: c.name(),
		Expr: "nextval(" + schema.Literal(schema.Qualified(seq.Schema, seq.Name)) + "::regclass)"}
	l.out.Catalog.Add(d)
	l.out.Ranges[d.ID()] = Position{Def: c.def, Block: c.rng}
	l.depend(d.ID(), schema.ColumnID(t.table.ID(), c.name()))
	l.depend(d.ID(), seq.ID())
}

func (l *loader) loadChange(column schema.ID, c *block) {
	if f := c.child("backfill"); f != nil {
		if l.out.Strategies[column] == InPlace {
			f.errorf(f.def, "Contradicting blocks", "A column that is changed in place has no backfill: that goes through the rows in batches, while others work.")
		}
		l.out.Backfills[column] = Backfill{Set: f.expr("set"), Batch: int(f.integer("batch", 0, 1, 1<<31-1)), Range: f.def}
	}
	if v := c.child("convert"); v != nil {
		if !v.has("using") && !v.has("reverse") {
			v.errorf(v.def, "Missing argument", "A convert block has using, reverse or both.")
		}
		l.out.Converts[column] = Convert{Using: v.expr("using"), Reverse: v.expr("reverse"), Range: v.def}
	}
}
