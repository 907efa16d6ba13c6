package adopt_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pleatdb/pleat/cmd/internal/adopt"
	"github.com/pleatdb/pleat/inspect/pgtest"
)

// TestRepeatable: scripts that run again come last; of one that was changed since, what it makes is no drift, and it is pending.
func TestRepeatable(t *testing.T) {
	dir := files(t, map[string]string{
		"V20240101000000__t.sql": "CREATE TABLE t (a int);\n", "V20240102000000__u.sql": "ALTER TABLE t ADD b int;\n",
		"R__v.sql": "CREATE OR REPLACE VIEW v AS SELECT a, b FROM t;\n", "R__a.sql": "CREATE OR REPLACE VIEW w AS SELECT a FROM t;\n",
	})
	url := pgtest.URL(t)
	pgtest.Exec(t, url, `CREATE TABLE t (a int, c int); CREATE VIEW v AS SELECT a FROM t; CREATE VIEW w AS SELECT a FROM t;
		CREATE TABLE flyway_schema_history (installed_rank int PRIMARY KEY, version varchar(50), description varchar(200) NOT NULL, type varchar(20) NOT NULL,
			script varchar(1000) NOT NULL, checksum int, installed_by varchar(100) NOT NULL, installed_on timestamp NOT NULL DEFAULT now(), execution_time int NOT NULL, success boolean NOT NULL);
		INSERT INTO flyway_schema_history VALUES (1, '20240101000000', 't', 'SQL', 'V20240101000000__t.sql', NULL, 'me', now(), 1, true),
			(2, NULL, 'v', 'SQL', 'R__v.sql', 1, 'me', now(), 1, true), (3, NULL, 'a', 'SQL', 'R__a.sql', NULL, 'me', now(), 1, true)`)
	h := read(t, url, dir)
	a := align(t, url, h)
	// The new text of the view needs a column that is pending.
	if diff := cmp.Diff("changed table public.t\n  + column c  integer\n", told(a)); diff != "" || len(a.Notes) != 1 || a.Files != 2 {
		t.Errorf("%s %v", diff, a)
	}
	pgtest.Exec(t, url, "ALTER TABLE t ADD b int; INSERT INTO flyway_schema_history VALUES (4, '20240102000000', 'u', 'SQL', 'V20240102000000__u.sql', NULL, 'me', now(), 1, true)")
	h = read(t, url, dir)
	a = align(t, url, h)
	if diff := cmp.Diff("changed table public.t\n  + column c  integer\n", told(a)); diff != "" || len(a.Notes) != 1 {
		t.Errorf("%s %v", diff, a)
	}
	c := convert(t, h, adopt.ConvertOptions{All: true})
	want := []string{"20240101000000_t.sql of 20240101000000", "20240102000000_u.sql of 20240102000000", "20240102000001_a.sql of R__a", "20240102000002_v.sql of R__v pending"}
	got := named(c)
	for i := range got {
		got[i] = keyless(got[i])
	}
	for i := range want {
		want[i] = keyless(want[i])
	}
	if diff := cmp.Diff(want, got); diff != "" || !c.Whole {
		t.Errorf("%s %v %v", diff, c.Whole, c.Notes)
	}
	written(t, c)
}
