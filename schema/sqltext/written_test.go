package sqltext

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestWrittenBy(t *testing.T) {
	for _, c := range []struct {
		sql  string
		want []Written
	}{
		{`UPDATE public."a""b" SET x = 1, (y, z) = (SELECT 1, 2)`, []Written{{Table: Name{"public", `a"b`}, Verb: "update", Columns: []string{"x", "y", "z"}}}},
		{`DELETE FROM ONLY t USING u WHERE t.id = u.id`, []Written{{Table: Name{"", "t"}, Verb: "delete", Only: true}}},
		{`INSERT INTO t VALUES (1)`, []Written{{Table: Name{"", "t"}, Verb: "insert"}}},
		{`INSERT INTO t VALUES (1) ON CONFLICT (id) DO UPDATE SET a = 2`, []Written{{Table: Name{"", "t"}, Verb: "upsert", Columns: []string{"a"}}}},
		{`WITH gone AS (DELETE FROM a RETURNING *) INSERT INTO b SELECT * FROM gone`,
			[]Written{{Table: Name{"", "b"}, Verb: "insert"}, {Table: Name{"", "a"}, Verb: "delete"}}},
		{`TRUNCATE a, ONLY b CASCADE`, []Written{{Table: Name{"", "a"}, Verb: "truncate", Cascade: true},
			{Table: Name{"", "b"}, Verb: "truncate", Cascade: true, Only: true}}},
		{`COPY t FROM '/tmp/x'`, []Written{{Table: Name{"", "t"}, Verb: "copy"}}},
		{`COPY t TO '/tmp/x'`, nil},
		{`MERGE INTO t USING u ON t.id = u.id WHEN MATCHED THEN DELETE`, []Written{{Table: Name{"", "t"}, Verb: "merge"}}},
		{`CREATE RULE r AS ON INSERT TO t DO ALSO DELETE FROM u`, nil},
		{`CREATE FUNCTION f() RETURNS void BEGIN ATOMIC DELETE FROM u; END`, nil},
		{`SELECT 1`, nil},
		{`no sql`, nil},
	} {
		got := WrittenBy(c.sql)
		less := cmp.Transformer("sorted", func(in []Written) map[Name]Written {
			out := map[Name]Written{}
			for _, w := range in {
				out[w.Table] = w
			}
			return out
		})
		if diff := cmp.Diff(c.want, got, less); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.sql, diff)
		}
	}
}
