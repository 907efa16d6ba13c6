package hclfile

import (
	"strings"
	"testing"

	"github.com/pleatdb/pleat/schema"
)

// TestLocate finds the word BAD of each text in the file again.
func TestLocate(t *testing.T) {
	for name, value := range map[string]string{
		"quoted":        `"a > BAD"`,
		"parentheses":   `"  ((a > BAD)) "`,
		"escapes":       `"a \"ä\" \u00e4 \t $${x} > BAD"`,
		"sql":           `sql("a > BAD")`,
		"flush":         "<<-SQL\n        a >\n          ä\n\n          $${x} > BAD\n      SQL",
		"margin":        "<<SQL\n  a\n > BAD\nSQL",
		"chomp":         "chomp(<<-SQL\n    a\n     > BAD\n  SQL\n  )",
		"parenthesised": `("a > BAD")`,
	} {
		src := "table \"t\" {\n  schema = schema.app\n  column \"a\" {\n    type = int\n  }\n  check \"c\" {\n    expr = " + value + "\n  }\n}\n"
		d := loadBody(t, src)
		id := schema.ID{Kind: schema.KindCheck, Schema: "app", Parent: "t", Name: "c"}
		text := d.Catalog.Get(id).(*schema.Check).Expr
		got := d.Ranges[id].Locate("expr", text, strings.Index(text, "BAD"))
		file := d.Files[got.Filename].Bytes
		if at := string(file[got.Start.Byte:]); !strings.HasPrefix(at, "BAD") {
			t.Errorf("%s: found %.10q", name, at)
			continue
		}
		line := strings.Split(string(file), "\n")[got.Start.Line-1]
		if at := string([]rune(line)[got.Start.Column-1:]); !strings.HasPrefix(at, "BAD") {
			t.Errorf("%s: line and column say %.10q", name, at)
		}
	}
}

func TestLocateFallsBack(t *testing.T) {
	d := loadBody(t, "table \"t\" {\n  schema = schema.app\n  column \"a\" {\n    type = int\n    default = sql(join(\"\", [\"1\", \"+2\"]))\n  }\n}\n")
	id := schema.ID{Kind: schema.KindDefault, Schema: "app", Parent: "t", Name: "a"}
	p := d.Ranges[id]
	if got := p.Locate("default", "1+2", 1); got != p.Of("default") || got.Start.Line != 7 {
		t.Errorf("computed value: %s", got)
	}
	if got := p.Locate("nosuch", "x", 0); got != p.Def {
		t.Errorf("absent argument: %s", got)
	}
	column := d.Ranges[schema.ColumnID(appTable("t"), "a")]
	if column.Of("type").Start.Line != 6 || column.Def.Start.Line != 5 {
		t.Errorf("column: %+v", column)
	}
}
