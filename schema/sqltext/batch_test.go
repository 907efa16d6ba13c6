package sqltext

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestABatchIsTheStatementUnderAFurtherCondition(t *testing.T) {
	const where = `ROW(%s.a, %s.b) OPERATOR(pg_catalog.>) ROW($1::text::integer, $2::text::text) AND %s.a OPERATOR(pg_catalog.<=) $3::text::integer`
	for _, tc := range []struct{ name, sql, want string }{
		{"plain", "UPDATE public.t SET x = 1", "UPDATE ONLY public.t SET x = 1 WHERE "},
		{"or", "UPDATE public.t SET x = 1 WHERE a = 1 OR b = 2", "UPDATE ONLY public.t SET x = 1 WHERE (a = 1 OR b = 2) AND "},
		{"and", "UPDATE public.t SET x = 1 WHERE (a = 1) AND b = 2 AND NOT c", "UPDATE ONLY public.t SET x = 1 WHERE a = 1 AND b = 2 AND NOT c AND "},
		{"from", "UPDATE public.t AS o SET x = u.x FROM public.u u WHERE u.id = o.u OR o.u IS NULL",
			"UPDATE ONLY public.t o SET x = u.x FROM public.u u WHERE (u.id = o.u OR o.u IS NULL) AND "},
		{"with", "WITH w AS (SELECT 1 AS x) UPDATE public.t SET x = w.x FROM w", "WITH w AS (SELECT 1 AS x) UPDATE ONLY public.t SET x = w.x FROM w WHERE "},
		{"rows", `UPDATE public."t" SET (x, y) = (SELECT 1, 'a''b\c'), z[1] = E'\n'`, `UPDATE ONLY public.t SET (x, y) = (SELECT 1, E'a''b\\c'), z[1] = `},
		{"delete", "DELETE FROM public.t USING public.u WHERE u.id = t.u", "DELETE FROM ONLY public.t USING public.u WHERE u.id = t.u AND "},
	} {
		t.Run(tc.name, func(t *testing.T) {
			b, err := ReadBatch(tc.sql)
			if err != nil {
				t.Fatal(err)
			}
			got, err := b.Restrict(b.Target, strings.ReplaceAll(where, "%s", b.Alias), "")
			if err != nil {
				t.Fatal(err)
			}
			if !strings.HasPrefix(got, tc.want) || !strings.Contains(got, `OPERATOR(pg_catalog.>) ROW($1::text::int`) {
				t.Errorf("got  %s\nwant %s…", got, tc.want)
			}
		})
	}
}

func TestABatchRunsOverAPart(t *testing.T) {
	b, err := ReadBatch(`UPDATE public.t SET x = t.y + 1 WHERE t.x IS NULL`)
	if err != nil {
		t.Fatal(err)
	}
	got, err := b.Restrict(Name{"parts", `t"1`}, "t.ctid >= '(0,0)'", "ctid")
	want := `UPDATE ONLY parts."t""1" t SET x = t.y + 1 WHERE t.x IS NULL AND t.ctid >= '(0,0)' RETURNING t.ctid`
	if err != nil || got != want {
		t.Errorf("got %s, %v", got, err)
	}
	spelled, err := ReadBatch(`UPDATE public.t SET x = public.t.y`)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := spelled.Restrict(Name{"public", "t1"}, "true", ""); err == nil || !strings.Contains(err.Error(), "write t.column") {
		t.Errorf("got %v", err)
	}
}

func TestWhatCannotRunInBatchesIsNamed(t *testing.T) {
	for sql, want := range map[string]string{
		"SELECT 1":                                                 "only an UPDATE or a DELETE can run in batches",
		"INSERT INTO t VALUES (1)":                                 "only an UPDATE or a DELETE can run in batches",
		"UPDATE t SET x = 1 RETURNING x":                           "nobody reads what RETURNING gives in a batch; leave it out",
		"UPDATE t SET x = 1 WHERE CURRENT OF c":                    "WHERE CURRENT OF needs a cursor, which a batch has not",
		"UPDATE t SET x = $1":                                      "$1 is a parameter, which a migration cannot give a value",
		"UPDATE d.public.t SET x = 1":                              "the table is named with its database; leave that out",
		"UPDATE t SET x = 1; UPDATE t SET x = 2":                   "a step in batches holds one statement",
		"UPDATE t SET":                                             "read the statement: syntax error at end of input",
		"WITH w AS (DELETE FROM u RETURNING 1) UPDATE t SET x = 1": "its WITH changes rows, and would do so again with each batch",
	} {
		if _, err := ReadBatch(sql); err == nil || err.Error() != want {
			t.Errorf("%s: got %v, want %s", sql, err, want)
		}
	}
}

func TestStatementsThatLeaveOutWhatTheyChanged(t *testing.T) {
	for sql, want := range map[string]bool{
		"UPDATE t SET x = lower(y) WHERE x IS NULL AND y > 1":             true,
		"UPDATE t a SET x = lower(y) WHERE a.x IS DISTINCT FROM lower(y)": true,
		"UPDATE t SET x = lower(y) WHERE x IS DISTINCT FROM upper(y)":     false,
		"UPDATE t SET x = lower(y) WHERE x IS NULL OR y > 1":              false,
		"UPDATE t SET x = lower(y) WHERE y IS NULL":                       false,
		"UPDATE t SET x = u.y FROM u WHERE x IS NULL":                     false,
		"UPDATE t SET x = u.y FROM u WHERE t.x IS NULL":                   true,
		"UPDATE t SET x = x + 1 WHERE x < 10":                             false,
		"DELETE FROM t WHERE x < 10":                                      true,
	} {
		b, err := ReadBatch(sql)
		if err != nil {
			t.Fatal(err)
		}
		if b.Settles != want {
			t.Errorf("%s: got %t", sql, b.Settles)
		}
	}
}

func TestNamesReadAsInSQL(t *testing.T) {
	n, err := ParseName(`Public."a "".b"`)
	if err != nil || n != (Name{"public", `a ".b`}) {
		t.Errorf("got %+v, %v", n, err)
	}
	for _, wrong := range []string{"", "a.b.c", "a b", `""`, "a,b", `"a`} {
		if _, err := ParseName(wrong); err == nil {
			t.Errorf("%q was read", wrong)
		}
	}
	list, err := ParseNames(`id, "a,""b" ,"C"`)
	if diff := cmp.Diff([]string{"id", `a,"b`, "C"}, list); diff != "" || err != nil {
		t.Error(diff, err)
	}
	for _, wrong := range []string{"", "a,", "a b", "a.b", `a,""`} {
		if _, err := ParseNames(wrong); err == nil {
			t.Errorf("%q was read", wrong)
		}
	}
}
