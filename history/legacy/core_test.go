package legacy_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/pleatdb/pleat/history/legacy"
	"github.com/pleatdb/pleat/inspect/pgtest"
)

// codes are those of the problems, in order.
func codes(h *legacy.History) (out []legacy.Code) {
	for _, p := range h.Problems {
		out = append(out, p.Code)
	}
	return out
}

// write makes a directory of files.
func write(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestToolAtWorkIsNotRead(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	conn, other := dial(t, url), dial(t, url)
	ctx := context.Background()
	if err := load(conn, "CREATE TABLE goose_db_version (id serial PRIMARY KEY, version_id bigint NOT NULL, is_applied boolean NOT NULL, tstamp timestamp);"+
		"INSERT INTO goose_db_version VALUES (1, 7, true, NULL)"); err != nil {
		t.Fatal(err)
	}
	for _, hold := range []string{"SELECT pg_advisory_xact_lock(4097083626)", "INSERT INTO goose_db_version VALUES (8, 8, true, NULL)"} {
		tx, err := other.Begin(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := tx.Exec(ctx, hold); err != nil {
			t.Fatal(err)
		}
		h := adopt(t, conn, legacy.Wanted{}, "")
		if !slices.Equal(codes(h), []legacy.Code{legacy.ToolRunning}) || len(h.Entries) > 0 {
			t.Errorf("%s: got problems %v and %d entries", hold, h.Problems, len(h.Entries))
		}
		if err := tx.Rollback(ctx); err != nil {
			t.Fatal(err)
		}
	}
	if h := adopt(t, conn, legacy.Wanted{}, ""); len(h.Problems) > 0 || len(h.Entries) != 1 {
		t.Errorf("nobody holds a lock: got %v and %d entries", h.Problems, len(h.Entries))
	}
}

func TestRoleWithoutRights(t *testing.T) {
	t.Parallel()
	conn := dial(t, pgtest.URL(t))
	ctx := context.Background()
	if err := load(conn, `CREATE TABLE goose_db_version (id serial PRIMARY KEY, version_id bigint NOT NULL, is_applied boolean NOT NULL, tstamp timestamp);
		INSERT INTO goose_db_version VALUES (1, 7, true, NULL)`); err != nil {
		t.Fatal(err)
	}
	tx, err := conn.Begin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback(ctx) }()
	if _, err := tx.Exec(ctx, "CREATE ROLE legacy_nobody"); err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(ctx, "SET LOCAL ROLE legacy_nobody"); err != nil {
		t.Fatal(err)
	}
	all, err := legacy.Find(ctx, tx, "")
	if err != nil || len(all) != 1 || all[0].Rows != -1 {
		t.Fatalf("found %+v, %v", all, err)
	}
	h, err := legacy.Read(ctx, tx, all[0], nil)
	if err != nil || !slices.Equal(codes(h), []legacy.Code{legacy.Unreadable}) {
		t.Errorf("read: %+v, %v", h, err)
	}
}

func TestFilesAreHeldAgainstRows(t *testing.T) {
	t.Parallel()
	conn := dial(t, pgtest.URL(t))
	if err := load(conn, `CREATE TABLE goose_db_version (id serial PRIMARY KEY, version_id bigint NOT NULL, is_applied boolean NOT NULL, tstamp timestamp);
		INSERT INTO goose_db_version (version_id, is_applied) VALUES (0, true), (1, true), (2, true), (2, false), (3, true), (5, true), (5, true)`); err != nil {
		t.Fatal(err)
	}
	const up = "-- +goose Up\nSELECT 1;\n"
	dir := write(t, map[string]string{"db/1_one.sql": up, "db/2_two.sql": up, "db/4_four.go": "package db", "db/5_five.sql": up, "db/05_other.sql": up, "README.sql": "no migration"})
	h := adopt(t, conn, legacy.Wanted{}, dir)
	if want := []legacy.Code{legacy.DuplicateVersion, legacy.DuplicateVersion, legacy.MissingFile, legacy.Gap, legacy.Gap, legacy.PendingCode}; !slices.Equal(codes(h), want) {
		t.Errorf("got problems %v, want %v: %+v", codes(h), want, h.Problems)
	}
	var in, pending []string
	for _, e := range h.Entries {
		if e.InEffect {
			in = append(in, e.Key)
		}
	}
	for _, f := range h.Pending {
		pending = append(pending, f.Path)
	}
	if want := []string{"1", "3", "5"}; !slices.Equal(in, want) {
		t.Errorf("in effect: %v, want %v", in, want)
	}
	if want := []string{"db/2_two.sql", "db/4_four.go"}; !slices.Equal(pending, want) {
		t.Errorf("pending: %v, want %v", pending, want)
	}
	refused, passed := h.Judge([]legacy.Accepted{legacy.ParseAccepted("missing_file:3"), legacy.ParseAccepted("duplicate_version"), legacy.ParseAccepted("pending_code:9")})
	if len(passed) != 1 || passed[0].Code != legacy.MissingFile || len(refused) != 5 {
		t.Errorf("passed %v, refused %v", passed, refused)
	}
}

func TestChoose(t *testing.T) {
	t.Parallel()
	one := legacy.Source{Tool: legacy.Goose, Schema: "public", Table: "goose_db_version", Rows: 3}
	two := legacy.Source{Tool: legacy.Flyway, Schema: "a.b", Table: "history", Rows: 2}
	empty := legacy.Source{Tool: legacy.Flyway, Schema: "old", Table: "history"}
	twin := legacy.Source{Tool: legacy.Rails, Schema: "public", Table: "goose_db_version", Rows: 3}
	for _, tc := range []struct {
		name string
		all  []legacy.Source
		want legacy.Wanted
		got  legacy.Source
		code legacy.Code
	}{
		{"none", nil, legacy.Wanted{}, legacy.Source{}, ""},
		{"one", []legacy.Source{one}, legacy.Wanted{}, one, ""},
		{"an empty one says nothing", []legacy.Source{empty}, legacy.Wanted{}, legacy.Source{}, ""},
		{"an empty one that is asked for", []legacy.Source{one, empty}, legacy.Wanted{Tool: legacy.Flyway}, empty, ""},
		{"beside an empty one", []legacy.Source{one, empty}, legacy.Wanted{}, one, ""},
		{"several", []legacy.Source{one, two}, legacy.Wanted{}, legacy.Source{}, legacy.SeveralHistories},
		{"by tool", []legacy.Source{one, two, empty}, legacy.Wanted{Tool: legacy.Flyway}, two, ""},
		{"by table", []legacy.Source{one, two, empty}, legacy.Wanted{Table: "a.b.history"}, two, ""},
		{"one table, two tools", []legacy.Source{one, twin}, legacy.Wanted{}, legacy.Source{}, legacy.Ambiguous},
		{"another tool's", []legacy.Source{one}, legacy.Wanted{Tool: legacy.Tern}, legacy.Source{}, legacy.NoHistory},
		{"another table", []legacy.Source{one}, legacy.Wanted{Table: "nowhere"}, legacy.Source{}, legacy.NoHistory},
	} {
		got, ok, err := legacy.Choose(tc.all, tc.want)
		var p *legacy.Problem
		if errors.As(err, &p) && p.Code != tc.code || err == nil && tc.code != "" {
			t.Errorf("%s: got error %v, want code %q", tc.name, err, tc.code)
		}
		if got.String() != tc.got.String() || got.Tool != tc.got.Tool || ok != (tc.got.Tool != "") {
			t.Errorf("%s: got %v %v %v", tc.name, got, ok, err)
		}
	}
}

// TestRowsThatAreFiles finds a renamed table whose columns say nothing by the directory.
func TestRowsThatAreFiles(t *testing.T) {
	t.Parallel()
	conn := dial(t, pgtest.URL(t))
	ctx := context.Background()
	if err := load(conn, `CREATE TABLE place (version integer NOT NULL PRIMARY KEY); INSERT INTO place VALUES (2);
		CREATE TABLE shoe_sizes (version integer NOT NULL PRIMARY KEY); INSERT INTO shoe_sizes VALUES (43)`); err != nil {
		t.Fatal(err)
	}
	const text = "CREATE TABLE a ();\n---- create above / drop below ----\nDROP TABLE a;\n"
	dir, err := legacy.OpenDir(write(t, map[string]string{"001_a.sql": text, "002_b.sql": text, "003_c.sql": text}))
	if err != nil {
		t.Fatal(err)
	}
	empty, err := legacy.OpenDir(write(t, map[string]string{"README.md": "no migration"}))
	if err != nil {
		t.Fatal(err)
	}
	tx, err := conn.Begin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback(ctx) }()
	if all, err := legacy.Find(ctx, tx, ""); err != nil || len(all) > 0 {
		t.Errorf("without files: %+v, %v", all, err)
	}
	all, err := legacy.FindByFiles(ctx, tx, dir)
	if err != nil || len(all) != 1 || all[0].Tool != legacy.Tern || all[0].Table != "place" {
		t.Errorf("with files: %+v, %v", all, err)
	}
	if all, err := legacy.FindByFiles(ctx, tx, empty); err != nil || len(all) > 0 {
		t.Errorf("without fitting files: %+v, %v", all, err)
	}
}
