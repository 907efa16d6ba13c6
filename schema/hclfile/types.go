package hclfile

import (
	"strings"
)

// typeAliases are the words for built-in types that SQL or people have beside the one that format_type prints
// (gram.y, pg_type; PostgreSQL 13 to 18).
var typeAliases = map[string]string{
	"int": "integer", "int4": "integer", "integer": "integer", "int2": "smallint", "smallint": "smallint",
	"int8": "bigint", "bigint": "bigint", "bool": "boolean", "boolean": "boolean", "float4": "real", "real": "real",
	"float8": "double precision", "double precision": "double precision", "decimal": "numeric", "dec": "numeric",
	"numeric": "numeric", "varchar": "character varying", "character varying": "character varying",
	"char varying": "character varying", "char": "character", "character": "character", "bpchar": "bpchar",
	"nchar": "character", "national character": "character", "national char": "character",
	"national character varying": "character varying", "national char varying": "character varying",
	"nchar varying": "character varying",
	"varbit":        "bit varying", "bit varying": "bit varying", "bit": "bit",
	"timestamptz": "timestamp with time zone", "timestamp": "timestamp without time zone",
	"timestamp with time zone": "timestamp with time zone", "timestamp without time zone": "timestamp without time zone",
	"timetz": "time with time zone", "time": "time without time zone",
	"time with time zone": "time with time zone", "time without time zone": "time without time zone",
	"interval": "interval",
}

// plainTypes are built-in types that have one name only.
const plainTypes = `
text bytea name oid json jsonb jsonpath uuid xml money date cidr inet macaddr macaddr8 point line lseg box path polygon
circle tsvector tsquery txid_snapshot pg_lsn pg_snapshot int4range int8range numrange tsrange tstzrange daterange
int4multirange int8multirange nummultirange tsmultirange tstzmultirange datemultirange regclass regcollation regconfig
regdictionary regnamespace regoper regoperator regproc regprocedure regrole regtype xid xid8 cid tid refcursor aclitem
int2vector oidvector pg_node_tree pg_ndistinct pg_dependencies pg_mcv_list
trigger event_trigger void record any anyelement anyarray anynonarray anyenum anyrange anymultirange anycompatible
anycompatiblearray anycompatiblenonarray anycompatiblerange anycompatiblemultirange internal cstring
language_handler fdw_handler tsm_handler index_am_handler table_am_handler pg_ddl_command unknown
`

// intervalFields restrict an interval.
var intervalFields = map[string]bool{
	"year": true, "month": true, "day": true, "hour": true, "minute": true, "second": true, "year to month": true,
	"day to hour": true, "day to minute": true, "day to second": true, "hour to minute": true, "hour to second": true,
	"minute to second": true,
}

func init() {
	for name := range strings.FieldsSeq(plainTypes) {
		typeAliases[name] = name
	}
}

// sqlTypeName is a type taken apart.
type sqlTypeName struct {
	// name is the printed name without modifiers and array brackets; of a user's type, qualified and quoted.
	name string
	// fields are those of an interval.
	fields string
	mods   []string
	array  bool
	// builtin types are in pg_catalog.
	builtin bool
}

// String is what format_type prints with search_path = pg_catalog.
func (t sqlTypeName) String() string {
	out := t.name
	mods := t.modifiers()
	switch {
	case mods == "":
	case strings.HasPrefix(t.name, "timestamp ") || strings.HasPrefix(t.name, "time "):
		word, rest, _ := strings.Cut(t.name, " ")
		out = word + mods + " " + rest
	case t.name == "interval" && t.fields != "":
	case t.name == "bpchar":
		out = "character" + mods
	default:
		out += mods
	}
	if t.fields != "" {
		out += " " + t.fields + mods
	}
	if t.array {
		out += "[]"
	}
	return out
}

func (t sqlTypeName) modifiers() string {
	mods := t.mods
	switch {
	case len(mods) == 0 && t.builtin && (t.name == "character" || t.name == "bit"):
		mods = []string{"1"}
	case len(mods) == 1 && t.builtin && t.name == "numeric":
		mods = []string{mods[0], "0"}
	}
	if len(mods) == 0 {
		return ""
	}
	return "(" + strings.Join(mods, ",") + ")"
}

// bare is the type without its modifier, as format_type prints it for a parameter or a result.
func (t sqlTypeName) bare() string {
	out := t.name
	if t.builtin && out == "bpchar" {
		out = "character"
	}
	if t.array {
		out += "[]"
	}
	return out
}

// constant is the type without its modifier as it follows :: in a printed constant. There bpchar and bit must not
// read as character(1) and bit(1).
func (t sqlTypeName) constant() string {
	out := t.name
	switch {
	case t.builtin && (out == "character" || out == "bpchar"):
		out = "bpchar"
	case t.builtin && out == "bit":
		out = `"bit"`
	case t.builtin && out == "interval":
		t.array = false
		out = t.String()
	}
	if t.array {
		out += "[]"
	}
	return out
}
