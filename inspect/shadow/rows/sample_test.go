package rows

import (
	"context"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/pleatdb/pleat/inspect/pgtest"
)

func TestSample(t *testing.T) {
	ctx := context.Background()
	source, copied := pgtest.URL(t), pgtest.URL(t)
	for _, url := range []string{source, copied} {
		pgtest.Exec(t, url, rich)
		pgtest.Exec(t, url, `CREATE TABLE loose (id int PRIMARY KEY, n int); CREATE TABLE tight (id int PRIMARY KEY, loose_id int)`)
	}
	from, to := connect(t, source), connect(t, copied)
	if _, err := Fill(ctx, from, Options{Rows: 200, Seed: 3}); err != nil {
		t.Fatal(err)
	}
	pgtest.Exec(t, source, `UPDATE loose SET n = -id; UPDATE tight SET loose_id = -id`)
	for _, url := range []string{source, copied} {
		pgtest.Exec(t, url, `ALTER TABLE loose ADD CHECK (n > 0) NOT VALID; ALTER TABLE tight ADD FOREIGN KEY (loose_id) REFERENCES loose NOT VALID`)
	}
	report, err := Sample(ctx, connect(t, source), to, Options{Rows: 20})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range report.Tables {
		if f.Rows == 0 || f.Rows != int64(f.Wanted) {
			t.Errorf("%s: %d of %d rows: %s", f.Table, f.Rows, f.Wanted, f.Reason)
		}
	}
	var loose, dangling int
	err = to.QueryRow(ctx, `SELECT (SELECT count(*) FROM public.loose WHERE n < 0), (SELECT count(*) FROM public.tight WHERE loose_id < 0)`,
		pgx.QueryExecModeExec).Scan(&loose, &dangling)
	if err != nil || loose != 20 || dangling != 20 {
		t.Errorf("%d and %d rows that fit no constraint were copied, %v; want 20 and 20, as they are the point of a sample", loose, dangling, err)
	}
	if _, err := to.Exec(ctx, "ALTER TABLE public.loose DROP CONSTRAINT loose_n_check; ALTER TABLE public.tight DROP CONSTRAINT tight_loose_id_fkey", pgx.QueryExecModeSimpleProtocol); err != nil {
		t.Error("a constraint that is not valid yet was lost:", err)
	}
	revalidate(t, to)
}

func TestSampleOfUnreadable(t *testing.T) {
	ctx := context.Background()
	source, copied := pgtest.URL(t), pgtest.URL(t)
	for _, url := range []string{source, copied} {
		pgtest.Exec(t, url, `CREATE TABLE "hid""den" (id int PRIMARY KEY, secret text); CREATE TABLE open (id int PRIMARY KEY, hidden_id int NOT NULL REFERENCES "hid""den");
			CREATE TABLE free (id int PRIMARY KEY)`)
	}
	pgtest.Exec(t, source, `INSERT INTO "hid""den" VALUES (1, 'canary'); INSERT INTO open VALUES (1, 1); INSERT INTO free VALUES (1);
		DO $$ BEGIN CREATE ROLE rows_reader LOGIN; EXCEPTION WHEN duplicate_object THEN END $$; GRANT SELECT ON open, free TO rows_reader`)
	from := connect(t, source)
	if _, err := from.Exec(ctx, "SET ROLE rows_reader"); err != nil {
		t.Fatal(err)
	}
	report, err := Sample(ctx, from, connect(t, copied), Options{Rows: 20})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{`hid"den`: "this role may not read it", "open": "led nowhere were removed", "free": ""}
	for _, f := range report.Tables {
		if w := want[f.Table.Name]; !strings.Contains(f.Reason, w) || (w == "") != (f.Rows == 1) {
			t.Errorf("%s: %d rows, %q; want %q", f.Table, f.Rows, f.Reason, w)
		}
	}
}
