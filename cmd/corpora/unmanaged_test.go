package main

import (
	"testing"
)

func TestIsAboutMe(t *testing.T) {
	tests := []struct {
		entry, sql string
		want       bool
	}{
		{"aggregate public.sum2(integer)", "CREATE AGGREGATE public.sum2(integer) (\n    SFUNC = f\n)", true},
		{"aggregate public.sum2", "COMMENT ON AGGREGATE public.sum2(integer) IS 'x'", true},
		{`aggregate public."sum2(integer)"`, "GRANT ALL ON FUNCTION public.sum2(integer) TO r", true},
		{"aggregate public.sum", "CREATE AGGREGATE public.sum2(integer) (\n    SFUNC = f\n)", false},
		{"aggregate public.sum2", "CREATE AGGREGATE public.sum(integer) (\n    SFUNC = f\n)", false},
		{"aggregate public.sum2", "CREATE AGGREGATE other.sum2(integer) (\n    SFUNC = f\n)", false},
		{"aggregate public.f", "CREATE FUNCTION public.f() RETURNS void\n    LANGUAGE sql\n    AS $$ $$", false},
		{"aggregate public.sum2", "CREATE VIEW public.v AS\n SELECT public.sum2(1)", false},
		{`text search configuration public.c`, "ALTER TEXT SEARCH CONFIGURATION public.c\n    ADD MAPPING FOR word WITH simple", true},
		{`text search configuration public."c"`, "CREATE TEXT SEARCH CONFIGURATION public.c (\n    PARSER = p )", true},
		{`operator class public."oc using btree"`, "CREATE OPERATOR CLASS public.oc\n    FOR TYPE bigint USING btree AS\n    STORAGE bigint", true},
		{`operator public."##(integer, integer)"`, "CREATE OPERATOR public.## (\n    FUNCTION = public.f\n)", true},
		{`operator public.##(integer, integer)`, "CREATE OPERATOR public.## (\n    FUNCTION = public.f\n)", true},
		{`operator public.###`, "CREATE OPERATOR public.## (\n    FUNCTION = public.f\n)", false},
		{`cast (text AS public.x)`, "CREATE CAST (text AS public.x) WITHOUT FUNCTION", true},
		{`cast "text as public.x"`, "COMMENT ON CAST (text AS public.x) IS 'y'", true},
		{`cast (text AS public.x)`, "CREATE CAST (text AS public.y) WITHOUT FUNCTION", false},
		{`cast text as public.x`, "CREATE CAST (text AS public.x) WITH INOUT", true},
		{`cast app.label as app.tag`, "CREATE CAST (app.label AS app.tag) WITH INOUT", true},
		{`cast app.label as app.tag`, "CREATE CAST (app.label AS app.other) WITH INOUT", false},
		{`transform for integer language sql`, "CREATE TRANSFORM FOR integer LANGUAGE sql (FROM SQL WITH FUNCTION f(internal))", true},
		{`operator class public.oc using btree`, "CREATE OPERATOR CLASS public.oc\n    FOR TYPE bigint USING btree AS\n    STORAGE bigint", true},
		{`default privileges public.tables of role r`, "ALTER DEFAULT PRIVILEGES FOR ROLE r IN SCHEMA public GRANT SELECT ON TABLES  TO x", true},
		{`default privileges functions of role r`, "ALTER DEFAULT PRIVILEGES FOR ROLE r REVOKE ALL ON FUNCTIONS  FROM PUBLIC", true},
		{`user mapping r on server s1`, "CREATE USER MAPPING FOR r SERVER s1", true},
		{`transform "for integer language sql"`, "CREATE TRANSFORM FOR integer LANGUAGE sql (FROM SQL WITH FUNCTION f(internal))", true},
		{`default privileges public."tables of role r"`, "ALTER DEFAULT PRIVILEGES FOR ROLE r IN SCHEMA public GRANT SELECT ON TABLES  TO x", true},
		{`default privileges "tables of role r"`, "ALTER DEFAULT PRIVILEGES FOR ROLE r IN SCHEMA public GRANT SELECT ON TABLES  TO x", false},
		{`default privileges "functions of role r"`, "ALTER DEFAULT PRIVILEGES FOR ROLE r REVOKE ALL ON FUNCTIONS  FROM PUBLIC", true},
		{`default privileges "tables of role r"`, "ALTER DEFAULT PRIVILEGES FOR ROLE r REVOKE ALL ON FUNCTIONS  FROM PUBLIC", false},
		{`user mapping "r on server s1"`, "CREATE USER MAPPING FOR r SERVER s1", true},
		{`user mapping "r on server s1"`, "CREATE USER MAPPING FOR r SERVER s12", false},
		{`attribute comment on column a public.v`, "COMMENT ON COLUMN public.v.a IS 'x'", true},
		{`attribute comment on column a public.v`, "COMMENT ON COLUMN public.vv.a IS 'x'", false},
		{`attribute comment on column a public.v`, "CREATE VIEW public.v AS\n SELECT 1", false},
		{`attribute disabled trigger public.t.g`, "ALTER TABLE public.t DISABLE TRIGGER g", true},
		{`base type public.int42`, "CREATE TYPE public.int42 (\n    INPUT = public.in\n)", true},
		{`shell type public.int42`, "CREATE TYPE public.int42", true},
		{`event trigger e`, "CREATE EVENT TRIGGER e ON ddl_command_start\n   EXECUTE FUNCTION public.f()", true},
		{`event trigger e`, "CREATE TRIGGER e BEFORE INSERT ON public.t FOR EACH ROW EXECUTE FUNCTION public.f()", false},
		{`foreign data wrapper dummy`, "CREATE FOREIGN DATA WRAPPER dummy", true},
		{`server s1`, "GRANT ALL ON FOREIGN SERVER s1 TO r", true},
		{`publication "p\x0a\\1"`, "CREATE PUBLICATION \"p\n\\1\" FOR ALL TABLES", true},
		{`statistics public.st`, "CREATE STATISTICS public.st ON a, b FROM public.t", true},
		{`access method am`, "CREATE ACCESS METHOD am TYPE INDEX HANDLER bthandler", true},
	}
	for _, test := range tests {
		u, ok := readUnmanaged(test.entry)
		if !ok {
			t.Errorf("%s: cannot be read", test.entry)
			continue
		}
		if got := u.isAboutMe(test.sql); got != test.want {
			t.Errorf("%s: %v for %q", test.entry, got, test.sql)
		}
	}
}

func TestReadUnmanagedRefusesNonsense(t *testing.T) {
	for _, entry := range []string{"", "aggregate", "aggregate ", `"open`, " "} {
		if u, ok := readUnmanaged(entry); ok {
			t.Errorf("%q was read as %v", entry, u)
		}
	}
}

func TestNamed(t *testing.T) {
	u, _ := readUnmanaged("aggregate public.sum2(integer)")
	for text, want := range map[string]bool{
		"drop aggregate public.sum2: pleat does not manage it": true,
		"function public.sum2(integer) does not exist":         true,
		"function public.sum20(integer) does not exist":        false,
		"function notpublic.sum2 does not exist":               false,
		"":                                                     false,
	} {
		if u.named(text) != want {
			t.Errorf("%q: want %v", text, want)
		}
	}
}
