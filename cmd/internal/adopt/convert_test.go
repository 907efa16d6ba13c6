package adopt_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pleatdb/pleat/cmd/internal/adopt"
	"github.com/pleatdb/pleat/history/legacy"
	"github.com/pleatdb/pleat/history/migration"
	"github.com/pleatdb/pleat/inspect/pgtest"
	"github.com/pleatdb/pleat/inspect/shadow"
)

var now = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// history reads a goose directory with the given versions applied.
func history(t *testing.T, texts map[string]string, applied ...string) *legacy.History {
	t.Helper()
	url := pgtest.URL(t)
	pgtest.Exec(t, url, goose(applied...))
	return read(t, url, files(t, texts))
}

// written writes migrations as a project's directory has them, which reads each of them back, and returns their texts.
func written(t *testing.T, c *adopt.Conversion) string {
	t.Helper()
	dir := t.TempDir()
	var b strings.Builder
	for _, f := range c.Files {
		if _, err := migration.Write(dir, f.Migration); err != nil {
			t.Fatal(err)
		}
		mark := ""
		if f.Pending {
			mark = " pending"
		}
		b.WriteString("== " + f.Migration.File() + " of " + f.Key + mark + "\n" + string(migration.Format(f.Migration)))
	}
	return b.String()
}

func convert(t *testing.T, h *legacy.History, o adopt.ConvertOptions) *adopt.Conversion {
	t.Helper()
	o.Now = now
	c, err := adopt.Convert(h, o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestConvert(t *testing.T) {
	texts := map[string]string{
		"20240101000000_one.sql": "\ufeff-- +goose Up\r\n-- pleat: step 9\r\nCREATE TABLE t (a int, -- pleat: forward-only no\r\n b text DEFAULT '-- pleat: x');\r\nCREATE INDEX i ON t (a);\r\n-- +goose Down\r\nDROP TABLE t; -- gone\r\n",
		"20240102000000_two.sql": `-- +goose NO TRANSACTION
-- +goose Up
CREATE INDEX CONCURRENTLY j ON t (b);
DO $$ BEGIN NULL; END $$;
UPDATE t SET a = 1
-- +goose Down
DROP INDEX CONCURRENTLY j;
`,
		"20240103000000_func.sql":  "-- +goose Up\n-- +goose StatementBegin\nCREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $x$\nBEGIN\n  -- pleat: down\n  PERFORM 1;\nEND $x$;\n-- +goose StatementEnd\n",
		"20240104000000_empty.sql": "-- +goose Up\n-- nothing\n",
		"20240105000000_later.sql": "-- +goose Up\nALTER TABLE t ADD c int;\n-- +goose Down\nSAVEPOINT s;\n",
	}
	got := convert(t, history(t, texts, "20240101000000", "20240102000000", "20240103000000", "20240104000000"), adopt.ConvertOptions{All: true})
	want := `== 20240101000000_one.sql of 20240101000000
-- pleat: up

-- pleat: step 1
-- from goose, version 20240101000000, file 20240101000000_one.sql
CREATE TABLE t (a int, -- | pleat: forward-only no
 b text DEFAULT '-- pleat: x');
CREATE INDEX i ON t (a);

-- pleat: down

-- pleat: undo 1
DROP TABLE t;
== 20240102000000_two.sql of 20240102000000
-- pleat: up

-- pleat: step 1
-- from goose, version 20240102000000, file 20240102000000_two.sql
-- pleat: no transaction
CREATE INDEX CONCURRENTLY j ON t (b);

-- pleat: step 2
-- pleat: no transaction
DO $$ BEGIN NULL; END $$;

-- pleat: step 3
UPDATE t SET a = 1;

-- pleat: down
DROP INDEX CONCURRENTLY j;
== 20240103000000_func.sql of 20240103000000
-- pleat: up

-- pleat: step 1
-- from goose, version 20240103000000, file 20240103000000_func.sql
CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $x$
BEGIN
  -- pleat: down
  PERFORM 1;
END $x$;
== 20240104000000_empty.sql of 20240104000000
-- pleat: up

-- pleat: step 1
-- from goose, version 20240104000000, file 20240104000000_empty.sql
-- the legacy file holds no statement
SELECT 1;
== 20240105000000_later.sql of 20240105000000 pending
-- pleat: up

-- pleat: step 1
-- from goose, version 20240105000000, file 20240105000000_later.sql
ALTER TABLE t ADD c int;
`
	if diff := cmp.Diff(want, written(t, got)); diff != "" {
		t.Error(diff)
	}
	notes := []string{"the way back of 20240105000000_later.sql is not converted: line 4: it ends or divides transactions in a way that only a session of its own can follow"}
	if diff := cmp.Diff(notes, got.Notes); diff != "" {
		t.Error(diff)
	}
}

// named lists what was converted, in short.
func named(c *adopt.Conversion) (out []string) {
	for _, f := range c.Files {
		text := f.Migration.File() + " of " + f.Key
		if f.Pending {
			text += " pending"
		}
		out = append(out, text)
	}
	return out
}

// TestConvertVersions: versions that are not pleat's are counted on in the order of the files, whatever is applied; pending files come last.
func TestConvertVersions(t *testing.T) {
	up := "-- +goose Up\nSELECT 1;\n"
	numbers := map[string]string{"1_a.sql": up, "2_b.sql": up, "3_Ünï cödé.sql": up, "4_d.sql": up}
	stamps := map[string]string{"20240101000000_a.sql": up, "20240102000000_b.sql": up, "20991231235959_c.sql": up}
	hostile := map[string]string{"1_we\nird \"$1.sql": up, "2_;--.sql": up + "-- +goose Down\nSELECT 2 -- pleat: step 4"}
	mixed := map[string]string{"5_a.sql": up, "20240102000000_b.sql": up}
	cases := []struct {
		name    string
		texts   map[string]string
		applied []string
		options adopt.ConvertOptions
		want    []string
	}{
		{"numbers", numbers, []string{"1", "2"}, adopt.ConvertOptions{All: true}, []string{"20000101000001_a.sql of 1", "20000101000002_b.sql of 2", "20000101000003_ünï_cödé.sql of 3 pending", "20000101000004_d.sql of 4 pending"}},
		{"numbers, pending alone", numbers, []string{"1", "2", "3"}, adopt.ConvertOptions{}, []string{"20000101000004_d.sql of 4 pending"}},
		{"a file that was passed over comes last", numbers, []string{"1", "2", "4"}, adopt.ConvertOptions{All: true}, []string{"20000101000001_a.sql of 1", "20000101000002_b.sql of 2", "20000101000004_d.sql of 4", "20000101000005_ünï_cödé.sql of 3 pending"}},
		{"stamps", stamps, []string{"20240101000000"}, adopt.ConvertOptions{}, []string{"20240102000000_b.sql of 20240102000000 pending", "20991231235959_c.sql of 20991231235959 pending"}},
		{"behind what the directory has", stamps, []string{"20240101000000"}, adopt.ConvertOptions{Newest: "20240102000005"}, []string{"20240102000006_b.sql of 20240102000000 pending", "20991231235959_c.sql of 20991231235959 pending"}},
		{"a file that was passed over, beside stamps", stamps, []string{"20240101000000", "20991231235959"}, adopt.ConvertOptions{}, []string{"21000101000000_b.sql of 20240102000000 pending"}},
		{"hostile names", hostile, []string{"1"}, adopt.ConvertOptions{All: true}, []string{"20000101000001_we_ird_1.sql of 1", "20000101000002_2.sql of 2 pending"}},
		{"mixed", mixed, []string{"5"}, adopt.ConvertOptions{All: true}, []string{"20240102000001_a.sql of 5", "20240102000002_b.sql of 20240102000000 pending"}},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got := convert(t, history(t, tc.texts, tc.applied...), tc.options)
			if diff := cmp.Diff(tc.want, named(got)); diff != "" {
				t.Error(diff)
			}
			written(t, got)
		})
	}
}

// TestConvertPath: names without a schema mean to pleat what they meant to the tool.
func TestConvertPath(t *testing.T) {
	url := pgtest.URL(t)
	pgtest.Exec(t, url, `CREATE SCHEMA "ten""ant"; SET search_path = "ten""ant"; CREATE TABLE t (a int);`+goose("1"))
	h := read(t, url, files(t, map[string]string{
		"1_a.sql": "-- +goose Up\nCREATE TABLE t (a int);",
		"2_b.sql": "-- +goose Up\nALTER TABLE t ADD b int;\n-- +goose Down\nALTER TABLE t DROP b;\n",
		"3_c.sql": "-- +goose NO TRANSACTION\n-- +goose Up\nCREATE INDEX CONCURRENTLY i ON \"ten\"\"ant\".t (b);\nUPDATE t SET b = 1;\n-- +goose Down\nDROP INDEX CONCURRENTLY i;\n",
	}))
	a := align(t, url, h)
	if len(a.Differences) > 0 || len(a.SearchPath) != 2 {
		t.Fatalf("%+v", a)
	}
	c := convert(t, h, adopt.ConvertOptions{SearchPath: a.SearchPath})
	want := `== 20000101000002_b.sql of 2 pending
-- pleat: up

-- pleat: step 1
-- from goose, version 2, file 2_b.sql
SET LOCAL search_path = "ten""ant", public;
ALTER TABLE t ADD b int;

-- pleat: down

-- pleat: undo 1
SET LOCAL search_path = "ten""ant", public;
ALTER TABLE t DROP b;
== 20000101000003_c.sql of 3 pending
-- pleat: up

-- pleat: step 1
-- from goose, version 3, file 3_c.sql
-- pleat: no transaction
CREATE INDEX CONCURRENTLY i ON "ten""ant".t (b);

-- pleat: step 2
SET LOCAL search_path = "ten""ant", public;
UPDATE t SET b = 1;
`
	if diff := cmp.Diff(want, written(t, c)); diff != "" {
		t.Error(diff)
	}
	notes := []string{"the way back of 3_c.sql is not converted: a statement outside of a transaction names i without its schema, which was looked for in ten\"ant, public"}
	if diff := cmp.Diff(notes, c.Notes); diff != "" {
		t.Error(diff)
	}
	live := liveOf(t, url, h)
	desired, err := c.Desired(t.Context(), live, shadow.On(pgtest.Server(t)))
	if err != nil || len(c.Files) != 2 {
		t.Fatal(err, named(c), c.Notes)
	}
	got := told(&adopt.Alignment{Compared: true, Differences: adopt.Differences(live, desired)})
	if diff := cmp.Diff("changed table \"ten\"\"ant\".t\n  + column b  integer\nextra index \"ten\"\"ant\".t.i\n", got); diff != "" {
		t.Error(diff)
	}
}

// TestConvertRefuses: what cannot be carried over stays and is named; of what is pending that is an error, unless a person let it pass.
func TestConvertRefuses(t *testing.T) {
	up := "-- +goose Up\n"
	texts := map[string]string{
		"1_go.go": "package x", "2_psql.sql": up + "\\i other.sql\n", "3_copy.sql": up + "COPY t FROM STDIN;\n1\n\\.\n",
		"4_env.sql": "-- +goose ENVSUB ON\n" + up + "SELECT '${HOME}';\n", "5_tx.sql": up + "SELECT 1;\nCOMMIT;\nSELECT 2;\n",
		"6_conc.sql": up + "CREATE TABLE t (a int);\nCREATE INDEX CONCURRENTLY i ON t (a);\n", "7_fine.sql": up + "SELECT 1;\n",
	}
	why := []string{
		"1_go.go is not converted and stays with goose: it is a program in Go",
		`2_psql.sql is not converted and stays with goose: line 2: \i is a command of psql, not SQL`,
		"3_copy.sql is not converted and stays with goose: line 2: COPY FROM STDIN needs rows from the client, which only psql can send",
		"4_env.sql is not converted and stays with goose: it holds the placeholder ${HOME}, whose value the file does not say",
		"5_tx.sql is not converted and stays with goose: line 3: it ends or divides transactions in a way that only a session of its own can follow",
		"6_conc.sql is not converted and stays with goose: CREATE INDEX CONCURRENTLY cannot run in a transaction, but step 1 holds other statements (CREATE INDEX CONCURRENTLY i ON t (a);)",
	}
	got := convert(t, history(t, texts, "1", "2", "3", "4", "5", "6", "7"), adopt.ConvertOptions{All: true})
	if diff := cmp.Diff([]string{"20000101000007_fine.sql of 7"}, named(got)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(why, got.Notes); diff != "" {
		t.Error(diff)
	}
	pending := history(t, texts)
	_, err := adopt.Convert(pending, adopt.ConvertOptions{Now: now})
	var unfit *adopt.UnfitError
	var problem *legacy.Problem
	if !errors.As(err, &unfit) || len(unfit.Problems) != 5 || !errors.As(err, &problem) || problem.Code != legacy.PendingCode {
		t.Fatalf("pending files that cannot be converted: %v", err)
	}
	let := adopt.ConvertOptions{Accepted: []legacy.Accepted{{Code: legacy.PendingCode}}}
	got = convert(t, pending, let)
	if diff := cmp.Diff([]string{"20000101000007_fine.sql of 7 pending"}, named(got)); diff != "" || len(got.Notes) != 6 {
		t.Error(diff, got.Notes)
	}
}

// TestDesired: the schema files of the new project say what the pending migrations will have made; one that does not run is left out by name.
func TestDesired(t *testing.T) {
	url := pgtest.URL(t)
	pgtest.Exec(t, url, shopSQL+goose("1", "2", "3")+"ALTER TABLE app.users ADD half int;")
	texts := map[string]string{
		"00004_half.sql": "-- +goose Up\nALTER TABLE app.users ADD half int;\n", "00005_more.sql": "-- +goose Up\nALTER TABLE app.users ADD more int;\nDROP VIEW loud;\n",
	}
	for name, text := range shop {
		texts[name] = text
	}
	h := read(t, url, files(t, texts))
	c := convert(t, h, adopt.ConvertOptions{})
	live := liveOf(t, url, h)
	desired, err := c.Desired(t.Context(), live, shadow.On(pgtest.Server(t)))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"20000101000005_more.sql of 5 pending"}, named(c)); diff != "" {
		t.Error(diff)
	}
	if len(c.Notes) != 1 || !strings.HasPrefix(c.Notes[0], `00004_half.sql has not run, and does not run on what is there: column "half" of relation "users" already exists (42701)`) {
		t.Error(c.Notes)
	}
	got := told(&adopt.Alignment{Compared: true, Differences: adopt.Differences(live, desired)})
	if diff := cmp.Diff("changed table app.users\n  + column more  integer\nmissing view public.loud\n", got); diff != "" {
		t.Error(diff)
	}
}

// TestIgnore: patterns cover the tool's tables under any name, and those that cover more are told.
func TestIgnore(t *testing.T) {
	s := &legacy.Source{Schema: "te.n*nt", Table: `a"b.c?`, Beside: []legacy.Name{{Schema: "te.n*nt", Table: "lock"}}}
	if diff := cmp.Diff([]string{`te?n?nt.a"b?c?`, "te?n?nt.lock"}, adopt.Ignore(s)); diff != "" {
		t.Error(diff)
	}
	if got := adopt.Loose(s); len(got) != 2 {
		t.Error(got)
	}
	s = &legacy.Source{Schema: "sqitch", Table: "changes", OwnSchema: true, Beside: []legacy.Name{{Schema: "sqitch", Table: "tags"}, {Schema: "public", Table: "x"}}}
	if diff := cmp.Diff([]string{"sqitch", "public.x"}, adopt.Ignore(s)); diff != "" || len(adopt.Loose(s)) > 0 {
		t.Error(diff)
	}
	url := pgtest.URL(t)
	pgtest.Exec(t, url, `CREATE SCHEMA "te.n*nt"; SET search_path = "te.n*nt";`+strings.ReplaceAll(goose("1"), "goose_db_version", `"go.ose*"`))
	h := read(t, url, "")
	if live := liveOf(t, url, h); live.Has(legacyTable(h)) || len(live.IDs()) == 0 {
		t.Errorf("the table is not ignored: %v", live.IDs())
	}
}
