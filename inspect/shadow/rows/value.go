package rows

import (
	"fmt"
	"strings"
)

// scalars are expressions that make a value of a built-in type of a number, %s, which counts from 1. Equal numbers give equal
// values in every table, so that a foreign key that a migration is about to add finds its rows; other numbers give other
// values as far as the type has them.
var scalars = map[string]string{
	"bool":          "(%s) % 2 = 0",
	"int2":          "((%s - 1) % 32767 + 1)",
	"int4":          "((%s - 1) % 2147483647 + 1)",
	"int8":          "%s",
	"float4":        "%s",
	"float8":        "%s",
	"money":         "(%s % 100000000)::numeric",
	"text":          "%s",
	"name":          "(%s)::text",
	"char":          "pg_catalog.chr((33 + (%s) % 90)::int)",
	"bytea":         "pg_catalog.decode(pg_catalog.md5((%s)::text), 'hex')",
	"uuid":          "pg_catalog.md5((%s)::text)",
	"date":          "(DATE '2000-01-01' + ((%s) % 9000)::int)",
	"timestamp":     "(TIMESTAMP '2000-01-01' + (%s) * INTERVAL '1 hour')",
	"timestamptz":   "(TIMESTAMPTZ '2000-01-01 00:00+00' + (%s) * INTERVAL '1 hour')",
	"time":          "(TIME '00:00' + (%s) * INTERVAL '1 second')",
	"timetz":        "(TIMETZ '00:00+00' + (%s) * INTERVAL '1 second')",
	"interval":      "((%s) * INTERVAL '1 second')",
	"json":          "pg_catalog.json_build_object('n', %s)",
	"jsonb":         "pg_catalog.jsonb_build_object('n', %s)",
	"jsonpath":      "('$.k' || (%s)::text)",
	"xml":           "('<n>' || (%s)::text || '</n>')",
	"inet":          "(INET '10.0.0.0' + (%s) % 16777216)",
	"cidr":          "pg_catalog.host(INET '10.0.0.0' + (%s) % 16777216)",
	"macaddr":       "pg_catalog.lpad(pg_catalog.to_hex((%s) % 281474976710655), 12, '0')",
	"macaddr8":      "pg_catalog.lpad(pg_catalog.to_hex(%s), 16, '0')",
	"point":         "pg_catalog.point((%s)::float8, (%[1]s)::float8)",
	"line":          "pg_catalog.line(pg_catalog.point((%s)::float8, 0), pg_catalog.point((%[1]s)::float8, 1))",
	"lseg":          "pg_catalog.lseg(pg_catalog.point((%s)::float8, 0), pg_catalog.point((%[1]s)::float8, 1))",
	"box":           "pg_catalog.box(pg_catalog.point((%s)::float8, 0), pg_catalog.point((%[1]s)::float8 + 1, 1))",
	"path":          "('[(0,0),(' || (%s)::text || ',1)]')",
	"polygon":       "('((0,0),(' || (%s)::text || ',0),(0,1))')",
	"circle":        "pg_catalog.circle(pg_catalog.point((%s)::float8, 0), 1)",
	"tsvector":      "pg_catalog.to_tsvector('pg_catalog.simple', 'word ' || (%s)::text)",
	"tsquery":       "('word' || (%s)::text)",
	"oid":           "(%s % 2147483647)",
	"xid":           "((%s) % 2147483647)::text",
	"xid8":          "(%s)::text",
	"cid":           "((%s) % 2147483647)::text",
	"tid":           "('(' || ((%s) % 2147483647)::text || ',1)')",
	"pg_lsn":        "('0/' || pg_catalog.to_hex((%s) % 2147483647))",
	"pg_snapshot":   "((%s)::text || ':' || (%[1]s)::text || ':')",
	"txid_snapshot": "((%s)::text || ':' || (%[1]s)::text || ':')",
	"regclass":      "'pg_catalog.pg_class'",
	"regtype":       "'pg_catalog.int4'",
	"regproc":       "'pg_catalog.now'",
	"regprocedure":  "'pg_catalog.now()'",
	"regoper":       "'pg_catalog.||/'",
	"regoperator":   "'pg_catalog.+(integer,integer)'",
	"regrole":       "(SELECT r.rolname::text FROM pg_catalog.pg_roles r ORDER BY r.oid LIMIT 1)",
	"regnamespace":  "'pg_catalog'",
	"regconfig":     "'pg_catalog.simple'",
	"regdictionary": "'pg_catalog.simple'",
	"regcollation":  "'pg_catalog.\"C\"'",
	"int2vector":    "(%s % 32767)::text",
	"oidvector":     "(%s % 2147483647)::text",
	"refcursor":     "(%s)::text",
}

// natural is an expression for a value of the type that number makes; it has the type only once it is cast. ok is false for
// types that nothing is known of.
func (s *structure) natural(oid uint32, mod int32, number string) (expr string, ok bool) {
	t := s.types[oid]
	switch {
	case t == nil:
		return "", false
	case t.kind == "e":
		return fmt.Sprintf("(pg_catalog.enum_range(NULL::%s))[1 + ((%s) - 1) %% %d]", t.format, number, max(t.labels, 1)), t.labels > 0
	case t.kind == "d":
		return s.domains[oid].pick(number), s.domains[oid].size > 0
	case t.kind == "r":
		return s.rangeOf(t, number)
	case t.kind == "m":
		inner, ok := s.natural(t.sub, -1, number)
		return t.format + "(" + inner + ")", ok
	case t.kind == "c":
		return s.row(t, number)
	case t.elem != 0:
		inner, ok := s.natural(t.elem, mod, number)
		return "ARRAY[CAST(" + inner + " AS " + s.types[t.elem].format + ")]", ok
	case t.namespace != "pg_catalog":
		return extension(t, number)
	}
	return builtIn(t.name, mod, number)
}

// extension is a guess at types that came with an extension: text that many of them read.
func extension(t *typ, number string) (string, bool) {
	switch t.name {
	case "hstore":
		return "('n=>' || (" + number + ")::text)", true
	case "citext", "ltree", "lquery", "ltxtquery", "cube", "seg":
		return "(" + number + ")::text", true
	}
	return "", false
}

// builtIn minds the modifiers of the types that have one which bounds the value.
func builtIn(name string, mod int32, number string) (string, bool) {
	switch name {
	case "varchar", "bpchar":
		return text(mod-4, number), true
	case "bit", "varbit":
		n := mod
		if n < 1 {
			n = 8
			if name == "bit" {
				n = 1
			}
		}
		expr := fmt.Sprintf("(%s)::bigint::bit(%d)", number, n)
		if name == "varbit" && n > 64 {
			expr = fmt.Sprintf("(%s)::bigint::bit(64)", number)
		}
		return expr, true
	case "numeric":
		return numeric(mod, number), true
	}
	form, ok := scalars[name]
	if !ok {
		return "", false
	}
	return fill(form, number), true
}

// fill puts the number into a form, where % is also an operator.
func fill(form, number string) string {
	return strings.ReplaceAll(strings.ReplaceAll(form, "%[1]s", number), "%s", number)
}

// text is digits, which fit most of what a column may become. Short ones use more signs, to have enough different values.
func text(length int32, number string) string {
	switch {
	case length < 1 || length >= 19:
		return "(" + number + ")::text"
	case length >= 4:
		return fmt.Sprintf("((%s) %% %s)::text", number, "1"+strings.Repeat("0", int(length)))
	}
	const signs = "'0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'"
	var parts []string
	for place := int64(1); length > 0; length-- {
		parts = append(parts, fmt.Sprintf("pg_catalog.substr(%s, 1 + (((%s) / %d) %% 62)::int, 1)", signs, number, place))
		place *= 62
	}
	return "(" + strings.Join(parts, " || ") + ")"
}

// numeric minds precision and scale: the modifier holds both (src/backend/utils/adt/numeric.c, make_numeric_typmod).
func numeric(mod int32, number string) string {
	if mod < 4 {
		return "(" + number + ")::numeric"
	}
	precision := (mod - 4) >> 16 & 0xffff
	scale := (mod - 4) & 0x7ff
	if scale > 1023 { // negative since PostgreSQL 15
		scale -= 2048
	}
	ten := func(n int32) string { return "1" + strings.Repeat("0", int(max(min(n, 15), 0))) }
	whole := precision - scale
	if whole >= 1 {
		return fmt.Sprintf("((%s) %% %s)::numeric", number, ten(whole))
	}
	return fmt.Sprintf("(((%s) %% %s)::numeric / 1%s::numeric)", number, ten(precision), strings.Repeat("0", int(scale)))
}

// rangeOf is short and overlaps with that of no other number.
func (s *structure) rangeOf(t *typ, number string) (string, bool) {
	sub := s.types[t.sub]
	if sub == nil {
		return "", false
	}
	low, ok := s.natural(t.sub, -1, number)
	high, _ := s.natural(t.sub, -1, "("+number+" + 1)")
	cast := func(e string) string { return "CAST(" + e + " AS " + sub.format + ")" }
	low, high = cast(low), cast(high)
	return fmt.Sprintf("%s(LEAST(%s, %s), GREATEST(%[2]s, %[3]s), '[)')", t.format, low, high), ok
}

func (s *structure) row(t *typ, number string) (string, bool) {
	var parts []string
	for _, f := range t.fields {
		inner, ok := s.natural(f.typ, f.mod, number)
		if !ok {
			inner = "NULL"
		}
		parts = append(parts, "CAST("+inner+" AS "+f.format+")")
	}
	return "ROW(" + strings.Join(parts, ", ") + ")", true
}

// cast gives an expression the type of a column.
func cast(expr, format string) string { return "CAST(" + expr + " AS " + format + ")" }
