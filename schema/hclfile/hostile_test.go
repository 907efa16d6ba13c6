package hclfile

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/pleatdb/pleat/schema"
	"github.com/pleatdb/pleat/schema/hclfile/eval"
	"github.com/zclconf/go-cty/cty"
)

// fragments are what names and texts of the property test are made of: everything that means something to HCL, to SQL,
// or to a file name.
var fragments = []string{
	"a", "users", "column", "null", "true", "for_each", "each", "var", "table", "schema", " ", "  ", "\t", "\n", "\r\n", "\r", `"`, `'`, "''", `\`, `\n`,
	`\u0041`, "${", "$${", "$$${", "%{", "%%{", "${x}", "%{ if true }", "$", "%", "{", "}", "[", "]", "(", ")", ".", ",", "#", "//", "/*", "--", ";",
	"ä", "a\u0308", "\u00e4", "日本", "🙂", "\u2028", "\ufeff", "\u0001", "\x7f", "SQL", "<<-SQL", "EOT", "-", "0", "9a", "A", "İ", "\u00a0", "$1", "$q$",
}

func randomText(r *rand.Rand, most int) string {
	var b strings.Builder
	for range 1 + r.IntN(most) {
		b.WriteString(fragments[r.IntN(len(fragments))])
	}
	return b.String()
}

// randomName is a name that PostgreSQL would take, at most 63 bytes, other than the ones before it also in normal form.
func randomName(r *rand.Rand, seen map[string]bool) string {
	for {
		name := short(randomText(r, 8))
		if r.IntN(20) == 0 {
			name = short(strings.Repeat(name, maxName))
		}
		if key := cty.NormalizeString(name); name != "" && !seen[key] {
			seen[key] = true
			return name
		}
	}
}

func short(name string) string { return clip(name, min(len(name), maxName)) }

// hostile builds a catalog of every kind with random names and texts.
func hostile(r *rand.Rand) *schema.Catalog {
	cat := schema.New()
	names := map[string]bool{}
	var schemas []string
	for range 2 {
		schemas = append(schemas, randomName(r, names))
		cat.Add(&schema.Namespace{Name: schemas[len(schemas)-1]})
	}
	shared := randomName(r, names)
	for i, s := range schemas {
		h := &hostileSchema{r: r, cat: cat, schema: s, names: map[string]bool{cty.NormalizeString(shared): true}}
		h.types()
		h.table(shared, i)
		h.table(randomName(r, h.names), i)
		h.routines()
	}
	for _, id := range cat.IDs() {
		if r.IntN(2) == 0 && id.Kind != schema.KindDefault {
			cat.Add(&schema.Comment{On: id, Text: randomText(r, 12)})
		}
	}
	return cat
}

type hostileSchema struct {
	r      *rand.Rand
	cat    *schema.Catalog
	schema string
	names  map[string]bool
	types_ []string
}

func (h *hostileSchema) types() {
	e := &schema.Enum{Schema: h.schema, Name: randomName(h.r, h.names)}
	values := map[string]bool{}
	for range 3 {
		e.Values = append(e.Values, randomName(h.r, values))
	}
	d := &schema.Domain{Schema: h.schema, Name: randomName(h.r, h.names), Type: "text", Default: "'" + strings.ReplaceAll(randomText(h.r, 4), "'", "''") + "'::text"}
	c := &schema.Composite{Schema: h.schema, Name: randomName(h.r, h.names), Fields: []schema.Field{{Name: randomText(h.r, 1), Type: schema.Qualified(e.Schema, e.Name)}}}
	h.cat.Add(e)
	h.cat.Add(d)
	h.cat.Add(c)
	h.cat.Add(&schema.DomainCheck{Schema: h.schema, Domain: d.Name, Name: randomText(h.r, 2), Expr: "x" + randomText(h.r, 3) + "x"})
	h.types_ = []string{schema.Qualified(e.Schema, e.Name), schema.Qualified(d.Schema, d.Name), schema.Qualified(c.Schema, c.Name) + "[]", "integer",
		"character varying(20)", "timestamp(3) with time zone", `"char"`, "numeric(10,2)"}
}

func (h *hostileSchema) table(name string, i int) {
	t := &schema.Table{Schema: h.schema, Name: name}
	columns := map[string]bool{}
	for range 3 {
		t.Columns = append(t.Columns, schema.Column{Name: randomName(h.r, columns), Type: h.types_[h.r.IntN(len(h.types_))], NotNull: true})
	}
	h.cat.Add(t)
	first, second := t.Columns[0].Name, t.Columns[1].Name
	h.cat.Add(&schema.Default{Schema: h.schema, Table: name, Column: first, Expr: "f(" + schema.Literal(randomText(h.r, 6)) + ")"})
	h.cat.Add(&schema.PrimaryKey{Schema: h.schema, Table: name, Name: randomName(h.r, h.names), Columns: []string{first}})
	parts := map[string]bool{}
	h.cat.Add(&schema.Check{Schema: h.schema, Table: name, Name: randomName(h.r, parts), Expr: "x" + randomText(h.r, 6) + "x"})
	h.cat.Add(&schema.ForeignKey{Schema: h.schema, Table: name, Name: randomName(h.r, parts), Columns: []string{second},
		RefTable: schema.Name{Schema: h.schema, Name: name}, RefColumns: []string{first}})
	h.cat.Add(&schema.Index{Schema: h.schema, Table: name, Name: randomName(h.r, h.names), Method: "btree",
		Elements: []schema.IndexElement{{Column: second}, {Expr: "x" + randomText(h.r, 4) + "x", Desc: true}}, Include: []string{first},
		StorageParams: []schema.Param{{Name: randomText(h.r, 2), Value: randomText(h.r, 2)}}})
	h.cat.Add(&schema.Policy{Schema: h.schema, Table: name, Name: randomName(h.r, parts), Roles: []string{schema.Quote(randomText(h.r, 2))}, Using: "true"})
	h.cat.Add(&schema.Trigger{Schema: h.schema, Table: name, Name: randomName(h.r, parts), Timing: "BEFORE", Events: []string{"UPDATE"},
		UpdateOf: []string{first}, Function: schema.Name{Schema: "elsewhere", Name: randomText(h.r, 2)}, Args: []string{randomText(h.r, 3)}})
	seq := &schema.Sequence{Schema: h.schema, Name: randomName(h.r, h.names), Type: "bigint", Start: 1, Increment: 1, Min: 1, Max: 1<<63 - 1, Cache: 1,
		OwnedBy: &schema.ColumnRef{Schema: h.schema, Table: name, Column: first}}
	h.cat.Add(seq)
	if i == 0 {
		h.cat.Add(&schema.View{Schema: h.schema, Name: randomName(h.r, h.names), Query: "SELECT" + randomText(h.r, 20) + "x"})
	}
}

func (h *hostileSchema) routines() {
	name := randomName(h.r, h.names)
	for _, args := range [][]schema.Arg{nil, {{Name: randomName(h.r, map[string]bool{}), Type: "integer"}}, {{Type: h.types_[0]}}} {
		h.cat.Add(&schema.Function{Routine: schema.Routine{Schema: h.schema, Name: name, Args: args, Language: "plpgsql",
			Body: randomText(h.r, 30), Config: []schema.Param{{Name: "a.b", Value: randomText(h.r, 3)}}}, Returns: "integer"})
	}
	h.cat.Add(&schema.Procedure{Routine: schema.Routine{Schema: h.schema, Name: randomName(h.r, h.names), Language: "sql", Body: "\n" + randomText(h.r, 30) + "\n"}})
}

// TestHostileNames is the round trip of random catalogs whose names and texts are chosen to hurt.
func TestHostileNames(t *testing.T) {
	for seed := range uint64(150) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			cat := hostile(rand.New(rand.NewPCG(seed, 7)))
			roundTrip(t, cat, WriteOptions{Split: []string{"", "schema", "table"}[seed%3]})
		})
	}
}

func FuzzTexts(f *testing.F) {
	for _, s := range fragments {
		f.Add(s, s)
	}
	f.Fuzz(func(t *testing.T, name, body string) {
		if name == "" || len(name) > maxName || !isText(name) || !isText(body) {
			t.Skip()
		}
		cat := schema.New()
		cat.Add(&schema.Namespace{Name: name})
		cat.Add(&schema.Enum{Schema: name, Name: name, Values: []string{name}})
		cat.Add(&schema.Comment{On: schema.ID{Kind: schema.KindSchema, Name: name}, Text: body + "."})
		cat.Add(&schema.Function{Routine: schema.Routine{Schema: name, Name: name, Language: "plpgsql", Body: body}, Returns: "integer"})
		roundTrip(t, cat, WriteOptions{})
	})
}

func isText(s string) bool {
	return strings.ToValidUTF8(s, "") == s && !strings.Contains(s, "\x00")
}

func FuzzLoad(f *testing.F) {
	seeds, err := readSeeds()
	if err != nil {
		f.Fatal(err)
	}
	for _, s := range seeds {
		f.Add(s, false)
	}
	f.Add([]byte(`{"schema": {"app": {}}, "table": {"t": {"schema": "schema.app", "column": {"id": {"type": "int"}}}}}`), true)
	f.Fuzz(func(t *testing.T, src []byte, json bool) {
		path := map[bool]string{true: "x.hcl.json", false: "x.hcl"}[json]
		d, diags := loadSources([]sourceFile{{path, src}}, eval.Options{})
		if diags.HasErrors() {
			return
		}
		if _, err := Write(d.Catalog, WriteOptions{}); err != nil {
			t.Errorf("a catalog that was loaded cannot be written: %v", err)
		}
		if once := Format(src); string(Format(once)) != string(once) {
			t.Errorf("formatting is not idempotent for %q", src)
		}
	})
}
