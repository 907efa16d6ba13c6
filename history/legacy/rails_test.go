package legacy_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/pleatdb/pleat/history/legacy"
	"github.com/pleatdb/pleat/inspect/pgtest"
)

const (
	railsMetadata = "CREATE TABLE ar_internal_metadata (key varchar PRIMARY KEY, value varchar, created_at timestamp(6) NOT NULL, updated_at timestamp(6) NOT NULL);" +
		"INSERT INTO ar_internal_metadata VALUES ('environment', 'production', now(), now()), ('schema_sha1', '96f9f81aa43d1ddd6e5ec2e9ee3e8aebd7ebd8e7', now(), now());"
	railsTable = "CREATE TABLE schema_migrations (version varchar PRIMARY KEY);"
	railsText  = "class A < ActiveRecord::Migration[7.0]\nend\n"
)

// database makes one of statements.
func database(t *testing.T, sql string, w legacy.Wanted, dir string) *legacy.History {
	t.Helper()
	conn := dial(t, pgtest.URL(t))
	if err := load(conn, sql); err != nil {
		t.Fatal(err)
	}
	return adopt(t, conn, w, dir)
}

func TestRailsNumbers(t *testing.T) {
	t.Parallel()
	dir := write(t, map[string]string{
		"db/migrate/002_second.rb":                     railsText,
		"db/migrate/1_first.rb":                        railsText,
		"db/migrate/2024/20240101000000_x.blorgh.rb":   railsText,
		"db/migrate/20250101000000_next.rb":            railsText,
		"db/migrate/20250101000000-no.rb":              railsText,
		"spec/fixtures/3_no.rb":                        railsText,
		"lib/4_no.rb":                                  "puts 1",
		"db/structure.sql":                             "INSERT INTO \"schema_migrations\" (version) VALUES\n('20200101000000'),\n('1');\n",
		"config/database.yml":                          "production:\n  animals:\n    migrations_paths: db/animals_migrate\n",
		"db/animals_migrate/20220101000000_animals.rb": railsText,
	})
	h := database(t, railsMetadata+railsTable+"INSERT INTO schema_migrations VALUES ('20240101000000'), ('002'), ('001'), ('20200101000000')", legacy.Wanted{}, dir)
	if got := story(h); got != "1 applied, 2 applied, 20200101000000 applied, 20240101000000 applied, pending 20250101000000" {
		t.Errorf("got %s", got)
	}
	if !slices.Equal(codes(h), []legacy.Code{legacy.MissingFile, legacy.PendingCode}) {
		t.Errorf("got %v", h.Problems)
	}
	notes := strings.Join(h.Notes, "\n")
	for _, want := range []string{"environment production", "db/structure.sql stands for 1", "db/animals_migrate", "loaded from an earlier db/structure.sql"} {
		if !strings.Contains(notes, want) {
			t.Errorf("no note says %q:\n%s", want, notes)
		}
	}
}

func TestRailsLayouts(t *testing.T) {
	t.Parallel()
	rows := "INSERT INTO %s VALUES ('20240101000000')"
	for name, sql := range map[string]string{
		"before 5":      "CREATE TABLE schema_migrations (version varchar(255) NOT NULL); CREATE UNIQUE INDEX unique_schema_migrations ON schema_migrations (version);" + strings.ReplaceAll(rows, "%s", "schema_migrations"),
		"with a prefix": strings.NewReplacer("schema_migrations", "app_schema_migrations_x", "ar_internal_metadata", "app_ar_internal_metadata_x").Replace(railsMetadata + railsTable + strings.ReplaceAll(rows, "%s", "schema_migrations")),
		"in a tenant's": "CREATE SCHEMA \"te\"\"nant\"; SET search_path = \"te\"\"nant\";" + railsMetadata + railsTable + strings.ReplaceAll(rows, "%s", "schema_migrations"),
	} {
		h := database(t, sql, legacy.Wanted{}, "")
		if h.Source.Tool != legacy.Rails || len(h.Entries) != 1 || len(h.Problems) > 0 {
			t.Errorf("%s: got %+v with %s, %v", name, h.Source, story(h), h.Problems)
		}
	}
}

func TestRailsNonsense(t *testing.T) {
	t.Parallel()
	h := database(t, railsMetadata+"CREATE TABLE schema_migrations (version varchar); INSERT INTO schema_migrations VALUES (NULL), (''), ('x1'), ('1'), ('01')", legacy.Wanted{}, "")
	if len(h.Entries)+len(h.Markers) != 5 || !slices.Equal(codes(h), []legacy.Code{legacy.Unreadable, legacy.Unreadable, legacy.Unreadable, legacy.DuplicateVersion}) {
		t.Errorf("got %s, %v", story(h), h.Problems)
	}
}

func TestSequel(t *testing.T) {
	t.Parallel()
	text := "Sequel.migration do\nend\n"
	dir := write(t, map[string]string{"migrate/001_a.rb": text, "migrate/002_b.rb": text, "migrate/003_c.rb": text})
	const number = "CREATE TABLE schema_info (version integer DEFAULT 0 NOT NULL);"
	for _, test := range []struct {
		sql, dir, want string
		codes          []legacy.Code
	}{
		{number + "INSERT INTO schema_info VALUES (2)", dir, "1 inferred, 2 applied, pending 3", []legacy.Code{legacy.PendingCode}},
		{number + "INSERT INTO schema_info VALUES (2)", "", "2 applied", nil},
		{number + "INSERT INTO schema_info VALUES (9)", dir, "1 inferred, 2 inferred, 3 inferred, 9 applied", []legacy.Code{legacy.UnknownRevision}},
		{number + "INSERT INTO schema_info VALUES (-1)", "", "", []legacy.Code{legacy.Unreadable}},
		{number + "INSERT INTO schema_info VALUES (0)", "", "", nil},
		{number + "INSERT INTO schema_info VALUES (1);" + "CREATE TABLE schema_migrations (filename text PRIMARY KEY); INSERT INTO schema_migrations VALUES ('002_b.rb'), ('001_a.rb'), ('007_gone.rb')",
			dir, "001_a.rb applied, 002_b.rb applied, 007_gone.rb applied, pending 003_c.rb", []legacy.Code{legacy.MissingFile, legacy.PendingCode}},
	} {
		h := database(t, test.sql, legacy.Wanted{Tool: legacy.Sequel}, test.dir)
		if got := story(h); h.Source.Tool != legacy.Sequel || got != test.want || !slices.Equal(codes(h), test.codes) {
			t.Errorf("%s: got %s %s, %v; want %s", test.sql, h.Source.Tool, got, h.Problems, test.want)
		}
	}
}
