package schema

import (
	"slices"
	"strconv"
	"strings"
)

// What a contract takes away is renamed first and dropped later: a column under a dated name, a table into a dated schema. It is
// in the database, but no desired state names it, so that catalogs which are compared leave it out ([Catalog.WithoutTrash]).
const (
	trashColumnPrefix  = "_drop_"
	trashSchemaPrefix  = "pleat_trash_"
	trashRoutinePrefix = "zzz_pleat_drop_"
	dateLength         = len("20060102")
)

// TrashColumn is the name under which a dropped column waits for its end. The date is YYYYMMDD. Where a name is taken, as after a
// second drop on one day, n counts up from 1.
func TrashColumn(date, name string, n int) string {
	return Shorten(trashColumnPrefix + date + "_" + name + ordinal(n))
}

// TrashSchema is the schema to which dropped tables move; see [TrashColumn] for date and n.
func TrashSchema(date string, n int) string { return trashSchemaPrefix + date + ordinal(n) }

// TrashRoutine is the name of the trigger, and of its function, that keeps a column in the trash up to date; see [TrashColumn] for
// date and n. BEFORE triggers fire in the order of their names (documentation, "Overview of Trigger Behavior"), and this one has
// to be the last.
func TrashRoutine(date, name string, n int) string {
	return Shorten(trashRoutinePrefix + date + "_" + name + ordinal(n))
}

// ordinal tells the second of a name from the first.
func ordinal(n int) string {
	if n < 2 {
		return ""
	}
	return "_" + strconv.Itoa(n)
}

// Trashed reports whether the object, or the place that it is in, waits for its end, and the date (YYYYMMDD) since when.
func Trashed(id ID) (date string, ok bool) {
	if id.Kind.IsAttachment() {
		return Trashed(id.Target())
	}
	name := id.Schema
	if id.Kind == KindSchema {
		name = id.Name
	}
	if date, rest, ok := trashDate(name, trashSchemaPrefix); ok && (rest == "" || isOrdinal(rest)) {
		return date, true
	}
	prefix := map[Kind]string{
		KindColumn: trashColumnPrefix, KindDefault: trashColumnPrefix, KindTrigger: trashRoutinePrefix, KindFunction: trashRoutinePrefix,
	}[id.Kind]
	if date, rest, ok := trashDate(id.Name, prefix); ok && prefix != "" && strings.HasPrefix(rest, "_") {
		return date, true
	}
	return "", false
}

// trashDate finds the date after the prefix of a name, and what follows it.
func trashDate(name, prefix string) (date, rest string, ok bool) {
	rest, ok = strings.CutPrefix(name, prefix)
	if !ok || len(rest) < dateLength || strings.Trim(rest[:dateLength], "0123456789") != "" {
		return "", "", false
	}
	return rest[:dateLength], rest[dateLength:], true
}

// isOrdinal reports whether the text is what [ordinal] makes.
func isOrdinal(text string) bool {
	n, err := strconv.Atoi(strings.TrimPrefix(text, "_"))
	return err == nil && text == ordinal(n)
}

// WithoutTrash is the catalog without what waits for its end. Without any trash it is the catalog itself.
func (c *Catalog) WithoutTrash() *Catalog {
	trash := c.Trash()
	if len(trash) == 0 {
		return c
	}
	out := c.Clone()
	for _, id := range trash {
		switch id.Kind {
		case KindColumn:
			owner, _ := out.Owner(id)
			t := *out.objects[owner].(*Table)
			t.Columns = slices.DeleteFunc(slices.Clone(t.Columns), func(c Column) bool { return c.Name == id.Name })
			delete(out.deps, id)
			out.Add(&t)
		default:
			for _, column := range out.Columns(id) {
				delete(out.deps, column)
			}
			out.Remove(id)
		}
	}
	return out
}

// Trash lists what waits for its end: objects, and columns of tables that stay.
func (c *Catalog) Trash() []ID {
	var out []ID
	for _, id := range c.IDs() {
		if _, ok := Trashed(id); ok || c.trashSequence(id) {
			out = append(out, id)
			continue
		}
		if id.Kind != KindTable {
			continue
		}
		for _, column := range c.Columns(id) {
			if _, ok := Trashed(column); ok {
				out = append(out, column)
			}
		}
	}
	return out
}

// trashSequence reports whether the object is a sequence that goes with a column in the trash, or belongs to such a one.
func (c *Catalog) trashSequence(id ID) bool {
	if id.Kind.IsAttachment() {
		id = id.Target()
	}
	s, ok := c.objects[id].(*Sequence)
	if !ok || s.OwnedBy == nil {
		return false
	}
	_, ok = Trashed(s.OwnedBy.ID())
	return ok
}

// Shorten cuts a name to the 63 bytes that PostgreSQL keeps (NAMEDATALEN), never within a character. A cut name ends in a few
// digits that depend on all of it, so that two long names stay two.
func Shorten(name string) string {
	const longest = 63
	if len(name) <= longest {
		return name
	}
	var sum uint32 = 2166136261
	for _, b := range []byte(name) {
		sum = (sum ^ uint32(b)) * 16777619
	}
	const digits = "0123456789abcdefghijklmnopqrstuvwxyz"
	suffix := []byte("_")
	for range 6 {
		suffix = append(suffix, digits[sum%36])
		sum /= 36
	}
	return strings.ToValidUTF8(name[:longest-len(suffix)], "") + string(suffix)
}
