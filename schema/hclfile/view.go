package hclfile

import (
	"strings"

	"github.com/pleatdb/pleat/schema"
)

const viewColumnAttrs = "type null default comment"

func viewSpec() *spec {
	return shape("schema as! check_option"+intentAttrs).
		with("column", shape(viewColumnAttrs).labels(1, 1)).
		with("security", shape("invoker barrier").once()).
		with("trigger", triggerSpec("").labels(1, 1))
}

func materializedSpec() *spec {
	return shape("schema as! with_data access_method tablespace"+intentAttrs).
		with("column", shape(viewColumnAttrs+" storage compression statistics").with("options", shape("n_distinct n_distinct_inherited").once()).labels(1, 1)).
		with("index", indexSpec().labels(1, 1)).
		with("storage_params", paramsSpec())
}

// query reads the text of a view without the white space around it and the final semicolon.
func (b *block) query() string {
	text := strings.TrimSpace(b.str("as"))
	text = strings.TrimSpace(strings.TrimSuffix(text, ";"))
	if text == "" && b.has("as") {
		b.errorf(b.at("as"), "Empty expression", "A view needs a query.")
	}
	return text
}

// option reads a boolean option in the spelling in which PostgreSQL stores it: HCL's true is "true".
func (b *block) option(attr string) string {
	text := b.str(attr)
	if text != "" {
		if _, ok := scalarConstant(text, "boolean"); !ok {
			b.errorf(b.at(attr), "Wrong type of value", "%s takes true or false.", attr)
		}
	}
	return text
}

func (l *loader) loadView(b *block, s *symbol) {
	v := &schema.View{Schema: s.id.Schema, Name: s.id.Name, Query: b.query(), Columns: l.viewColumns(b)}
	if option := b.word("check_option", "LOCAL", "CASCADED", "NONE"); option != "NONE" {
		v.CheckOption = option
	}
	if sec := b.child("security"); sec != nil {
		v.SecurityInvoker, v.SecurityBarrier = sec.option("invoker"), sec.option("barrier")
	}
	if !l.add(v, b) {
		return
	}
	l.loadViewColumns(v.ID(), b)
	l.dependOnQuery(v.ID(), v.Query)
	for _, c := range b.children("trigger") {
		l.loadTrigger(c, s)
	}
}

func (l *loader) loadMaterialized(b *block, s *symbol) {
	v := &schema.Materialized{
		Schema: s.id.Schema, Name: s.id.Name, Query: b.query(), Columns: l.viewColumns(b), NoData: !b.boolean("with_data", true),
		Tablespace: b.bareWord("tablespace"), StorageParams: b.paramsOf("storage_params"),
	}
	if method := lowerASCII(b.bareWord("access_method")); method != "heap" {
		v.AccessMethod = method
	}
	if !l.add(v, b) {
		return
	}
	l.loadViewColumns(v.ID(), b)
	l.dependOnQuery(v.ID(), v.Query)
	for _, c := range b.children("index") {
		l.loadIndex(c, s)
	}
}

func (l *loader) viewColumns(b *block) (out []schema.ViewColumn) {
	for _, c := range b.children("column") {
		if !c.checkName(c.name()) {
			continue
		}
		t, _ := c.readType("type")
		col := schema.ViewColumn{Name: c.name(), Type: t.text, Storage: c.word("storage", "PLAIN", "EXTERNAL", "EXTENDED", "MAIN"),
			Compression: c.word("compression", "pglz", "lz4"), Statistics: c.optional("statistics", 0, 10000)}
		if o := c.child("options"); o != nil {
			col.Options = o.params()
		}
		out = append(out, col)
	}
	return out
}

func (l *loader) loadViewColumns(view schema.ID, b *block) {
	for _, c := range b.children("column") {
		id := schema.ColumnID(view, c.name())
		l.out.Ranges[id] = c.position()
		l.addComment(id, c)
		t, _ := c.readType("type")
		l.loadDefault(id, c, t)
	}
}

func (w *writer) view(v *schema.View) *node {
	n := w.object("view", v.ID())
	n.query("as", v.Query)
	n.word("check_option", v.CheckOption)
	w.comment(n, v.ID())
	w.viewColumns(n, v.ID(), v.Columns)
	if v.SecurityBarrier != "" || v.SecurityInvoker != "" {
		sec := n.block("security")
		for name, value := range pairs("invoker", v.SecurityInvoker, "barrier", v.SecurityBarrier) {
			if value != "" {
				sec.attr(name, paramValue(value))
			}
		}
	}
	for _, t := range w.parts(v.ID(), schema.KindTrigger) {
		w.trigger(n, t.(*schema.Trigger))
	}
	return n
}

func (w *writer) materialized(v *schema.Materialized) *node {
	n := w.object("materialized", v.ID())
	n.query("as", v.Query)
	if v.NoData {
		n.attr("with_data", "false")
	}
	n.word("access_method", v.AccessMethod)
	n.text("tablespace", v.Tablespace)
	w.comment(n, v.ID())
	w.viewColumns(n, v.ID(), v.Columns)
	for _, i := range w.parts(v.ID(), schema.KindIndex) {
		w.index(n, i.(*schema.Index))
	}
	n.paramsBlock("storage_params", v.StorageParams)
	return n
}

// viewColumns writes the columns of a view where there is something to say of one of them. Then all are written: they
// name the columns of the view in order.
func (w *writer) viewColumns(n *node, view schema.ID, columns []schema.ViewColumn) {
	if !w.needsColumns(view, columns) {
		return
	}
	for _, c := range columns {
		inner := n.block("column", c.Name)
		id := schema.ColumnID(view, c.Name)
		if d, ok := w.cat.Get(schema.ID{Kind: schema.KindDefault, Schema: view.Schema, Parent: view.Name, Name: c.Name}).(*schema.Default); ok {
			inner.attr("default", w.defaultExpr(d.Expr, ""))
		}
		inner.word("storage", c.Storage)
		inner.word("compression", c.Compression)
		inner.optional("statistics", c.Statistics)
		w.comment(inner, id)
		if len(c.Options) > 0 {
			inner.params("options", c.Options)
		}
	}
}

func (w *writer) needsColumns(view schema.ID, columns []schema.ViewColumn) bool {
	for _, c := range columns {
		id := schema.ColumnID(view, c.Name)
		d := schema.ID{Kind: schema.KindDefault, Schema: view.Schema, Parent: view.Name, Name: c.Name}
		if w.cat.Has(schema.CommentID(id)) || w.cat.Has(d) || c.Storage != "" || c.Compression != "" || c.Statistics != nil || len(c.Options) > 0 {
			return true
		}
	}
	return false
}
