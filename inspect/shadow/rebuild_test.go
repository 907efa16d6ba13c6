package shadow

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/pleatdb/pleat/inspect"
	"github.com/pleatdb/pleat/inspect/pgtest"
	"github.com/pleatdb/pleat/schema"
)

func testShadow(t *testing.T) *Shadow {
	t.Helper()
	return On(pgtest.Server(t))
}

func inspectURL(t *testing.T, url string) *schema.Catalog {
	t.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(ctx) }()
	c, err := inspect.Inspect(ctx, conn, inspect.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// managed is the catalog without what nobody can rebuild, and what needs it.
func managed(c *schema.Catalog) *schema.Catalog {
	dependents := c.NeededBy()
	out := map[schema.ID]bool{}
	var cut func(id schema.ID)
	cut = func(id schema.ID) {
		if id.Kind == schema.KindColumn {
			if owner, ok := c.Owner(id); ok {
				id = owner
			}
		}
		if out[id] {
			return
		}
		out[id] = true
		for _, column := range c.Columns(id) {
			for _, x := range dependents[column] {
				cut(x)
			}
		}
		for _, x := range dependents[id] {
			cut(x)
		}
	}
	for _, id := range c.IDs() {
		if id.Kind == schema.KindUnmanaged {
			cut(id)
		}
	}
	var keep []schema.ID
	for _, id := range c.IDs() {
		if !out[id] && id.Kind != schema.KindGrant && id.Kind != schema.KindOwner {
			keep = append(keep, id)
		}
	}
	return c.Subset(keep)
}

// TestRebuildCorpora builds every real schema from its catalog alone and reads back the same catalog.
func TestRebuildCorpora(t *testing.T) {
	dirs, err := filepath.Glob(filepath.Join(pgtest.Corpora(t, "schemas"), "*", "schema.sql"))
	if err != nil || len(dirs) == 0 {
		t.Fatalf("no schemas: %v", err)
	}
	for _, file := range dirs {
		t.Run(filepath.Base(filepath.Dir(file)), func(t *testing.T) { rebuild(t, file) })
	}
}

func rebuild(t *testing.T, file string) {
	ctx := context.Background()
	url := pgtest.URL(t)
	if roles, err := os.ReadFile(filepath.Join(filepath.Dir(file), "roles.sql")); err == nil {
		createRoles(t, url, string(roles))
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	pgtest.Exec(t, url, string(text))
	t.Cleanup(func() { dropSubscriptions(t, url) })
	full := inspectURL(t, url)
	live := managed(full)
	d, drop, err := testShadow(t).scratch(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer drop()
	if err := d.build(ctx, live); err != nil {
		var oe *ObjectError
		if errors.As(err, &oe) {
			t.Fatalf("%v\n%s", err, oe.SQL)
		}
		t.Fatal(err)
	}
	got, err := d.inspect(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for i, diff := range compare(live, got, func(id schema.ID) bool {
		if id.Kind == schema.KindIndex && !live.Has(id) && lacksParts(full) {
			return false // an index made with ON ONLY comes back on every partition
		}
		return id.Kind != schema.KindOwner && id.Kind != schema.KindGrant && (live.Has(id) || d.initial.Get(id) == nil)
	}) {
		if i < 5 {
			t.Error(diff)
		}
	}
}

// lacksParts reports whether an index of the catalog lacks its part on some partition.
func lacksParts(c *schema.Catalog) bool {
	for _, id := range c.IDs() {
		if u, ok := c.Get(id).(*schema.Unmanaged); ok && u.What == "attribute index lacking on a partition" {
			return true
		}
	}
	return false
}

// dropSubscriptions lets the database be dropped.
func dropSubscriptions(t *testing.T, url string) {
	pgtest.Exec(t, url, `DO $$
		DECLARE s record;
		BEGIN
			FOR s IN SELECT subname FROM pg_subscription JOIN pg_database d ON d.oid = subdbid WHERE d.datname = current_database() LOOP
				EXECUTE format('ALTER SUBSCRIPTION %I DISABLE', s.subname);
				EXECUTE format('ALTER SUBSCRIPTION %I SET (slot_name = NONE)', s.subname);
				EXECUTE format('DROP SUBSCRIPTION %I', s.subname);
			END LOOP;
		END $$`)
}

// createRoles runs each statement by itself: a role that another test made already is as good.
func createRoles(t *testing.T, url, text string) {
	t.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(ctx) }()
	statements, err := splitStatements(text)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range statements {
		_, _ = conn.Exec(ctx, s)
	}
}
