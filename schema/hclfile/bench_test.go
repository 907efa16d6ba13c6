package hclfile

import (
	"fmt"
	"strings"
	"testing"

	"github.com/pleatdb/pleat/schema/hclfile/eval"
)

// BenchmarkLoad loads a thousand tables with keys, indexes and references among them.
func BenchmarkLoad(b *testing.B) {
	var src strings.Builder
	src.WriteString("schema \"app\" {\n}\n")
	for i := range 1000 {
		fmt.Fprintf(&src, `
table "t%[1]d" {
  schema = schema.app
  column "id" {
    type = bigint
    identity {
      generated = ALWAYS
    }
  }
  column "name" {
    type    = varchar(200)
    null    = true
    default = "x"
  }
  column "at" {
    type    = timestamptz
    default = sql("now()")
  }
  column "ref" {
    type = bigint
    null = true
  }
  primary_key {
    columns = [column.id]
  }
  foreign_key "t%[1]d_fk" {
    columns     = [column.ref]
    ref_columns = [table.t%[2]d.column.id]
    on_delete   = CASCADE
  }
  index "t%[1]d_i" {
    columns = [column.name, column.at]
    where   = "name IS NOT NULL"
  }
}
`, i, max(i-1, 0))
	}
	text := []byte(src.String())
	for b.Loop() {
		d, diags := loadSources([]sourceFile{{"x.hcl", text}}, eval.Options{})
		if diags.HasErrors() {
			b.Fatal(diags)
		}
		if _, err := Write(d.Catalog, WriteOptions{}); err != nil {
			b.Fatal(err)
		}
	}
}
