package adopt_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pleatdb/pleat/cmd/internal/adopt"
	"github.com/pleatdb/pleat/inspect/pgtest"
)

// shop is a directory of goose with one file of each kind.
var shop = map[string]string{
	"00001_users.sql": `-- +goose Up
CREATE SCHEMA app;
CREATE TYPE app.mood AS ENUM ('sad', 'ok');
CREATE TABLE app.users (id bigserial PRIMARY KEY, email text NOT NULL, mood app.mood);
INSERT INTO app.users (email) VALUES ('a');
-- +goose Down
DROP SCHEMA app CASCADE;
`,
	"00002_index.sql": `-- +goose NO TRANSACTION
-- +goose Up
CREATE INDEX CONCURRENTLY users_email ON app.users (email);
SET search_path = app;
-- +goose Down
DROP INDEX CONCURRENTLY app.users_email;
`,
	"00003_code.sql": `-- +goose Up
-- +goose StatementBegin
CREATE FUNCTION app.shout(t text) RETURNS text LANGUAGE plpgsql AS $$ BEGIN RETURN upper(t); END $$;
-- +goose StatementEnd
CREATE VIEW loud AS SELECT app.shout(email) AS email FROM app.users;
COMMENT ON TABLE app.users IS 'people';
`,
}

// shopSQL is what the files make.
const shopSQL = `CREATE SCHEMA app; CREATE TYPE app.mood AS ENUM ('sad', 'ok');
	CREATE TABLE app.users (id bigserial PRIMARY KEY, email text NOT NULL, mood app.mood); CREATE INDEX users_email ON app.users (email);
	CREATE FUNCTION app.shout(t text) RETURNS text LANGUAGE plpgsql AS $$ BEGIN RETURN upper(t); END $$;
	CREATE VIEW loud AS SELECT app.shout(email) AS email FROM app.users; COMMENT ON TABLE app.users IS 'people';`

func TestAlign(t *testing.T) {
	cases := []struct{ name, drift, want string }{
		{"nothing", "", ""},
		{"a column by hand", "ALTER TABLE app.users ADD note varchar(10) NOT NULL DEFAULT ''", "changed table app.users\n" +
			"  + column note           character varying(10) not null\n  + column note: default  ''::character varying\n"},
		{"an index gone", "DROP INDEX app.users_email", "missing index app.users.users_email\n"},
		{"a table by hand", "CREATE TABLE app.notes (id int PRIMARY KEY, of bigint REFERENCES app.users)",
			"extra table app.notes\n  + column id  integer not null\n  + column of  bigint\n  with primary_key app.notes.notes_pkey\n  with foreign_key app.notes.notes_of_fkey\n"},
		{"a value, a text, a comment", "ALTER TYPE app.mood ADD VALUE 'happy'; COMMENT ON TABLE app.users IS 'folk'; DROP VIEW loud",
			"changed enum app.mood\n  ~ values  [\"sad\",\"ok\"] -> [\"sad\",\"ok\",\"happy\"]\nchanged table app.users\n  ~ comment  people -> folk\n" +
				"missing view public.loud\n"},
		{"owners and privileges are no news", "CREATE ROLE adopt_other; ALTER TABLE app.users OWNER TO adopt_other; GRANT SELECT ON loud TO PUBLIC", ""},
		{"a schema by hand", `CREATE SCHEMA "Mine"`, "extra schema \"Mine\"\n"},
		{"an extension by hand", "CREATE EXTENSION citext", "extra extension citext\n"},
	}
	dir := files(t, shop)
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			url := pgtest.URL(t)
			pgtest.Exec(t, url, shopSQL+goose("1", "2", "3")+tc.drift)
			a := align(t, url, read(t, url, dir))
			if !a.Compared || a.Files != 3 {
				t.Errorf("compared %v, %d files", a.Compared, a.Files)
			}
			if diff := cmp.Diff(tc.want, told(a)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestAlignReasons: what cannot be run is not compared, and the reason names the first such file.
func TestAlignReasons(t *testing.T) {
	up := "-- +goose Up\n"
	cases := []struct{ name, second, want string }{
		{"program", "", "00002_x.go cannot be run here: it is a program in Go"},
		{"psql", up + "\\set x 1\nSELECT 1;", `00002_x.sql cannot be run here: line 2: \set is a command of psql, not SQL`},
		{"placeholder", "-- +goose ENVSUB ON\n" + up + "CREATE TABLE ${NAME} (a int);", "00002_x.sql cannot be run here: it holds the placeholder ${NAME}, whose value the file does not say"},
		{"copy", up + "COPY a FROM STDIN;\n1\n\\.\n", "00002_x.sql cannot be run here: line 2: COPY FROM STDIN needs rows from the client, which only psql can send"},
		{"transaction", up + "SAVEPOINT s;", "00002_x.sql cannot be run here: line 2: it ends or divides transactions in a way that only a session of its own can follow"},
		{"fails", up + "SELECT * FROM nowhere;", `00002_x.sql does not run on an empty database: relation "nowhere" does not exist (42P01)`},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			url := pgtest.URL(t)
			pgtest.Exec(t, url, "CREATE TABLE a (a int);"+goose("1", "2"))
			name := "00002_x.sql"
			if tc.second == "" {
				name = "00002_x.go"
			}
			a := align(t, url, read(t, url, files(t, map[string]string{"00001_a.sql": up + "CREATE TABLE a (a int);", name: tc.second})))
			if a.Compared || a.Reason != tc.want {
				t.Errorf("got %v %q, want %q", a.Compared, a.Reason, tc.want)
			}
		})
	}
	url := pgtest.URL(t)
	pgtest.Exec(t, url, goose("1", "2"))
	if a := align(t, url, read(t, url, files(t, map[string]string{"00001_a.sql": up}))); a.Compared || a.Reason != "the file of 2 is missing" {
		t.Errorf("a missing file: %v %q", a.Compared, a.Reason)
	}
	if a := align(t, url, read(t, url, "")); a.Compared || !strings.Contains(a.Reason, "no directory") {
		t.Errorf("without a directory: %v %q", a.Compared, a.Reason)
	}
}

// TestAlignGiven: what a tool or an administrator made beforehand is laid in where the files need it.
func TestAlignGiven(t *testing.T) {
	dir := files(t, map[string]string{
		"1_a.sql": "-- +goose Up\nCREATE TABLE t (a public.citext);\nCREATE ROLE adopt_made;\nGRANT SELECT ON t TO adopt_made, adopt_was;",
		"2_b.sql": "-- +goose Up\nCREATE TABLE \"Oth\"\"er\".u (a int);\nALTER TABLE t ADD b int;",
	})
	url := pgtest.URL(t)
	pgtest.Exec(t, url, `CREATE EXTENSION citext; CREATE SCHEMA tenant; CREATE SCHEMA "Oth""er"; CREATE SCHEMA idle; CREATE ROLE adopt_was;
		SET search_path = tenant, public; CREATE TABLE t (a citext, b int); CREATE TABLE "Oth""er".u (a int); GRANT SELECT ON t TO adopt_was;`+goose("1", "2"))
	a := align(t, url, read(t, url, dir))
	want := "extra schema idle\nextra extension citext\n"
	if diff := cmp.Diff(want, told(a)); diff != "" || !a.Compared {
		t.Errorf("%+v: %s", a, diff)
	}
}

// TestAlignOtherPath: the role that ran the tool may have had a search path that no file tells.
func TestAlignOtherPath(t *testing.T) {
	url := pgtest.URL(t)
	pgtest.Exec(t, url, goose("1")+`CREATE SCHEMA app; CREATE TABLE app.t (a int, by_hand int)`)
	a := align(t, url, read(t, url, files(t, map[string]string{"1_a.sql": "-- +goose Up\nCREATE TABLE t (a int);"})))
	if diff := cmp.Diff("changed table app.t\n  + column by_hand  integer\n", told(a)); diff != "" || len(a.Notes) != 1 || len(a.SearchPath) != 2 {
		t.Errorf("%+v %s", a, diff)
	}
}

// TestAlignPathOrNothing: files that only run under a search path of somebody's.
func TestAlignPathOrNothing(t *testing.T) {
	url := pgtest.URL(t)
	pgtest.Exec(t, url, goose("1", "2")+`CREATE SCHEMA app; CREATE TABLE app.t (a int, b int)`)
	a := align(t, url, read(t, url, files(t, map[string]string{"1_a.sql": "-- +goose Up\nCREATE TABLE t (a int);", "2_b.sql": "-- +goose Up\nALTER TABLE app.t ADD b int;"})))
	if !a.Compared || len(a.Differences) > 0 || len(a.SearchPath) != 2 {
		t.Errorf("%+v", a)
	}
}

// TestAlignLiquibase: changesets run where they stand, and one that was marked as ran did not run.
func TestAlignLiquibase(t *testing.T) {
	url := pgtest.URL(t)
	pgtest.Exec(t, url, `CREATE TABLE t (a int); CREATE VIEW v AS SELECT a FROM t; CREATE VIEW w AS SELECT a FROM v;
		CREATE TABLE databasechangelog (id varchar(255) NOT NULL, author varchar(255) NOT NULL, filename varchar(255) NOT NULL, dateexecuted timestamp NOT NULL,
			orderexecuted int NOT NULL, exectype varchar(10) NOT NULL, md5sum varchar(35), description varchar(255), comments varchar(255), tag varchar(255),
			liquibase varchar(20), contexts varchar(255), labels varchar(255), deployment_id varchar(10));
		INSERT INTO databasechangelog SELECT id, 'ann', 'a.sql', now() + n * interval '1s', n, kind, NULL FROM (VALUES
			('t', 1, 'EXECUTED'), ('skip', 2, 'MARK_RAN'), ('w', 3, 'EXECUTED'), ('v', 4, 'RERAN')) AS x (id, n, kind)`)
	h := read(t, url, files(t, map[string]string{"a.sql": "--liquibase formatted sql\n--changeset ann:t\nCREATE TABLE t (a int);\n--changeset ann:skip\nCREATE TABLE skipped (a int);\n" +
		"--changeset ann:v runOnChange:true\nCREATE OR REPLACE VIEW v AS SELECT a FROM t;\n--changeset ann:w\nCREATE VIEW w AS SELECT a FROM v;\n"}))
	a := align(t, url, h)
	if text := told(a); text != "" || a.Files != 3 || len(a.Notes) != 1 {
		t.Errorf("%+v %s", a, text)
	}
	c := convert(t, h, adopt.ConvertOptions{All: true})
	want := []string{"20000101000001_t.sql", "20000101000003_v.sql", "20000101000004_w.sql"}
	var got []string
	for _, line := range named(c) {
		got = append(got, keyless(line))
	}
	if diff := cmp.Diff(want, got); diff != "" || !c.Whole || len(c.Notes) != 1 {
		t.Errorf("%s %v %v", diff, c.Whole, c.Notes)
	}
}
