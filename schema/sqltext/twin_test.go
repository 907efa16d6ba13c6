package sqltext

import "testing"

func TestTheTwinOfAnIndex(t *testing.T) {
	for _, c := range []struct{ stmt, want string }{
		{
			`CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS "a""b" ON ONLY s."T" USING btree (lower(x) COLLATE "C" DESC NULLS LAST, y int4_ops) INCLUDE (z) NULLS NOT DISTINCT WITH (fillfactor=70) TABLESPACE fast WHERE y > 0`,
			`CREATE UNIQUE INDEX twin ON pg_temp.t USING btree (lower(x) COLLATE "C" DESC NULLS LAST, y int4_ops) INCLUDE (z) NULLS NOT DISTINCT WITH (fillfactor=70) WHERE y > 0`,
		},
		{`CREATE INDEX ON t (a)`, `CREATE INDEX twin ON pg_temp.t USING btree (a)`},
	} {
		got, err := IndexTwin(c.stmt, "twin", Name{"pg_temp", "t"})
		if err != nil || got != c.want {
			t.Errorf("%s\n got %s, %v\nwant %s", c.stmt, got, err, c.want)
		}
	}
	for _, stmt := range []string{"DROP INDEX a", "CREATE INDEX", "", "CREATE INDEX ON t (a); CREATE INDEX ON t (b)"} {
		if got, err := IndexTwin(stmt, "twin", Name{"", "t"}); err == nil {
			t.Errorf("%q: got %s", stmt, got)
		}
	}
}

func TestTheQueryForDuplicates(t *testing.T) {
	for stmt, want := range map[string]string{
		`CREATE UNIQUE INDEX CONCURRENTLY i ON s."T" (lower(x), "Y") WHERE z IS NULL`: `SELECT lower(x), "Y", count(*) FROM s."T" WHERE z IS NULL GROUP BY 1, 2 HAVING count(*) > 1`,
		`CREATE UNIQUE INDEX i ON t ((a + b))`:                                        `SELECT a + b, count(*) FROM t GROUP BY 1 HAVING count(*) > 1`,
		`CREATE INDEX i ON t (a)`:                                                     "",
		`ALTER TABLE t ADD UNIQUE (a)`:                                                "",
	} {
		if got := Duplicates(stmt); got != want {
			t.Errorf("%s\n got %s\nwant %s", stmt, got, want)
		}
	}
}
