package legacy_test

import (
	"context"
	"fmt"
	"hash/crc32"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pleatdb/pleat/history/legacy"
	"github.com/pleatdb/pleat/inspect/pgtest"
)

// told reads a history that statements make, with a directory of files (nil for none), and puts it in few words: key, state, file and
// effect of each entry, then markers, pending files and problems.
func told(t *testing.T, sql string, w legacy.Wanted, files map[string]string) ([]string, *legacy.History) {
	t.Helper()
	conn := dial(t, pgtest.URL(t))
	if err := load(conn, sql); err != nil {
		t.Fatal(err)
	}
	dir := ""
	if files != nil {
		dir = write(t, files)
	}
	h := adopt(t, dial(t, conn.Config().ConnString()), w, dir)
	var out []string
	for _, e := range h.Entries {
		effect := "past"
		if e.InEffect {
			effect = "in"
		}
		out = append(out, strings.Join([]string{e.Key, string(e.State), string(e.File.State), effect}, " "))
	}
	for range h.Markers {
		out = append(out, "marker")
	}
	for _, f := range h.Pending {
		out = append(out, "pending "+f.Path)
	}
	for _, p := range h.Problems {
		out = append(out, strings.TrimSpace("problem "+string(p.Code)+" "+p.Key))
	}
	return out, h
}

// flywayTable is the table as Flyway 4 to 13 make it; rows are values without parentheses.
func flywayTable(rows ...string) string {
	return flywayTableNamed("flyway_schema_history", rows...)
}

func flywayTableNamed(name string, rows ...string) string {
	sql := "CREATE TABLE " + name + ` (installed_rank integer NOT NULL, version varchar(50), description varchar(200) NOT NULL, type varchar(20) NOT NULL,
		script varchar(1000) NOT NULL, checksum integer, installed_by varchar(100) NOT NULL, installed_on timestamp NOT NULL DEFAULT now(),
		execution_time integer NOT NULL, success boolean NOT NULL, PRIMARY KEY (installed_rank));`
	for i, r := range rows {
		sql += fmt.Sprintf("INSERT INTO %s VALUES (%d, %s);", name, i+1, r)
	}
	return sql
}

// fly is a row of Flyway's; version "" is none, a nil text has no checksum.
func fly(version, description, kind, script string, text *string, success bool) string {
	v, sum := "NULL", "NULL"
	if version != "" {
		v = "'" + version + "'"
	}
	if text != nil {
		sum = fmt.Sprint(int32(crc32.ChecksumIEEE([]byte(strings.NewReplacer("\r", "", "\n", "", "\ufeff", "").Replace(*text)))))
	}
	return fmt.Sprintf("%s, '%s', '%s', '%s', %s, 'app', '2024-01-01 12:00', 5, %v", v, description, kind, script, sum, success)
}

func ref(text string) *string { return &text }

const (
	one   = "CREATE TABLE a (i int);\n"
	two   = "CREATE TABLE b (i int);\nCREATE TABLE c (i int);\n"
	three = "CREATE TABLE d (i int);\n"
)

func TestFlywayRows(t *testing.T) {
	t.Parallel()
	plain := map[string]string{"V1__one.sql": one, "V2__two.sql": two, "V3__three.sql": three}
	v1, v2 := fly("1", "one", "SQL", "V1__one.sql", ref(one), true), fly("2", "two", "SQL", "V2__two.sql", ref(two), true)
	v3 := fly("3", "three", "SQL", "V3__three.sql", ref(three), true)
	for name, c := range map[string]struct {
		rows  []string
		files map[string]string
		want  []string
	}{
		"pending": {[]string{v1, v2}, plain, []string{"1 applied verified in", "2 applied verified in", "pending V3__three.sql"}},
		"passed over": {[]string{v1, v3}, plain,
			[]string{"1 applied verified in", "3 applied verified in", "pending V2__two.sql", "problem gap 2"}},
		"out of order": {[]string{v1, v3, v2}, map[string]string{"V1__one.sql": one, "V2__two.sql": two, "V3__three.sql": three, "V2.5__x.sql": one},
			[]string{"1 applied verified in", "3 applied verified in", "2 applied verified in", "pending V2.5__x.sql"}},
		"spellings of one version": {[]string{fly("1.0", "one", "SQL", "V1_0__one.sql", ref(one), true), fly("2.1", "two", "SQL", "V02_1__two.sql", ref(two), true)},
			map[string]string{"V001__one.sql": one, "V2.1.0__two.sql": two}, []string{"1.0 applied verified in", "2.1 applied verified in"}},
		"undone and applied again": {[]string{v1, fly("1", "one", "UNDO_SQL", "U1__one.sql", ref("x"), true), v1},
			map[string]string{"V1__one.sql": one, "U1__one.sql": "DROP TABLE a;"}, []string{"1 applied unverifiable past", "1 undone mismatched past", "1 applied verified in"}},
		"deleted and applied again": {[]string{v1, fly("1", "one", "DELETE", "V1__one.sql", ref(one), true), v1}, map[string]string{"V1__one.sql": one},
			[]string{"1 applied unverifiable past", "1 undone unverifiable past", "1 applied verified in"}},
		"failed, repaired, applied": {[]string{v1, fly("2", "two", "SQL", "V2__two.sql", ref(two), false), v2}, map[string]string{"V1__one.sql": one, "V2__two.sql": two},
			[]string{"1 applied verified in", "2 failed unverifiable past", "2 applied verified in"}},
		"undoing failed": {[]string{v1, fly("1", "one", "UNDO_SQL", "U1__one.sql", ref("x"), false)}, nil,
			[]string{"1 applied unverifiable in", "1 failed unverifiable past", "problem failed_migration 1"}},
		"twice": {[]string{v1, v1}, map[string]string{"V1__one.sql": one}, []string{"1 applied unverifiable past", "1 applied verified in", "problem duplicate_version 1"}},
		"schema and baseline": {[]string{fly("", "<< Flyway Schema Creation >>", "SCHEMA", `"app"`, nil, true), fly("2", "<< Flyway Baseline >>", "BASELINE", "<< Flyway Baseline >>", nil, true), v3},
			plain, []string{"baseline-2 baseline unverifiable in", "3 applied verified in", "marker"}},
		"an old baseline": {[]string{fly("1", "<< Flyway Init >>", "INIT", "<< Flyway Init >>", nil, true)}, plain,
			[]string{"baseline-1 baseline unverifiable in", "pending V2__two.sql", "pending V3__three.sql"}},
		"a baseline script that ran": {[]string{fly("2", "all", "SQL_BASELINE", "B2__all.sql", ref(two), true), v3},
			map[string]string{"B2__all.sql": two, "V1__one.sql": one, "V2__two.sql": two, "V3__three.sql": three},
			[]string{"B2 baseline verified in", "3 applied verified in"}},
		"a baseline script that came later": {[]string{v1}, map[string]string{"B1__all.sql": one, "V1__one.sql": one}, []string{"1 applied verified in"}},
		"a baseline script for nothing":     {[]string{fly("", "<< Flyway Schema Creation >>", "SCHEMA", `"app"`, nil, true)}, map[string]string{"B2__all.sql": two, "V1__one.sql": one, "V3__three.sql": three}, []string{"marker", "pending B2__all.sql", "pending V3__three.sql"}},
		"repeated": {[]string{fly("", "view", "SQL", "R__view.sql", ref("old"), true), fly("", "view", "SQL", "R__view.sql", ref(one), true)}, map[string]string{"R__view.sql": one},
			[]string{"R__view repeatable unverifiable past", "R__view repeatable verified in"}},
		"repeated and changed": {[]string{fly("", "view", "SQL", "R__view.sql", ref("old"), true)}, map[string]string{"R__view.sql": one, "R__new.sql": two},
			[]string{"R__view repeatable mismatched in", "pending R__new.sql", "pending R__view.sql"}},
		"repeated with placeholders": {[]string{fly("", "view", "SQL", "R__view.sql", ref("SELECT 7"), true)}, map[string]string{"R__view.sql": "SELECT ${x}"},
			[]string{"R__view repeatable unverifiable in"}},
		"programs": {[]string{fly("1", "one", "JDBC", "db.migration.V1__one", nil, true), fly("2", "two", "SPRING_JDBC", "db.migration.V2__two", ref("x"), true)},
			map[string]string{"java/db/migration/V1__one.java": "class V1__one {}", "V3__three.kt": "class"},
			[]string{"1 applied unverifiable in", "2 applied unverifiable in", "pending V3__three.kt", "problem pending_code 3"}},
		"no checksum":   {[]string{fly("1", "one", "SQL", "V1__one.sql", nil, true)}, map[string]string{"V1__one.sql": one}, []string{"1 applied unverifiable in"}},
		"missing":       {[]string{v1, v2}, map[string]string{"V1__one.sql": one}, []string{"1 applied verified in", "2 applied missing in", "problem missing_file 2"}},
		"one byte":      {[]string{v1}, map[string]string{"V1__one.sql": strings.Replace(one, "int", "inT", 1)}, []string{"1 applied mismatched in", "problem mismatch 1"}},
		"a space":       {[]string{v1}, map[string]string{"V1__one.sql": strings.Replace(one, "\n", " \n", 1)}, []string{"1 applied mismatched in", "problem mismatch 1"}},
		"CRLF and mark": {[]string{v2}, map[string]string{"V2__two.sql": "\ufeff" + strings.ReplaceAll(two, "\n", "\r\n")}, []string{"2 applied verified in"}},
		"two files":     {[]string{v1}, map[string]string{"V1__one.sql": one, "V2__b.sql": two, "V2.0__c.sql": two}, []string{"1 applied verified in", "pending V2.0__c.sql", "pending V2__b.sql", "problem duplicate_version 2.0"}},
		"no directory":  {[]string{v1}, nil, []string{"1 applied unverifiable in"}},
		"strange": {[]string{fly("x", "one", "SQL", "V1__one.sql", nil, true), fly("2", "two", "DREAM", "V2__two.sql", nil, true), fly("", "", "SQL", "R.sql", nil, true)}, nil,
			[]string{"marker", "marker", "marker", "problem unreadable", "problem unknown_kind", "problem unreadable"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, h := told(t, flywayTable(c.rows...), legacy.Wanted{}, c.files)
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s\nproblems %v\nnotes %v", diff, h.Problems, h.Notes)
			}
		})
	}
}

// Flyway 3 had another first column, no version that is null, and checksums of the bytes.
func TestFlyway3(t *testing.T) {
	t.Parallel()
	crlf := strings.ReplaceAll(two, "\n", "\r\n")
	sql := fmt.Sprintf(`CREATE SCHEMA tenant; CREATE TABLE tenant.schema_version (version_rank int NOT NULL, installed_rank int NOT NULL, version varchar(50) NOT NULL PRIMARY KEY,
		description varchar(200) NOT NULL, type varchar(20) NOT NULL, script varchar(1000) NOT NULL, checksum integer, installed_by varchar(100) NOT NULL,
		installed_on timestamp NOT NULL DEFAULT now(), execution_time integer NOT NULL, success boolean NOT NULL);
		INSERT INTO tenant.schema_version VALUES (1, 1, '0', '<< Flyway Schema Creation >>', 'SCHEMA', '"tenant"', NULL, 'app', now(), 0, true),
		(2, 3, '1', 'one', 'SQL', 'V1__one.sql', %d, 'app', now(), 1, true), (3, 2, '2', 'two', 'SQL', 'V2__two.sql', %d, 'app', now(), 1, true)`,
		int32(crc32.ChecksumIEEE([]byte(one))), int32(crc32.ChecksumIEEE([]byte(crlf))))
	got, h := told(t, sql, legacy.Wanted{}, map[string]string{"V1__one.sql": one, "V2__two.sql": two})
	if diff := cmp.Diff([]string{"2 applied mismatched in", "1 applied verified in", "marker", "problem mismatch 2"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if h.Source.Layout != "3" || h.Source.Schema != "tenant" {
		t.Errorf("got the source %+v", h.Source)
	}
	if len(h.Problems) == 1 && !strings.Contains(h.Problems[0].Message, "with CRLF line ends it would fit") {
		t.Errorf("the problem does not say that line ends make the difference: %s", h.Problems[0].Message)
	}
	if note := h.Entries[1].Note; !strings.Contains(note, "Flyway 3") {
		t.Errorf("the entry does not say by which rule it was verified: %q", note)
	}
}

func TestFlywayLooksAlike(t *testing.T) {
	t.Parallel()
	conn := dial(t, pgtest.URL(t))
	ctx := context.Background()
	if err := load(conn, `CREATE TABLE schema_version (version int); CREATE TABLE changelog (id serial, type smallint, version text, description text);
		CREATE TABLE flyway_schema_history (installed_rank int, version text, description text, script text)`); err != nil {
		t.Fatal(err)
	}
	tx, err := conn.Begin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback(ctx) }()
	for _, tool := range []legacy.Tool{legacy.Flyway, legacy.Evolve, legacy.PgMigrate, legacy.Refinery} {
		if all, err := legacy.Find(ctx, tx, tool); err != nil || len(all) > 0 {
			t.Errorf("%s was found: %v, %v", tool, all, err)
		}
	}
}

// Rows of nulls and of text that means harm must be told as what they are.
func TestFlywayHostileRows(t *testing.T) {
	t.Parallel()
	got, h := told(t, `CREATE SCHEMA "a""b"; CREATE TABLE "a""b"."x; DROP TABLE y" (installed_rank int, version text, description text, type text, script text, checksum bigint,
		installed_by text, installed_on timestamptz, execution_time numeric, success boolean, extra jsonb);
		INSERT INTO "a""b"."x; DROP TABLE y" DEFAULT VALUES;
		INSERT INTO "a""b"."x; DROP TABLE y" VALUES (NULL, '1', NULL, 'SQL', NULL, NULL, NULL, 'infinity', 1.5, true, '{}'),
			(2, '../../etc/passwd', E'a\nb', 'SQL', '../../etc/passwd', 1, $$'; --$$, now(), 1, true, NULL), (3, NULL, 'x', 'SQL', E'R__x.sql\n', 5, 'a', now(), 0, NULL, NULL),
			(4, NULL, $$€"'$$, 'SQL', '/etc/hostname', 5, 'a', now(), 0, true, NULL)`,
		legacy.Wanted{Tool: legacy.Flyway}, map[string]string{"V1__.sql": one, "V__.sql": "", "V1..2__x.sql": "", "R__.sql": ""})
	want := []string{"1 applied unverifiable in", `R__€"' repeatable missing in`, "marker", "marker", "marker", "problem unknown_kind", "problem unreadable", "problem unreadable", `problem missing_file R__€"'`}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s\n%v", diff, h.Problems)
	}
}

func TestFlywayAtWork(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	conn, other := dial(t, url), dial(t, url)
	if err := load(conn, flywayTable(fly("1", "one", "SQL", "V1__one.sql", ref(one), true))); err != nil {
		t.Fatal(err)
	}
	// 77433833903597 is the key that Flyway uses for public.flyway_schema_history.
	if _, err := other.Exec(context.Background(), "SELECT pg_advisory_lock(77433833903597)"); err != nil {
		t.Fatal(err)
	}
	if h := adopt(t, conn, legacy.Wanted{}, ""); len(h.Problems) != 1 || h.Problems[0].Code != legacy.ToolRunning {
		t.Errorf("Flyway holds its lock: got %v", h.Problems)
	}
}
