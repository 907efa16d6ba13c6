package shadow

import (
	"errors"
	"slices"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/pleatdb/pleat/inspect"
	"github.com/pleatdb/pleat/inspect/pgtest"
	"github.com/pleatdb/pleat/schema"
)

func liveOf(t *testing.T, sql string) *schema.Catalog {
	t.Helper()
	url := pgtest.URL(t)
	pgtest.Exec(t, url, sql)
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	live, err := inspect.Inspect(t.Context(), conn, inspect.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return live
}

func TestPairShowsBothSides(t *testing.T) {
	// An aggregate is not modelled, so the view that needs it is left out, and what needs the view too.
	live := liveOf(t, `CREATE TABLE t (a int, b int); INSERT INTO t VALUES (1, 2);
		CREATE AGGREGATE total (int) (sfunc = int4pl, stype = int);
		CREATE VIEW sums AS SELECT total(a) AS s FROM t; CREATE VIEW more AS SELECT s FROM sums; CREATE VIEW plain AS SELECT b FROM t;`)
	p, err := On(pgtest.Server(t)).Pair(t.Context(), live, []Script{
		{File: "c", Step: 1, SQL: []string{"ALTER TABLE public.t DROP COLUMN a", "SET search_path = nowhere"}, Transactional: true},
		{File: "c", Step: 2, SQL: []string{"CREATE INDEX CONCURRENTLY i ON public.t (b)"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	table := schema.ID{Kind: schema.KindTable, Schema: "public", Name: "t"}
	if !p.BeforeState.Has(schema.ColumnID(table, "a")) || p.AfterState.Has(schema.ColumnID(table, "a")) {
		t.Error("the column is not there before, or there after")
	}
	for _, conn := range []*pgx.Conn{p.Before, p.After} {
		if _, err := conn.Prepare(t.Context(), "", "SELECT b FROM plain"); err != nil {
			t.Error(err)
		}
	}
	var absent []string
	for _, id := range p.Absent {
		absent = append(absent, id.String())
	}
	slices.Sort(absent)
	if !slices.Equal(absent, []string{"view public.more", "view public.sums"}) {
		t.Errorf("absent %v", absent)
	}
}

func TestPairNamesTheStatementThatFails(t *testing.T) {
	live := liveOf(t, "CREATE TABLE t (a int); CREATE VIEW v AS SELECT a FROM t")
	_, err := On(pgtest.Server(t)).Pair(t.Context(), live, []Script{{File: "c.sql", Step: 3, SQL: []string{"ALTER TABLE public.t DROP COLUMN a"}}})
	var refused *ObjectError
	if !errors.As(err, &refused) || refused.SQL != "ALTER TABLE public.t DROP COLUMN a" {
		t.Fatalf("got %v", err)
	}
}
