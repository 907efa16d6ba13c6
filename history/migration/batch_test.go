package migration

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pleatdb/pleat/schema"
)

// batched is a migration with a step in batches over a table with hostile names, beside two contracts.
func batched(name string, key ...string) *Migration {
	table := schema.Qualified("public", name)
	return &Migration{
		Version: "20261120153000", Name: "x", Phase: Expand, Generated: true, Before: "b0", After: "a0", HasDown: true,
		Objects: []schema.ID{{Kind: schema.KindTable, Schema: "public", Name: "t"}},
		Beside: []Beside{
			{Contract: "20261120152000", First: Scope{"b1", "a1"}, Then: Scope{"b2", "a2"}},
			{Contract: "20261120152001", First: Scope{"b3", "a3"}, Then: Scope{"b4", "a4"}},
		},
		Steps: []Step{{
			Number: 1, Title: "fill", Batch: &Batch{Table: table, Key: key, Size: 5000},
			Statements: []Statement{{SQL: "UPDATE " + table + " SET x = 1 WHERE x IS NULL"}},
		}},
	}
}

func TestABatchedStepReadsBack(t *testing.T) {
	for name, key := range map[string][]string{
		"orders": nil, "my orders": {"id", "region"}, "a\"b\n-- pleat: down": {"a=b", `c,"d`, "table=x", "\\n", " "},
		"$1": {"Size"}, strings.Repeat("ä", 31): {"id"}, `\`: {"ä b", "\t"},
	} {
		m := batched(name, key...)
		if err := readsBack(m, Format(m)); err != nil {
			t.Errorf("%q: %v\n%s", name, err, Format(m))
		}
	}
	text := string(Format(batched("my orders", "id", "Region")))
	for _, want := range []string{
		"-- pleat: batch table=public.\"my orders\" key=id,\"Region\" size=5000\n",
		"-- pleat: beside 20261120152000 b1 → a1 then b2 → a2\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing in\n%s", want, text)
		}
	}
}

func FuzzBatchedStepsReadBack(f *testing.F) {
	f.Add("orders", "id", "region")
	f.Add("a\"b\n", "x y", "=")
	f.Fuzz(func(t *testing.T, table, one, two string) {
		for _, s := range []string{table, one, two} {
			if s == "" || len(s) > 63 || strings.ContainsRune(s, 0) || strings.ToValidUTF8(s, "") != s {
				return
			}
		}
		m := batched(table, one, two)
		back, err := Parse(m.File(), Format(m))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(m, back, noPositions...); diff != "" {
			t.Errorf("read back (-want +got):\n%s", diff)
		}
	})
}

func TestWhatIsWrongWithABatchIsNamed(t *testing.T) {
	for _, tc := range []struct{ batch, rest, want string }{
		{"", "UPDATE t SET x = 1", "2:1: batch needs a table; " + batchExample},
		{"table=t keys=id", "UPDATE t SET x = 1", `2:1: unknown setting "keys"; batch has table, key and size, and names are quoted as in SQL`},
		{"table=a b", "UPDATE a SET x = 1", `2:1: unknown setting "b"; batch has table, key and size, and names are quoted as in SQL`},
		{"table=t key=a,", "UPDATE t SET x = 1", `2:1: "a," is not a list of columns; batch has table, key and size, and names are quoted as in SQL`},
		{"table=t size=0", "UPDATE t SET x = 1", `2:1: size "0" is not a number of rows; batch has table, key and size, and names are quoted as in SQL`},
		{"table=t", "INSERT INTO t VALUES (1)", "3:1: cannot run in batches: only an UPDATE or a DELETE can run in batches"},
		{"table=t", "DELETE FROM s", "3:1: changes s, but the batches are those of t; name the table the same way in both"},
		{"table=public.t", "DELETE FROM t", "3:1: changes t, but the batches are those of public.t; name the table the same way in both"},
		{"table=t", "DELETE FROM t; DELETE FROM t", "3:16: a step in batches holds a second statement; give it a step of its own"},
	} {
		_, err := Parse("20261120153000_x.sql", []byte("-- pleat: step 1 x\n-- pleat: batch "+tc.batch+"\n"+tc.rest+";\n"))
		if err == nil {
			t.Errorf("%s: no error", tc.batch)
			continue
		}
		if got, _, _ := strings.Cut(err.Error(), "\n"); got != "20261120153000_x.sql:"+tc.want {
			t.Errorf("got  %s\nwant %s", got, tc.want)
		}
	}
}
