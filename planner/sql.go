package planner

import (
	"strings"

	"github.com/pleatdb/pleat/schema"
)

// paramList writes storage parameters as WITH and SET want them.
func paramList(params []schema.Param) string {
	parts := make([]string, len(params))
	for i, p := range params {
		parts[i] = paramName(p.Name) + "=" + schema.Literal(p.Value)
	}
	return strings.Join(parts, ", ")
}

// paramName quotes each part of a name such as toast.autovacuum_enabled.
func paramName(name string) string {
	parts := strings.Split(name, ".")
	for i := range parts {
		parts[i] = schema.Quote(parts[i])
	}
	return strings.Join(parts, ".")
}

func paramNames(params []schema.Param) string {
	parts := make([]string, len(params))
	for i, p := range params {
		parts[i] = paramName(p.Name)
	}
	return strings.Join(parts, ", ")
}

// paramChanges splits the way between two lists of parameters into those to set and those to reset.
func paramChanges(from, to []schema.Param) (set, reset []schema.Param) {
	value := func(list []schema.Param, name string) (string, bool) {
		for _, p := range list {
			if p.Name == name {
				return p.Value, true
			}
		}
		return "", false
	}
	for _, p := range to {
		if old, ok := value(from, p.Name); !ok || old != p.Value {
			set = append(set, p)
		}
	}
	for _, p := range from {
		if _, ok := value(to, p.Name); !ok {
			reset = append(reset, p)
		}
	}
	return set, reset
}

// alterParams writes the SET and RESET clauses behind a prefix such as ALTER TABLE t.
func alterParams(prefix string, from, to []schema.Param) []string {
	var out []string
	set, reset := paramChanges(from, to)
	if len(set) > 0 {
		out = append(out, prefix+" SET ("+paramList(set)+")")
	}
	if len(reset) > 0 {
		out = append(out, prefix+" RESET ("+paramNames(reset)+")")
	}
	return out
}

// deferral writes when a constraint is checked, with a leading space.
func deferral(d schema.Deferral) string {
	switch {
	case d.InitiallyDeferred:
		return " DEFERRABLE INITIALLY DEFERRED"
	case d.Deferrable:
		return " DEFERRABLE"
	}
	return ""
}

// collate writes a COLLATE clause with a leading space, or nothing.
func collate(name string) string {
	if name == "" {
		return ""
	}
	return " COLLATE " + name
}

func tableSQL(namespace, name string) string {
	return "ALTER TABLE " + schema.Qualified(namespace, name)
}

// relationWord is the word for the owner of an object in ALTER and COMMENT statements.
func relationWord(kind schema.Kind) string {
	switch kind {
	case schema.KindView:
		return "VIEW"
	case schema.KindMaterialized:
		return "MATERIALIZED VIEW"
	case schema.KindComposite:
		return "TYPE"
	}
	return "TABLE"
}
