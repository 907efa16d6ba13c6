package hclfile

import (
	"strings"

	"github.com/pleatdb/pleat/schema"
)

func (w *writer) function(f *schema.Function) *node {
	n := w.object("function", f.ID())
	w.routineHead(n, &f.Routine)
	if f.Returns != "" {
		n.attr(map[bool]string{true: "return_set", false: "return"}[f.ReturnsSet], w.typeExpr(f.Returns, true))
	}
	n.word("volatility", f.Volatility)
	n.flag("strict", f.Strict)
	n.flag("leakproof", f.Leakproof)
	n.word("parallel", f.Parallel)
	n.flag("window", f.Window)
	for name, value := range pairs("cost", f.Cost, "rows", f.Rows) {
		if value != "" {
			n.attr(name, paramValue(value))
		}
	}
	if f.Support != "" {
		n.text("support", f.Support)
	}
	w.routineBody(n, &f.Routine, f.ID())
	if f.ReturnsSet && f.Returns == "" {
		w.returnTable(n, f)
	}
	return n
}

func pairs(kv ...string) func(func(string, string) bool) {
	return func(yield func(string, string) bool) {
		for i := 0; i+1 < len(kv); i += 2 {
			if !yield(kv[i], kv[i+1]) {
				return
			}
		}
	}
}

func (w *writer) returnTable(n *node, f *schema.Function) {
	var table *node
	for _, a := range f.Args {
		if a.Mode != "TABLE" {
			continue
		}
		if table == nil {
			table = n.block("return_table")
		}
		table.block("column", a.Name).attr("type", w.typeExpr(a.Type, true))
	}
}

func (w *writer) procedure(p *schema.Procedure) *node {
	n := w.object("procedure", p.ID())
	w.routineHead(n, &p.Routine)
	w.routineBody(n, &p.Routine, p.ID())
	return n
}

func (w *writer) routineHead(n *node, r *schema.Routine) {
	switch r.Language {
	case "sql", "plpgsql":
		n.attr("lang", map[string]string{"sql": "SQL", "plpgsql": "PLpgSQL"}[r.Language])
	default:
		n.text("lang", r.Language)
	}
}

// routineBody writes the rest that functions and procedures have in common; the body comes last of the arguments, as
// it is the longest.
func (w *writer) routineBody(n *node, r *schema.Routine, id schema.ID) {
	if r.SecurityDefiner {
		n.attr("security", "DEFINER")
	}
	if len(r.Transforms) > 0 {
		n.attr("transforms", list(r.Transforms, quoted))
	}
	n.text("library", r.Library)
	w.comment(n, id)
	if r.SQLBody != "" {
		n.query("as", r.SQLBody)
		if !(r.Language == "sql" && isStandardBody(r.SQLBody)) {
			n.attr("sql_body", "true")
		}
	} else {
		n.longText("as", r.Body)
		if r.Language == "sql" && isStandardBody(r.Body) {
			n.attr("sql_body", "false")
		}
	}
	for _, a := range r.Args {
		if a.Mode == "TABLE" {
			continue
		}
		inner := n.block("arg")
		if a.Name != "" {
			inner.labels = []string{a.Name}
		}
		inner.attr("type", w.typeExpr(a.Type, true))
		inner.word("mode", a.Mode)
		if a.Default != "" {
			inner.attr("default", w.argDefault(a))
		}
	}
	n.paramsBlock("config_params", r.Config)
}

func (w *writer) argDefault(a schema.Arg) string {
	if strings.EqualFold(a.Default, "NULL::"+a.Type) && a.Default == "NULL::"+a.Type {
		return "null"
	}
	return w.defaultExpr(a.Default, a.Type)
}
