package online

import (
	"github.com/pleatdb/pleat/planner"
	"github.com/pleatdb/pleat/schema"
)

// Conversions finds, for each column whose type changes without a declared conversion, the values that the new type refuses or does
// not keep. Columns of new tables have none, and neither have types between which no value is lost, or none of which can be told.
func Conversions(from, to *schema.Catalog, opts Options) map[schema.ID]planner.Check {
	out := map[schema.ID]planner.Check{}
	for _, c := range planner.Diff(from, to) {
		before, isTable := c.From.(*schema.Table)
		after, stays := c.To.(*schema.Table)
		if !isTable || !stays {
			continue
		}
		for i := range before.Columns {
			old := &before.Columns[i]
			id := schema.ColumnID(before.ID(), old.Name)
			changed := after.Column(old.Name)
			_, declared := opts.Converts[id]
			if changed == nil || changed.Type == old.Type || old.Inherited || old.Generated != nil || declared || opts.Harmless[id] || !comparable(old.Type, changed.Type) {
				continue
			}
			carried := &carry{from: id, final: id, up: castUp(id, changed, opts), old: old, new: changed}
			for _, check := range carried.lossy(false, opts.Major) {
				out[id] = check
			}
		}
	}
	return out
}

// castUp is the expression for the value in the new type.
func castUp(id schema.ID, changed *schema.Column, opts Options) string {
	if up := opts.Up.Casts[id]; up != "" {
		return up
	}
	return schema.Quote(id.Name) + "::" + changed.Type
}

// comparable reports whether values can go to the new type and back by casts that surely exist: from and to text every type has
// one (documentation, "CREATE CAST": I/O conversion casts), and numbers have them among themselves.
func comparable(old, changed string) bool {
	from, _ := splitType(old)
	to, _ := splitType(changed)
	return isText(from) && !isText(to) || isNumber(from) && isNumber(to) || isText(from) && isText(to)
}

func isText(base string) bool {
	return base == "text" || base == "character varying" || base == "character"
}
