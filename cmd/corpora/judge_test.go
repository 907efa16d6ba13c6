package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// head is what pg_dump writes before the statements of a schema.
const head = `--
-- PostgreSQL database dump
--

\restrict abc

SET statement_timeout = 0;
SELECT pg_catalog.set_config('search_path', '', false);
SET default_tablespace = '';
SET default_table_access_method = heap;

`

const tableAB = `CREATE TABLE public.t (
    a integer DEFAULT 1 NOT NULL,
    b numeric(10,2) DEFAULT 'x,(y'::text,
    CONSTRAINT c CHECK ((a > 0))
);
`

const tableBA = `CREATE TABLE public.t (
    b numeric(10,2) DEFAULT 'x,(y'::text,
    a integer DEFAULT 1 NOT NULL,
    CONSTRAINT c CHECK ((a > 0))
);
`

const aggregate = `CREATE AGGREGATE public.sum2(integer) (
    SFUNC = int4pl,
    STYPE = integer
);
COMMENT ON AGGREGATE public.sum2(integer) IS 'x';
GRANT ALL ON FUNCTION public.sum2(integer) TO PUBLIC;
`

func TestJudge(t *testing.T) {
	index := "CREATE INDEX i ON public.t USING btree (a);\n"
	body := "CREATE FUNCTION public.f() RETURNS void\n    LANGUAGE plpgsql\n    AS $$\nbegin\n%send\n$$;\n"
	atomic := "CREATE FUNCTION public.g() RETURNS integer\n    LANGUAGE sql\n    BEGIN ATOMIC\n SELECT %s;\nEND;\n"
	listed := []string{"aggregate public.sum2(integer)"}
	tests := []struct {
		name, want, got string
		unmanaged       []string
		class           class
		byOrder         bool
	}{
		{name: "equal", want: tableAB, got: tableAB, class: passed},
		{name: "order of statements", want: tableAB + index, got: index + tableAB, class: passed},
		{name: "order of columns", want: tableAB, got: tableBA, class: passed, byOrder: true},
		{name: "comments and keys", want: tableAB, got: "-- hello\n\n" + tableAB, class: passed},
		{name: "default", want: tableAB, got: strings.Replace(tableBA, "DEFAULT 1", "DEFAULT 2", 1), class: silentlyWrong},
		{name: "missing", want: tableAB + index, got: tableAB, class: silentlyWrong},
		{name: "extra", want: tableAB, got: tableAB + index, class: silentlyWrong},
		{name: "twice", want: tableAB + index, got: tableAB + index + index, class: silentlyWrong},
		{name: "acl", want: tableAB + "GRANT SELECT ON TABLE public.t TO r;", got: tableAB, class: onlyACL},
		{name: "default acl", want: "ALTER DEFAULT PRIVILEGES FOR ROLE r REVOKE ALL ON TABLES FROM r;", class: onlyACL},
		{name: "acl and more", want: tableAB + "REVOKE ALL ON TABLE public.t FROM r;", got: index, class: silentlyWrong},
		{
			name: "grantor", class: onlyACL, want: "GRANT SELECT ON TABLE public.t TO r;",
			got: "SET SESSION AUTHORIZATION s;\nGRANT SELECT ON TABLE public.t TO r;\nRESET SESSION AUTHORIZATION;",
		},
		{name: "tablespace", want: "SET default_tablespace = fast;\n" + tableAB, got: tableAB, class: silentlyWrong},
		{name: "tablespace of an index", want: tableAB + "SET default_tablespace = fast;\n" + index, got: tableAB + index, class: silentlyWrong},
		{name: "access method", want: "SET default_table_access_method = mine;\n" + tableAB, got: tableAB, class: silentlyWrong},
		{
			name: "columns of a view", class: silentlyWrong, want: "CREATE VIEW public.v AS\n SELECT t.a,\n    t.b\n   FROM public.t;",
			got: "CREATE VIEW public.v AS\n SELECT t.b,\n    t.a\n   FROM public.t;",
		},
		{
			name: "attributes of a type", class: silentlyWrong, want: "CREATE TYPE public.p AS (\n\ta integer,\n\tb text\n);",
			got: "CREATE TYPE public.p AS (\n\tb text,\n\ta integer\n);",
		},
		{
			name: "lines of a body", class: silentlyWrong,
			want: strings.Replace(body, "%s", "\n-- note\nSET x = 1;\n", 1), got: strings.Replace(body, "%s", "", 1),
		},
		{name: "equal atomic body", class: passed, want: strings.Replace(atomic, "%s", "1;\n SELECT 2", 1) + index, got: index + strings.Replace(atomic, "%s", "1;\n SELECT 2", 1)},
		{name: "atomic body", class: silentlyWrong, want: strings.Replace(atomic, "%s", "1", 1), got: strings.Replace(atomic, "%s", "2", 1)},
		{name: "unmanaged", want: tableAB + aggregate, got: tableAB, unmanaged: listed, class: leftAlone},
		{name: "unmanaged left over", want: tableAB, got: tableAB + aggregate, unmanaged: listed, class: leftAlone},
		{name: "unmanaged and not listed", want: tableAB + aggregate, got: tableAB, class: silentlyWrong},
		{name: "unmanaged and more", want: tableAB + aggregate + index, got: tableAB, unmanaged: listed, class: silentlyWrong},
		{name: "user of unmanaged", want: "CREATE VIEW public.v AS\n SELECT public.sum2(t.a) AS s\n   FROM public.t;", unmanaged: listed, class: silentlyWrong},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			v, err := judge(head+test.want, head+test.got)
			if err != nil {
				t.Fatal(err)
			}
			var list []unmanaged
			for _, entry := range test.unmanaged {
				u, ok := readUnmanaged(entry)
				if !ok {
					t.Fatalf("cannot read %q", entry)
				}
				list = append(list, u)
			}
			if got := v.class(list); got != test.class {
				t.Errorf("class %s, want %s\n%s", got, test.class, strings.Join(v.lines(), "\n"))
			}
			if got := len(v.ByOrder) > 0; got != test.byOrder {
				t.Errorf("by order: %v", v.ByOrder)
			}
		})
	}
}

func TestJudgeNamesTheDifference(t *testing.T) {
	changed := strings.Replace(tableBA, "DEFAULT 1", "DEFAULT 2", 1)
	v, err := judge(head+tableAB+"CREATE SCHEMA s;", head+changed+"CREATE SCHEMA s;")
	if err != nil {
		t.Fatal(err)
	}
	trim := func(s string) string { return strings.TrimSuffix(s, ";\n") }
	want := verdict{Missing: []string{trim(tableAB)}, Extra: []string{trim(changed)}}
	if diff := cmp.Diff(want, v); diff != "" {
		t.Error(diff)
	}
	for _, line := range []string{"-    a integer DEFAULT 1 NOT NULL,", "+    a integer DEFAULT 2 NOT NULL,"} {
		if !strings.Contains(v.unified(), line) {
			t.Errorf("the unified difference lacks %q:\n%s", line, v.unified())
		}
	}
	if strings.Contains(v.unified(), "\n-    b numeric") {
		t.Errorf("the unified difference holds what is equal:\n%s", v.unified())
	}
}

func TestJudgeRefusesWhatItCannotRead(t *testing.T) {
	if _, err := judge(head+"CREATE TABLE t ();", head+"SELECT 'x"); err == nil {
		t.Fatal("half a statement was judged")
	}
}

func TestRestrictLinesOfABodyStay(t *testing.T) {
	dump := "--\n-- dump\n--\n\n\\restrict k\nCREATE FUNCTION f() AS $$\n\\restrict z\n\\unrestrict z\n$$;\n\\unrestrict k\n"
	want := "--\n-- dump\n--\n\n\nCREATE FUNCTION f() AS $$\n\\restrict z\n\\unrestrict z\n$$;\n\n"
	if diff := cmp.Diff(want, withoutRestrict(dump)); diff != "" {
		t.Error(diff)
	}
	plain := "CREATE TABLE t ();\n\\restrict k\n"
	if withoutRestrict(plain) != plain {
		t.Error("a text without the frame was changed")
	}
}
