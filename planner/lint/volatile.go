package lint

import (
	"strings"

	"github.com/pleatdb/pleat/schema"
	"github.com/pleatdb/pleat/schema/sqltext"
)

// volatileFunctions of PostgreSQL and its usual extensions are marked VOLATILE in pg_proc and come up in defaults.
var volatileFunctions = setOf("random random_normal setseed clock_timestamp timeofday gen_random_uuid uuidv4 uuidv7 uuid_generate_v1 " +
	"uuid_generate_v1mc uuid_generate_v4 nextval currval lastval setval set_config gen_salt gen_random_bytes pgp_sym_encrypt crypt_gensalt " +
	"pg_sleep pg_notify query_to_xml")

// steadyFunctions are marked IMMUTABLE or STABLE and come up in defaults; now() and its kin are STABLE, which rewrites nothing.
var steadyFunctions = setOf("now transaction_timestamp statement_timestamp timezone date_trunc date_part date extract to_char to_date to_timestamp " +
	"to_number make_date make_time make_timestamp make_timestamptz make_interval age current_setting current_schema current_schemas current_database version " +
	"pg_backend_pid inet_client_addr txid_current pg_current_xact_id uuid_nil uuid_ns_dns uuid_ns_url uuid_generate_v3 uuid_generate_v5 lower upper initcap md5 sha256 " +
	"encode decode digest hmac crypt concat concat_ws format replace translate repeat lpad rpad left right length char_length substring substr trim btrim ltrim rtrim " +
	"overlay position split_part string_to_array array_to_string array_fill array_append array_prepend array_cat array_length cardinality regexp_replace " +
	"jsonb_build_object jsonb_build_array json_build_object json_build_array to_json to_jsonb jsonb_set jsonb_strip_nulls row_to_json " +
	"to_tsvector to_tsquery setweight abs ceil ceiling floor round trunc power sqrt mod greatest least coalesce nullif hstore point box int4range int8range numrange daterange " +
	"tsrange tstzrange int4 int8 float8 text varchar bool numeric pi")

func setOf(text string) map[string]bool {
	set := map[string]bool{}
	for _, word := range strings.Fields(text) {
		set[word] = true
	}
	return set
}

// volatile names the first function in an expression that is volatile or of which nothing is known, or is empty.
// Functions are VOLATILE unless their definition says otherwise, so an unknown one counts as volatile.
func (w *world) volatile(e *sqltext.ExprFact) string {
	for _, c := range e.Calls {
		switch volatility := w.functions[w.resolve(c)]; {
		case volatility == "immutable", volatility == "stable":
		case c.Schema == "" && steadyFunctions[c.Name] && w.functions[w.resolve(c)] == "":
		case c.Schema == "":
			return schema.Quote(c.Name) + "()"
		default:
			return schema.Qualified(c.Schema, c.Name) + "()"
		}
	}
	return ""
}

// surelyVolatile tells a function that is volatile from one that is only not known.
func (w *world) surelyVolatile(e *sqltext.ExprFact) bool {
	for _, c := range e.Calls {
		if c.Schema == "" && volatileFunctions[c.Name] {
			return true
		}
		if v, ok := w.functions[w.resolve(c)]; ok && v != "immutable" && v != "stable" {
			return true
		}
	}
	return false
}
