package planner

import (
	"slices"
	"strings"

	"github.com/pleatdb/pleat/schema"
)

var enumRules = kindRules{
	create: func(_ *planning, o schema.Object) []string {
		e := o.(*schema.Enum)
		values := make([]string, len(e.Values))
		for i, v := range e.Values {
			values[i] = schema.Literal(v)
		}
		return []string{"CREATE TYPE " + e.ID().SQL() + " AS ENUM (" + strings.Join(values, ", ") + ")"}
	},
	drop:     dropType,
	replaces: enumReplaces,
	alter:    alterEnum,
}

func dropType(_ *planning, o schema.Object) []string {
	word := "TYPE "
	if o.ID().Kind == schema.KindDomain {
		word = "DOMAIN "
	}
	return []string{"DROP " + word + o.ID().SQL()}
}

// enumReplaces reports whether a value goes or moves, which no ALTER TYPE can do (13 to 18).
func enumReplaces(_ *planning, before, after schema.Object) bool {
	from, to := before.(*schema.Enum), after.(*schema.Enum)
	at := 0
	for _, v := range from.Values {
		i := slices.Index(to.Values[at:], v)
		if i < 0 {
			return true
		}
		at += i + 1
	}
	return false
}

// alterEnum adds values, each at its place.
func alterEnum(_ *planning, before, after schema.Object) ([]string, error) {
	from, to := before.(*schema.Enum), after.(*schema.Enum)
	var out []string
	for i, v := range to.Values {
		if slices.Contains(from.Values, v) {
			continue
		}
		sql := "ALTER TYPE " + to.ID().SQL() + " ADD VALUE " + schema.Literal(v)
		switch {
		case i > 0 && slices.Contains(to.Values[i:], last(from.Values)):
			sql += " AFTER " + schema.Literal(to.Values[i-1])
		case i == 0 && len(from.Values) > 0:
			sql += " BEFORE " + schema.Literal(from.Values[0])
		}
		out = append(out, sql)
	}
	return out, nil
}

func last(values []string) string {
	if len(values) == 0 {
		return ""
	}
	return values[len(values)-1]
}
