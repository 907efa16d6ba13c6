package online

import (
	"strings"

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
			for _, check := range carried.lossy(false, opts.Major, from, to) {
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

// enumValues are the values of the new type, where text becomes an enum, which the same plan may make.
func enumValues(to *schema.Catalog, c *carry) ([]string, bool) {
	from, _ := splitType(c.old.Type)
	for _, need := range to.DependsOn(c.final) {
		e, ok := to.Get(need).(*schema.Enum)
		if ok && isText(from) && !strings.HasSuffix(c.new.Type, "[]") {
			return e.Values, true
		}
	}
	return nil, false
}

// notAmong selects the values that an enum does not have.
func notAmong(c *carry, values []string) string {
	list := make([]string, len(values))
	for i, v := range values {
		list[i] = schema.Literal(v)
	}
	name := schema.Quote(c.from.Name)
	return "SELECT " + name + " FROM " + tableOf(c.from).SQL() + " WHERE " + name + "::text <> ALL (ARRAY[" + strings.Join(list, ", ") + "]::text[])"
}

// typeStays reports whether the new type of the column is there before the plan, as it will be after.
func typeStays(from, to *schema.Catalog, column schema.ID) bool {
	for _, need := range to.DependsOn(column) {
		if need.Kind.IsType() && (from.Get(need) == nil || !planner.Equal(from.Get(need), to.Get(need))) {
			return false
		}
	}
	return true
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
