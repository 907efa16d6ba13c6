package hclfile

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pleatdb/pleat/schema"
	"github.com/pleatdb/pleat/schema/hclfile/eval"
)

const strategies = `
table "users" {
  schema   = schema.app
  strategy = IN_PLACE
  column "id" {
    type     = bigint
    strategy = ONLINE
  }
  column "old" {
    type = text
  }
  column "name" {
    type         = text
    renamed_from = column.nick
    strategy     = "online"
  }
  primary_key {
    columns  = [column.id]
    strategy = in_place
  }
  unique "users_name" {
    columns  = [column.name]
    strategy = ONLINE
  }
  check "users_old" {
    expr     = "old <> ''"
    strategy = IN_PLACE
  }
  foreign_key "users_self" {
    columns     = [column.id]
    ref_columns = [table.users.column.id]
    strategy    = IN_PLACE
  }
  index "users_old_index" {
    columns  = [column.old]
    strategy = IN_PLACE
  }
  partition {
    type    = RANGE
    columns = [column.id]
  }
}
partition "users_1" {
  of       = table.users
  strategy = ONLINE
  range {
    from = [1]
    to   = [10]
  }
  column "old" {
    strategy = IN_PLACE
  }
}
removed {
  from  = table.gone
  trash = false
}
removed {
  from = table.users.column.bygone
}
`

func TestStrategies(t *testing.T) {
	d := loadBody(t, strategies)
	users, part := appTable("users"), appTable("users_1")
	of := func(kind schema.Kind, name string) schema.ID {
		return schema.ID{Kind: kind, Schema: "app", Parent: "users", Name: name}
	}
	want := map[schema.ID]string{
		users: InPlace, schema.ColumnID(users, "id"): Online, schema.ColumnID(users, "name"): Online,
		of(schema.KindPrimaryKey, "users_pkey"): InPlace, of(schema.KindUnique, "users_name"): Online, of(schema.KindCheck, "users_old"): InPlace,
		of(schema.KindForeignKey, "users_self"): InPlace, of(schema.KindIndex, "users_old_index"): InPlace,
		part: Online, schema.ColumnID(part, "old"): InPlace,
	}
	if diff := cmp.Diff(want, d.Strategies); diff != "" {
		t.Error(diff)
	}
	for id := range d.Strategies {
		if !d.Catalog.Has(id) {
			t.Errorf("no object %s", id)
		}
	}
	if len(d.Moves) != 1 || d.Moves[0].Strategy != "expand_contract" {
		t.Errorf("moves %+v", d.Moves)
	}
	if len(d.Removed) != 2 || !d.Removed[0].AtOnce || !d.Removed[0].Destroy || d.Removed[1].AtOnce || !d.Removed[1].Destroy {
		t.Errorf("removed %+v", d.Removed)
	}
}

func TestStrategiesAreNotPartOfTheState(t *testing.T) {
	d := loadBody(t, strategies)
	plain := loadBody(t, withoutStrategies(strategies))
	if diff := cmp.Diff(objects(plain.Catalog), objects(d.Catalog)); diff != "" {
		t.Error(diff)
	}
	files, err := Write(d.Catalog, WriteOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		if strings.Contains(string(text), "strategy") {
			t.Errorf("%s:\n%s", name, text)
		}
	}
	if text := string(Format([]byte(strategies))); strings.Count(text, "strategy") != strings.Count(strategies, "strategy") {
		t.Error("formatting lost a strategy")
	}
}

func withoutStrategies(text string) string {
	var out []string
	for _, line := range strings.Split(text, "\n") {
		if !strings.Contains(line, "strategy") {
			out = append(out, line)
		}
	}
	return strings.Join(out, "\n")
}

func TestAnUnknownStrategyIsExplained(t *testing.T) {
	_, diags := Load([]string{"testdata/errors/strategy.hcl"}, eval.Options{})
	text := listDiagnostics(diags)
	for _, want := range []string{`"IN_PLAC" is not a value of strategy; it takes IN_PLACE or ONLINE. Did you mean "IN_PLACE"?`, "trash = false needs destroy = true"} {
		if !strings.Contains(text, want) {
			t.Errorf("not said: %s\n%s", want, text)
		}
	}
}
