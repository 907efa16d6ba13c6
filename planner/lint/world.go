package lint

import (
	"maps"
	"slices"

	"github.com/pleatdb/pleat/schema"
	"github.com/pleatdb/pleat/schema/sqltext"
)

// newestMajor stands for a server that nobody named.
const newestMajor = 18

// world is the state of the database as far as it is known from the catalog and the statements so far.
type world struct {
	major  int
	schema string // of unqualified names, which search_path changes
	first  string // of unqualified names where a file begins
	// complete is set where a catalog was given: what is not in it does not exist.
	complete bool
	// file is the number of the file being read; what is made under it is fresh. On the way down it is negative.
	file      int
	sizes     map[schema.ID]int64
	tables    map[schema.Name]*table
	indexes   map[schema.Name]*index
	domains   map[schema.Name]*domain
	functions map[schema.Name]string // volatility by name
	views     map[schema.Name]*view
	fresh     map[schema.ID]int // other things by the file that made them
	// children are the tables by their parents; nil where they have to be found anew.
	children map[schema.Name][]*table
}

type table struct {
	name schema.Name
	kind schema.Kind
	made int // the file that made it; 0 for none
	// known is set where all columns and constraints are known.
	known       bool
	partitioned bool
	keys        []string
	parents     []schema.Name // of a partition one
	defaultPart bool
	columns     map[string]*column
	order       []string
	constraints map[string]*constraint
	uses        []use
	unlogged    bool
}

type column struct {
	typ                sqltext.TypeFact
	typed              bool
	text               string // the type as text where typ is not read yet
	made               int
	notNull            bool
	unproven           bool // NOT NULL that is not validated (PostgreSQL 18)
	generated, virtual bool
	collation          string
}

type constraint struct {
	name, kind string
	columns    []string
	ref        schema.Name
	refColumns []string
	valid      bool
	proves     []string
	expr       string // of a check from the catalog, whose proofs are not read yet
	made       int
}

type index struct {
	name, table schema.Name
	unique      bool
	columns     []string
	uses        []string // by expressions and the predicate
	partial     bool
	expressions bool
	constraint  bool
	invalid     bool
	attachedTo  schema.Name
	made        int
}

type domain struct {
	base        sqltext.TypeFact
	constrained bool
}

type view struct {
	materialized bool
	reads        []schema.Name
	columns      []string
}

// use is something that needs columns of a table.
type use struct {
	kind    string // "view", "policy", "trigger", "function", "publication", "statistics", "generated column"
	name    string
	columns []string
}

func newWorld(o Options) *world {
	w := &world{
		major: o.Major, schema: o.Schema, sizes: o.Sizes,
		tables: map[schema.Name]*table{}, indexes: map[schema.Name]*index{}, domains: map[schema.Name]*domain{},
		functions: map[schema.Name]string{}, views: map[schema.Name]*view{}, fresh: map[schema.ID]int{},
	}
	if w.major == 0 {
		w.major = newestMajor
	}
	if w.schema == "" {
		w.schema = "public"
	}
	w.first = w.schema
	if o.Catalog != nil {
		w.complete = true
		w.load(o.Catalog)
	}
	return w
}

// clone copies what statements can change.
func (w *world) clone() *world {
	c := *w
	c.forgetChildren()
	c.tables = make(map[schema.Name]*table, len(w.tables))
	for name, t := range w.tables {
		c.tables[name] = t.clone()
	}
	c.indexes = make(map[schema.Name]*index, len(w.indexes))
	for name, i := range w.indexes {
		copied := *i
		c.indexes[name] = &copied
	}
	c.domains, c.functions, c.views, c.fresh = maps.Clone(w.domains), maps.Clone(w.functions), maps.Clone(w.views), maps.Clone(w.fresh)
	return &c
}

func (t *table) clone() *table {
	c := *t
	c.columns = make(map[string]*column, len(t.columns))
	for name, col := range t.columns {
		copied := *col
		c.columns[name] = &copied
	}
	c.constraints = make(map[string]*constraint, len(t.constraints))
	for name, k := range t.constraints {
		copied := *k
		c.constraints[name] = &copied
	}
	c.order, c.uses = slices.Clone(t.order), slices.Clone(t.uses)
	return &c
}

// resolve qualifies a name.
func (w *world) resolve(n sqltext.Name) schema.Name {
	if n.Schema == "" {
		n.Schema = w.schema
	}
	return schema.Name{Schema: n.Schema, Name: n.Name}
}

func tableID(n schema.Name) schema.ID {
	return schema.ID{Kind: schema.KindTable, Schema: n.Schema, Name: n.Name}
}

// relationID is the ID of a relation with the kind that is known of it.
func (w *world) relationID(n schema.Name) schema.ID {
	id := tableID(n)
	if v := w.views[n]; v != nil {
		id.Kind = schema.KindView
		if v.materialized {
			id.Kind = schema.KindMaterialized
		}
	}
	return id
}

func (w *world) indexID(i *index) schema.ID {
	return schema.ID{Kind: schema.KindIndex, Schema: i.name.Schema, Parent: i.table.Name, Name: i.name.Name}
}

// isFresh reports whether the file being read made the relation.
func (w *world) isFresh(n schema.Name) bool {
	if t := w.tables[n]; t != nil && t.made == w.file && w.file != 0 {
		return true
	}
	return w.file != 0 && w.fresh[schema.ID{Kind: schema.KindTable, Schema: n.Schema, Name: n.Name}] == w.file
}

// table returns what is known of a table, making an entry for one that was never seen.
func (w *world) table(n schema.Name) *table {
	t := w.tables[n]
	if t == nil {
		t = &table{name: n, kind: schema.KindTable, columns: map[string]*column{}, constraints: map[string]*constraint{}}
		w.tables[n] = t
	}
	return t
}

// partitions are the partitions of a table at all levels.
func (w *world) partitions(n schema.Name) (out []*table) {
	if w.children == nil {
		w.children = map[schema.Name][]*table{}
		for _, t := range w.sorted() {
			for _, p := range t.parents {
				w.children[p] = append(w.children[p], t)
			}
		}
	}
	for _, t := range w.children[n] {
		out = append(out, t)
		out = append(out, w.partitions(t.name)...)
	}
	return out
}

// forgetChildren is called where a table comes, goes, is renamed, attached or detached.
func (w *world) forgetChildren() { w.children = nil }

func (w *world) sorted() []*table {
	out := slices.Collect(maps.Values(w.tables))
	slices.SortFunc(out, func(a, b *table) int { return tableID(a.name).Compare(tableID(b.name)) })
	return out
}

// family is the table and its partitions.
func (w *world) family(n schema.Name) []*table {
	return append([]*table{w.table(n)}, w.partitions(n)...)
}

func (w *world) indexesOf(n schema.Name) (out []*index) {
	for _, i := range w.indexes {
		if i.table == n {
			out = append(out, i)
		}
	}
	slices.SortFunc(out, func(a, b *index) int { return w.indexID(a).Compare(w.indexID(b)) })
	return out
}

// keysTo are the foreign keys of other tables that lead to a table.
func (w *world) keysTo(n schema.Name) (out []*foreignKey) {
	for _, t := range w.sorted() {
		for _, k := range t.sortedConstraints() {
			if k.kind == "foreign key" && k.ref == n {
				out = append(out, &foreignKey{t, k})
			}
		}
	}
	return out
}

// foreignKey is a constraint with its table.
type foreignKey struct {
	table *table
	*constraint
}

func (t *table) sortedConstraints() []*constraint {
	names := slices.Sorted(maps.Keys(t.constraints))
	out := make([]*constraint, len(names))
	for i, name := range names {
		out[i] = t.constraints[name]
	}
	return out
}

// small reports whether the table and its partitions are known to be small.
func (w *world) small(n schema.Name) bool {
	total, found := int64(0), false
	for _, id := range []schema.ID{tableID(n), {Kind: schema.KindMaterialized, Schema: n.Schema, Name: n.Name}} {
		if size, ok := w.sizes[id]; ok {
			total, found = total+size, true
		}
	}
	for _, p := range w.partitions(n) {
		total += w.sizes[tableID(p.name)]
	}
	return found && total < SmallTable
}

// typeOf is the type of a column where it is known.
func (c *column) typeOf() (sqltext.TypeFact, bool) {
	if c == nil {
		return sqltext.TypeFact{}, false
	}
	if !c.typed && c.text != "" {
		c.typ, c.typed, c.text = sqltext.TypeOf(c.text), true, ""
	}
	return c.typ, c.typed
}

// proofs are the columns that a check proves not null.
func (k *constraint) proofs() []string {
	if k.expr != "" {
		for _, a := range sqltext.Facts("ALTER TABLE t ADD CHECK (" + k.expr + ")").Actions {
			k.proves = a.Constraint.Proves
		}
		k.expr = ""
	}
	return k.proves
}
