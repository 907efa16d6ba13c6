package legacy_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/pleatdb/pleat/history/legacy"
	"github.com/pleatdb/pleat/inspect/pgtest"
)

// dumps is where histories lie that the tools themselves wrote, beside the checkout; it is no part of it.
const dumps = "../../../shared/legacy"

// restore loads a dump into a new database. The test is skipped where there is none.
func restore(t *testing.T, name string) *pgx.Conn {
	t.Helper()
	file := filepath.Join(dumps, name+".sql")
	if _, err := os.Stat(file); err != nil {
		t.Skipf("the dump %s is not here", name)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	conn := dial(t, pgtest.URL(t))
	if err := load(conn, string(text)); err != nil {
		t.Fatalf("load %s: %v", name, err)
	}
	return dial(t, conn.Config().ConnString())
}

// load runs a dump without the commands that only psql knows.
func load(conn *pgx.Conn, text string) error {
	var sql strings.Builder
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, `\`) {
			sql.WriteString(line)
		}
	}
	_, err := conn.PgConn().Exec(context.Background(), sql.String()).ReadAll()
	return err
}

func dial(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(context.Background(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

// adopt chooses and reads a history as the command does, and takes everything back. dir may be empty.
func adopt(t *testing.T, conn *pgx.Conn, w legacy.Wanted, dir string) *legacy.History {
	t.Helper()
	ctx := context.Background()
	tx, err := conn.Begin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback(ctx) }()
	if dir != "" {
		if w.Dir, err = legacy.OpenDir(dir); err != nil {
			t.Fatal(err)
		}
	}
	all, err := legacy.Find(ctx, tx, w.Tool)
	if err != nil {
		t.Fatal(err)
	}
	s, ok, err := legacy.Choose(all, w)
	if err != nil || !ok {
		t.Fatalf("choose: %v, %v; found %v", ok, err, all)
	}
	h, err := legacy.Read(ctx, tx, s, w.Dir)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// line writes an entry as the golden lists have it:
// order key version name at by duration checksum state file in-effect.
func line(e *legacy.Entry) string {
	at, duration := "-", "-"
	if !e.AppliedAt.IsZero() {
		layout := "2006-01-02T15:04:05.999999Z07:00"
		if e.Local {
			layout = "2006-01-02T15:04:05.999999"
		}
		at = e.AppliedAt.Format(layout)
	}
	if e.Duration != nil {
		duration = fmt.Sprintf("%.3fms", float64(*e.Duration)/float64(time.Millisecond))
	}
	effect := "past"
	if e.InEffect {
		effect = "in"
	}
	fields := []string{fmt.Sprint(e.Order), e.Key, e.Version, e.Name, at, e.By, duration, e.Checksum, string(e.State), string(e.File.State), e.File.Path, effect}
	for i, f := range fields {
		if f == "" {
			fields[i] = "-"
		}
	}
	return strings.Join(fields, " | ")
}

// golden compares a history with testdata/golden/NAME.txt, which was written by hand from the dump:
// a line "tool TOOL in SCHEMA.TABLE", a line for each entry, then "marker WHY", "pending PATH", "problem CODE KEY".
func golden(t *testing.T, name string, h *legacy.History) {
	t.Helper()
	got := []string{fmt.Sprintf("tool %s in %s", h.Source.Tool, &h.Source)}
	for i := range h.Entries {
		got = append(got, line(&h.Entries[i]))
	}
	for _, m := range h.Markers {
		got = append(got, "marker "+m.Why)
		if !json.Valid(m.Row) {
			t.Errorf("the row of a marker is no JSON: %s", m.Row)
		}
	}
	for _, f := range h.Pending {
		got = append(got, "pending "+f.Path)
	}
	for _, p := range h.Problems {
		got = append(got, strings.TrimSpace("problem "+string(p.Code)+" "+p.Key))
		if p.Message == "" || p.Next == "" {
			t.Errorf("problem %s says nothing: %+v", p.Code, p)
		}
	}
	file := filepath.Join("testdata", "golden", name+".txt")
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v\ngot:\n%s", err, strings.Join(got, "\n"))
	}
	if diff := cmp.Diff(strings.TrimSpace(string(want)), strings.Join(got, "\n")); diff != "" {
		t.Errorf("%s differs from what was read (-want +got):\n%s", file, diff)
	}
}

// TestDumps reads every dump that has a golden list, with the directory of its migrations where there is one.
func TestDumps(t *testing.T) {
	lists, err := filepath.Glob("testdata/golden/*.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, list := range lists {
		name := strings.TrimSuffix(filepath.Base(list), ".txt")
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			at := name
			if _, err := os.Stat(filepath.Join(dumps, at+".sql")); err != nil {
				at = filepath.Join("fixtures", name)
			}
			conn := restore(t, at)
			golden(t, name, adopt(t, conn, legacy.Wanted{}, dirOf(at)))
		})
	}
}

// borrowed are dumps whose migrations are in another's directory.
var borrowed = map[string]string{
	"prisma-resolved": "prisma-failed", "flyway-baseline": "flyway", "atlas-baseline": "atlas", "atlas-set": "atlas", "goose-after-down": "goose",
	"liquibase-changelog-sync": "liquibase", "yoyo-rollback-mark": "yoyo", "pgroll-active": "pgroll",
}

// dirOf is the directory of a dump's migrations; empty where there is none.
func dirOf(name string) string {
	if other, ok := borrowed[name]; ok {
		name = other
	}
	dir := filepath.Join(dumps, name)
	if _, err := os.Stat(dir); err != nil {
		return ""
	}
	return dir
}
