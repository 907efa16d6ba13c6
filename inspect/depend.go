package inspect

import (
	"slices"
	"strconv"
	"strings"

	"github.com/pleatdb/pleat/schema"
)

type dependRow struct {
	Class    uint32 `db:"class"`
	OID      uint32 `db:"oid"`
	Sub      int32  `db:"sub"`
	RefClass uint32 `db:"ref_class"`
	RefOID   uint32 `db:"ref_oid"`
	RefSub   int32  `db:"ref_sub"`
	Type     string `db:"type"`
}

// readDepends keeps the rows until all objects are known, and finds what belongs to what: array types to their element
// types, row types to tables, rules of views to the views, and so on.
func (r *reader) readDepends(rows []dependRow) error {
	r.depends = rows
	for _, row := range rows {
		if row.Type == "i" {
			r.internal[address{row.Class, row.OID, 0}] = address{row.RefClass, row.RefOID, row.RefSub}
		}
	}
	return nil
}

// root follows an address to the one that stands for it in the catalog. known is false where nothing in the
// catalog does; the result is then the outermost owner.
func (r *reader) root(at address) (top address, id schema.ID, known bool) {
	for range 8 {
		if id, ok := r.ids[at]; ok {
			return at, id, true
		}
		at.sub = 0
		if id, ok := r.ids[at]; ok {
			return at, id, true
		}
		if p, ok := r.parts[at]; ok {
			return at, p.of, true
		}
		if extension, ok := r.members[at]; ok {
			at = address{classExtension, extension, 0}
			id, ok := r.ids[at]
			return at, id, ok
		}
		owner, ok := r.internal[at]
		if !ok {
			break
		}
		at = owner
	}
	return at, schema.ID{}, false
}

// connect turns rows of pg_depend into dependencies. An object outside of what is read is a stranger when it
// is at the other end of a dependency of something inside.
func (r *reader) connect() (strangers []edge) {
	for _, row := range r.depends {
		if r.inherited[address{row.Class, row.OID, 0}] {
			continue
		}
		from, fromID, fromKnown := r.root(address{row.Class, row.OID, row.Sub})
		to, toID, toKnown := r.root(address{row.RefClass, row.RefOID, row.RefSub})
		switch {
		case !fromKnown && r.inherited[from]:
			// A trigger of a foreign key that the parent's has taken in says of which partition it is (15 to 18).
		case row.Type == "x":
			if fromKnown {
				r.attribute(fromID, "depends on extension "+toID.Name)
			}
		case fromKnown && toKnown:
			r.depend(fromID, toID)
		case fromKnown && from.class != classExtension, toKnown && to.class != classExtension && to.class != classNamespace:
			strangers = append(strangers, edge{from: from, to: to})
		}
	}
	return strangers
}

// edge is a dependency of which one end is not in the catalog.
type edge struct{ from, to address }

func (r *reader) depend(from, to schema.ID) {
	switch {
	case from == to, from.Kind.IsRelation() && to == schema.ColumnID(from, to.Name):
		return
	case from.Kind == schema.KindColumn && (to.Kind == schema.KindSchema || to.Kind.IsRelation() && from == schema.ColumnID(to, from.Name)):
		// A column of a partition key, and the sequence of an identity.
		return
	}
	if to.Kind == schema.KindExtension && from.Kind != schema.KindExtension && !r.catalog.Has(to) {
		for _, e := range r.extensions {
			if e.ID() == to {
				r.catalog.Add(e)
			}
		}
	}
	r.catalog.Depend(from, to)
}

type strangerRow struct {
	Class  uint32   `db:"class"`
	OID    uint32   `db:"oid"`
	What   string   `db:"what"`
	Schema string   `db:"schema"`
	Name   string   `db:"name"`
	Names  []string `db:"names"`
}

// strangerArgs are the addresses to ask about, as arrays of OIDs.
func (r *reader) strangerArgs(edges []edge) (classes, oids string) {
	seen := map[address]bool{}
	var c, o []string
	for _, e := range edges {
		for _, at := range []address{e.from, e.to} {
			if _, _, known := r.root(at); !known && !seen[at] {
				seen[at] = true
				c = append(c, strconv.FormatUint(uint64(at.class), 10))
				o = append(o, strconv.FormatUint(uint64(at.oid), 10))
			}
		}
	}
	return "{" + strings.Join(c, ",") + "}", "{" + strings.Join(o, ",") + "}"
}

// addStrangers lists what is outside and touches the inside.
func (r *reader) addStrangers(rows []strangerRow, edges []edge) {
	for _, row := range rows {
		if isSystemSchema(row.Schema) || len(row.Names) > 0 && isSystemSchema(row.Names[0]) {
			continue
		}
		u := &schema.Unmanaged{What: row.What, Schema: row.Schema, Name: row.Name}
		if len(row.Names) == 3 {
			u.Schema, u.Parent, u.Name = row.Names[0], row.Names[1], row.Names[2]
		}
		r.catalog.Add(u)
		r.ids[address{row.Class, row.OID, 0}] = u.ID()
	}
	for _, e := range edges {
		_, from, ok1 := r.root(e.from)
		_, to, ok2 := r.root(e.to)
		if ok1 && ok2 {
			r.depend(from, to)
		}
	}
}

func isSystemSchema(name string) bool {
	return slices.Contains([]string{"pg_catalog", "information_schema", "pg_toast", "pleat"}, name) ||
		strings.HasPrefix(name, "pg_temp") || strings.HasPrefix(name, "pg_toast_temp")
}
