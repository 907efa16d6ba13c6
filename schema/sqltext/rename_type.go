package sqltext

import (
	"fmt"
	"sort"

	pgquery "github.com/pganalyze/pg_query_go/v5"

	"github.com/pleatdb/pleat/schema"
)

// RenameType rewrites an expression so that it names another type in the place of one, which the expression names with
// its schema, as the engine writes it. Everything else stays as it was written. An error means that the grammar does not
// know the expression.
func RenameType(expr string, from, to schema.Name) (string, error) {
	const prefix = "SELECT "
	src := prefix + expr
	node := parseOne(src)
	if node == nil {
		return "", fmt.Errorf("rename type %s: the expression cannot be read: %s", from.SQL(), expr)
	}
	type span struct{ start, end int }
	var found []span
	walk(node.ProtoReflect(), func(m message) bool {
		name, ok := m.Interface().(*pgquery.TypeName)
		if !ok {
			return true
		}
		if parts := strs(name.Names); len(parts) == 2 && parts[0] == from.Schema && parts[1] == from.Name {
			found = append(found, span{int(name.Location), nameAt(src, int(name.Location), 2).end})
		}
		return true
	})
	sort.Slice(found, func(i, j int) bool { return found[i].start > found[j].start })
	for _, s := range found {
		src = src[:s.start] + to.SQL() + src[s.end:]
	}
	return src[len(prefix):], nil
}
