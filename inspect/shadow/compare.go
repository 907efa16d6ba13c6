package shadow

import (
	"slices"

	"github.com/pleatdb/pleat/planner"
	"github.com/pleatdb/pleat/schema"
)

// expected selects the objects about which the proof says something: everything on the shadow, except owners and grants
// that the plan does not touch, since those are the shadow's own.
func expected(initial, to *schema.Catalog, base, touched []schema.ID) func(id schema.ID) bool {
	named := map[schema.ID]bool{}
	for _, id := range append(slices.Clone(base), touched...) {
		named[id] = true
	}
	return func(id schema.ID) bool {
		switch {
		case id.Kind == schema.KindUnmanaged:
			return false
		case named[id]:
			return true
		case id.Kind == schema.KindOwner || id.Kind == schema.KindGrant:
			return false
		case id.Kind == schema.KindComment && id.Target().Kind == schema.KindExtension:
			return false
		}
		return initial.Get(id) == nil && to.Get(id) == nil
	}
}

// compare lists how the catalogs differ in the selected objects.
func compare(want, got *schema.Catalog, selected func(schema.ID) bool) []string {
	var out []string
	for _, id := range want.IDs() {
		if !selected(id) {
			continue
		}
		switch o := got.Get(id); {
		case o == nil:
			out = append(out, id.String()+" is missing")
		case !planner.Equal(want.Get(id), o):
			out = append(out, id.String()+" differs: "+planner.Difference(o, want.Get(id)))
		}
	}
	for _, id := range got.IDs() {
		if selected(id) && want.Get(id) == nil {
			out = append(out, id.String()+" should not be there")
		}
	}
	return out
}
