package inspect_test

import (
	"context"
	"net/url"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/pleatdb/pleat/inspect"
	"github.com/pleatdb/pleat/inspect/pgtest"
	"github.com/pleatdb/pleat/schema"
)

const sizeSetup = `
	CREATE SCHEMA app;
	CREATE TABLE app."a""b" (id int PRIMARY KEY, body text);
	ALTER TABLE app."a""b" ALTER COLUMN body SET STORAGE EXTERNAL;
	INSERT INTO app."a""b" SELECT n, CASE WHEN n = 1 THEN repeat('x', 400000) END FROM generate_series(1, 10000) n;
	CREATE TABLE app.parted (id int, at int) PARTITION BY RANGE (at);
	CREATE TABLE app.low PARTITION OF app.parted FOR VALUES FROM (0) TO (10) PARTITION BY RANGE (id);
	CREATE TABLE app.low1 PARTITION OF app.low DEFAULT;
	CREATE TABLE app.high PARTITION OF app.parted DEFAULT;
	CREATE INDEX parted_id ON app.parted (id);
	INSERT INTO app.parted SELECT n, n % 20 FROM generate_series(1, 10000) n;
	CREATE TABLE app.empty (id int);
	CREATE TABLE app.unread (id int);
	CREATE MATERIALIZED VIEW app.mv AS SELECT id FROM app.parted;
	CREATE INDEX mv_id ON app.mv (id);
	ANALYZE app."a""b", app.low1, app.high, app.mv;
	INSERT INTO app.unread SELECT generate_series(1, 1000)`

func sizes(t *testing.T, conn *pgx.Conn, opt inspect.Options) map[schema.ID]inspect.Size {
	t.Helper()
	out, err := inspect.Sizes(context.Background(), conn, opt)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// powerless connects as a role that may do nothing with the tables.
func powerless(t *testing.T, to string) *pgx.Conn {
	t.Helper()
	pgtest.Exec(t, to, `DO $$ BEGIN CREATE ROLE size_reader LOGIN; EXCEPTION WHEN duplicate_object THEN END $$`)
	u, err := url.Parse(to)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := pgx.Connect(context.Background(), u.String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	if _, err := conn.Exec(context.Background(), "SET SESSION AUTHORIZATION size_reader"); err != nil {
		t.Fatal(err)
	}
	return conn
}

func TestSizes(t *testing.T) {
	to := pgtest.URL(t)
	pgtest.Exec(t, to, sizeSetup)
	got := sizes(t, powerless(t, to), inspect.Options{})
	table := func(name string) inspect.Size {
		return got[schema.ID{Kind: schema.KindTable, Schema: "app", Name: name}]
	}
	index := func(table, name string) inspect.Size {
		return got[schema.ID{Kind: schema.KindIndex, Schema: "app", Parent: table, Name: name}]
	}
	odd, parted, low := table(`a"b`), table("parted"), table("low")
	if odd.Rows != 10000 || odd.Bytes < 400000+10000*28 || odd.Indexes != index(`a"b`, `a"b_pkey`).Bytes || odd.Indexes == 0 {
		t.Errorf("a table with a large value: %+v", odd)
	}
	if parted.Rows != 10000 || parted.Bytes != table("low1").Bytes+table("high").Bytes || low != table("low1") {
		t.Errorf("a partitioned table: %+v, its partitions %+v, %+v", parted, low, table("high"))
	}
	if parted.Indexes != index("parted", "parted_id").Bytes || parted.Indexes != table("low1").Indexes+table("high").Indexes || parted.Indexes == 0 {
		t.Errorf("the index of a partitioned table: %+v", index("parted", "parted_id"))
	}
	if got := table("empty"); got != (inspect.Size{}) {
		t.Errorf("an empty table: %+v", got)
	}
	if got := table("unread"); got.Rows != -1 || got.Bytes == 0 {
		t.Errorf("a table that was never analyzed: %+v", got)
	}
	if mv := got[schema.ID{Kind: schema.KindMaterialized, Schema: "app", Name: "mv"}]; mv.Rows != 10000 || mv.Indexes == 0 {
		t.Errorf("a materialized view: %+v", mv)
	}
}

// TestSizesBesideAnExclusiveLock does not wait for a rewrite that takes an hour.
func TestSizesBesideAnExclusiveLock(t *testing.T) {
	ctx := context.Background()
	to := pgtest.URL(t)
	pgtest.Exec(t, to, sizeSetup)
	holder, err := pgx.Connect(ctx, to)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = holder.Close(ctx) }()
	if _, err := holder.Exec(ctx, `BEGIN; LOCK TABLE app."a""b" IN ACCESS EXCLUSIVE MODE`); err != nil {
		t.Fatal(err)
	}
	got := sizes(t, powerless(t, to), inspect.Options{Schemas: []string{"app"}, Ignore: []string{"app.high"}})
	if odd := got[schema.ID{Kind: schema.KindTable, Schema: "app", Name: `a"b`}]; odd.Rows != 10000 || odd.Bytes == 0 {
		t.Errorf("a locked table: %+v", odd)
	}
	if _, ok := got[schema.ID{Kind: schema.KindTable, Schema: "app", Name: "high"}]; ok {
		t.Error("an ignored table is there")
	}
}
