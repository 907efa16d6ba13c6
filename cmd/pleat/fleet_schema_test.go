package main

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/pleatdb/pleat/cmd/internal/view"
	"github.com/pleatdb/pleat/inspect/pgtest"
	"github.com/pleatdb/pleat/schema"
)

const tenantTargets = "  targets {\n    query    = \"SELECT name, name AS schema FROM registry.tenants\"\n    template = \"template\"\n  }\n" +
	"  rollout {\n    canary = [\"t000\"]\n    parallel = 4\n  }"

// newTenants is a fleet of schemas in one database, from the example's files.
func newTenants(t *testing.T, names []string) *fleetProject {
	t.Helper()
	text, err := os.ReadFile("../../examples/fleet/schemas/schema/template.hcl")
	if err != nil {
		t.Fatal(err)
	}
	f := newFleet(t, tenantTargets, map[string]string{"schema/template.hcl": string(text)})
	pgtest.Exec(t, f.url, "CREATE SCHEMA registry; CREATE TABLE registry.tenants (name text PRIMARY KEY)")
	for _, name := range names {
		pgtest.Exec(t, f.url, "INSERT INTO registry.tenants VALUES ("+schema.Literal(name)+")")
	}
	return f
}

// TestTwoHundredSchemas plans once for two hundred schemas of one database, of which two are not like the others.
func TestTwoHundredSchemas(t *testing.T) {
	f := newTenants(t, nil)
	pgtest.Exec(t, f.url, `INSERT INTO registry.tenants SELECT 't' || lpad(i::text, 3, '0') FROM generate_series(0, 199) i;
		DO $$BEGIN FOR i IN 0..199 LOOP
			EXECUTE format('CREATE SCHEMA %I', 't' || lpad(i::text, 3, '0'));
			EXECUTE format('CREATE TABLE %I.accounts (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, email text NOT NULL, created_at timestamptz NOT NULL DEFAULT now())', 't' || lpad(i::text, 3, '0'));
			EXECUTE format('CREATE VIEW %I.mails AS SELECT email FROM %1$I.accounts', 't' || lpad(i::text, 3, '0'));
		END LOOP; END$$;
		ALTER TABLE t007.accounts ADD wild text;
		DROP VIEW t100.mails`)
	var plan view.FleetPlan
	if code := f.json(&plan, "plan", "--name", "all"); code != 0 || len(plan.Plans) != 3 || plan.Plans[0].Count != 198 || plan.All != 200 {
		t.Fatalf("exit code %d, %d plans", code, len(plan.Plans))
	}
	if a, b := plan.Plans[1], plan.Plans[2]; a.Targets[0] != "t007" || a.Differences[0].Object != "table template.accounts" || b.Targets[0] != "t100" ||
		b.Differences[0].Object != "view template.mails" {
		t.Errorf("%+v\n%+v", a.Differences, b.Differences)
	}
	// Two workers, one of which waits for the canary of the other.
	done := make(chan string)
	for _, shard := range []string{"1/2", "0/2"} {
		go func() {
			code, out := f.run("apply", "--target", "t00*", "--shard", shard)
			done <- fmt.Sprintf("exit code %d\n%s", code, out)
		}()
	}
	all := <-done + <-done
	if strings.Count(all, "exit code 0") != 2 || strings.Count(all, "t000: ") != 1 {
		t.Error(all)
	}
	rows, err := query(f.url, "SELECT count(*), count(*) FILTER (WHERE schemaname LIKE 't00%') FROM pg_catalog.pg_indexes WHERE indexname = 'accounts_email_key'")
	if err != nil || rows[0][0] != "10" || rows[0][1] != "10" {
		t.Errorf("%v tenants have the index, %v", rows, err)
	}
	// What a tenant alone has is none of the file's business; what the file is about must be as planned.
	pgtest.Exec(t, f.url, "CREATE TABLE t050.notes (body text)")
	var doc view.Fleet
	if code := f.json(&doc, "apply", "--target", "t050"); code != 1 || doc.Targets != nil {
		t.Errorf("exit code %d: %+v", code, doc)
	}
	if code := f.json(&doc, "apply", "--target", "t05[0-1]"); code != 1 || doc.Targets[0].Code != "drift" {
		t.Errorf("exit code %d: %+v", code, doc)
	}
}

// TestJourneyOfSchemas changes, drifts, mends and takes back schemas with hostile names, one of which the file's own words are no names for.
func TestJourneyOfSchemas(t *testing.T) {
	names := []string{"t000", `a"b`, "line\nbreak", "$1", "x'y", strings.Repeat("é", 31)}
	f := newTenants(t, names)
	f.must(0, "plan", "--name", "first")
	f.must(0, "apply")
	if out := f.must(0, "plan", "--detailed-exitcode"); !strings.Contains(out, "1 plan covers 6 targets") {
		t.Error(out)
	}
	pgtest.Exec(t, f.url, `INSERT INTO "$1".accounts (email) SELECT i::text FROM generate_series(1, 3000) i; INSERT INTO "$1".notes SELECT id, email FROM "$1".accounts`)
	// A step in batches and one outside of a transaction find their schema.
	write(t, f.dir+"/migrations/20990101000000_fill.sql", `-- pleat: up
-- pleat: step 1 add
ALTER TABLE template.accounts ADD long text;
-- pleat: step 2 fill
-- pleat: batch table=template.accounts key=id size=500
UPDATE template.accounts SET long = email || '!' WHERE long IS NULL;
-- pleat: step 3 index
-- pleat: no transaction
CREATE INDEX CONCURRENTLY accounts_long ON template.accounts (long);
-- pleat: down
-- pleat: undo 3
DROP INDEX template.accounts_long;
-- pleat: undo 2
UPDATE template.accounts SET long = NULL WHERE false;
-- pleat: undo 1
ALTER TABLE template.accounts DROP long;
`)
	f.must(0, "hash")
	f.must(0, "apply")
	rows, err := query(f.url, `SELECT count(*) FROM "$1".accounts WHERE long = email || '!'`)
	if err != nil || rows[0][0] != "3000" {
		t.Errorf("%v %v", rows, err)
	}
	f.must(0, "verify")
	f.must(0, "drift")
	pgtest.Exec(t, f.url, `CREATE INDEX wild ON "line
break".notes (body)`)
	if out := f.must(2, "drift"); !strings.Contains(out, `line\x0abreak`) || !strings.Contains(out, "5 done, 1 differs") {
		t.Error(out)
	}
	f.must(0, "rollback", "--target", "$1", "--auto-approve", "--accept-data-loss")
	f.must(0, "apply", "--target", "$1")
	pgtest.Exec(t, f.url, `DROP INDEX "line
break".wild`)
	f.must(0, "verify")
}

// TestFilesThatReachOutOfTheTemplate are refused by name and line before anything is connected to.
func TestFilesThatReachOutOfTheTemplate(t *testing.T) {
	f := newTenants(t, []string{"t000"})
	for _, tc := range []struct{ sql, want string }{
		{"CREATE TABLE orders (id bigint);", `reaches outside of schema template: table "orders"`},
		{"SELECT 1;\nCREATE TABLE public.x (id bigint);", `table "public"."x"`},
		{"CREATE EXTENSION hstore;", `extension "hstore"`},
		{"DO $$BEGIN EXECUTE 'DROP TABLE template.x'; END$$;", "whether it means the schema cannot be told"},
		{"INSERT INTO template.accounts (email) SELECT email FROM others;", `relation "others"`},
	} {
		write(t, f.dir+"/migrations/20990101000000_x.sql", tc.sql)
		f.must(0, "hash")
		out := f.must(1, "apply")
		if !strings.Contains(out, tc.want) {
			t.Errorf("%s:\n%s", tc.sql, out)
		}
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
