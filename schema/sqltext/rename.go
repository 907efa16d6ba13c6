package sqltext

import (
	"fmt"
	"sort"

	pgquery "github.com/pganalyze/pg_query_go/v5"

	"github.com/pleatdb/pleat/schema"
)

// RenameColumn rewrites an expression over the columns of one table, such as that of a check or of an index, so that it reads
// another column in the place of one of them. Everything else stays as it was written. An error means that the grammar does not
// know the expression, or that it reads the row as a whole, whose columns cannot be renamed.
func RenameColumn(expr, from, to string) (string, error) {
	const prefix = "SELECT "
	src := prefix + expr
	node := parseOne(src)
	if node == nil {
		return "", fmt.Errorf("rename column %s: the expression cannot be read: %s", schema.Quote(from), expr)
	}
	var ends []token
	var err error
	walk(node.ProtoReflect(), func(m message) bool {
		ref, ok := m.Interface().(*pgquery.ColumnRef)
		if !ok {
			return true
		}
		names := strs(ref.Fields)
		if n := len(ref.Fields); n > 0 && ref.Fields[n-1].GetAStar() != nil {
			err = fmt.Errorf("rename column %s: the expression reads the whole row: %s", schema.Quote(from), expr)
		} else if len(names) > 0 && names[len(names)-1] == from {
			ends = append(ends, nameAt(src, int(ref.Location), len(names)))
		}
		return false
	})
	if err != nil {
		return "", err
	}
	sort.Slice(ends, func(i, j int) bool { return ends[i].start > ends[j].start })
	for _, t := range ends {
		src = src[:t.start] + schema.Quote(to) + src[t.end:]
	}
	return src[len(prefix):], nil
}

// nameAt is the last of n names, joined by dots, that begin at a place of the text.
func nameAt(src string, start, n int) token {
	s := scanner{src: src, pos: start}
	var last token
	for n > 0 {
		t, ok, err := s.next()
		if !ok || err != nil {
			break
		}
		if t.kind == tokenWord || t.kind == tokenQuoted {
			last = t
			n--
		}
	}
	return last
}
