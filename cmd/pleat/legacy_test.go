package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// legacyRefused are the dumps that an import refuses, with the code, written by hand from what the tools left there. All others are imported.
var legacyRefused = map[string]string{
	"flyway-failed":        "failed_migration",
	"golang-migrate-dirty": "dirty",
	"atlas-failed":         "failed_migration",
	"prisma-failed":        "failed_migration",
	"evolve-failed":        "failed_migration",
	"hasura-v2":            "dirty",
	"sqlx-dirty":           "dirty",
	"bytebase-legacy":      "failed_migration",
	"knex-locked":          "tool_running",
	"liquibase-locked":     "tool_running",
	"pgroll-active":        "half_applied",
}

// legacyUndone are the dumps whose import is taken back and done again: one of each form of table. For all of them it takes as long as everything else.
var legacyUndone = []string{"alembic", "atlas", "flyway", "golang-migrate", "goose", "liquibase", "pgroll", "prisma", "rails", "sqitch", "yoyo"}

// TestLegacyDatabasesGoOn takes over every database that another tool made, as its user would, and goes on from there.
func TestLegacyDatabasesGoOn(t *testing.T) {
	dumps, err := filepath.Glob(filepath.Join(legacyDumps, "*.sql"))
	if err != nil {
		t.Fatal(err)
	}
	fixtures, err := filepath.Glob(filepath.Join(legacyDumps, "fixtures", "*.sql"))
	if err != nil {
		t.Fatal(err)
	}
	if len(dumps) == 0 {
		t.Skipf("there are no dumps of other tools in %s", legacyDumps)
	}
	for _, file := range slices.Concat(dumps, fixtures) {
		name, err := filepath.Rel(legacyDumps, strings.TrimSuffix(file, ".sql"))
		if err != nil {
			t.Fatal(err)
		}
		t.Run(filepath.Base(name), func(t *testing.T) {
			t.Parallel()
			a := adopted(t, name)
			if code := legacyRefused[filepath.Base(name)]; code != "" {
				a.isRefused(code)
				return
			}
			a.goesOn(slices.Contains(legacyUndone, name))
		})
	}
}

// isRefused wants an import to be refused without any trace.
func (a *legacyCase) isRefused(code string) {
	a.t.Helper()
	before := a.footprint()
	doc := a.imports()
	if doc.Error == nil || doc.Error.Code != code {
		a.t.Fatalf("want the refusal %s, got %+v", code, doc.Error)
	}
	for _, p := range doc.Error.Problems {
		if p.Message == "" || p.Next == "" {
			a.t.Errorf("a problem that does not say what to do: %+v", p)
		}
	}
	a.untouched(before, "after the refusal")
	a.noTrace()
}

// noTrace wants neither a history nor a project.
func (a *legacyCase) noTrace() {
	a.t.Helper()
	if n := a.scalar("SELECT count(*) FROM pg_namespace WHERE nspname = 'pleat'"); n != "0" {
		a.t.Error("there is a schema pleat")
	}
	if _, err := os.Stat(a.dir); err == nil {
		a.t.Error("there is a project")
	}
}

// goesOn is the whole journey: taken over, where it is wanted taken back and over again, and then a change there and back.
func (a *legacyCase) goesOn(undone bool) {
	a.t.Helper()
	before, definitions := a.footprint(), a.definitions()
	doc := a.imports()
	if doc.Error != nil {
		a.t.Fatalf("import: %+v", doc.Error)
	}
	a.untouched(before, "after the import")
	if undone {
		a.want(0, "import", "--undo", "--auto-approve", "--out", a.dir)
		a.untouched(before, "after the import was taken back")
		a.dir += "2"
		if doc = a.imports(); doc.Error != nil {
			a.t.Fatalf("import again: %+v", doc.Error)
		}
		a.untouched(before, "after the second import")
	}
	if diff := cmp.Diff(definitions, a.definitions()); diff != "" {
		a.t.Errorf("the import changed definitions:\n%s", diff)
	}
	a.agrees()
	a.onlyForward(doc)
	if len(doc.History.Pending) > 0 {
		a.want(0, "apply")
		a.want(0, "plan", "--detailed-exitcode", "--dry-run")
		a.want(0, "drift")
	}
	a.changes()
	history := `"` + strings.ReplaceAll(doc.History.Schema, `"`, `""`) + `"."` + strings.ReplaceAll(doc.History.Table, `"`, `""`) + `"`
	for at, sum := range a.footprint() {
		if strings.ReplaceAll(at, `"`, "") == strings.ReplaceAll(history, `"`, "") && before[at] != sum {
			a.t.Errorf("%s was written", at)
		}
	}
}

// agrees wants files, log and database to agree.
func (a *legacyCase) agrees() {
	a.t.Helper()
	for _, args := range [][]string{{"plan", "--detailed-exitcode", "--dry-run"}, {"status"}, {"verify"}, {"drift"}} {
		a.want(0, args...)
	}
}

// onlyForward wants the way back to end at the import, with the tool and the entry.
func (a *legacyCase) onlyForward(doc *imported) {
	a.t.Helper()
	out := a.want(1, "rollback", "--auto-approve", "--accept-data-loss")
	last := ""
	for _, e := range doc.History.Entries {
		if e.InEffect && (strings.Contains(out, e.Version) && e.Version != "" || strings.Contains(out, e.Key)) {
			last = e.Key
		}
	}
	if !strings.Contains(out, doc.History.Tool) || last == "" || !strings.Contains(out, "pleat plan") {
		a.t.Errorf("the refusal names neither tool nor entry nor the way out:\n%s", out)
	}
}

// changes adds a table and a column, and takes both back.
func (a *legacyCase) changes() {
	a.t.Helper()
	a.edit()
	a.want(0, "plan", "--name", "journey", "--contract", "immediate")
	a.want(0, "apply", "--contract", "immediate")
	a.want(0, "plan", "--detailed-exitcode", "--dry-run")
	a.want(0, "rollback", "--auto-approve", "--accept-data-loss")
	a.want(0, "verify")
	a.want(0, "drift")
	a.want(1, "import", "--undo", "--auto-approve", "--out", a.dir)
}

// edit changes the project's files: a table in a schema of its own, and a column in the first table that there is.
func (a *legacyCase) edit() {
	a.t.Helper()
	added := "schema \"journey\" {\n}\n\ntable \"note\" {\n  schema = schema.journey\n  column \"id\" {\n    type = bigint\n  }\n  column \"text\" {\n    type = text\n    null = true\n  }\n" +
		"  primary_key {\n    columns = [column.id]\n  }\n}\n"
	if err := os.WriteFile(filepath.Join(a.dir, "schema", "journey.hcl"), []byte(added), 0o644); err != nil {
		a.t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(a.dir, "schema", "*.hcl"))
	if err != nil {
		a.t.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			a.t.Fatal(err)
		}
		head, rest, ok := strings.Cut(string(text), "\ntable ")
		body, tail, ok2 := strings.Cut(rest, "\n  column ")
		if filepath.Base(file) == "journey.hcl" || !ok || !ok2 {
			continue
		}
		changed := head + "\ntable " + body + "\n  column \"journey_note\" {\n    type = text\n    null = true\n  }\n  column " + tail
		if err := os.WriteFile(file, []byte(changed), 0o644); err != nil {
			a.t.Fatal(err)
		}
		return
	}
}
