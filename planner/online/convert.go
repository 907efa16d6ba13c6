package online

import (
	"strconv"
	"strings"

	"github.com/pleatdb/pleat/schema"
)

// unfit selects the values that the new type refuses, or that come back from it as something else.
func unfit(c *carry, major int) string {
	name, table := schema.Quote(c.from.Name), tableOf(c.from).SQL()
	back := differ(c.old.Type, "("+c.up+")::"+c.old.Type, name)
	condition := back
	if refused := refuses(name, c.old.Type, c.new.Type, major); refused != "" {
		condition = "CASE WHEN " + refused + " THEN true ELSE " + back + " END"
	}
	return "SELECT " + name + " FROM " + table + " WHERE " + name + " IS NOT NULL AND " + condition
}

// refuses is the condition under which the cast fails; empty where it cannot fail, or where nothing but trying shows it.
func refuses(name, old, changed string, major int) string {
	if major >= 16 { // pg_input_is_valid came with PostgreSQL 16
		return "NOT pg_catalog.pg_input_is_valid(" + name + "::text, " + schema.Literal(changed) + ")"
	}
	base, modifier := splitType(changed)
	from, _ := splitType(old)
	textual := isText(from)
	low, high, isInteger := integerBounds(base)
	switch {
	case isInteger && textual:
		return "CASE WHEN " + name + ` ~ '^\s*[-+]?[0-9]+\s*$' THEN ` + name + "::numeric NOT BETWEEN " + low + " AND " + high + " ELSE true END"
	case isInteger && isNumber(from):
		return name + "::numeric NOT BETWEEN " + low + " AND " + high
	case base == "uuid" && textual:
		return name + ` !~ '^\s*\{?[0-9a-fA-F]{4}(-?[0-9a-fA-F]{4}){7}\}?\s*$'`
	case base == "boolean" && textual:
		return "lower(btrim(" + name + ")) NOT IN ('t', 'true', 'y', 'yes', 'on', '1', 'f', 'false', 'n', 'no', 'off', '0')"
	case isNumber(base) && textual:
		number := name + ` ~ '^\s*[-+]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]{1,3})?\s*$'`
		if limit := digitsBefore(base, modifier); limit != "" {
			return "CASE WHEN " + number + " THEN abs(" + name + "::numeric) >= " + limit + " ELSE true END"
		}
		return "NOT (" + number + ")"
	case base == "numeric" && isNumber(from):
		if limit := digitsBefore(base, modifier); limit != "" {
			return "abs(" + name + "::numeric) >= " + limit
		}
	}
	return ""
}

// splitType separates a type from its modifier: numeric(10,2) is numeric and 10,2.
func splitType(typ string) (base, modifier string) {
	base, rest, ok := strings.Cut(typ, "(")
	if !ok {
		return typ, ""
	}
	modifier, _, _ = strings.Cut(rest, ")")
	return strings.TrimSpace(base), modifier
}

// widens reports whether every value of the old type is one of the new type.
func widens(old, changed string) bool {
	rank := map[string]int{"smallint": 1, "integer": 2, "bigint": 3, "numeric": 4}
	return rank[old] > 0 && rank[old] < rank[changed]
}

func isNumber(base string) bool {
	switch base {
	case "smallint", "integer", "bigint", "numeric", "real", "double precision":
		return true
	}
	return false
}

func integerBounds(base string) (low, high string, ok bool) {
	switch base {
	case "smallint":
		return "-32768", "32767", true
	case "integer":
		return "-2147483648", "2147483647", true
	case "bigint":
		return "-9223372036854775808", "9223372036854775807", true
	}
	return "", "", false
}

// digitsBefore is the number that a numeric with this modifier is too small for; empty without a modifier.
func digitsBefore(base, modifier string) string {
	if base != "numeric" || modifier == "" {
		return ""
	}
	precision, scale, _ := strings.Cut(modifier, ",")
	p, err := strconv.Atoi(strings.TrimSpace(precision))
	s, _ := strconv.Atoi(strings.TrimSpace(scale))
	if err != nil {
		return ""
	}
	return "(10::numeric ^ " + strconv.Itoa(p-s) + ")"
}
