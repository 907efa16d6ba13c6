package main

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/pleatdb/pleat/inspect/pgtest"
	"github.com/pleatdb/pleat/schema"
)

// legacyDumps is where databases lie that other tools made, with their migration files, beside the checkout; they are no part of it.
const legacyDumps = "../../../shared/legacy"

// legacyCase is a database with the history of another tool, and the project that takes it over.
type legacyCase struct {
	t   *testing.T
	url string
	// dir is the new project, legacy the tool's directory; empty where there is none.
	dir, legacy string
}

// adopted is a dump in a database of its own. The test is skipped where there is none.
func adopted(t *testing.T, name string) *legacyCase {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(legacyDumps, name+".sql"))
	if err != nil {
		t.Skipf("the dump %s is not here", name)
	}
	a := adoptedFrom(t, dumpText(string(text)))
	if other, ok := borrowedFiles[filepath.Base(name)]; ok {
		name = other
	}
	if files := filepath.Join(legacyDumps, name); isDir(files) {
		a.legacy = mustAbs(t, files)
	}
	return a
}

// adoptedFrom is a database that a script made.
func adoptedFrom(t *testing.T, sql string) *legacyCase {
	t.Helper()
	a := &legacyCase{t: t, url: pgtest.URL(t), dir: filepath.Join(t.TempDir(), "project")}
	if _, err := query(a.url, sql); err != nil {
		t.Fatalf("load: %v", err)
	}
	return a
}

// borrowedFiles are dumps whose migrations are in another's directory.
var borrowedFiles = map[string]string{
	"prisma-resolved": "prisma-failed", "flyway-baseline": "flyway", "atlas-baseline": "atlas", "atlas-set": "atlas", "goose-after-down": "goose",
	"liquibase-changelog-sync": "liquibase", "yoyo-rollback-mark": "yoyo", "pgroll-active": "pgroll",
}

// dumpText is a dump without the commands that only psql knows.
func dumpText(text string) string {
	var sql strings.Builder
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, `\`) {
			sql.WriteString(line)
		}
	}
	return sql.String()
}

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

func mustAbs(t *testing.T, path string) string {
	t.Helper()
	abs, err := filepath.Abs(path)
	if err != nil {
		t.Fatal(err)
	}
	return abs
}

// copied is a copy of the tool's directory that a test may change.
func (a *legacyCase) copied() {
	a.t.Helper()
	dir := filepath.Join(a.t.TempDir(), "legacy")
	if err := os.CopyFS(dir, os.DirFS(a.legacy)); err != nil {
		a.t.Fatal(err)
	}
	a.legacy = dir
}

// command is pleat as its user starts it, in the project where there is one.
func (a *legacyCase) command(args ...string) *exec.Cmd {
	cmd := exec.Command("pleat", append(args, "--shadow", pgtest.Server(a.t).URL(""))...)
	cmd.Env = append(os.Environ(), "PLEAT_URL="+a.url, "LC_ALL=C")
	if isDir(a.dir) && args[0] != "import" {
		cmd.Dir = a.dir
	}
	return cmd
}

// run gives the exit code and both streams.
func (a *legacyCase) run(args ...string) (int, string) {
	a.t.Helper()
	cmd := a.command(args...)
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState == nil {
		a.t.Fatalf("pleat %v: %v", args, err)
	}
	return cmd.ProcessState.ExitCode(), string(out)
}

// want runs a command that has to end with an exit code, and gives its output.
func (a *legacyCase) want(code int, args ...string) string {
	a.t.Helper()
	got, out := a.run(args...)
	if got != code {
		a.t.Fatalf("pleat %s: exit code %d, want %d\n%s", strings.Join(args, " "), got, code, out)
	}
	return out
}

// imported is what `pleat import --json` says, as far as tests look at it.
type imported struct {
	History struct {
		Tool, Schema, Table string
		Rows                int
		Entries             []struct {
			Key, Version, State string
			InEffect            bool `json:"in_effect"`
			File                struct{ State, Path, Reason string }
		}
		Pending  []json.RawMessage
		Accepted []json.RawMessage
	}
	Error *struct {
		Code, Message, Next string
		Problems            []struct{ Code, Key, Message, Next string }
	}
}

// codes are those of the refusal, with the keys.
func (i *imported) codes() (out []string) {
	if i.Error == nil {
		return nil
	}
	if len(i.Error.Problems) == 0 {
		return []string{i.Error.Code}
	}
	for _, p := range i.Error.Problems {
		out = append(out, strings.TrimSpace(p.Code+" "+p.Key))
	}
	return out
}

// isPending reports whether a file is among those that have not run.
func (i *imported) isPending(path string) bool {
	return slices.ContainsFunc(i.History.Pending, func(p json.RawMessage) bool { return strings.Contains(string(p), path) })
}

// imports runs the import and reads its document.
func (a *legacyCase) imports(args ...string) *imported {
	a.t.Helper()
	full := append([]string{"import", "--json", "--out", a.dir}, args...)
	if a.legacy != "" && !slices.Contains(args, "--legacy") {
		full = append(full, "--legacy", a.legacy)
	}
	cmd := a.command(full...)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	var doc imported
	if bad := json.Unmarshal(out, &doc); bad != nil {
		a.t.Fatalf("import: %v, %v\n%s%s", err, bad, out, stderr.String())
	}
	if (cmd.ProcessState.ExitCode() == 0) != (doc.Error == nil) {
		a.t.Errorf("import: exit code %d with %+v", cmd.ProcessState.ExitCode(), doc.Error)
	}
	return &doc
}

// definitions are those of all objects outside of pleat's schema.
func (a *legacyCase) definitions() string {
	a.t.Helper()
	return pgtest.Dump(a.t, a.url, "--exclude-schema=pleat")
}

// footprint is what all tables and sequences outside of pleat's schema hold: each row with its place and its transaction.
func (a *legacyCase) footprint() map[string]string {
	a.t.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, a.url)
	if err != nil {
		a.t.Fatal(err)
	}
	defer conn.Close(ctx)
	rows, err := conn.Query(ctx, `SELECT n.nspname, c.relname, c.relkind = 'S' FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE c.relkind IN ('r', 'S') AND n.nspname !~ '^(pg_|pleat)' AND n.nspname <> 'information_schema'`)
	if err != nil {
		a.t.Fatal(err)
	}
	queries := map[string]string{}
	var namespace, name string
	var sequence bool
	_, err = pgx.ForEachRow(rows, []any{&namespace, &name, &sequence}, func() error {
		at := schema.Qualified(namespace, name)
		queries[at] = "SELECT coalesce(md5(string_agg(t.ctid::text || ' ' || t.xmin::text || ' ' || t::text, E'\n' ORDER BY t.ctid)), '') FROM ONLY " + at + " t"
		if sequence {
			queries[at] = "SELECT concat(last_value, ' ', is_called) FROM " + at
		}
		return nil
	})
	if err != nil {
		a.t.Fatal(err)
	}
	out := map[string]string{}
	for at, sql := range queries {
		var sum string
		if err := conn.QueryRow(ctx, sql).Scan(&sum); err != nil {
			a.t.Fatal(err)
		}
		out[at] = sum
	}
	return out
}

// untouched compares a footprint with what is there now.
func (a *legacyCase) untouched(before map[string]string, when string) {
	a.t.Helper()
	if diff := cmp.Diff(before, a.footprint()); diff != "" {
		a.t.Fatalf("%s the database is not as it was:\n%s", when, diff)
	}
}

// scalar is the first value that a query gives, "" where it gives no row.
func (a *legacyCase) scalar(sql string) string {
	a.t.Helper()
	rows, err := query(a.url, sql)
	if err != nil {
		a.t.Fatalf("%s: %v", sql, err)
	}
	if len(rows) == 0 {
		return ""
	}
	return rows[0][0]
}
