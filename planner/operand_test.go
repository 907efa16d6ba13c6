package planner

import "testing"

func TestOperandsKeepConstantsAndCalls(t *testing.T) {
	for _, expr := range []string{
		"1", "-1.5", "'a''b'::text", "'{}'::text[]", "nextval('s.q'::regclass)", "CURRENT_TIMESTAMP", "now()", "true", "NULL::character varying",
		"'1'::character varying(3)", "'x'::timestamp(3) without time zone", `"S"."f"('a)', "b)")`, "ARRAY['a'::text, 'b'::text]", `'x'::"S".t::text`,
		"'1'::double precision[]", "gen_random_uuid()",
	} {
		if got := operand(expr); got != expr {
			t.Errorf("%s became %s", expr, got)
		}
	}
}

func TestOperandsAreParenthesised(t *testing.T) {
	for _, expr := range []string{
		"now() AT TIME ZONE 'utc'::text", "'a'::text || 'b'::text", "NOT true", "1 IS NOT NULL", "true AND false", "'a'::text COLLATE \"C\"", "x::text IS NULL",
		`E'a\'b'`, "f('a' /* ) */)", "f(", "'a", "", "::", "a.", "(1) + (2)", "$$a$$", "'a'::text AND b",
	} {
		if got := operand(expr); got != "("+expr+")" {
			t.Errorf("%s became %s", expr, got)
		}
	}
}
