package hclfile

import (
	"reflect"

	"github.com/pleatdb/pleat/schema"
)

// orderDefaults makes tables need the defaults of their parents: what a table's columns do not say themselves is copied
// from the parent when the table is created.
func (l *loader) orderDefaults() {
	for _, b := range l.root.blocks {
		s := l.byBlock[b]
		if s == nil || s.id.Kind != schema.KindTable || s.block != b {
			continue
		}
		for _, p := range s.parents {
			for _, column := range l.out.Catalog.Columns(p.id) {
				def := schema.ID{Kind: schema.KindDefault, Schema: p.id.Schema, Parent: p.id.Name, Name: column.Name}
				if l.out.Catalog.Has(def) {
					l.depend(s.id, def)
				}
			}
		}
	}
}

// orderAttached makes the keys and indexes of a partitioned table need their counterparts on its partitions: PostgreSQL
// attaches what is there when the parent's is created, and makes new ones, under names of its own, where nothing fits.
func (l *loader) orderAttached() {
	for _, b := range l.root.blocks {
		s := l.byBlock[b]
		if b.kind != "partition" || s == nil {
			continue
		}
		for _, p := range s.parents {
			own := l.byTable()[schema.Name{Schema: s.id.Schema, Name: s.id.Name}]
			for _, above := range l.byTable()[schema.Name{Schema: p.id.Schema, Name: p.id.Name}] {
				for _, id := range own {
					if reflect.DeepEqual(likeness(l.out.Catalog.Get(above)), likeness(l.out.Catalog.Get(id))) {
						l.depend(above, id)
					}
				}
			}
		}
	}
}

// likeness is what of a key or index has to be equal for one to be attached to the other.
func likeness(o schema.Object) schema.Object {
	switch o := o.(type) {
	case *schema.PrimaryKey:
		return &schema.PrimaryKey{Columns: o.Columns, WithoutOverlaps: o.WithoutOverlaps, Deferral: o.Deferral}
	case *schema.Unique:
		return &schema.Unique{Columns: o.Columns, NullsNotDistinct: o.NullsNotDistinct, WithoutOverlaps: o.WithoutOverlaps, Deferral: o.Deferral}
	case *schema.Index:
		return &schema.Index{Unique: o.Unique, Method: o.Method, Elements: o.Elements, Include: o.Include,
			NullsNotDistinct: o.NullsNotDistinct, Where: o.Where}
	}
	return o
}
