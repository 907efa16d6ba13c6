package legacy_test

import (
	"testing"

	"github.com/pleatdb/pleat/history/legacy"
)

func TestSupabase(t *testing.T) {
	t.Parallel()
	const table = `CREATE SCHEMA supabase_migrations;
		CREATE TABLE supabase_migrations.schema_migrations (version text PRIMARY KEY, statements text[], name text, created_by text, idempotency_key text UNIQUE, rollback text[]);
		CREATE TABLE supabase_migrations.seed_files (path text PRIMARY KEY, hash text NOT NULL);
		INSERT INTO supabase_migrations.schema_migrations VALUES `
	const a = "-- the first\nCREATE TABLE a (id bigint);;\n\n  COMMENT ON TABLE a IS 'x;  y' ;\n-- the end\n"
	const aRow = `E'{"-- the first\nCREATE TABLE a (id bigint)","COMMENT ON TABLE a IS ''x;  y''"}'`
	for name, c := range map[string]struct {
		rows  string
		files map[string]string
		want  []string
	}{
		"the same": {"('20240101000000', " + aRow + ", 'a')", map[string]string{"supabase/migrations/20240101000000_a.sql": a, "supabase/seed.sql": "SELECT 1;"},
			[]string{"20240101000000 applied verified in"}},
		"byte order mark and line ends": {"('20240101000000', " + aRow + ", 'a')", map[string]string{"20240101000000_a.sql": "\ufeff-- the first\r\nCREATE TABLE a (id bigint);\r\nCOMMENT ON TABLE a IS 'x;  y'"},
			[]string{"20240101000000 applied verified in"}},
		"one space in a literal": {"('20240101000000', " + aRow + ", 'a')", map[string]string{"20240101000000_a.sql": "-- the first\nCREATE TABLE a (id bigint);\nCOMMENT ON TABLE a IS 'x; y'"},
			[]string{"20240101000000 applied mismatched in", "problem mismatch 20240101000000"}},
		"a statement more": {"('20240101000000', " + aRow + ", 'a')", map[string]string{"20240101000000_a.sql": a + "SELECT 1;"},
			[]string{"20240101000000 applied mismatched in", "problem mismatch 20240101000000"}},
		"nothing to compare, gone, pending, passed over": {"('20240101000000', NULL, NULL), ('20240102000000', '{}', 'b'), ('20240104000000', '{SELECT 4}', 'gone')",
			map[string]string{"20240101000000_a.sql": a, "20240102000000_b.sql": a, "20240103000000_c.sql": "SELECT 3;", "20240105000000_e.sql": "SELECT 5;"},
			[]string{"20240101000000 applied unverifiable in", "20240102000000 applied unverifiable in", "20240104000000 applied missing in", "pending 20240103000000_c.sql", "pending 20240105000000_e.sql",
				"problem missing_file 20240104000000"}},
		"below the newest": {"('20240101000000', NULL, NULL), ('20240104000000', '{\"SELECT 4;\"}', 'd')",
			map[string]string{"20240101000000_a.sql": a, "20240103000000_c.sql": "SELECT 3;", "20240104000000_d.sql": "SELECT 4"},
			[]string{"20240101000000 applied unverifiable in", "20240104000000 applied verified in", "pending 20240103000000_c.sql", "problem gap 20240103000000"}},
		"written by the dashboard": {"('20240101000009', " + aRow + ", 'a', 'ann@example.org')", map[string]string{"20240101000000_a.sql": a}, []string{"20240101000000 applied verified in"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, h := told(t, table+c.rows, legacy.Wanted{}, c.files)
			same(t, "the history", c.want, got)
			if !h.Source.OwnSchema || len(h.Source.Beside) != 1 {
				t.Errorf("got %+v", h.Source)
			}
		})
	}
	got, _ := told(t, `CREATE SCHEMA supabase_migrations; CREATE TABLE supabase_migrations.schema_migrations (version text PRIMARY KEY);
		INSERT INTO supabase_migrations.schema_migrations VALUES ('2'), ('1'), ('')`, legacy.Wanted{}, nil)
	same(t, "the old table", []string{"1 applied unverifiable in", "2 applied unverifiable in", "marker", "problem unreadable"}, got)
}
