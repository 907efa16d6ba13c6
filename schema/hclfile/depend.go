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
	l.texts = append(l.texts, lateText{from, func() {
		refs, ok := l.refs[expr]
		if !ok {
			refs = sqltext.ExprReferences(expr)
			l.refs[expr] = refs
		}
		l.dependOnRefs(from, refs)
	}})
}

// lateText is SQL text of an object whose dependencies are found out only when they are asked for.
type lateText struct {
	from schema.ID
	read func()
}

// ReadTexts adds to the catalog what SQL text depends on, which takes a parser that is slow on many texts. Objects for
// which skip says so are left out: what is unchanged in the database has its dependencies from there. [Load] reads all.
func (d *Desired) ReadTexts(skip func(schema.ID) bool) {
	for _, texts := range [][]lateText{d.texts, d.bodies} {
		for _, t := range texts {
			if skip == nil || !skip(t.from) {
				t.read()
			}
		}
	}
	d.texts, d.bodies = nil, nil
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
	l.texts = append(l.texts, lateText{from, func() { l.dependOnRefs(from, sqltext.References(query)) }})
}

func (l *loader) dependOnBody(from schema.ID, r *schema.Routine) {
	if r.SQLBody == "" && r.Language != "sql" && r.Language != "plpgsql" {
		return
	}
	if r.SQLBody != "" {
		l.texts = append(l.texts, lateText{from, func() {
			l.dependOnRefs(from, sqltext.References("CREATE FUNCTION f() LANGUAGE sql "+r.SQLBody))
		}})
		return
	}
	l.bodies = append(l.bodies, lateText{from, func() {
		l.eachNamed(from, sqltext.BodyReferences(r.Language, r.Body), func(to schema.ID) {
			if !l.reaches(to, from, map[schema.ID]bool{}) {
				l.depend(from, to)
			}
		})
	}})
}

// reaches reports whether an object needs another, directly or not. A relation needs what its columns need, and a column
// needs its relation.
func (l *loader) reaches(from, to schema.ID, seen map[schema.ID]bool) bool {
	if from == to {
		return true
	}
	if seen[from] {
		return false
	}
	seen[from] = true
	next := l.out.Catalog.DependsOn(from)
	if from.Kind.IsRelation() {
		next = append(next, l.out.Catalog.Columns(from)...)
	} else if owner, ok := l.out.Catalog.Owner(from); ok {
		next = append(next, owner)
	}
	for _, id := range next {
		if l.reaches(id, to, seen) {
			return true
		}
	}
	return false
}

func (l *loader) dependOnRefs(from schema.ID, refs sqltext.Refs) {
	l.eachNamed(from, refs, func(to schema.ID) { l.depend(from, to) })
}

// eachNamed visits the declared objects that a text names. Unqualified names match in any schema: too many edges only fix
// the order of creation more than needed.
func (l *loader) eachNamed(from schema.ID, refs sqltext.Refs, visit func(schema.ID)) {
	named := func(n sqltext.Name, roots ...string) {
		for _, root := range roots {
			for _, s := range l.symbols[root][n.Name] {
				if (n.Schema == "" || n.Schema == s.id.Schema) && s.id != from && l.out.Catalog.Has(s.id) {
					visit(s.id)
				}
			}
		}
	}
	for _, names := range [][]sqltext.Name{refs.Relations, refs.Regclasses} {
		for _, n := range names {
			named(n, "table", "partition", "view", "materialized", "sequence")
		}
	}
	for _, n := range refs.Types {
		named(n, typeRoots...)
	}
	for _, f := range refs.Functions {
		named(sqltext.Name{Schema: f.Schema, Name: f.Name}, "function", "procedure")
	}
	for _, c := range refs.Columns {
		for _, root := range relationRoots {
			for _, s := range l.symbols[root][c.Relation] {
				name, ok := s.column(c.Column)
				if ok && !s.isOpen(0) && (c.Schema == "" || c.Schema == s.id.Schema) && l.out.Catalog.Has(s.id) {
					visit(schema.ColumnID(s.id, name))
				}
			}
		}
	}
}
