package hclfile

import (
	"fmt"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/pleatdb/pleat/schema"
	"github.com/zclconf/go-cty/cty"
)

// symbol is a declared object that references can name.
type symbol struct {
	root  string
	id    schema.ID
	block *block
	// parts are what belongs to the object, by the word for it and the name.
	parts map[string]map[string]schema.ID
	// columns are the names of columns in order; open is set where the files do not say all of them.
	columns []string
	open    bool
	// label is the block's, where the object has another name, and key is that of its element of for_each.
	label, key string
	// parents are the partitioned or inherited table from which columns come too.
	parents []*symbol
}

func (s *symbol) addPart(word, name string, id schema.ID) {
	if s.parts == nil {
		s.parts = map[string]map[string]schema.ID{}
	}
	if s.parts[word] == nil {
		s.parts[word] = map[string]schema.ID{}
	}
	s.parts[word][name] = id
}

// column finds a column by name, or by a name that is the same in Unicode normal form C, which is all that an
// evaluated expression can say. known is false where there is no such column.
func (s *symbol) column(name string) (spelled string, known bool) {
	all := s.allColumns(0)
	if slices.Contains(all, name) {
		return name, true
	}
	for _, c := range all {
		if cty.NormalizeString(c) == name {
			return c, true
		}
	}
	return name, s.isOpen(0)
}

func (s *symbol) isOpen(depth int) bool {
	return s.open || depth < maxInheritance && slices.ContainsFunc(s.parents, func(p *symbol) bool { return p.isOpen(depth + 1) })
}

// maxInheritance bounds the walk up to parents: a cycle is reported elsewhere.
const maxInheritance = 64

func (s *symbol) allColumns(depth int) []string {
	if len(s.parents) == 0 || depth >= maxInheritance {
		return s.columns
	}
	var all []string
	for _, p := range s.parents {
		all = append(all, p.allColumns(depth+1)...)
	}
	for _, c := range s.columns {
		if !slices.Contains(all, c) {
			all = append(all, c)
		}
	}
	return all
}

// declare makes a symbol known. Overloaded routines share a name.
func (l *loader) declare(s *symbol) {
	if l.symbols[s.root] == nil {
		l.symbols[s.root] = map[string][]*symbol{}
	}
	l.symbols[s.root][s.id.Name] = append(l.symbols[s.root][s.id.Name], s)
	l.byBlock[s.block] = s
	if s.label != "" {
		at := s.root + "." + s.label
		l.labels[at] = append(l.labels[at], s)
	}
}

// lookup finds what a reference means. Several results are overloads of one routine, or the reference is ambiguous.
func (l *loader) lookup(r reference) (found []*symbol) {
	roots := []string{r.root}
	switch r.root { // a partition is a table too
	case "table":
		roots = append(roots, "partition")
	case "partition":
		roots = append(roots, "table")
	}
	for _, root := range roots {
		for _, s := range l.named(root, r.name) {
			if r.schema == "" || s.id.Schema == r.schema || cty.NormalizeString(s.id.Schema) == r.schema {
				found = append(found, s)
			}
		}
	}
	for i := 0; i < len(roots) && len(found) == 0; i++ {
		found = l.labelled(roots[i], r)
	}
	return found
}

// labelled finds objects by the labels of blocks that give them other names: schema.main, or schema.tenants["a"] for one of a for_each.
func (l *loader) labelled(root string, r reference) (found []*symbol) {
	for _, s := range l.labels[root+"."+r.name] {
		if r.schema == "" || s.id.Schema == r.schema {
			found = append(found, s)
		}
	}
	for _, s := range l.labels[root+"."+r.schema] {
		if len(found) == 0 && s.key == r.name {
			found = append(found, s)
		}
	}
	return found
}

func (l *loader) named(root, name string) []*symbol {
	if found := l.symbols[root][name]; found != nil || isASCII(name) {
		return found
	}
	for declared, found := range l.symbols[root] {
		if cty.NormalizeString(declared) == name {
			return found
		}
	}
	return nil
}

// target is what a reference was resolved to.
type target struct {
	sym *symbol
	// id is the object's, or that of the part of it.
	id   schema.ID
	part string
	at   hcl.Range
}

// resolve finds the object that an expression refers to. own is the object around, for references to its parts; roots
// are the words that are accepted.
func (b *block) resolve(expr hcl.Expression, own *symbol, roots ...string) (target, bool) {
	all := b.resolveAll(expr, own, roots...)
	if len(all) == 0 {
		return target{}, false
	}
	return all[0], true
}

// resolveAll is resolve where a name may mean several overloaded routines.
func (b *block) resolveAll(expr hcl.Expression, own *symbol, roots ...string) []target {
	steps, ok := b.path(expr)
	r, isRef := split(steps)
	if !ok || !isRef {
		b.errorf(expr.Range(), "Invalid reference", "This takes a reference such as %s.", example(roots))
		return nil
	}
	word := r.root
	if r.part != "" {
		word = r.part
	}
	if !slices.Contains(roots, word) {
		b.errorf(expr.Range(), "Invalid reference", "%s refers to %s; this takes a reference such as %s.", r, article(word)[:len(article(word))-len(" block")], example(roots))
		return nil
	}
	if r.root == "" {
		return b.resolvePart(own, r, expr.Range())
	}
	found := b.load.lookup(r)
	if !b.checkFound(found, r, expr.Range()) {
		return nil
	}
	if r.part != "" {
		return b.resolvePart(found[0], r, expr.Range())
	}
	out := make([]target, len(found))
	for i, s := range found {
		out[i] = target{sym: s, id: s.id, at: expr.Range()}
	}
	return out
}

func (b *block) checkFound(found []*symbol, r reference, at hcl.Range) bool {
	if len(found) == 0 {
		var known []string
		for name := range b.load.symbols[r.root] {
			known = append(known, name)
		}
		slices.Sort(known)
		where := r.name
		if r.schema != "" {
			where = r.schema + "." + r.name
		}
		b.errorf(at, "Undeclared reference", "No %s block declares %s.%s", r.root, where, didYouMean(r.name, known))
		return false
	}
	for _, other := range found[1:] {
		if other.key != "" && other.block.def == found[0].block.def {
			b.errorf(at, "Ambiguous reference", "%s is made once for each element of a for_each. Say which one is meant: %s[%q].", r, r, found[0].key)
			return false
		}
		if other.id.Schema != found[0].id.Schema || !other.id.Kind.IsRoutine() {
			b.errorf(at, "Ambiguous reference", "%s is declared at %s and at %s. Name the schema too: %s.%s.%s.",
				r, found[0].block.def, other.block.def, r.root, found[0].id.Schema, r.name)
			return false
		}
	}
	return true
}

func (b *block) resolvePart(own *symbol, r reference, at hcl.Range) []target {
	if own == nil {
		b.errorf(at, "Invalid reference", "There is no table around this block, so the table has to be named: table.x.%s.%s.", r.part, r.sub)
		return nil
	}
	if r.part == "column" || r.part == "field" {
		name, ok := own.column(r.sub)
		if !ok {
			b.errorf(at, "Undeclared reference", "%s has no column %q.%s", own.id, r.sub, didYouMean(r.sub, own.allColumns(0)))
			return nil
		}
		return []target{{sym: own, id: schema.ColumnID(own.id, name), part: "column", at: at}}
	}
	for name, id := range own.parts[r.part] {
		if name == r.sub || cty.NormalizeString(name) == r.sub {
			return []target{{sym: own, id: id, part: r.part, at: at}}
		}
	}
	var known []string
	for name := range own.parts[r.part] {
		known = append(known, name)
	}
	slices.Sort(known)
	b.errorf(at, "Undeclared reference", "%s has no %s %q.%s", own.id, r.part, r.sub, didYouMean(r.sub, known))
	return nil
}

func example(roots []string) string {
	if len(roots) == 0 {
		return "table.users"
	}
	if roots[0] == "column" {
		return "column.id or table.users.column.id"
	}
	return fmt.Sprintf("%s.name", roots[0])
}

// columns resolves a list of references to columns of one table and gives back their names.
func (b *block) columns(attr string, own *symbol) []string {
	var names []string
	for _, item := range b.list(attr) {
		t, ok := b.resolve(item, own, "column")
		switch {
		case !ok:
		case t.sym != own:
			b.errorf(item.Range(), "Invalid reference", "This is a column of another table, %s.", t.sym.id.Path())
		case slices.Contains(names, t.id.Name):
			b.errorf(item.Range(), "Duplicate column", "The column %q is already in the list.", t.id.Name)
		default:
			names = append(names, t.id.Name)
		}
	}
	return names
}
