package sqltext_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pleatdb/pleat/schema/sqltext"
)

func TestClassifyTransactional(t *testing.T) {
	for stmt, want := range map[string]bool{
		"CREATE INDEX CONCURRENTLY i ON t (a)":               false,
		"CREATE UNIQUE INDEX i ON t (a)":                     true,
		"DROP INDEX CONCURRENTLY i":                          false,
		"REINDEX INDEX CONCURRENTLY i":                       false,
		"REINDEX (CONCURRENTLY) TABLE t":                     false,
		"REINDEX (CONCURRENTLY off) TABLE t":                 true,
		"REINDEX DATABASE d":                                 false,
		"REINDEX TABLE t":                                    true,
		"VACUUM t":                                           false,
		"ANALYZE t":                                          true,
		"CLUSTER":                                            false,
		"CLUSTER t USING i":                                  true,
		"CREATE DATABASE d":                                  false,
		"DROP DATABASE d":                                    false,
		"CREATE TABLESPACE s LOCATION '/x'":                  false,
		"DROP TABLESPACE s":                                  false,
		"ALTER SYSTEM SET work_mem = '1MB'":                  false,
		"ALTER DATABASE d SET TABLESPACE s":                  false,
		"ALTER DATABASE d SET work_mem = '1MB'":              true,
		"ALTER TABLE t DETACH PARTITION p CONCURRENTLY":      false,
		"ALTER TABLE t DETACH PARTITION p":                   true,
		"CREATE SUBSCRIPTION s CONNECTION 'x' PUBLICATION p": false,
		"CREATE SUBSCRIPTION s CONNECTION 'x' PUBLICATION p WITH (create_slot = false)": true,
		"CREATE SUBSCRIPTION s CONNECTION 'x' PUBLICATION p WITH (connect = off)":       true,
		"DROP SUBSCRIPTION s":                                           false,
		"ALTER SUBSCRIPTION s REFRESH PUBLICATION":                      false,
		"ALTER SUBSCRIPTION s SET PUBLICATION p":                        false,
		"ALTER SUBSCRIPTION s SET PUBLICATION p WITH (refresh = false)": true,
		"ALTER SUBSCRIPTION s DISABLE":                                  true,
		"ALTER TYPE m ADD VALUE 'x'":                                    true,
		"DO $$BEGIN END$$":                                              true,
		"/* x */ UPDATE t SET a = 1":                                    true,
		// Not of this grammar: by words.
		"CREATE INDEX CONCURRENTLY i ON t (a) NEWER":                 false,
		"ALTER TABLE t ADD c int GENERATED ALWAYS AS (a) VIRTUAL":    true,
		"DROP INDEX CONCURRENTLY i NEWER":                            false,
		"VACUUM (NEWER ONLY) ONLY t":                                 false,
		"ALTER SUBSCRIPTION s REFRESH SEQUENCES":                     false,
		"ALTER TABLE t ADD CONSTRAINT n NOT NULL concurrently NEWER": true,
	} {
		if got := sqltext.Classify(stmt).Transactional; got != want {
			t.Errorf("%s: transactional %v", stmt, got)
		}
	}
}

func TestClassify(t *testing.T) {
	tx := sqltext.Class{Parsed: true, Transactional: true}
	with := func(f func(*sqltext.Class)) sqltext.Class { c := tx; f(&c); return c }
	for stmt, want := range map[string]sqltext.Class{
		"CREATE TABLE t ()":                    with(func(c *sqltext.Class) { c.Kind = "CreateStmt" }),
		"SAVEPOINT a":                          with(func(c *sqltext.Class) { c.Kind = "TransactionStmt"; c.TransactionControl = true }),
		"PREPARE TRANSACTION 'x'":              with(func(c *sqltext.Class) { c.Kind = "TransactionStmt"; c.TransactionControl = true }),
		"PREPARE p AS SELECT 1":                with(func(c *sqltext.Class) { c.Kind = "PrepareStmt" }),
		"ALTER TYPE m ADD VALUE 'x'":           with(func(c *sqltext.Class) { c.Kind = "AlterEnumStmt"; c.NewEnumValue = true }),
		"ALTER TYPE m RENAME VALUE 'x' TO 'y'": with(func(c *sqltext.Class) { c.Kind = "AlterEnumStmt" }),
		"CALL p()":                             with(func(c *sqltext.Class) { c.Kind = "CallStmt"; c.MayCommit = true }),
		"SELECT a FROM t":                      with(func(c *sqltext.Class) { c.Kind = "SelectStmt"; c.ReadOnly = true }),
		"SELECT a INTO b FROM t":               with(func(c *sqltext.Class) { c.Kind = "SelectStmt" }),
		"SELECT a FROM t FOR UPDATE":           with(func(c *sqltext.Class) { c.Kind = "SelectStmt" }),
		"WITH x AS (DELETE FROM t RETURNING *) SELECT * FROM x":               with(func(c *sqltext.Class) { c.Kind = "SelectStmt" }),
		"EXPLAIN DELETE FROM t":                                               with(func(c *sqltext.Class) { c.Kind = "ExplainStmt"; c.ReadOnly = true }),
		"EXPLAIN ANALYZE DELETE FROM t":                                       with(func(c *sqltext.Class) { c.Kind = "ExplainStmt" }),
		"SHOW work_mem":                                                       with(func(c *sqltext.Class) { c.Kind = "VariableShowStmt"; c.ReadOnly = true }),
		"SELECT * FROM JSON_TABLE(a, '$' COLUMNS (x int)) j":                  {Transactional: true, ReadOnly: true},
		"MERGE INTO t USING u ON true WHEN NOT MATCHED BY SOURCE THEN DELETE": {Transactional: true},
	} {
		if diff := cmp.Diff(want, sqltext.Classify(stmt)); diff != "" {
			t.Errorf("%s: %s", stmt, diff)
		}
	}
}

func TestTouched(t *testing.T) {
	type touches = []sqltext.Touch
	s := func(kind, schema, name string, verb sqltext.Verb) sqltext.Touch {
		return sqltext.Touch{Kind: kind, Schema: schema, Name: name, Verb: verb}
	}
	for stmt, want := range map[string]sqltext.Reach{
		"CREATE TABLE a.t (x int REFERENCES b.u)":     {Bounded: true, Objects: touches{s("table", "a", "t", "create"), s("table", "b", "u", "alter")}},
		"CREATE TABLE p PARTITION OF t DEFAULT":       {Bounded: true, Objects: touches{s("table", "", "p", "create"), s("table", "", "t", "alter")}},
		"ALTER TABLE t ATTACH PARTITION a.p DEFAULT":  {Bounded: true, Objects: touches{s("table", "", "t", "alter"), s("table", "a", "p", "alter")}},
		"CREATE INDEX i ON a.t (x)":                   {Bounded: true, Objects: touches{{Kind: "index", Schema: "a", Name: "i", Of: sqltext.Name{Schema: "a", Name: "t"}, Verb: "create"}, s("table", "a", "t", "alter")}},
		"DROP TRIGGER g ON a.t CASCADE":               {Bounded: true, Cascade: true, Objects: touches{{Kind: "trigger", Schema: "a", Name: "g", Of: sqltext.Name{Schema: "a", Name: "t"}, Verb: "drop"}, s("table", "a", "t", "alter")}},
		"DROP MATERIALIZED VIEW a.m, n":               {Bounded: true, Objects: touches{s("materialized view", "a", "m", "drop"), s("materialized view", "", "n", "drop")}},
		"DROP FUNCTION a.f(int), g":                   {Bounded: true, Objects: touches{s("function", "a", "f", "drop"), s("function", "", "g", "drop")}},
		"DROP TYPE a.m":                               {Bounded: true, Objects: touches{s("type", "a", "m", "drop")}},
		"DROP SCHEMA a":                               {Bounded: true, Objects: touches{s("schema", "", "a", "drop")}},
		"COMMENT ON COLUMN a.t.x IS 'y'":              {Bounded: true, Objects: touches{{Kind: "column", Schema: "a", Name: "x", Of: sqltext.Name{Schema: "a", Name: "t"}, Verb: "comment"}}},
		"ALTER TABLE a.t RENAME TO u":                 {Bounded: true, Objects: touches{s("table", "a", "t", "alter"), s("table", "a", "u", "create")}},
		"ALTER TABLE t SET SCHEMA b":                  {Bounded: true, Objects: touches{s("table", "", "t", "alter"), s("table", "b", "t", "create")}},
		"GRANT SELECT ON a.t TO r":                    {Bounded: true, Objects: touches{s("table", "a", "t", "grant")}},
		"GRANT SELECT ON ALL TABLES IN SCHEMA a TO r": {Objects: touches{s("table", "", "a", "grant")}},
		"WITH x AS (DELETE FROM t RETURNING *) INSERT INTO u SELECT lower(a) FROM x": {Bounded: true, Objects: touches{s("table", "", "u", "write"), s("table", "", "t", "write")}},
		"UPDATE t SET a = f(a)":                                  {Objects: touches{s("table", "", "t", "write")}},
		"SELECT setval('a.\"S\"', 1)":                            {Bounded: true, Objects: touches{s("sequence", "a", "S", "write")}},
		"SELECT pg_catalog.set_config('search_path', '', false)": {Bounded: true},
		"SELECT f()":       {},
		"DO $$BEGIN END$$": {},
		"SELEKT":           {},
		"SET ROLE x":       {Bounded: true},
	} {
		if diff := cmp.Diff(want, sqltext.Touched(stmt)); diff != "" {
			t.Errorf("%s: %s", stmt, diff)
		}
	}
}
