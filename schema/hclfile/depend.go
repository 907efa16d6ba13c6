package hclfile

import (
	"github.com/pleatdb/pleat/schema"
	"github.com/pleatdb/pleat/schema/sqltext"
)

// depend records that from needs to. The target need not be loaded yet.
func (l *loader) depend(from, to schema.ID) { l.out.Catalog.Depend(from, to) }

func (l *loader) dependOnType(from schema.ID, t typeValue) {
	if t.id.Kind != 0 {
		l.depend(from, t.id)
	}
}

func (l *loader) dependOnColumns(from schema.ID, table *symbol, lists ...[]string) {
	for _, names := range lists {
		for _, name := range names {
			l.depend(from, schema.ColumnID(table.id, name))
		}
	}
}

func (l *loader) dependOnElements(from schema.ID, table *symbol, elements []schema.IndexElement) {
	for _, e := range elements {
		if e.Column != "" {
			l.dependOnColumns(from, table, []string{e.Column})
		} else {
			l.dependOnExpr(from, e.Expr, table)
		}
	}
}

// dependOnExpr adds what an SQL expression names. own is the table whose columns it may use unqualified: it needs
// the table then, as a whole.
func (l *loader) dependOnExpr(from schema.ID, expr string, own *symbol) {
	if own != nil {
		l.depend(from, own.id)
	}
	if !mayRefer(expr) {
		return
	}
	l.pending = append(l.pending, func() { l.dependOnRefs(from, sqltext.ExprReferences(expr)) })
}

// mayRefer spares the parser the many texts that name nothing: calls, casts and subqueries alone do.
func mayRefer(expr string) bool {
	for i := 0; i < len(expr); i++ {
		if expr[i] == '(' || expr[i] == ':' || expr[i] == '.' {
			return true
		}
	}
	return false
}

func (l *loader) dependOnQuery(from schema.ID, query string) {
	l.pending = append(l.pending, func() { l.dependOnRefs(from, sqltext.References(query)) })
}

func (l *loader) dependOnBody(from schema.ID, r *schema.Routine) {
	if r.SQLBody == "" && r.Language != "sql" && r.Language != "plpgsql" {
		return
	}
	l.pending = append(l.pending, func() {
		if r.SQLBody != "" {
			l.dependOnRefs(from, sqltext.References("CREATE FUNCTION f() LANGUAGE sql "+r.SQLBody))
			return
		}
		l.dependOnRefs(from, sqltext.BodyReferences(r.Language, r.Body))
	})
}

// dependOnRefs resolves the names of a text against the declared objects. Unqualified names match in any schema: too
// many edges only fix the order of creation more than needed.
func (l *loader) dependOnRefs(from schema.ID, refs sqltext.Refs) {
	for _, names := range [][]sqltext.Name{refs.Relations, refs.Regclasses} {
		for _, n := range names {
			l.dependOnNamed(from, n, "table", "partition", "view", "materialized", "sequence")
		}
	}
	for _, n := range refs.Types {
		l.dependOnNamed(from, n, typeRoots...)
	}
	for _, f := range refs.Functions {
		l.dependOnNamed(from, sqltext.Name{Schema: f.Schema, Name: f.Name}, "function", "procedure")
	}
	for _, c := range refs.Columns {
		for _, root := range relationRoots {
			for _, s := range l.symbols[root][c.Relation] {
				if name, ok := s.column(c.Column); ok && !s.isOpen(0) && (c.Schema == "" || c.Schema == s.id.Schema) && l.out.Catalog.Has(s.id) {
					l.depend(from, schema.ColumnID(s.id, name))
				}
			}
		}
	}
}

func (l *loader) dependOnNamed(from schema.ID, n sqltext.Name, roots ...string) {
	for _, root := range roots {
		for _, s := range l.symbols[root][n.Name] {
			if (n.Schema == "" || n.Schema == s.id.Schema) && l.out.Catalog.Has(s.id) && s.id != from {
				l.depend(from, s.id)
			}
		}
	}
}
