package shadow

import (
	"errors"
	"strings"
	"testing"

	"github.com/pleatdb/pleat/inspect"
	"github.com/pleatdb/pleat/inspect/pgtest"
	"github.com/pleatdb/pleat/schema"
)

// TestBuild: files run from nothing, each in a session as new, with the roles that they name.
func TestBuild(t *testing.T) {
	s := On(pgtest.Server(t))
	scripts := []Script{
		{File: "a", Step: 1, SQL: []string{"CREATE SCHEMA app", "SET search_path = app -- for what follows", "CREATE ROLE ground_made", "CREATE TABLE one (a int)"}, Transactional: true},
		{File: "a", Step: 2, SQL: []string{"CREATE INDEX CONCURRENTLY i ON one (a)"}},
		{File: "b", Step: 1, SQL: []string{"CREATE TABLE two (a int)", "GRANT SELECT ON two TO ground_made, ground_was", "CREATE TABLE hidden (a int)"}, Transactional: true},
	}
	ground := Ground{Given: schema.New(), Roles: schema.New(), SearchPath: []string{`o"ther`}, Read: inspect.Options{Ignore: []string{"*.hidden"}}}
	ground.Given.Add(&schema.Namespace{Name: `o"ther`})
	ground.Roles.Add(&schema.Owner{On: schema.ID{Kind: schema.KindSchema, Name: "x"}, Role: "ground_was"})
	for range 2 { // the server keeps the roles
		got, err := s.Build(t.Context(), ground, scripts)
		if err != nil {
			t.Fatal(err)
		}
		for _, id := range []schema.ID{
			{Kind: schema.KindTable, Schema: "app", Name: "one"}, {Kind: schema.KindIndex, Schema: "app", Parent: "one", Name: "i"}, {Kind: schema.KindTable, Schema: `o"ther`, Name: "two"},
		} {
			if !got.Has(id) {
				t.Errorf("%s is missing", id)
			}
		}
		if got.Has(schema.ID{Kind: schema.KindTable, Schema: `o"ther`, Name: "hidden"}) {
			t.Error("what is ignored was read")
		}
	}
}

// TestBuildRefused: the error has the file and the statement, wherever it stands.
func TestBuildRefused(t *testing.T) {
	s := On(pgtest.Server(t))
	for _, bad := range []Script{
		{File: "b", Step: 1, SQL: []string{"CREATE TABLE two (a int)", "CREATE TABLE one (a int)"}, Transactional: true},
		{File: "b", Step: 1, SQL: []string{"CREATE TABLE one (a int)"}},
		{File: "b", Step: 1, SQL: []string{"this is no SQL"}, Transactional: true},
	} {
		scripts := []Script{{File: "a", Step: 1, SQL: []string{"CREATE TABLE one (a int)"}, Transactional: true}, bad, {File: "c", Step: 1, SQL: []string{"SELECT 1"}, Transactional: true}}
		_, err := s.Build(t.Context(), Ground{}, scripts)
		var refused *ScriptError
		if !errors.As(err, &refused) || refused.File != "b" || refused.SQL != bad.SQL[len(bad.SQL)-1] || !strings.HasPrefix(err.Error(), "b: ERROR: ") {
			t.Errorf("got %v", err)
		}
	}
}
