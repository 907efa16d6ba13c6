package draft_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pleatdb/pleat/cmd/internal/draft"
	"github.com/pleatdb/pleat/inspect/pgtest"
	"github.com/pleatdb/pleat/inspect/shadow"
	"github.com/pleatdb/pleat/planner"
	"github.com/pleatdb/pleat/schema"
	"github.com/pleatdb/pleat/schema/hclfile"
	"github.com/pleatdb/pleat/schema/hclfile/eval"
)

func desired(t *testing.T, text string) *hclfile.Desired {
	t.Helper()
	path := filepath.Join(t.TempDir(), "schema.hcl")
	if err := os.WriteFile(path, []byte("schema \"app\" {\n}\n"+text), 0o644); err != nil {
		t.Fatal(err)
	}
	d, diags := hclfile.Load([]string{path}, eval.Options{})
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	return d
}

// statementsOf plans from a database that the SQL makes, and lists the statements of each phase.
func statementsOf(t *testing.T, sql, hcl string, change ...func(*draft.Request)) (d *draft.Draft, expand, contract string) {
	t.Helper()
	url := pgtest.URL(t)
	pgtest.Exec(t, url, "CREATE SCHEMA app; DROP SCHEMA IF EXISTS public CASCADE; SET search_path = app; "+sql)
	s := shadow.On(pgtest.Server(t))
	r := draft.Request{Live: inspected(t, url), Desired: desired(t, hcl), Shadow: s, Name: "case", Version: "20260101000000", Major: s.Major(), Renames: "drop", Online: true}
	for _, c := range change {
		c(&r)
	}
	d, err := draft.New(context.Background(), r)
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range d.Plan.Steps {
		for _, up := range step.Up {
			if step.Phase == planner.Contract {
				contract += up.SQL + "\n"
			} else {
				expand += up.SQL + "\n"
			}
		}
	}
	return d, expand, contract
}

// outcome says which of two texts a plan is to hold, and which not.
type outcome struct{ has, lacks string }

func (o outcome) check(t *testing.T, text string) {
	t.Helper()
	if !strings.Contains(text, o.has) || o.lacks != "" && strings.Contains(text, o.lacks) {
		t.Errorf("want %q and not %q in\n%s", o.has, o.lacks, text)
	}
}

func TestStrategyOfEachKind(t *testing.T) {
	const sql = `CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE t (id int NOT NULL, a text, n int)`
	for _, tc := range []struct {
		name, part    string
		inPlace, slow outcome
	}{
		{"index", `index "t_a" { columns = [column.a] STRATEGY }`,
			outcome{"CREATE INDEX t_a ON", "CONCURRENTLY"}, outcome{"CREATE INDEX CONCURRENTLY t_a", ""}},
		{"unique", `unique "t_n" { columns = [column.n] STRATEGY }`,
			outcome{"ADD CONSTRAINT t_n UNIQUE (n)", "CONCURRENTLY"}, outcome{"UNIQUE USING INDEX", ""}},
		{"primary_key", `primary_key { columns = [column.id] STRATEGY }`,
			outcome{"ADD CONSTRAINT t_pkey PRIMARY KEY (id)", "CONCURRENTLY"}, outcome{"PRIMARY KEY USING INDEX", ""}},
		{"check", `check "t_c" { expr = "n > 0" STRATEGY }`,
			outcome{"ADD CONSTRAINT t_c CHECK", "NOT VALID"}, outcome{"NOT VALID", ""}},
		{"foreign_key", `foreign_key "t_f" { columns = [column.n] ref_columns = [table.p.column.id] STRATEGY }`,
			outcome{"ADD CONSTRAINT t_f FOREIGN KEY", "NOT VALID"}, outcome{"NOT VALID", ""}},
	} {
		for _, place := range []struct {
			name, table, own string
			inPlace          bool
		}{
			{"of its own", "", "IN_PLACE", true},
			{"of its table", "strategy = IN_PLACE", "", true},
			{"of its own above its table's", "strategy = IN_PLACE", "ONLINE", false},
			{"none", "", "", false},
		} {
			t.Run(tc.name+" "+place.name, func(t *testing.T) {
				t.Parallel()
				own := ""
				if place.own != "" {
					own = "strategy = " + place.own
				}
				hcl := `table "p" {
					schema = schema.app
					column "id" { type = int }
					primary_key { columns = [column.id] }
				}
				table "t" {
					schema = schema.app
					` + place.table + `
					column "id" { type = int }
					column "a" { 
						type = text
						null = true 
					}
					column "n" { 
						type = int
						null = true 
					}
					` + strings.NewReplacer(" { ", " {\n", "] ", "]\n", `" STRATEGY`, "\"\n"+own, "STRATEGY", own, " }", "\n}").Replace(tc.part) + "\n}\n"
				_, expand, contract := statementsOf(t, sql, hcl)
				want := tc.slow
				if place.inPlace {
					want = tc.inPlace
				}
				want.check(t, expand+contract)
			})
		}
	}
}

func TestStrategyOfColumns(t *testing.T) {
	const sql = `CREATE TABLE t (id int PRIMARY KEY, a int NOT NULL, b text)`
	hcl := func(table, a, b string) string {
		return `table "t" {
			schema = schema.app
			` + table + `
			column "id" { 
				type = int 
			}
			column "a" {
				type = text
				` + a + `
			}
			column "b" {
				type = text
				` + b + `
			}
			primary_key { columns = [column.id] }
		}`
	}
	const retyped, required = "ALTER COLUMN a TYPE text", "ALTER COLUMN b SET NOT NULL"
	for name, tc := range map[string]struct {
		hcl          string
		retype, null bool
	}{
		"online":        {hcl("", "", ""), false, false},
		"one":           {hcl("", "strategy = IN_PLACE", ""), true, false},
		"the other":     {hcl("", "", "strategy = IN_PLACE"), false, true},
		"table":         {hcl("strategy = IN_PLACE", "", ""), true, true},
		"table but one": {hcl("strategy = IN_PLACE", "strategy = ONLINE", ""), false, true},
		"table but b":   {hcl("strategy = IN_PLACE", "", "strategy = ONLINE"), true, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, expand, contract := statementsOf(t, sql, tc.hcl)
			if got := strings.Contains(expand+contract, retyped); got != tc.retype || got == strings.Contains(expand, "a__pleat_new") {
				t.Errorf("retyped in place: %t\n%s\n%s", got, expand, contract)
			}
			slow := strings.Contains(expand, "CHECK (b IS NOT NULL) NOT VALID") || strings.Contains(expand, "NOT NULL b NOT VALID")
			if got := !slow; got != tc.null || !strings.Contains(expand, required) && tc.null {
				t.Errorf("required in place: %t\n%s", got, expand)
			}
		})
	}
}

func TestARenameFollowsTheStrategy(t *testing.T) {
	const sql = `CREATE TABLE t (id int PRIMARY KEY, a text)`
	hcl := func(table, column string) string {
		return `table "t" {
			schema = schema.app
			` + table + `
			column "id" { type = int }
			column "b" {
				type         = text
				null         = true
				renamed_from = column.a
				` + column + `
			}
			primary_key { columns = [column.id] }
		}`
	}
	for name, tc := range map[string]struct {
		hcl     string
		inPlace bool
	}{
		"online": {hcl("", ""), false}, "its own": {hcl("", "strategy = IN_PLACE"), true}, "its table's": {hcl("strategy = IN_PLACE", ""), true},
		"above its table's": {hcl("strategy = IN_PLACE", "strategy = ONLINE"), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, expand, contract := statementsOf(t, sql, tc.hcl)
			if got := strings.Contains(expand, "RENAME COLUMN a TO b") && contract == ""; got != tc.inPlace {
				t.Errorf("renamed in place: %t\n%s\n%s", got, expand, contract)
			}
		})
	}
}

func TestABackfillStandsAboveTheTable(t *testing.T) {
	_, expand, _ := statementsOf(t, `CREATE TABLE t (id int PRIMARY KEY)`, `table "t" {
		schema   = schema.app
		strategy = IN_PLACE
		column "id" { type = int }
		column "b" {
			type = text
			backfill { set = "'x' || id" }
		}
		primary_key { columns = [column.id] }
	}`)
	outcome{"UPDATE app.t SET b = ", ""}.check(t, expand)
}

func TestDropsWithoutTrash(t *testing.T) {
	const sql = `CREATE TABLE t (id int PRIMARY KEY, a text, b text); CREATE TABLE u (id int); CREATE TABLE v (id int)`
	d, _, contract := statementsOf(t, sql, `table "t" {
		schema = schema.app
		column "id" { type = int }
		primary_key { columns = [column.id] }
	}
	removed {
		from  = table.t.column.a
		trash = false
	}
	removed {
		from  = table.u
		trash = false
	}`)
	for _, want := range []outcome{
		{"DROP COLUMN a", "_drop_20260101_a"}, {"RENAME COLUMN b TO _drop_20260101_b", "DROP COLUMN b"},
		{"DROP TABLE app.u", "ALTER TABLE app.u SET"}, {"ALTER TABLE app.v SET SCHEMA pleat_trash_20260101", "DROP TABLE app.v"},
	} {
		want.check(t, contract)
	}
	var lost []string
	for _, m := range d.Migrations {
		lost = append(lost, m.Destructive...)
	}
	slices.Sort(lost)
	if len(lost) != 2 || !strings.Contains(lost[0], "column app.t.a") || !strings.Contains(lost[1], "table app.u") {
		t.Errorf("the file says that it destroys %q", lost)
	}
}

func TestNamesInTheTrashAreTaken(t *testing.T) {
	const sql = `CREATE TABLE a (id int PRIMARY KEY, c text); CREATE SCHEMA other; CREATE TABLE other.t (id int CONSTRAINT one PRIMARY KEY); CREATE TABLE t (id int CONSTRAINT two PRIMARY KEY);
		CREATE TABLE w (id int CONSTRAINT pk PRIMARY KEY)`
	const hcl = `schema "other" {
	}
	table "a" {
		schema = schema.app
		column "id" { type = int }
		primary_key { columns = [column.id] }
	}`
	_, _, contract := statementsOf(t, sql, hcl, func(r *draft.Request) {
		r.Taken = map[schema.ID]bool{
			{Kind: schema.KindColumn, Schema: "app", Parent: "a", Name: "_drop_20260101_c"}:   true,
			{Kind: schema.KindColumn, Schema: "app", Parent: "a", Name: "_drop_20260101_c_2"}: true,
			{Kind: schema.KindTable, Schema: "pleat_trash_20260101", Name: "pk"}:              true,
		}
	})
	for _, want := range []outcome{
		{"RENAME COLUMN c TO _drop_20260101_c_3", ""},
		{"ALTER TABLE app.w SET SCHEMA pleat_trash_20260101_2", ""},
	} {
		want.check(t, contract)
	}
	// Two tables of one name go to two schemas.
	first := strings.Contains(contract, "ALTER TABLE app.t SET SCHEMA pleat_trash_20260101;") || strings.Contains(contract, "ALTER TABLE app.t SET SCHEMA pleat_trash_20260101\n")
	second := strings.Contains(contract, "ALTER TABLE other.t SET SCHEMA pleat_trash_20260101\n")
	if first == second || !strings.Contains(contract, ".t SET SCHEMA pleat_trash_20260101_2") {
		t.Error(contract)
	}
}

func TestOnlineIsUnheardWhereEverythingIsInPlace(t *testing.T) {
	d, _, _ := statementsOf(t, "CREATE TABLE t (id int)", `table "t" {
		schema   = schema.app
		strategy = ONLINE
		column "id" { 
			type = int
			null = true
		}
	}`, func(r *draft.Request) { r.Online = false })
	if len(d.Notes) != 1 || !strings.Contains(d.Notes[0], "strategy = ONLINE of table app.t says nothing here") {
		t.Errorf("notes %q", d.Notes)
	}
}
