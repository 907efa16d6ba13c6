package legacy_test

import (
	"crypto/sha1"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/pleatdb/pleat/history/legacy"
)

const sqitchTables = `CREATE SCHEMA reg; SET search_path = reg;
	CREATE TABLE changes (change_id text PRIMARY KEY, script_hash text, change text, project text, note text, committed_at timestamptz,
		committer_name text, committer_email text, planned_at timestamptz, planner_name text, planner_email text);
	CREATE TABLE events (event text, change_id text, change text, project text, note text, requires text[], conflicts text[], tags text[], committed_at timestamptz,
		committer_name text, committer_email text, planned_at timestamptz, planner_name text, planner_email text);
	CREATE TABLE tags (tag_id text, tag text, project text, change_id text, note text, committed_at timestamptz, committer_name text, committer_email text, planned_at timestamptz, planner_name text, planner_email text);
	CREATE TABLE projects (project text, uri text); CREATE TABLE releases (version real); INSERT INTO releases VALUES (1.0), (1.1);`

func sum(text string) string {
	s := sha1.Sum([]byte(text))
	return hex.EncodeToString(s[:])
}

// The plan of the tests. The IDs are made here from what Sqitch is known to sign.
const sqitchShop = "%project=shop\n%uri=https://Example.com\n\n" +
	"users 2024-01-01T00:00:00Z A <a@b> # first\\nline\n" +
	"orders [shop:users !old] 2024-01-02T00:00:00Z A <a@b>\n" +
	"@v1 2024-01-02T00:00:00Z A <a@b> # tag\n" +
	"users [users@v1] 2024-01-03T00:00:00Z A <a@b> # again\n" +
	"last 2024-01-04T00:00:00Z A <a@b>\n"

func sqitchID(lines ...string) string {
	text := strings.Join(lines, "\n")
	return sum(fmt.Sprintf("change %d\x00%s", len(text), text))
}

func sqitchIDs() (users, orders, again string) {
	users = sqitchID("project shop", "uri https://example.com/", "change users", "planner A <a@b>", "date 2024-01-01T00:00:00Z", "", "first\nline")
	orders = sqitchID("project shop", "uri https://example.com/", "change orders", "parent "+users, "planner A <a@b>", "date 2024-01-02T00:00:00Z", "requires", "  + users", "conflicts", "  - old")
	again = sqitchID("project shop", "uri https://example.com/", "change users", "parent "+orders, "planner A <a@b>", "date 2024-01-03T00:00:00Z", "requires", "  + users@v1", "", "again")
	return users, orders, again
}

func sqitchEvent(kind, id, change, project, at string) string {
	return fmt.Sprintf("INSERT INTO events VALUES ('%s', '%s', '%s', '%s', '', '{}', '{}', '{}', '2024-05-01 %s+00', 'Ann', 'ann@x', now(), 'Bob', 'bob@x');", kind, id, change, project, at)
}

func sqitchRow(id, hash, change, project, at string) string {
	return fmt.Sprintf("INSERT INTO changes VALUES ('%s', %s, '%s', '%s', '', '2024-05-01 %s+00', 'Ann', 'ann@x', now(), 'Bob', 'bob@x');", id, hash, change, project, at)
}

// sqitchFiles is a project in a directory of its own with its own names of directories.
func sqitchFiles() map[string]string {
	return map[string]string{
		"sqitch.conf":              "[core]\n\tengine = pg\n\ttop_dir = db\n\tplan_file = db/shop.plan\n[engine \"pg\"]\n\ttarget = db:pg:shop\n",
		"db/shop.plan":             sqitchShop,
		"db/deploy/users@v1.sql":   "CREATE TABLE users ();\n",
		"db/deploy/users.sql":      "ALTER TABLE users ADD x int;\n",
		"db/deploy/orders.sql":     "BEGIN;\nCREATE TABLE orders ();\nCOMMIT;\n",
		"db/deploy/last.sql":       "\\set x 1\nSELECT 1;\n",
		"db/revert/orders.sql":     "DROP TABLE orders;\n",
		"db/revert/users@v1.sql":   "DROP TABLE users;\n",
		"db/verify/users@v1.sql":   "SELECT 1;\n",
		"other/sqitch.plan":        "%project=other\n\nthing 2024-01-01T00:00:00Z A <a@b>\n",
		"other/deploy/thing.sql":   "SELECT 1;\n",
		"other/deploy/nothing.sql": "SELECT 1;\n",
	}
}

func sqitchShopRows() string {
	users, orders, again := sqitchIDs()
	return sqitchTables + sqitchEvent("deploy", users, "users", "shop", "10:00") + sqitchEvent("fail", orders, "orders", "shop", "10:01") +
		sqitchEvent("deploy", orders, "orders", "shop", "10:02") + sqitchEvent("revert", orders, "orders", "shop", "10:03") + sqitchEvent("deploy", orders, "orders", "shop", "10:04") +
		sqitchEvent("deploy", again, "users", "shop", "10:05") + sqitchEvent("deploy", "f00", "thing", "other", "09:00") +
		sqitchRow(users, "'"+sum("CREATE TABLE users ();\n")+"'", "users", "shop", "10:00") +
		sqitchRow(orders, "'"+sum("BEGIN;\nCREATE TABLE orders ();\nCOMMIT;\n")+"'", "orders", "shop", "10:04") +
		sqitchRow(again, "'"+again+"'", "users", "shop", "10:05") + sqitchRow("f00", "NULL", "thing", "other", "09:00") +
		"INSERT INTO tags VALUES ('t', '@v1', 'shop', '" + orders + "', '', now(), '', '', now(), '', '');" +
		"INSERT INTO projects VALUES ('shop', NULL), ('other', NULL), ('empty', NULL)"
}

func TestSqitchLog(t *testing.T) {
	t.Parallel()
	h := database(t, sqitchShopRows(), legacy.Wanted{Project: "shop"}, write(t, sqitchFiles()))
	want := "users@v1 applied, orders failed past, orders applied past, orders undone past, orders applied, users applied, pending last"
	if got := story(h); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if len(h.Problems) > 0 || h.Source.Layout != "1.1" || !h.Source.OwnSchema {
		t.Errorf("got %v; %+v", h.Problems, h.Source)
	}
	if !slices.ContainsFunc(h.Notes, func(n string) bool { return strings.Contains(n, "IDs of 3 changes prove") }) {
		t.Errorf("the plan is not proven: %v", h.Notes)
	}
	states := []legacy.FileState{h.Entries[0].File.State, h.Entries[4].File.State, h.Entries[5].File.State}
	if !slices.Equal(states, []legacy.FileState{legacy.FileVerified, legacy.FileVerified, legacy.FileUnverifiable}) {
		t.Errorf("got %v", states)
	}
	f := h.File("users@v1")
	if f == nil || !f.SQL.HasDown || !slices.Equal(f.Others, []string{"db/revert/users@v1.sql", "db/verify/users@v1.sql"}) {
		t.Errorf("got %+v", f)
	}
	if last := h.Pending[0]; len(last.SQL.Up.Problems) == 0 {
		t.Error("a command that only psql knows is not told")
	}
}

func TestSqitchProjects(t *testing.T) {
	t.Parallel()
	h := database(t, sqitchShopRows(), legacy.Wanted{Project: "other"}, write(t, sqitchFiles()))
	if got := story(h); got != "thing applied" {
		t.Errorf("got %s", got)
	}
	if !slices.Equal(codes(h), []legacy.Code{legacy.Mismatch}) {
		t.Errorf("an ID that the plan does not give: got %v", h.Problems)
	}
}

func TestSqitchWithoutFiles(t *testing.T) {
	t.Parallel()
	h := database(t, sqitchShopRows(), legacy.Wanted{Project: "shop"}, "")
	want := "users@v1 applied, orders failed past, orders applied past, orders undone past, orders applied, users applied"
	if got := story(h); got != want || len(h.Problems) > 0 {
		t.Errorf("got %s, %v; want %s", got, h.Problems, want)
	}
	if e := h.Entries[0]; e.By != "Ann <ann@x>" || !strings.Contains(e.Note, "Bob") {
		t.Errorf("got %+v", e)
	}
}

func TestSqitchEdits(t *testing.T) {
	t.Parallel()
	for name, edit := range map[string]func(map[string]string){
		"a byte of a script": func(f map[string]string) {
			f["db/deploy/orders.sql"] = strings.Replace(f["db/deploy/orders.sql"], "TABLE", "tABLE", 1)
		},
		"line ends":          func(f map[string]string) { f["db/deploy/users@v1.sql"] = "CREATE TABLE users ();\r\n" },
		"a byte of the plan": func(f map[string]string) { f["db/shop.plan"] = strings.Replace(sqitchShop, "# again", "# Again", 1) },
		"the first line":     func(f map[string]string) { f["db/shop.plan"] = strings.Replace(sqitchShop, "# first", "# First", 1) },
		"the address": func(f map[string]string) {
			f["db/shop.plan"] = strings.Replace(sqitchShop, "Example.com", "Example.org", 1)
		},
	} {
		files := maps.Clone(sqitchFiles())
		edit(files)
		h := database(t, sqitchShopRows(), legacy.Wanted{Project: "shop"}, write(t, files))
		if !slices.Equal(codes(h), []legacy.Code{legacy.Mismatch}) {
			t.Errorf("%s: got %v", name, h.Problems)
		}
	}
}

func TestSqitchFailure(t *testing.T) {
	t.Parallel()
	users, orders, _ := sqitchIDs()
	rows := sqitchTables + sqitchEvent("deploy", users, "users", "shop", "10:00") + sqitchEvent("fail", orders, "orders", "shop", "10:01") +
		sqitchEvent("twist", orders, "orders", "shop", "10:02") + sqitchRow(users, "NULL", "users", "shop", "10:00")
	h := database(t, rows, legacy.Wanted{}, "")
	if got := story(h); got != "users applied, orders failed past" || !slices.Equal(codes(h), []legacy.Code{legacy.UnknownKind, legacy.FailedMigration}) {
		t.Errorf("got %s, %v", got, h.Problems)
	}
}

func TestSqitchRegistryBeforeRelease1(t *testing.T) {
	t.Parallel()
	h := database(t, `CREATE TABLE changes (change_id text PRIMARY KEY, change text, project text, note text, committed_at timestamptz,
		committer_name text, committer_email text, planned_at timestamptz, planner_name text, planner_email text);
		CREATE TABLE orders (id int);`+strings.Replace(sqitchRow("abc", "", "users", "shop", "10:00"), "'abc', , ", "'abc', ", 1), legacy.Wanted{}, write(t, sqitchFiles()))
	if got := story(h); h.Source.Layout != "0" || h.Source.OwnSchema || !strings.HasPrefix(got, "users@v1 applied") || len(h.Problems) > 0 {
		t.Errorf("got %s, %+v, %v", got, h.Source, h.Problems)
	}
}
