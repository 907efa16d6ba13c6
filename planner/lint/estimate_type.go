package lint

import (
	"slices"

	"github.com/pleatdb/pleat/planner"
	"github.com/pleatdb/pleat/schema/sqltext"
)

// typeChange is what ALTER TYPE means for the heap.
type typeChange uint8

const (
	unknownChange typeChange = iota // the old type is not known
	freeChange                      // the stored bytes stay
	reindexChange                   // the bytes stay, but they sort or hash in another way
	rewriteChange
)

// timestamps tells of a change between timestamp and timestamptz.
func timestamps(old, now sqltext.TypeFact) bool {
	return !old.Array && !now.Array && old.Schema == "" && now.Schema == "" &&
		(old.Name == "timestamp" && now.Name == "timestamptz" || old.Name == "timestamptz" && now.Name == "timestamp")
}

// change judges ALTER TYPE by the types, the USING expression and the collation.
func (w *world) change(c *column, a sqltext.Action) typeChange {
	now := w.base(*a.Type)
	if w.constrained(*a.Type) {
		return rewriteChange
	}
	if e := a.Expr; e != nil && (e.CastOf != a.Name || e.Cast != nil && !sameType(w.base(*e.Cast), now)) {
		return rewriteChange
	}
	old, ok := c.typeOf()
	if !ok {
		return unknownChange
	}
	old = w.base(old)
	result := changeOf(old, now)
	if result == freeChange && c.collation != a.Collation && a.Collation != "" {
		return reindexChange
	}
	return result
}

// base is the type behind a domain.
func (w *world) base(t sqltext.TypeFact) sqltext.TypeFact {
	if d := w.domains[w.resolve(sqltext.Name{Schema: t.Schema, Name: t.Name})]; d != nil && !t.Array {
		return w.base(d.base)
	}
	return t
}

func (w *world) constrained(t sqltext.TypeFact) bool {
	d := w.domains[w.resolve(sqltext.Name{Schema: t.Schema, Name: t.Name})]
	return d != nil && d.constrained && !t.Array
}

func sameType(a, b sqltext.TypeFact) bool {
	return a.Schema == b.Schema && a.Name == b.Name && a.Array == b.Array && slices.Equal(a.Mods, b.Mods)
}

// changeOf judges a change between two types, as measured on PostgreSQL 12 to 18.
func changeOf(old, now sqltext.TypeFact) typeChange {
	switch {
	case sameType(old, now):
		return freeChange
	case old.Array || now.Array:
		return rewriteChange
	case old.Schema != now.Schema:
		return changeOfNames(old, now)
	case old.Name == now.Name:
		return changeOfMods(old, now)
	case timestamps(old, now):
		if len(now.Mods) > 0 && now.Mods[0] < 6 {
			return rewriteChange
		}
		return reindexChange
	}
	return changeOfNames(old, now)
}

// coercible are the pairs of types that store the same bytes: by true the ones that share their order too.
var coercible = map[[2]string]bool{
	{"varchar", "text"}: true, {"text", "varchar"}: true, {"cidr", "inet"}: true,
	{"int4", "oid"}: false, {"oid", "int4"}: false, {"oid", "regclass"}: true, {"oid", "regproc"}: true, {"oid", "regtype"}: true,
	{"text", "citext"}: false, {"varchar", "citext"}: false, {"citext", "text"}: false, {"citext", "varchar"}: false,
}

func changeOfNames(old, now sqltext.TypeFact) typeChange {
	sameOrder, ok := coercible[[2]string{old.Name, now.Name}]
	switch {
	case !ok, len(now.Mods) > 0:
		return rewriteChange
	case sameOrder:
		return freeChange
	}
	return reindexChange
}

// changeOfMods judges another length, precision or scale of the same type.
func changeOfMods(old, now sqltext.TypeFact) typeChange {
	switch old.Name {
	case "varchar", "varbit", "timestamp", "timestamptz", "time", "timetz", "interval":
		if len(now.Mods) == 0 || len(old.Mods) > 0 && now.Mods[0] >= old.Mods[0] || old.Name != "varchar" && old.Name != "varbit" && now.Mods[0] >= 6 {
			return freeChange
		}
	case "numeric":
		switch {
		case len(now.Mods) == 0:
			return freeChange
		case len(old.Mods) == 0:
			return rewriteChange
		case now.Mods[0] >= old.Mods[0] && scale(now) == scale(old):
			return freeChange
		}
	}
	return rewriteChange
}

func scale(t sqltext.TypeFact) int {
	if len(t.Mods) > 1 {
		return t.Mods[1]
	}
	return 0
}

// alterType estimates ALTER TYPE of one table.
func (e *effects) alterType(t *table, a sqltext.Action) {
	w, c := e.world, t.columns[a.Name]
	change := w.change(c, a)
	for _, k := range w.keysOn(t, a.Name) {
		e.lock(planner.AccessExclusive, tableID(k.ref), tableID(k.table.name))
		if change == rewriteChange {
			e.validates(k.table, k.name)
		}
	}
	switch change {
	case unknownChange, rewriteChange:
		e.rewrite(t)
		return
	}
	for _, i := range w.rebuilt(t, a.Name, change == reindexChange) {
		e.build(i)
	}
	if len(checksOn(t, a.Name)) > 0 && !t.partitioned {
		e.scan(t)
	}
}

// keysOn are the foreign keys that a column belongs to, on either side.
func (w *world) keysOn(t *table, name string) (out []*foreignKey) {
	for _, k := range t.sortedConstraints() {
		if k.kind == "foreign key" && slices.Contains(k.columns, name) {
			out = append(out, &foreignKey{t, k})
		}
	}
	for _, k := range w.keysTo(t.name) {
		refs := k.refColumns
		if len(refs) == 0 {
			refs = w.primaryKey(t)
		}
		if slices.Contains(refs, name) {
			out = append(out, k)
		}
	}
	return out
}

func (w *world) primaryKey(t *table) []string {
	for _, k := range t.sortedConstraints() {
		if k.kind == "primary key" {
			return k.columns
		}
	}
	return nil
}

// rebuilt are the indexes that a change of type without a rewrite builds anew.
func (w *world) rebuilt(t *table, name string, order bool) (out []*index) {
	for _, i := range w.indexesOf(t.name) {
		if slices.Contains(i.uses, name) || order && slices.Contains(i.columns, name) {
			out = append(out, i)
		}
	}
	return out
}

// checksOn are the checks that mention a column.
func checksOn(t *table, name string) (out []string) {
	for _, k := range t.sortedConstraints() {
		if k.kind == "check" && slices.Contains(k.columns, name) {
			out = append(out, k.name)
		}
	}
	return out
}
