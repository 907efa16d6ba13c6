package adopt

import (
	"slices"
	"strings"

	"github.com/pleatdb/pleat/history/legacy"
)

// Ignore are the patterns of a project file that leave the tool's own tables alone: "public.flyway_schema_history", or the whole schema where it
// is the tool's. A character of a name that patterns read in a way of their own (a dot, * and ?) is written as ?, which stands for any one
// character: see [Loose].
func Ignore(s *legacy.Source) (out []string) {
	add := func(p string) {
		if !slices.Contains(out, p) {
			out = append(out, p)
		}
	}
	for _, name := range s.Schemas {
		add(literal(name))
	}
	if s.OwnSchema {
		add(literal(s.Schema))
		for _, b := range s.Beside {
			if b.Schema != s.Schema {
				add(literal(b.Schema) + "." + literal(b.Table))
			}
		}
		return out
	}
	add(literal(s.Schema) + "." + literal(s.Table))
	for _, b := range s.Beside {
		add(literal(b.Schema) + "." + literal(b.Table))
	}
	if s.Tool == legacy.PgMigrate {
		add(literal(s.Schema) + ".schema_version_type") // the enum of the column type
	}
	return out
}

// Loose lists the patterns of [Ignore] that may match more than the tool's own: a name holds a character that no pattern can mean.
func Loose(s *legacy.Source) []string {
	return slices.DeleteFunc(Ignore(s), func(p string) bool { return !strings.Contains(p, "?") })
}

// literal is a name as a part of a pattern.
func literal(name string) string {
	return strings.Map(func(r rune) rune {
		if r == '.' || r == '*' {
			return '?'
		}
		return r
	}, name)
}
