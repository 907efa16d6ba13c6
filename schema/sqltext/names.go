package sqltext

import (
	"strings"

	pgquery "github.com/pganalyze/pg_query_go/v5"
)

// strs returns the strings of a list; a star is "*".
func strs(list []*pgquery.Node) []string {
	var out []string
	for _, n := range list {
		if n.GetAStar() != nil {
			out = append(out, "*")
		} else if s := n.GetString_(); s != nil {
			out = append(out, s.Sval)
		}
	}
	return out
}

// nameOf takes the last two parts of a name; a database before them is dropped.
func nameOf(parts []string) Name {
	switch n := len(parts); n {
	case 0:
		return Name{}
	case 1:
		return Name{Name: parts[0]}
	default:
		return Name{parts[n-2], parts[n-1]}
	}
}

// splitName reads a dotted name as PostgreSQL reads it from a string (stringToQualifiedNameList).
func splitName(text string) ([]string, bool) {
	tokens, err := significant(text)
	if err != nil || len(tokens)%2 == 0 {
		return nil, false
	}
	var parts []string
	for i, t := range tokens {
		part := t.text(text)
		switch {
		case i%2 == 1:
			if part != "." {
				return nil, false
			}
		case t.kind == tokenQuoted && strings.HasPrefix(part, `"`):
			parts = append(parts, strings.ReplaceAll(part[1:len(part)-1], `""`, `"`))
		case t.kind == tokenWord:
			parts = append(parts, strings.ToLower(part))
		default:
			return nil, false
		}
	}
	return parts, true
}
