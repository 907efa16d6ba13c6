package hclfile

import (
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/pleatdb/pleat/schema"
)

const elementAttrs = "column expr desc nulls_first nulls_last ops collate statistics "

func indexSpec() *spec {
	return shape("columns unique type where include nulls_distinct page_per_range tablespace clustered strategy"+intentAttrs).
		with("storage_params", paramsSpec()).
		with("on", shape(elementAttrs).with("ops_params", paramsSpec()))
}

func excludeSpec() *spec {
	return shape("type! where include deferrable tablespace clustered comment renamed_from depends_on").
		with("storage_params", paramsSpec()).
		with("on", shape(elementAttrs+"op!").with("ops_params", paramsSpec()))
}

// method reads the access method of an index.
func (b *block) method() string {
	word := lowerASCII(b.bareWord("type"))
	if word == "" {
		return "btree"
	}
	known := []string{"btree", "hash", "gin", "gist", "spgist", "brin"}
	if !slices.Contains(known, word) && !slices.Contains([]string{"hnsw", "ivfflat", "bloom", "rum"}, word) {
		// Extensions bring methods of their own; a slip of the pen is an error all the same.
		if hint := didYouMean(word, known); hint != "" {
			b.errorf(b.at("type"), "Unknown word", "There is no index type %q.%s", word, hint)
		}
	}
	return word
}

func (l *loader) loadIndex(b *block, own *symbol) {
	i := &schema.Index{
		Schema: own.id.Schema, Table: own.id.Name, Name: b.name(), Unique: b.boolean("unique", false), Method: b.method(),
		NullsNotDistinct: !b.boolean("nulls_distinct", true), Where: b.expr("where"), Include: b.columns("include", own),
		StorageParams: b.paramsOf("storage_params"), Tablespace: b.bareWord("tablespace"), Clustered: b.boolean("clustered", false),
	}
	if b.has("page_per_range") {
		i.StorageParams = append(i.StorageParams, schema.Param{Name: "pages_per_range", Value: b.str("page_per_range")})
	}
	for _, name := range b.columns("columns", own) {
		i.Elements = append(i.Elements, schema.IndexElement{Column: name})
	}
	for _, on := range b.children("on") {
		if e, ok := on.element(own); ok {
			i.Elements = append(i.Elements, e)
		}
	}
	switch {
	case b.has("columns") && len(b.children("on")) > 0:
		b.errorf(b.at("columns"), "Contradicting arguments", "The columns of an index are either a list or `on` blocks.")
	case !b.has("columns") && len(b.children("on")) == 0:
		b.errorf(b.def, "Missing argument", "An index needs columns = [ … ] or `on` blocks.")
	case b.isEmptyList("columns"):
		b.errorf(b.at("columns"), "Missing columns", "An index needs at least one column.")
	}
	if l.add(i, b) {
		l.dependOnElements(i.ID(), own, i.Elements)
		l.dependOnColumns(i.ID(), own, i.Include)
		l.dependOnExpr(i.ID(), i.Where, own)
	}
}

// element reads an `on` block.
func (b *block) element(own *symbol) (e schema.IndexElement, ok bool) {
	switch {
	case b.has("column") && b.has("expr"):
		b.errorf(b.at("expr"), "Contradicting arguments", "An element of an index is either a column or an expression.")
		return e, false
	case b.has("column"):
		t, ok := b.resolve(b.attrs["column"].Expr, own, "column")
		if !ok {
			return e, false
		}
		e.Column = t.id.Name
	case b.has("expr"):
		e.Expr = b.expr("expr")
	default:
		b.errorf(b.def, "Missing argument", "An `on` block has column or expr.")
		return e, false
	}
	e.Collation, e.OpClass = b.collation(), b.opClass("ops")
	e.OpClassParams = b.paramsOf("ops_params")
	e.Statistics = b.optional("statistics", 0, 10000)
	e.Desc = b.boolean("desc", false)
	e.NullsFirst = e.Desc
	switch {
	case b.has("nulls_first") && b.has("nulls_last"):
		b.errorf(b.at("nulls_last"), "Contradicting arguments", "Nulls come first or last, not both.")
	case b.has("nulls_first"):
		e.NullsFirst = b.boolean("nulls_first", false)
	case b.has("nulls_last"):
		e.NullsFirst = !b.boolean("nulls_last", false)
	}
	return e, true
}

// opClass reads an operator class: a bare word is built in or of a declared extension, sql("…") is as it is.
func (b *block) opClass(attr string) string {
	a := b.attrs[attr]
	if a == nil {
		return ""
	}
	if word := hcl.ExprAsKeyword(a.Expr); word != "" && !b.isVariable(word) {
		if name, ok := b.load.extensionType(word); ok {
			return name
		}
		return schema.Qualified("pg_catalog", word)
	}
	return strings.TrimSpace(b.str(attr))
}

func (l *loader) loadExclude(t *tableLoad, b *block) {
	x := &schema.Exclude{
		Schema: t.table.Schema, Table: t.table.Name, Name: b.name(), Method: b.method(), Where: b.expr("where"), Deferral: b.deferral(),
		Index: schema.IndexOptions{
			Include: b.columns("include", t.sym), StorageParams: b.paramsOf("storage_params"), Tablespace: b.bareWord("tablespace"),
			Clustered: b.boolean("clustered", false),
		},
	}
	var elements []schema.IndexElement
	for _, on := range b.children("on") {
		if e, ok := on.element(t.sym); ok {
			x.Elements = append(x.Elements, schema.ExcludeElement{IndexElement: e, Operator: strings.TrimSpace(on.str("op"))})
			elements = append(elements, e)
		}
	}
	if len(b.children("on")) == 0 {
		b.errorf(b.def, "Missing argument", "An exclude block has `on` blocks, each with an operator.")
	}
	if l.add(x, b) {
		l.dependOnElements(x.ID(), t.sym, elements)
		l.dependOnColumns(x.ID(), t.sym, x.Index.Include)
		l.dependOnExpr(x.ID(), x.Where, t.sym)
	}
}

func (w *writer) index(n *node, i *schema.Index) {
	inner := n.block("index", i.Name)
	inner.flag("unique", i.Unique)
	if i.Method != "btree" {
		inner.attr("type", methodWord(i.Method))
	}
	if plain, names := plainColumns(i.Elements); plain {
		inner.attr("columns", list(names, columnRef))
	}
	inner.text("where", i.Where)
	if len(i.Include) > 0 {
		inner.attr("include", list(i.Include, columnRef))
	}
	if i.NullsNotDistinct {
		inner.attr("nulls_distinct", "false")
	}
	inner.text("tablespace", i.Tablespace)
	inner.flag("clustered", i.Clustered)
	w.comment(inner, i.ID())
	if plain, _ := plainColumns(i.Elements); !plain {
		for _, e := range i.Elements {
			w.element(inner.block("on"), e)
		}
	}
	inner.paramsBlock("storage_params", i.StorageParams)
}

func methodWord(method string) string {
	switch method {
	case "btree", "hash", "gin", "gist", "spgist", "brin":
		return strings.ToUpper(method)
	}
	return quoted(method)
}

// plainColumns reports whether all elements are columns without options, and names them.
func plainColumns(elements []schema.IndexElement) (plain bool, names []string) {
	for _, e := range elements {
		bare := schema.IndexElement{Column: e.Column}
		if e.Column == "" || e.Collation != bare.Collation || e.OpClass != "" || e.OpClassParams != nil || e.Desc || e.NullsFirst || e.Statistics != nil {
			return false, nil
		}
		names = append(names, e.Column)
	}
	return len(elements) > 0, names
}

func (w *writer) element(n *node, e schema.IndexElement) {
	if e.Column != "" {
		n.attr("column", columnRef(e.Column))
	} else {
		n.text("expr", e.Expr)
	}
	n.flag("desc", e.Desc)
	switch {
	case e.NullsFirst && !e.Desc:
		n.attr("nulls_first", "true")
	case e.Desc && !e.NullsFirst:
		n.attr("nulls_last", "true")
	}
	n.collation(e.Collation)
	switch word, builtin := strings.CutPrefix(e.OpClass, "pg_catalog."); {
	case e.OpClass == "":
	case builtin && isWord(word) && schema.Quote(word) == word:
		n.attr("ops", word)
	default:
		n.attr("ops", sqlCall(e.OpClass))
	}
	n.optional("statistics", e.Statistics)
	n.paramsBlock("ops_params", e.OpClassParams)
}

func (w *writer) exclude(n *node, x *schema.Exclude) {
	inner := n.block("exclude", x.Name)
	inner.attr("type", methodWord(x.Method))
	inner.text("where", x.Where)
	w.key(inner, nil, x.Deferral, x.Index)
	w.comment(inner, x.ID())
	for _, e := range x.Elements {
		on := inner.block("on")
		w.element(on, e.IndexElement)
		on.text("op", e.Operator)
	}
	inner.paramsBlock("storage_params", x.Index.StorageParams)
}
