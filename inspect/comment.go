package inspect

import "github.com/pleatdb/pleat/schema"

type commentRow struct {
	Class    uint32 `db:"class"`
	OID      uint32 `db:"oid"`
	Sub      int32  `db:"sub"`
	Text     string `db:"text"`
	Original string `db:"original"`
}

// readComments keeps the comments until it is known which extensions are in the catalog.
func (r *reader) readComments(rows []commentRow) error {
	r.comments = rows
	return nil
}

// addComments adds comments. Where the server writes one by itself, that one is no object, and its absence is an empty
// comment, so that a plan can restore either.
func (r *reader) addComments() {
	for _, row := range r.comments {
		at := address{row.Class, row.OID, row.Sub}
		if row.Text == row.Original {
			continue
		}
		if id, ok := r.ids[at]; ok {
			if r.catalog.Has(id) && id.Kind != schema.KindUnmanaged {
				c := &schema.Comment{On: id, Text: row.Text}
				r.catalog.Add(c)
				r.catalog.Depend(c.ID(), id)
			}
		} else if p, ok := r.parts[at]; ok {
			r.attribute(p.of, "comment on "+p.what)
		}
	}
}
