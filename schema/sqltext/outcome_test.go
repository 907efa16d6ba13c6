package sqltext_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pleatdb/pleat/schema/sqltext"
)

func TestReadOutcome(t *testing.T) {
	type marks = []sqltext.Mark
	table := sqltext.Name{Schema: "a", Name: "t"}
	name := func(n string) sqltext.Name { return sqltext.Name{Name: n} }
	detached := sqltext.Mark{Kind: sqltext.MarkPartition, Of: table, Name: name("p"), Gone: true}
	for stmt, want := range map[string]sqltext.Outcome{
		"VACUUM a.t":                        {Repeat: true},
		"ANALYZE":                           {Repeat: true},
		"CLUSTER":                           {Repeat: true},
		"ALTER SYSTEM SET work_mem = '1MB'": {Repeat: true},
		"REFRESH MATERIALIZED VIEW CONCURRENTLY m": {Repeat: true},
		"REINDEX TABLE t":                          {Repeat: true},
		"REINDEX (CONCURRENTLY) TABLE a.t":         {Repeat: true},
		"REINDEX SCHEMA CONCURRENTLY a":            {Repeat: true, ReindexAll: true, ReindexSchema: "a"}, "REINDEX DATABASE CONCURRENTLY d": {Repeat: true, ReindexAll: true},
		"CALL p()":                                                            {},
		"DO $$BEGIN END$$":                                                    {},
		"INSERT INTO t VALUES (1)":                                            {},
		"UPDATE t SET a = a + 1":                                              {},
		"SELECT f()":                                                          {},
		"ALTER TYPE a.t ADD VALUE 'x'":                                        {Marks: marks{{Kind: sqltext.MarkEnumValue, Of: table, Name: name("x")}}},
		"ALTER TYPE a.t ADD VALUE IF NOT EXISTS 'x'":                          {Repeat: true, Marks: marks{{Kind: sqltext.MarkEnumValue, Of: table, Name: name("x")}}},
		"ALTER TABLE a.t DETACH PARTITION p CONCURRENTLY":                     {Marks: marks{detached}, Detach: &detached},
		"ALTER TABLE a.t DETACH PARTITION p FINALIZE":                         {Marks: marks{detached}, Detach: &detached},
		"ALTER TABLE a.t DETACH PARTITION p":                                  {Marks: marks{detached}},
		"ALTER TABLE a.t ATTACH PARTITION p DEFAULT":                          {Marks: marks{{Kind: sqltext.MarkPartition, Of: table, Name: name("p")}}},
		"ALTER TABLE a.t VALIDATE CONSTRAINT c":                               {Repeat: true, Marks: marks{{Kind: sqltext.MarkValidated, Of: table, Name: name("c")}}},
		"ALTER TABLE a.t ADD COLUMN c int, ALTER d SET DEFAULT 1":             {Marks: marks{{Kind: sqltext.MarkColumn, Of: table, Name: name("c")}}},
		"ALTER TABLE a.t DROP COLUMN IF EXISTS c":                             {Repeat: true, Marks: marks{{Kind: sqltext.MarkColumn, Of: table, Name: name("c"), Gone: true}}},
		"ALTER TABLE a.t ALTER c TYPE bigint":                                 {},
		"ALTER TABLE a.t ALTER c SET NOT NULL":                                {Repeat: true},
		"ALTER TABLE a.t ADD CONSTRAINT c CHECK (x > 0) NOT VALID":            {Marks: marks{{Kind: sqltext.MarkConstraint, Of: table, Name: name("c")}}},
		"CREATE TABLE a.t ()":                                                 {Marks: marks{{Kind: sqltext.MarkRelation, Name: table}}},
		"DROP TABLE IF EXISTS a.t":                                            {Repeat: true, Marks: marks{{Kind: sqltext.MarkRelation, Name: table, Gone: true}}},
		"CREATE OR REPLACE VIEW a.t AS SELECT 1":                              {Repeat: true, Marks: marks{{Kind: sqltext.MarkRelation, Name: table}}},
		"ALTER TABLE a.s RENAME TO t":                                         {Marks: marks{{Kind: sqltext.MarkRelation, Name: table}}},
		"CREATE DATABASE d":                                                   {Marks: marks{{Kind: sqltext.MarkDatabase, Name: name("d")}}},
		"DROP DATABASE IF EXISTS d":                                           {Repeat: true, Marks: marks{{Kind: sqltext.MarkDatabase, Name: name("d"), Gone: true}}},
		"CREATE TABLESPACE s LOCATION '/x'":                                   {Marks: marks{{Kind: sqltext.MarkTablespace, Name: name("s")}}},
		"CREATE SUBSCRIPTION s CONNECTION 'x' PUBLICATION p":                  {Marks: marks{{Kind: sqltext.MarkSubscription, Name: name("s")}}},
		"DROP SUBSCRIPTION s":                                                 {Marks: marks{{Kind: sqltext.MarkSubscription, Name: name("s"), Gone: true}}},
		"ALTER SUBSCRIPTION s REFRESH PUBLICATION":                            {Repeat: true},
		"ALTER SUBSCRIPTION s ADD PUBLICATION p":                              {},
		"VACUUM (NEWER ONLY) ONLY t":                                          {Repeat: true},
		"CREATE OR REPLACE FUNCTION f() RETURNS int RETURN 1":                 {Repeat: true},
		"CREATE FUNCTION f() RETURNS int RETURN 1":                            {},
		"ALTER TABLE a.t ENABLE ROW LEVEL SECURITY, ALTER c SET STATISTICS 5": {Repeat: true},
	} {
		if diff := cmp.Diff(want, sqltext.ReadOutcome(stmt)); diff != "" {
			t.Errorf("%s: %s", stmt, diff)
		}
	}
}
