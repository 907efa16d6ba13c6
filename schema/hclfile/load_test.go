package hclfile

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/pleatdb/pleat/schema"
	"github.com/pleatdb/pleat/schema/hclfile/eval"
)

// load loads texts by file name and fails on any diagnostic.
func load(t *testing.T, files map[string]string, vars ...string) *Desired {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	d, diags := Load([]string{dir}, eval.Options{Vars: vars})
	if len(diags) > 0 {
		t.Fatal(listDiagnostics(diags))
	}
	return d
}

// loadBody loads one file in which the schema app is declared already.
func loadBody(t *testing.T, text string, vars ...string) *Desired {
	t.Helper()
	return load(t, map[string]string{"x.hcl": "schema \"app\" {\n}\n" + text}, vars...)
}

func appTable(name string) schema.ID {
	return schema.ID{Kind: schema.KindTable, Schema: "app", Name: name}
}

// TestAtlasSchemasLoad loads files as users of Atlas have them. That they become databases is tested with the program.
func TestAtlasSchemasLoad(t *testing.T) {
	files, _ := filepath.Glob("testdata/atlas/*.hcl")
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			d, diags := Load([]string{file}, eval.Options{Dir: filepath.Dir(file)})
			if len(diags) > 0 {
				t.Fatal(listDiagnostics(diags))
			}
			if d.Catalog.Len() < 10 {
				t.Errorf("%d objects", d.Catalog.Len())
			}
		})
	}
}

func TestInstancesAreReferredToByLabelAndKey(t *testing.T) {
	d, diags := Load([]string{"testdata/atlas/loops.hcl"}, eval.Options{Vars: []string{"tenant=zeta", `tables=["x", "q"]`}})
	if len(diags) > 0 {
		t.Fatal(listDiagnostics(diags))
	}
	for _, want := range []schema.ID{
		{Kind: schema.KindTable, Schema: "zeta", Name: "each_p"},
		{Kind: schema.KindTable, Schema: "t_q", Name: "users"},
		{Kind: schema.KindForeignKey, Schema: "t_q", Parent: "orders", Name: "user"},
	} {
		if !d.Catalog.Has(want) {
			t.Errorf("no %s in %v", want, d.Catalog.IDs())
		}
	}
	fk, _ := d.Catalog.Get(schema.ID{Kind: schema.KindForeignKey, Schema: "t_q", Parent: "orders", Name: "user"}).(*schema.ForeignKey)
	if fk == nil || fk.RefTable != (schema.Name{Schema: "t_q", Name: "users"}) {
		t.Errorf("the key leads to %+v", fk)
	}
}

func TestAtlasSchemaLoads(t *testing.T) {
	d, diags := Load([]string{"testdata/atlas/schema.hcl"}, eval.Options{})
	if len(diags) > 0 {
		t.Fatal(listDiagnostics(diags))
	}
	want := map[string]bool{}
	for _, id := range d.Catalog.IDs() {
		want[id.String()] = true
	}
	for _, id := range []string{"comment on schema public", "exclude public.orders.no_overlap", "partition"} {
		if id != "partition" && !want[id] {
			t.Errorf("no %s in %v", id, want)
		}
	}
	orders := d.Catalog.Get(schema.ID{Kind: schema.KindTable, Schema: "public", Name: "orders"}).(*schema.Table)
	if c := orders.Column("id"); !c.NotNull || !c.Identity.Always || c.Identity.Max != 1<<63-1 {
		t.Errorf("id: %+v", c)
	}
	if c := orders.Column("tag"); c == nil || c.Type != "text" {
		t.Errorf("tag of the dynamic block: %+v", c)
	}
	def := d.Catalog.Get(schema.ID{Kind: schema.KindDefault, Schema: "public", Parent: "orders", Name: "status"}).(*schema.Default)
	if def.Expr != "'on'::public.status" {
		t.Errorf("default %s", def.Expr)
	}
	part := d.Catalog.Get(schema.ID{Kind: schema.KindTable, Schema: "public", Name: "orders_2025"}).(*schema.Table)
	if part.PartitionOf.Bound != "FOR VALUES FROM ('2025-01-01') TO ('2026-01-01')" || part.Columns != nil {
		t.Errorf("partition %+v", part)
	}
	brin := d.Catalog.Get(schema.ID{Kind: schema.KindIndex, Schema: "public", Parent: "orders", Name: "brin"}).(*schema.Index)
	if diff := cmp.Diff([]schema.Param{{Name: "pages_per_range", Value: "64"}}, brin.StorageParams); diff != "" {
		t.Error(diff)
	}
	move := Move{From: schema.ColumnID(orders.ID(), "name"), To: schema.ColumnID(orders.ID(), "full_name")}
	if len(d.Moves) != 1 || d.Moves[0].From != move.From || d.Moves[0].To != move.To {
		t.Errorf("moves %+v", d.Moves)
	}
}

func TestTypes(t *testing.T) {
	tests := map[string]string{
		"int": "integer", "int8": "bigint", "bool": "boolean", "varchar(20)": "character varying(20)", "varchar": "character varying",
		"character_varying(255)": "character varying(255)", "char(3)": "character(3)", "char": "character(1)", "bpchar": "bpchar",
		"numeric": "numeric", "decimal(10)": "numeric(10,0)", "numeric(10,2)": "numeric(10,2)", "float": "double precision",
		"float(24)": "real", "float(25)": "double precision", "double_precision": "double precision", "float4": "real",
		"timestamptz": "timestamp with time zone", "timestamptz(3)": "timestamp(3) with time zone",
		"timestamp(0)": "timestamp(0) without time zone", "time_with_time_zone": "time with time zone", "timetz(2)": "time(2) with time zone",
		"interval": "interval", "interval(3)": "interval(3)", "second": "interval second", "day_to_second": "interval day to second",
		"bit(8)": "bit(8)", "bit": "bit(1)", "bit_varying(8)": "bit varying(8)", "varbit": "bit varying", "jsonb": "jsonb", "uuid": "uuid",
		"tstzrange": "tstzrange", "INT": "integer", "enum.mood": "app.mood", "enum.app.mood": "app.mood", `enum["mood"]`: "app.mood",
		`domain["od d"]`: `app."od d"`, "table.other": "app.other", "citext": "app.citext",
		`sql("text[]")`: "text[]", `sql("INT [] [3]")`: "integer[]", `sql("varchar(20)[]")`: "character varying(20)[]",
		`sql("timestamp (3) with time zone")`: "timestamp(3) with time zone", `sql("mood[]")`: "app.mood[]", `sql("App.Mood")`: "app.mood",
		`sql("\"char\"")`: `"char"`, `sql("pg_catalog.int4")`: "integer", `sql("interval day to second(3)")`: "interval day to second(3)",
		`sql("public.geometry(Point, 4326)")`: "public.geometry(Point,4326)", `sql("nosuch")`: "nosuch", `sql("a b c")`: "a b c",
		`sql("int ARRAY[4]")`: "integer[]", `var.t`: "bigint", `sql("national character varying(3)")`: "character varying(3)",
	}
	for expr, want := range tests {
		d := loadBody(t, `
variable "t" {
  default = "int8"
}
extension "citext" {
  schema = schema.app
}
enum "mood" {
  schema = schema.app
  values = ["a"]
}
domain "od d" {
  schema = schema.app
  type   = text
}
table "other" {
  schema = schema.app
}
table "x" {
  schema = schema.app
  column "c" {
    type = `+expr+`
  }
}`)
		if got := d.Catalog.Get(appTable("x")).(*schema.Table).Columns[0].Type; got != want {
			t.Errorf("%s: got %s, want %s", expr, got, want)
		}
	}
}

func TestDefaults(t *testing.T) {
	tests := []struct{ typ, value, want string }{
		{"text", `"on"`, "'on'::text"}, {"text", `"it's"`, "'it''s'::text"}, {"text", `"a\\b"`, `'a\b'::text`},
		{"varchar(20)", `"x"`, "'x'::character varying"}, {"char(3)", `"x"`, "'x'::bpchar"}, {"bit(4)", `"1010"`, `'1010'::"bit"`},
		{"int", "5", "5"}, {"int", "-5", "'-5'::integer"}, {"int", `"7"`, "7"}, {"bigint", "3000000000", "'3000000000'::bigint"},
		{"bigint", `"5"`, "'5'::bigint"}, {"numeric(10,2)", "1.5", "1.5"}, {"numeric", "-1.5", "'-1.5'::numeric"}, {"numeric", `"1.50"`, "1.50"},
		{"bool", "true", "true"}, {"bool", `"off"`, "false"}, {"timestamptz(3)", `"x"`, "'x'::timestamp with time zone"},
		{`sql("text[]")`, `"{}"`, "'{}'::text[]"}, {`sql("varchar(5)[]")`, `"{}"`, "'{}'::character varying[]"},
		{"text", `sql("(now())")`, "now()"}, {"text", `sql("(SELECT 1)")`, "(SELECT 1)"}, {"int", "null", ""}, {"int", `sql("NULL")`, ""},
		{"domain.d", `"x"`, "'x'::character varying"}, {"serial", "", "nextval('app.t_c_seq'::regclass)"},
		{"int", "true ? 1 : 2", "1"}, {"numeric", "100000000000000000000", "'100000000000000000000'::numeric"},
	}
	for _, tt := range tests {
		attr := "default = " + tt.value
		if tt.value == "" {
			attr = ""
		}
		d := loadBody(t, fmt.Sprintf(`
domain "d" {
  schema = schema.app
  type   = varchar(10)
}
table "t" {
  schema = schema.app
  column "c" {
    type = %s
    %s
  }
}`, tt.typ, attr))
		got := ""
		if o, ok := d.Catalog.Get(schema.ID{Kind: schema.KindDefault, Schema: "app", Parent: "t", Name: "c"}).(*schema.Default); ok {
			got = o.Expr
		}
		if got != tt.want {
			t.Errorf("%s %s: got %s, want %s", tt.typ, tt.value, got, tt.want)
		}
	}
}

func TestForEach(t *testing.T) {
	d := load(t, map[string]string{"a.hcl": `
variable "tenants" {
  type = list(string)
}
schema "tenant" {
  for_each = toset(var.tenants)
  name     = "t_${each.value}"
}
table "users" {
  for_each = { a = "t_one", b = "t_two" }
  schema   = schema[each.value]
  comment  = "of ${each.key}"
  column "id" {
    type = int
  }
  dynamic "column" {
    for_each = [{ name = "x", type = "varchar(5)" }, { name = "y", type = "text" }]
    iterator = it
    labels   = [it.value.name]
    content {
      type = it.value.type
      null = true
    }
  }
}
policy "own" {
  for_each = [table.t_one.users, table.t_two.users]
  on       = each.value
  using    = "true"
}
`}, `tenants=["one", "two"]`)
	for _, s := range []string{"t_one", "t_two"} {
		table := d.Catalog.Get(schema.ID{Kind: schema.KindTable, Schema: s, Name: "users"}).(*schema.Table)
		if len(table.Columns) != 3 || table.Columns[1].Type != "character varying(5)" || table.Columns[2].NotNull {
			t.Errorf("%+v", table)
		}
		if !d.Catalog.Has(schema.ID{Kind: schema.KindPolicy, Schema: s, Parent: "users", Name: "own"}) {
			t.Errorf("no policy in %s", s)
		}
	}
}

func TestJSON(t *testing.T) {
	d := load(t, map[string]string{"a.hcl.json": `{
  "//": "a comment",
  "variable": {"len": {"type": "number", "default": 20}},
  "schema": {"app": {}, "b": {}},
  "enum": {"app": {"mood": {"schema": "schema.app", "values": ["on", "off"]}}},
  "table": {
    "users": {
      "schema": "schema.app",
      "column": [
        {"id": {"type": "bigint", "identity": {"generated": "ALWAYS"}}},
        {"name": {"type": "varchar(20)", "null": true, "default": "x", "comment": "len ${var.len}"}},
        {"tags": {"type": "sql(\"text[]\")", "default": "${sql(\"ARRAY[]::text[]\")}"}},
        {"mood": {"type": "enum.mood", "default": "on"}},
        {"twice": {"type": "int", "as": {"expr": "id * 2", "type": "STORED"}}}
      ],
      "primary_key": {"columns": ["column.id"]},
      "index": {"by_name": {"columns": ["column.name"], "type": "HASH", "storage_params": {"fillfactor": 70}}},
      "dynamic": {"check": {"for_each": ["a", "b"], "labels": ["${check.value}"], "content": {"expr": "id > 0"}}}
    },
    "b": {"users": {"column": {"id": {"type": "int"}}}}
  },
  "trigger": {"t": {"on": "table.app.users", "before": {"insert": true}, "execute": {"function": "${sql(\"app.f\")}"}}}
}`})
	want := load(t, map[string]string{"a.hcl": `
schema "app" {
}
schema "b" {
}
enum "mood" {
  schema = schema.app
  values = ["on", "off"]
}
table "app" "users" {
  column "id" {
    type = bigint
    identity {
      generated = ALWAYS
    }
  }
  column "name" {
    type    = varchar(20)
    null    = true
    default = "x"
    comment = "len 20"
  }
  column "tags" {
    type    = sql("text[]")
    default = sql("ARRAY[]::text[]")
  }
  column "mood" {
    type    = enum.mood
    default = "on"
  }
  column "twice" {
    type = int
    as   = "id * 2"
  }
  primary_key {
    columns = [column.id]
  }
  index "by_name" {
    columns = [column.name]
    type    = HASH
    storage_params {
      fillfactor = 70
    }
  }
  check "a" {
    expr = "id > 0"
  }
  check "b" {
    expr = "id > 0"
  }
  trigger "t" {
    before {
      insert = true
    }
    execute {
      function = sql("app.f")
    }
  }
}
table "b" "users" {
  column "id" {
    type = int
  }
}
`})
	if diff := cmp.Diff(objects(want.Catalog), objects(d.Catalog)); diff != "" {
		t.Error(diff)
	}
}

func TestIntent(t *testing.T) {
	d := loadBody(t, `
ignore {
  objects = ["audit.*"]
}
table "users" {
  schema       = schema.app
  renamed_from = table.people
  column "slug" {
    type = text
    backfill {
      set   = "lower(name)"
      batch = 500
    }
    convert {
      using = "slug::text"
    }
  }
}
moved {
  from = table.persons
  to   = table.people
}
moved {
  from     = table.users.column.handle
  to       = table.users.column.slug
  strategy = expand_contract
}
removed {
  from    = table.legacy
  destroy = false
}
removed {
  from = view.gone
  lifecycle {
    destroy = false
  }
}
`)
	users := appTable("users")
	var moves []string
	for _, m := range d.Moves {
		moves = append(moves, strings.TrimSpace(m.From.Path()+" "+m.To.Path()+" "+m.Strategy))
	}
	if diff := cmp.Diff([]string{"app.people app.users", "app.persons app.people", "app.users.handle app.users.slug expand_contract"}, moves); diff != "" {
		t.Error(diff)
	}
	if len(d.Removed) != 2 || d.Removed[0].ID != appTable("legacy") || d.Removed[0].Destroy || d.Removed[1].Destroy {
		t.Errorf("%+v", d.Removed)
	}
	slug := schema.ColumnID(users, "slug")
	if b := d.Backfills[slug]; b.Set != "lower(name)" || b.Batch != 500 || d.Converts[slug].Using != "slug::text" || d.Ignore[0] != "audit.*" {
		t.Errorf("%+v %+v %v", b, d.Converts[slug], d.Ignore)
	}
}

func TestPartitionsStateOnlyDifferences(t *testing.T) {
	d := loadBody(t, `
table "p" {
  schema = schema.app
  column "a" {
    type    = int
    default = 1
  }
  column "b" {
    type = text
    null = true
  }
  partition {
    type    = LIST
    columns = [column.a]
  }
}
partition "p1" {
  of = table.p
  list {
    in = [1, -2, null, true, "x'y"]
  }
  column "a" {
    default = null
  }
  column "b" {
    null    = false
    default = "z"
  }
  index "i" {
    columns = [column.b]
  }
}
`)
	p1 := d.Catalog.Get(appTable("p1")).(*schema.Table)
	want := &schema.Table{Schema: "app", Name: "p1", Columns: []schema.Column{{Name: "a", Inherited: true}, {Name: "b", Inherited: true, NotNull: true}},
		PartitionOf: &schema.PartitionOf{Parent: schema.Name{Schema: "app", Name: "p"}, Bound: `FOR VALUES IN (1, '-2', NULL, true, 'x''y')`}}
	if diff := cmp.Diff(want, p1); diff != "" {
		t.Error(diff)
	}
	def := schema.ID{Kind: schema.KindDefault, Schema: "app", Parent: "p1", Name: "a"}
	if !d.NoDefault[def] || d.Catalog.Has(def) {
		t.Error("default = null is lost")
	}
	if pos := d.Ranges[schema.ColumnID(p1.ID(), "a")]; pos.Stated("null") || !pos.Stated("default") {
		t.Errorf("%v", pos.Attrs)
	}
	def.Name = "b"
	if got := d.Catalog.Get(def).(*schema.Default).Expr; got != "'z'::text" {
		t.Errorf("the default is of the parent's type: %s", got)
	}
}

func TestDependencies(t *testing.T) {
	d := loadBody(t, `
enum "mood" {
  schema = schema.app
  values = ["a"]
}
table "users" {
  schema = schema.app
  column "id" {
    type    = int
    default = sql("app.next()")
  }
  column "mood" {
    type = enum.mood
  }
  primary_key {
    columns = [column.id]
  }
}
table "orders" {
  schema = schema.app
  column "u" {
    type = int
  }
  foreign_key "fk" {
    columns     = [column.u]
    ref_columns = [table.users.column.id]
  }
}
view "v" {
  schema = schema.app
  as     = "SELECT u.mood, app.next() FROM app.users u"
}
function "next" {
  schema = schema.app
  lang   = SQL
  return = integer
  as     = "SELECT count(*)::int FROM app.orders"
}
`)
	for _, edge := range [][2]string{
		{"column app.users.mood", "enum app.mood"}, {"default app.users.id", "function app.next()"},
		{"foreign_key app.orders.fk", "primary_key app.users.users_pkey"}, {"foreign_key app.orders.fk", "table app.users"},
		{"view app.v", "table app.users"}, {"view app.v", "function app.next()"}, {"view app.v", "column app.users.mood"},
		{"function app.next()", "table app.orders"}, {"table app.users", "schema app"},
	} {
		from, err := schema.ParseID(edge[0])
		if err != nil {
			t.Fatal(err)
		}
		var found []string
		for _, to := range d.Catalog.DependsOn(from) {
			found = append(found, to.String())
		}
		if !strings.Contains(strings.Join(found, "\n")+"\n", edge[1]+"\n") {
			t.Errorf("%s does not need %s, only %v", edge[0], edge[1], found)
		}
	}
}
