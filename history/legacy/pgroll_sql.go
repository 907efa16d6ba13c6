package legacy

import (
	"path/filepath"
	"slices"
	"strings"

	"github.com/pleatdb/pleat/history/foreign"
	"github.com/pleatdb/pleat/schema"
)

// pgrollWriter writes operations as the statements whose result they have once they are completed. It knows those that need no data to be
// brought along; what has an expression for the rows that are there, or a setting that is not known here, is left to pgroll.
type pgrollWriter struct {
	namespace string
	up, down  []string
	// oneWay is set by operations that nothing leads back from.
	oneWay bool
}

// fields are those of an operation, taken out one by one: what is left at the end is not understood.
type fields map[string]any

func (f fields) text(name string) string {
	text, ok := f[name].(string)
	if ok {
		delete(f, name)
	}
	return text
}

func (f fields) flag(name string) bool {
	v, ok := f[name].(bool)
	if ok {
		delete(f, name)
	}
	return v
}

// done reports whether all was understood: what is empty counts for nothing.
func (f fields) done() bool {
	for _, v := range f {
		if !nothing(v) {
			return false
		}
	}
	return true
}

// fieldsOf copies an object; nil where a value is none.
func fieldsOf(v any) fields {
	m, ok := v.(map[string]any)
	if !ok {
		return nil
	}
	out := fields{}
	for name, value := range m {
		out[name] = value
	}
	return out
}

// pgrollSQL is a migration all of whose operations can be written as plain statements; nil for others.
func (d *Dir) pgrollSQL(rel, namespace string, m map[string]any) *SQL {
	w := &pgrollWriter{namespace: namespace}
	operations, _ := m["operations"].([]any)
	for _, o := range operations {
		one, ok := o.(map[string]any)
		if !ok || len(one) != 1 {
			return nil
		}
		for kind, body := range one {
			if f := fieldsOf(body); f == nil || !w.operation(kind, f) || !f.done() {
				return nil
			}
		}
	}
	if len(w.up) == 0 {
		return nil
	}
	at := filepath.Join(d.Root, filepath.FromSlash(rel))
	out := &SQL{Up: foreign.Cut(at, []byte(strings.Join(w.up, ";\n")+";\n"), foreign.Automatic)}
	if !w.oneWay {
		slices.Reverse(w.down)
		out.Down = foreign.Cut(at, []byte(strings.Join(w.down, ";\n")+";\n"), foreign.Automatic)
		out.HasDown = len(out.Down.Units) > 0
	}
	return out
}

// add appends a statement and the one that leads back; an empty one says that there is none.
func (w *pgrollWriter) add(up, down string) bool {
	w.up = append(w.up, closed(up))
	if strings.TrimSpace(down) == "" {
		w.oneWay = true
	} else {
		w.down = append(w.down, closed(down))
	}
	return true
}

// closed is a text without the semicolon that it ends in, and with a line end where a comment would take the next one.
func closed(sql string) string {
	sql = strings.TrimRight(strings.TrimSpace(sql), ";")
	if last := sql[strings.LastIndexByte(sql, '\n')+1:]; strings.Contains(last, "--") {
		sql += "\n"
	}
	return sql
}

func (w *pgrollWriter) named(name string) string { return schema.Qualified(w.namespace, name) }

// operation writes one; false where it is not known.
func (w *pgrollWriter) operation(kind string, f fields) bool {
	switch kind {
	case "sql":
		up := f.text("up")
		return w.namespace == "public" && strings.TrimSpace(up) != "" && w.add(up, f.text("down"))
	case "create_table":
		return w.createTable(f)
	case "add_column":
		return w.addColumn(f)
	case "drop_table":
		name := f.text("name")
		return name != "" && w.add("DROP TABLE "+w.named(name), "")
	case "drop_column":
		table, column := f.text("table"), f.text("column")
		f.text("down") // an expression for the time in which both versions are in use
		return table != "" && column != "" && w.add("ALTER TABLE "+w.named(table)+" DROP COLUMN "+schema.Quote(column), "")
	case "rename_table":
		from, to := f.text("from"), f.text("to")
		return from != "" && to != "" && w.add("ALTER TABLE "+w.named(from)+" RENAME TO "+schema.Quote(to), "ALTER TABLE "+w.named(to)+" RENAME TO "+schema.Quote(from))
	case "rename_column":
		table, from, to := f.text("table"), f.text("from"), f.text("to")
		rename := func(from, to string) string {
			return "ALTER TABLE " + w.named(table) + " RENAME COLUMN " + schema.Quote(from) + " TO " + schema.Quote(to)
		}
		return table != "" && from != "" && to != "" && w.add(rename(from, to), rename(to, from))
	}
	return false
}

func (w *pgrollWriter) createTable(f fields) bool {
	name := f.text("name")
	columns, _ := f["columns"].([]any)
	delete(f, "columns")
	var lines, key []string
	for _, c := range columns {
		column := fieldsOf(c)
		if column == nil {
			return false
		}
		id, _ := column["name"].(string)
		if column.flag("pk") {
			key = append(key, schema.Quote(id))
		}
		line, ok := w.column(column)
		if !ok {
			return false
		}
		lines = append(lines, "    "+line)
	}
	if len(key) > 0 {
		lines = append(lines, "    PRIMARY KEY ("+strings.Join(key, ", ")+")")
	}
	return name != "" && len(lines) > 0 && w.add("CREATE TABLE "+w.named(name)+" (\n"+strings.Join(lines, ",\n")+"\n)", "DROP TABLE "+w.named(name))
}

// addColumn writes a column that needs no value for the rows that are there.
func (w *pgrollWriter) addColumn(f fields) bool {
	table, column := f.text("table"), fieldsOf(f["column"])
	delete(f, "column")
	if table == "" || column == nil {
		return false
	}
	name, _ := column["name"].(string)
	nullable, _ := column["nullable"].(bool)
	if fallback, _ := column["default"].(string); !nullable && fallback == "" {
		return false
	}
	line, ok := w.column(column)
	return ok && w.add("ALTER TABLE "+w.named(table)+" ADD COLUMN "+line, "ALTER TABLE "+w.named(table)+" DROP COLUMN "+schema.Quote(name))
}

// column writes a column's definition. Types, defaults and conditions are SQL in pgroll's files too.
func (w *pgrollWriter) column(f fields) (line string, ok bool) {
	name, kind := f.text("name"), f.text("type")
	if name == "" || kind == "" {
		return "", false
	}
	line = schema.Quote(name) + " " + kind
	if !f.flag("nullable") {
		line += " NOT NULL"
	}
	if fallback := f.text("default"); fallback != "" {
		line += " DEFAULT " + fallback
	}
	if f.flag("unique") {
		line += " UNIQUE"
	}
	if check := fieldsOf(f["check"]); check != nil {
		constraint, condition := check.text("name"), check.text("constraint")
		if constraint == "" || condition == "" || !check.done() {
			return "", false
		}
		delete(f, "check")
		line += " CONSTRAINT " + schema.Quote(constraint) + " CHECK (" + condition + ")"
	}
	if to := fieldsOf(f["references"]); to != nil {
		constraint, table, column := to.text("name"), to.text("table"), to.text("column")
		action := map[string]string{"": "", "NO ACTION": "", "CASCADE": " ON DELETE CASCADE", "RESTRICT": " ON DELETE RESTRICT", "SET NULL": " ON DELETE SET NULL", "SET DEFAULT": " ON DELETE SET DEFAULT"}
		deleted, known := action[strings.ToUpper(to.text("on_delete"))]
		if constraint == "" || table == "" || column == "" || !known || !to.done() {
			return "", false
		}
		delete(f, "references")
		line += " CONSTRAINT " + schema.Quote(constraint) + " REFERENCES " + w.named(table) + " (" + schema.Quote(column) + ")" + deleted
	}
	return line, f.done()
}
