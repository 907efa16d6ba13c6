package adopt_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pleatdb/pleat/cmd/internal/adopt"
	"github.com/pleatdb/pleat/inspect/pgtest"
)

// TestOneMessage: golang-migrate sends a file in one message, unless it was told to send statements one by one, which shows by what they are.
func TestOneMessage(t *testing.T) {
	dir := files(t, map[string]string{
		"1_t.up.sql": "CREATE TABLE t (a int);\nINSERT INTO t VALUES (1);\n", "1_t.down.sql": "DROP TABLE t;\n",
		"2_i.up.sql": "CREATE INDEX CONCURRENTLY i ON t (a);\nCREATE INDEX CONCURRENTLY j ON t (a);\n", "2_i.down.sql": "\\i other.sql\n",
		"3_k.up.sql": "CREATE INDEX CONCURRENTLY k ON t (a);\n",
	})
	url := pgtest.URL(t)
	pgtest.Exec(t, url, "CREATE TABLE schema_migrations (version bigint PRIMARY KEY, dirty boolean NOT NULL); INSERT INTO schema_migrations VALUES (2, false)")
	pgtest.Exec(t, url, "CREATE TABLE t (a int); CREATE INDEX i ON t (a)")
	h := read(t, url, dir)
	if diff := cmp.Diff("missing index public.t.j\n", told(align(t, url, h))); diff != "" {
		t.Error(diff)
	}
	c := convert(t, h, adopt.ConvertOptions{All: true})
	want := `== 20000101000001_t.sql of 1
-- pleat: up

-- pleat: step 1
-- from golang-migrate, version 1, file 1_t.up.sql
CREATE TABLE t (a int);
INSERT INTO t VALUES (1);

-- pleat: down

-- pleat: undo 1
DROP TABLE t;
== 20000101000002_i.sql of 2
-- pleat: up

-- pleat: step 1
-- from golang-migrate, version 2, file 2_i.up.sql
-- pleat: no transaction
CREATE INDEX CONCURRENTLY i ON t (a);

-- pleat: step 2
-- pleat: no transaction
CREATE INDEX CONCURRENTLY j ON t (a);
== 20000101000003_k.sql of 3 pending
-- pleat: up

-- pleat: step 1
-- from golang-migrate, version 3, file 3_k.up.sql
-- pleat: no transaction
CREATE INDEX CONCURRENTLY k ON t (a);
`
	if diff := cmp.Diff(want, written(t, c)); diff != "" {
		t.Error(diff)
	}
	notes := []string{`the way back of 2_i.up.sql is not converted: line 1: \i is a command of psql, not SQL`}
	if diff := cmp.Diff(notes, c.Notes); diff != "" || !c.Whole {
		t.Error(diff)
	}
}
