package inspect_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/pleatdb/pleat/inspect"
	"github.com/pleatdb/pleat/inspect/pgtest"
)

// thousand is a script of n tables of ten columns with a primary key, two indexes and a foreign key each.
func thousand(n int) string {
	var sql strings.Builder
	for i := range n {
		fmt.Fprintf(&sql, `CREATE TABLE t%d (id bigint PRIMARY KEY, parent_id bigint, name varchar(100) NOT NULL, email text,
			amount numeric(12,2) NOT NULL DEFAULT 0, flags integer DEFAULT 1, note text, active boolean NOT NULL DEFAULT true,
			created_at timestamptz NOT NULL DEFAULT now(), data jsonb);
			CREATE UNIQUE INDEX ON t%[1]d (email);
			CREATE INDEX ON t%[1]d (name, created_at DESC);
			ALTER TABLE t%[1]d ADD FOREIGN KEY (parent_id) REFERENCES t%d (id) ON DELETE CASCADE;
			`, i, max(i-1, 0))
		if i%100 == 99 {
			sql.WriteString("COMMIT; BEGIN;\n")
		}
	}
	return "BEGIN;\n" + sql.String() + "COMMIT;"
}

// BenchmarkInspect1000 reads a thousand tables, and reports how long that takes compared with pg_dump of the same.
func BenchmarkInspect1000(b *testing.B) {
	url := pgtest.URL(b)
	pgtest.Exec(b, url, thousand(1000))
	conn := connect(b, url)
	var dump time.Duration
	for range 3 {
		start := time.Now()
		pgtest.Dump(b, url)
		if d := time.Since(start); dump == 0 || d < dump {
			dump = d
		}
	}
	for b.Loop() {
		catalog, err := inspect.Inspect(b.Context(), conn, inspect.Options{})
		if err != nil {
			b.Fatal(err)
		}
		if catalog.Len() < 7000 {
			b.Fatalf("%d objects", catalog.Len())
		}
	}
	perRead := b.Elapsed() / time.Duration(b.N)
	b.ReportMetric(float64(perRead)/float64(dump), "×pg_dump")
}
