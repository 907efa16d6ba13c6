package adopt_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pleatdb/pleat/cmd/internal/adopt"
	"github.com/pleatdb/pleat/cmd/internal/draft"
	"github.com/pleatdb/pleat/history/legacy"
	"github.com/pleatdb/pleat/history/migration"
	"github.com/pleatdb/pleat/inspect"
	"github.com/pleatdb/pleat/inspect/pgtest"
	"github.com/pleatdb/pleat/inspect/shadow"
	"github.com/pleatdb/pleat/schema"
)

// borrowed are dumps whose migrations are in another's directory.
var borrowed = map[string]string{
	"prisma-resolved": "prisma-failed", "flyway-baseline": "flyway", "atlas-baseline": "atlas", "atlas-set": "atlas", "goose-after-down": "goose",
	"yoyo-rollback-mark": "yoyo", "liquibase-changelog-sync": "liquibase",
}

// restore loads a dump that a tool left into a new database.
func restore(t *testing.T, dump string) string {
	t.Helper()
	text, err := os.ReadFile(dump)
	if err != nil {
		t.Fatal(err)
	}
	url := pgtest.URL(t)
	var sql strings.Builder
	for line := range strings.Lines(string(text)) {
		if !strings.HasPrefix(line, `\`) {
			sql.WriteString(line)
		}
	}
	pgtest.Exec(t, url, sql.String())
	return url
}

// dumps lists those that are beside the checkout, by name, with the directories of their migrations.
func dumps(t *testing.T) map[string][2]string {
	t.Helper()
	root := pgtest.Legacy(t)
	all, err := filepath.Glob(filepath.Join(root, "*.sql"))
	if err != nil {
		t.Fatal(err)
	}
	more, err := filepath.Glob(filepath.Join(root, "fixtures", "*.sql"))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][2]string{}
	for _, file := range append(all, more...) {
		name := strings.TrimSuffix(filepath.Base(file), ".sql")
		dir := strings.TrimSuffix(file, ".sql")
		if other := borrowed[name]; other != "" {
			dir = filepath.Join(root, other)
		}
		if _, err := os.Stat(dir); err != nil {
			dir = ""
		}
		out[name] = [2]string{file, dir}
	}
	return out
}

// refused are dumps that are not taken over at all: the tool failed in them, or is at work.
var refused = []string{
	"atlas-failed", "bytebase-legacy", "evolve-failed", "flyway-failed", "golang-migrate-dirty", "hasura-v2", "knex-locked", "liquibase-locked", "prisma-failed",
}

// uncompared are dumps of which nothing can be compared, with a part of the reason.
var uncompared = map[string]string{
	"alembic": "program in Python", "django": "the file of contenttypes.0001_initial is missing", "doctrine": "program in PHP", "ecto": "program in Elixir",
	"gormigrate": "program in Go", "knex": "program in JavaScript", "laravel": "program in PHP", "mikro-orm": "program in JavaScript",
	"node-pg-migrate": "program in JavaScript", "phinx": "program in PHP", "rails": "program in Ruby", "sequelize": "program in JavaScript",
	"typeorm": "program in JavaScript", "liquibase": "it is a changeset of createTable", "liquibase-failed": "it is a changeset of createTable", "pgroll": "",
	"efcore": "no directory", "goose-legacy": "no directory", "hasura-v3": "no directory",
}

// astray are dumps whose database is not what the files build, with how it differs.
var astray = map[string]string{
	// A statement of a file that failed later was committed.
	"goose-failed": "changed table public.orders\n  + column note  text\n",
	// The row of V2.1 was deleted by repair, and what it made is still there.
	"flyway-repaired": "changed table public.orders\n  + column status           text not null\n  + column status: default  'new'::text\nextra index public.orders.orders_status_idx\n",
	// The first file was emptied after it ran.
	"diesel": "extra function public.diesel_manage_updated_at(regclass)\n",
}

// TestAlignDumps: what a tool made is what its files build, and what was changed by hand since is reported and nothing else.
func TestAlignDumps(t *testing.T) {
	for name, at := range dumps(t) {
		if slices.Contains(refused, name) {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := restore(t, at[0])
			h := read(t, url, at[1])
			if problems, _ := h.Judge(nil); len(problems) > 0 {
				t.Fatalf("refused: %s", problems[0].Error())
			}
			a := align(t, url, h)
			why, not := uncompared[name]
			if a.Compared == not || not && !strings.Contains(a.Reason, why) {
				t.Fatalf("compared %v: %s", a.Compared, a.Reason)
			}
			if not {
				return
			}
			if got := told(a); got != astray[name] {
				t.Errorf("the files build something else:\n%s", got)
			}
			if astray[name] == "" {
				drifted(t, url, h)
			}
		})
	}
}

// drifted changes a database by hand and wants to hear of that alone.
func drifted(t *testing.T, url string, h *legacy.History) {
	t.Helper()
	var table, index *schema.ID
	live := liveOf(t, url, h)
	for _, id := range live.IDs() {
		switch {
		case id.Kind == schema.KindTable && table == nil:
			table = &id
		case id.Kind == schema.KindIndex && index == nil:
			index = &id
		}
	}
	if table == nil {
		t.Fatal("there is no table")
	}
	want := "changed " + table.String() + "\n  + column by_hand  integer\n"
	pgtest.Exec(t, url, "ALTER TABLE "+table.SQL()+" ADD by_hand int")
	if index != nil {
		pgtest.Exec(t, url, "DROP INDEX "+index.SQL())
		want += "missing " + index.String() + "\n"
	}
	if got := told(align(t, url, h)); got != want {
		t.Errorf("got:\n%swant:\n%s", got, want)
	}
}

// TestConvertDumps: the converted directory builds what the tool built.
func TestConvertDumps(t *testing.T) {
	for name, at := range dumps(t) {
		if slices.Contains(refused, name) {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := restore(t, at[0])
			h := read(t, url, at[1])
			if problems, _ := h.Judge(nil); len(problems) > 0 {
				t.Fatalf("refused: %s", problems[0].Error())
			}
			c := convert(t, h, adopt.ConvertOptions{All: true})
			written(t, c)
			if _, not := uncompared[name]; not == c.Whole && name != "flyway-baseline" && name != "atlas-baseline" {
				t.Errorf("whole: %v; %v", c.Whole, c.Notes)
			}
			if !c.Whole {
				return
			}
			rebuilt(t, url, h, c, astray[name])
		})
	}
}

// rebuilt replays converted files on an empty database.
func rebuilt(t *testing.T, url string, h *legacy.History, c *adopt.Conversion, want string) {
	t.Helper()
	s := shadow.On(pgtest.Server(t))
	desired, err := c.Desired(t.Context(), liveOf(t, url, h), s)
	if err != nil {
		t.Fatal(err)
	}
	var all []*migration.Migration
	for _, f := range c.Files {
		all = append(all, f.Migration)
	}
	got, err := s.Build(t.Context(), shadow.Ground{Read: inspect.Options{Ignore: adopt.Ignore(&h.Source)}}, draft.Scripts(all))
	if err != nil {
		t.Fatal(err)
	}
	differences := adopt.Differences(bare(got), bare(desired))
	if text := told(&adopt.Alignment{Compared: true, Differences: differences}); text != want {
		t.Errorf("%v build something else:\n%s", named(c), text)
	}
}

// bare is a state without owners and privileges.
func bare(c *schema.Catalog) *schema.Catalog {
	return c.Subset(slices.DeleteFunc(slices.Clone(c.IDs()), func(id schema.ID) bool { return id.Kind == schema.KindOwner || id.Kind == schema.KindGrant }))
}
