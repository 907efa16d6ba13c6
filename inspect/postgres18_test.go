package inspect_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pleatdb/pleat/inspect"
	"github.com/pleatdb/pleat/inspect/pgtest"
	"github.com/pleatdb/pleat/schema"
)

// TestPostgres18 reads what only PostgreSQL 18 has.
func TestPostgres18(t *testing.T) {
	if major := pgtest.Server(t).Major(); major < 18 {
		t.Skipf("needs PostgreSQL 18, this is %d", major)
	}
	url := pgtest.URL(t)
	pgtest.Exec(t, url, `
		CREATE EXTENSION btree_gist;
		CREATE TABLE room (id integer, during tsrange, size integer, twice integer GENERATED ALWAYS AS (size * 2) VIRTUAL,
			CONSTRAINT room_key PRIMARY KEY (id, during WITHOUT OVERLAPS),
			CONSTRAINT big CHECK (size > 10) NOT ENFORCED);
		CREATE TABLE booking (room integer, during tsrange, plain integer,
			CONSTRAINT booking_room FOREIGN KEY (room, PERIOD during) REFERENCES room (id, PERIOD during),
			CONSTRAINT named NOT NULL plain NO INHERIT);
		CREATE TABLE ref (id integer PRIMARY KEY, other integer, CONSTRAINT loose FOREIGN KEY (other) REFERENCES ref NOT ENFORCED);
		ALTER TABLE ref ADD CONSTRAINT later NOT NULL other NOT VALID;`)
	got := inspectURL(t, url, inspect.Options{})
	want := []schema.Object{
		&schema.PrimaryKey{Schema: "public", Table: "room", Name: "room_key", Columns: []string{"id", "during"}, WithoutOverlaps: true},
		&schema.Check{Schema: "public", Table: "room", Name: "big", Expr: "size > 10", NotEnforced: true},
		&schema.ForeignKey{Schema: "public", Table: "booking", Name: "booking_room", Columns: []string{"room", "during"},
			RefTable: schema.Name{Schema: "public", Name: "room"}, RefColumns: []string{"id", "during"}, Period: true},
		&schema.ForeignKey{Schema: "public", Table: "ref", Name: "loose", Columns: []string{"other"},
			RefTable: schema.Name{Schema: "public", Name: "ref"}, RefColumns: []string{"id"}, NotEnforced: true},
		&schema.Unmanaged{What: "attribute not null constraint no inherit", Schema: "public", Parent: "booking", Name: "plain"},
		&schema.Unmanaged{What: "attribute not null constraint name named", Schema: "public", Parent: "booking", Name: "plain"},
		&schema.Unmanaged{What: "attribute not null constraint name later", Schema: "public", Parent: "ref", Name: "other"},
		&schema.Unmanaged{What: "attribute not null constraint not valid", Schema: "public", Parent: "ref", Name: "other"},
	}
	for _, o := range want {
		if diff := cmp.Diff(o, got.Get(o.ID())); diff != "" {
			t.Errorf("%s:\n%s", o.ID(), diff)
		}
	}
	table, ok := got.Get(schema.ID{Kind: schema.KindTable, Schema: "public", Name: "room"}).(*schema.Table)
	if !ok {
		t.Fatal("no table room")
	}
	twice := &schema.Generated{Expr: "size * 2", Virtual: true}
	if diff := cmp.Diff(twice, table.Column("twice").Generated); diff != "" {
		t.Error(diff)
	}
	for _, id := range got.IDs() {
		if id.Kind == schema.KindCheck && id.Name != "big" {
			t.Errorf("%s is a NOT NULL constraint, not a check", id)
		}
	}
}
