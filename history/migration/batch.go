package migration

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/pleatdb/pleat/schema"
	"github.com/pleatdb/pleat/schema/sqltext"
)

const batchExample = "for example: -- pleat: batch table=public.users key=id size=5000"

// batch reads the settings of a step that runs in batches.
func (p *parser) batch(d directive) *Batch {
	out := &Batch{Line: d.line}
	text := unescape(d.rest)
	for _, field := range settings(text) {
		name, value, _ := strings.Cut(field, "=")
		var err error
		switch name {
		case "table":
			out.Table = value
			_, err = sqltext.ParseName(value)
		case "key":
			out.Key, err = sqltext.ParseNames(value)
		case "size":
			if out.Size, err = strconv.Atoi(value); err != nil || out.Size < 1 {
				err = fmt.Errorf("size %q is not a number of rows", value)
			}
		default:
			err = fmt.Errorf("unknown setting %q", name)
		}
		if err != nil {
			p.fail(d, oneLine(err.Error()), "batch has table, key and size, and names are quoted as in SQL")
		}
	}
	if out.Table == "" {
		p.fail(d, "batch needs a table", batchExample)
	}
	return out
}

// settings cuts a text at the spaces outside of quoted names.
func settings(text string) []string {
	quoted := false
	return strings.FieldsFunc(text, func(r rune) bool {
		if r == '"' {
			quoted = !quoted
		}
		return !quoted && (r == ' ' || r == '\t')
	})
}

func quoteColumns(names []string) string {
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = schema.Quote(n)
	}
	return strings.Join(quoted, ",")
}

// batched checks that a step in batches holds one statement that can run so, over the table that it names.
func (p *parser) batched(b *block) {
	if len(b.stmts) > 1 {
		p.failAt(b.stmts[1], "a step in batches holds a second statement", "give it a step of its own")
		return
	}
	if b.outside {
		p.failf(b.opened, "leave out \"no transaction\"", "step %d runs in batches, each of them in a transaction of its own", b.number)
		return
	}
	statement, err := sqltext.ReadBatch(b.stmts[0].SQL)
	if err != nil {
		p.failAt(b.stmts[0], "cannot run in batches: "+oneLine(err.Error()), "")
		return
	}
	if table, err := sqltext.ParseName(b.batch.Table); err == nil && table != statement.Target {
		p.failAt(b.stmts[0], fmt.Sprintf("changes %s, but the batches are those of %s",
			oneLine(schema.Qualified(statement.Target.Schema, statement.Target.Name)), oneLine(b.batch.Table)), "name the table the same way in both")
	}
}
