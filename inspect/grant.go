package inspect

import (
	"cmp"
	"slices"

	"github.com/pleatdb/pleat/schema"
)

type grantRow struct {
	Class     uint32 `db:"class"`
	OID       uint32 `db:"oid"`
	Sub       int32  `db:"sub"`
	Role      string `db:"role"`
	Privilege string `db:"privilege"`
	Grantable bool   `db:"grantable"`
	Grantor   string `db:"grantor"`
	Initial   bool   `db:"initial"`
}

// readGrants adds the access control lists that differ from the default one.
func (r *reader) readGrants(rows []grantRow) error {
	for len(rows) > 0 {
		at := address{rows[0].Class, rows[0].OID, rows[0].Sub}
		var entries, initial []schema.GrantEntry
		for len(rows) > 0 && (address{rows[0].Class, rows[0].OID, rows[0].Sub}) == at {
			row := rows[0]
			rows = rows[1:]
			entry := schema.GrantEntry{Role: row.Role, Privilege: row.Privilege, Grantable: row.Grantable, Grantor: row.Grantor}
			switch {
			case row.Initial:
				initial = append(initial, entry)
			case row.Privilege != "":
				entries = append(entries, entry)
			}
		}
		slices.SortFunc(entries, compareEntries)
		slices.SortFunc(initial, compareEntries)
		if !slices.Equal(entries, initial) {
			r.grant(at, entries)
		}
	}
	return nil
}

func (r *reader) grant(at address, entries []schema.GrantEntry) {
	if id, ok := r.ids[at]; ok {
		if id.Kind != schema.KindUnmanaged {
			g := &schema.Grant{On: id, Entries: entries}
			r.catalog.Add(g)
			r.catalog.Depend(g.ID(), id)
		}
	} else if p, ok := r.parts[at]; ok {
		r.attribute(p.of, "privileges on "+p.what)
	}
}

func compareEntries(a, b schema.GrantEntry) int {
	return cmp.Or(cmp.Compare(a.Role, b.Role), cmp.Compare(a.Privilege, b.Privilege), cmp.Compare(a.Grantor, b.Grantor))
}
