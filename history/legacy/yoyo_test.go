package legacy_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/pleatdb/pleat/history/legacy"
)

const yoyoTables = `CREATE TABLE _yoyo_migration (migration_hash varchar(64) PRIMARY KEY, migration_id varchar(255), applied_at_utc timestamp);
	CREATE TABLE _yoyo_log (id varchar(36) PRIMARY KEY, migration_hash varchar(64), migration_id varchar(255), operation varchar(10), username varchar(255), hostname varchar(255), comment varchar(255), created_at_utc timestamp);
	CREATE TABLE yoyo_lock (locked integer DEFAULT 1 PRIMARY KEY, ctime timestamp, pid integer NOT NULL);`

// yoyoRow is a row of the log, and of what is applied where the last word is that it is.
func yoyoRow(id, migration, operation, at string) string {
	return "INSERT INTO _yoyo_log VALUES ('" + id + "', md5('" + migration + "'), '" + migration + "', '" + operation + "', 'u', 'h', NULL, '2024-01-01 " + at + "');"
}

func TestYoyoLog(t *testing.T) {
	t.Parallel()
	dir := write(t, map[string]string{
		"yoyo.ini":                 "[DEFAULT]\nsources = db\n",
		"db/a.sql":                 "-- a comment\n-- depends: b\n\nCREATE TABLE a (id int);\n",
		"db/a.rollback.sql":        "DROP TABLE a;\n",
		"db/b.sql":                 "-- transactional: false\nCREATE TABLE b (id int);\nCREATE INDEX CONCURRENTLY i ON b (id);\n",
		"db/c.py":                  "from yoyo import step\n__depends__ = {\"a\"}\nsteps = [step('SELECT 1')]\n",
		"db/d.py":                  "from yoyo import step\nsteps = []\n",
		"db/post-apply.sql":        "SELECT 1;\n",
		"docs/other.sql":           "SELECT 1;\n",
		"migrations_old/a.old.sql": "SELECT 1;\n",
	})
	sql := yoyoTables + yoyoRow("1", "b", "apply", "10:00") + yoyoRow("2", "a", "apply", "10:01") + yoyoRow("3", "a", "rollback", "10:02") +
		yoyoRow("4", "a", "apply", "10:03") + yoyoRow("5", "d", "mark", "10:04") + yoyoRow("6", "d", "unmark", "10:05") + yoyoRow("7", "x", "twist", "10:06") +
		"INSERT INTO _yoyo_migration VALUES (md5('b'), 'b', '2024-01-01 10:00'), (md5('a'), 'a', '2024-01-01 10:03'), ('0', 'early', '2023-01-01 10:00')"
	h := database(t, sql, legacy.Wanted{}, dir)
	want := "early applied, b applied, a applied past, a undone past, a applied, d applied past, d undone past, pending c, pending d"
	if got := story(h); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if !slices.Equal(codes(h), []legacy.Code{legacy.UnknownKind, legacy.MissingFile, legacy.PendingCode, legacy.PendingCode}) {
		t.Errorf("got %v", h.Problems)
	}
	if f := h.File("a"); f == nil || !f.SQL.HasDown || !f.SQL.Up.Units[0].Transactional {
		t.Errorf("got %+v", f)
	}
	if f := h.File("b"); f == nil || f.SQL.HasDown || len(f.SQL.Up.Units) != 2 || f.SQL.Up.Units[0].Transactional {
		t.Errorf("got %+v", f)
	}
	if e := h.Entries[1]; e.By != "u@h" || e.Local || e.AppliedAt.Hour() != 10 {
		t.Errorf("got %+v", e)
	}
}

func TestYoyoLock(t *testing.T) {
	t.Parallel()
	h := database(t, yoyoTables+yoyoRow("1", "b", "apply", "10:00")+"INSERT INTO _yoyo_migration VALUES (md5('b'), 'b', now()); INSERT INTO yoyo_lock VALUES (1, '2024-01-01 10:00', 4711)", legacy.Wanted{}, "")
	if !slices.Equal(codes(h), []legacy.Code{legacy.ToolRunning}) {
		t.Fatalf("got %v", h.Problems)
	}
	for _, want := range []string{"process 4711", "2024-01-01 10:00:00", "yoyo break-lock"} {
		if !strings.Contains(h.Problems[0].Error(), want) {
			t.Errorf("%s does not say %q", h.Problems[0].Error(), want)
		}
	}
}

func TestYoyoFirstLayout(t *testing.T) {
	t.Parallel()
	const rows = "(id varchar(255) PRIMARY KEY, ctime timestamp); INSERT INTO %s VALUES ('0001.b', '2024-01-01 10:00'), ('0001.a', '2024-01-01 10:00')"
	h := database(t, "CREATE TABLE _yoyo_migration "+strings.ReplaceAll(rows, "%s", "_yoyo_migration"), legacy.Wanted{}, "")
	if got := story(h); got != "0001.a applied, 0001.b applied" || h.Source.Layout != "1" {
		t.Errorf("got %s of layout %q", got, h.Source.Layout)
	}
	h = database(t, "CREATE TABLE visits "+strings.ReplaceAll(rows, "%s", "visits"), legacy.Wanted{Tool: legacy.Yoyo}, "")
	if h.Source.Strength != legacy.Possible {
		t.Errorf("got %+v", h.Source)
	}
}
