package legacy_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/pleatdb/pleat/history/legacy"
)

const pgrollTable = `CREATE SCHEMA pgroll; CREATE TABLE pgroll.migrations (schema name NOT NULL, name text NOT NULL, migration jsonb NOT NULL,
	created_at timestamptz NOT NULL DEFAULT now(), updated_at timestamptz NOT NULL DEFAULT now(), parent text, done boolean NOT NULL DEFAULT false,
	resulting_schema jsonb NOT NULL DEFAULT '{}', migration_type varchar(32) DEFAULT 'pgroll', PRIMARY KEY (schema, name));
	CREATE SCHEMA "public_02_b"; CREATE VIEW "public_02_b".v AS SELECT 1;
	INSERT INTO pgroll.migrations (schema, name, migration, parent, done, migration_type) VALUES `

const pgrollColumn = `{"operations": [{"add_column": {"table": "t", "column": {"name": "c", "type": "int", "nullable": true}}}]}`

func TestPgrollList(t *testing.T) {
	t.Parallel()
	dir := write(t, map[string]string{
		"m/01_a.yaml":   "# what it does\noperations:\n  - sql: {up: \"CREATE TABLE t ();\", down: DROP TABLE t}\n",
		"m/02_b.json":   strings.Replace(pgrollColumn, `"nullable": true`, `"nullable": true, "unique": false`, 1),
		"m/03_c.yml":    "operations:\n  - add_column:\n      table: t\n      column: {name: c, type: int, nullable: yes}\n",
		"m/04_d.yaml":   "operations:\n- sql:\n    up: SELECT 1 -- one\n- sql: {up: SELECT 2}\n",
		"m/values.yaml": "operations: none\n", "compose.yaml": "services: {}\n",
	})
	rows := `('public', '03_c', '` + strings.Replace(pgrollColumn, "int", "bigint", 1) + `', '02_b_1', true, 'pgroll'), ('public', '02_b_1', '{"operations": [{"sql": {"up": "SELECT 1"}}]}', '02_b', true, 'inferred'),
		('public', '01_a', '{"operations": [{"sql": {"up": "CREATE TABLE t ();", "down": "DROP TABLE t"}}]}', NULL, true, 'pgroll'), ('public', '02_b', '` + pgrollColumn + `', '01_a', true, 'pgroll'),
		('audit', '00000_initial_1', '{"operations": [{"sql": {"up": "SELECT 1"}}]}', NULL, true, 'inferred')`
	h := database(t, pgrollTable+rows, legacy.Wanted{}, dir)
	want := "01_a applied, 02_b applied, 02_b_1 inferred, 03_c applied, audit.00000_initial_1 inferred, pending 04_d"
	if got := story(h); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if !slices.Equal(codes(h), []legacy.Code{legacy.Mismatch}) || !strings.Contains(h.Problems[0].Message, `operations[0].add_column.column.type was "bigint", and is "int"`) {
		t.Errorf("got %v", h.Problems)
	}
	if f := h.File("04_d"); f.SQL == nil || len(f.SQL.Up.Statements()) != 2 || f.SQL.HasDown {
		t.Errorf("got %+v", f)
	}
	if f := h.File("01_a"); f.SQL == nil || !f.SQL.HasDown {
		t.Errorf("got %+v", f)
	}
	if !slices.Equal(h.Source.Schemas, []string{"public_02_b"}) || !h.Source.OwnSchema {
		t.Errorf("got %+v", h.Source)
	}
}

func TestPgrollActive(t *testing.T) {
	t.Parallel()
	dir := write(t, map[string]string{"01_a.json": pgrollColumn})
	h := database(t, pgrollTable+`('public', '01_a', '`+pgrollColumn+`', NULL, false, 'pgroll')`, legacy.Wanted{}, dir)
	if got := story(h); got != "01_a failed past" || !slices.Equal(codes(h), []legacy.Code{legacy.HalfApplied}) {
		t.Fatalf("got %s, %v", got, h.Problems)
	}
	if next := h.Problems[0].Next; !strings.Contains(next, "pgroll complete") || !strings.Contains(next, "pgroll rollback") {
		t.Errorf("got %s", next)
	}
}

func TestPgrollKinds(t *testing.T) {
	t.Parallel()
	dir := write(t, map[string]string{"01_a.json": pgrollColumn, "02_b.json": pgrollColumn})
	h := database(t, pgrollTable+`('public', '02_b', '`+pgrollColumn+`', NULL, true, 'baseline'), ('public', '03_c', '{}', '02_b', true, 'twist')`, legacy.Wanted{}, dir)
	if got := story(h); got != "02_b baseline" || !slices.Equal(codes(h), []legacy.Code{legacy.UnknownKind}) || len(h.Markers) != 1 {
		t.Errorf("got %s, %v", got, h.Problems)
	}
	h = database(t, `CREATE TABLE m (schema name, name text, migration jsonb, created_at timestamp, updated_at timestamp, parent text, done boolean, resulting_schema jsonb);
		INSERT INTO m VALUES ('public', '01_a', '{"operations": []}', now(), now(), NULL, true, '{}'), ('public', 'sql_0123', '{"sql": {"up": "SELECT 1"}}', now(), now(), '01_a', true, '{}'), (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)`, legacy.Wanted{}, "")
	if got := story(h); got != "01_a applied, sql_0123 inferred" || !slices.Equal(codes(h), []legacy.Code{legacy.Unreadable}) || !h.Entries[0].Local {
		t.Errorf("of an early version: got %s, %v", got, h.Problems)
	}
}

func TestPgrollOperations(t *testing.T) {
	t.Parallel()
	rows := `('te"nant', '00', '{"operations": []}', NULL, true, 'pgroll')`
	for operations, want := range map[string]string{
		`[{"create_table": {"name": "a\"b", "columns": [{"name": "id", "type": "bigserial", "pk": true}, {"name": "u", "type": "bigint", "nullable": true, "unique": true, "references": {"name": "fk", "table": "users", "column": "id", "on_delete": "CASCADE"}}]}}]`: `CREATE TABLE "te""nant"."a""b" (
    id bigserial NOT NULL,
    u bigint UNIQUE CONSTRAINT fk REFERENCES "te""nant".users (id) ON DELETE CASCADE,
    PRIMARY KEY (id)
)|DROP TABLE "te""nant"."a""b"`,
		`[{"add_column": {"table": "t", "column": {"name": "c", "type": "text", "default": "'x'", "check": {"name": "k", "constraint": "length(c) < 3"}}}}, {"drop_column": {"table": "t", "column": "d", "down": "1"}}]`: `ALTER TABLE "te""nant".t ADD COLUMN c text NOT NULL DEFAULT 'x' CONSTRAINT k CHECK (length(c) < 3); ALTER TABLE "te""nant".t DROP COLUMN d|`,
		`[{"rename_table": {"from": "a", "to": "b"}}, {"rename_column": {"table": "b", "from": "x", "to": "y"}}]`:                                                                                                         `ALTER TABLE "te""nant".a RENAME TO b; ALTER TABLE "te""nant".b RENAME COLUMN x TO y|ALTER TABLE "te""nant".b RENAME COLUMN y TO x; ALTER TABLE "te""nant".b RENAME TO a`,
		`[{"add_column": {"table": "t", "up": "1", "column": {"name": "c", "type": "int", "nullable": true}}}]`:                                                                                                           "",
		`[{"add_column": {"table": "t", "column": {"name": "c", "type": "int"}}}]`:                                                                                                                                        "",
		`[{"add_column": {"table": "t", "column": {"name": "c", "type": "int", "nullable": true, "generated": {"expression": "1"}}}}]`:                                                                                    "",
		`[{"create_table": {"name": "a", "constraints": [{"name": "k"}], "columns": [{"name": "id", "type": "int"}]}}]`:                                                                                                   "",
		`[{"alter_column": {"table": "a", "column": "b", "type": "text"}}]`:                                                                                                                                               "",
		`[{"sql": {"up": "SELECT 1"}}]`: "", // pgroll runs it with a search path that pleat does not know
		`[]`:                            "",
	} {
		h := database(t, pgrollTable+rows, legacy.Wanted{}, write(t, map[string]string{"00.json": `{"operations": []}`, "01.json": `{"operations": ` + operations + `}`}))
		f := h.File("01")
		if want == "" {
			if f.SQL != nil || !slices.Equal(codes(h), []legacy.Code{legacy.PendingCode}) {
				t.Errorf("%s: got %+v, %v", operations, f.SQL, h.Problems)
			}
			continue
		}
		var up, down []string
		for _, s := range f.SQL.Up.Statements() {
			up = append(up, s.SQL)
		}
		for _, s := range f.SQL.Down.Statements() {
			down = append(down, s.SQL)
		}
		if got := strings.Join(up, "; ") + "|" + strings.Join(down, "; "); got != want || f.SQL.HasDown != (len(down) > 0) || len(f.SQL.Up.Problems) > 0 {
			t.Errorf("%s:\ngot  %s\nwant %s", operations, got, want)
		}
	}
}
