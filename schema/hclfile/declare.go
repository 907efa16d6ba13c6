package hclfile

import (
	"fmt"
	"slices"

	"github.com/pleatdb/pleat/schema"
)

// declareAll makes every name known before any reference is resolved: schemas first, as all others are in one, and the
// parents of partitions before their partitions.
func (l *loader) declareAll() {
	for _, kinds := range [][]string{
		{"schema"}, {"extension", "enum", "domain", "composite", "sequence", "table", "view", "materialized", "function", "procedure"},
		{"partition"},
	} {
		for _, b := range l.root.blocks {
			if slices.Contains(kinds, b.kind) {
				l.declareBlock(b)
			}
		}
	}
	for _, b := range l.root.blocks {
		l.declareParents(b)
	}
	for _, b := range l.root.blocks {
		if b.kind == "trigger" || b.kind == "policy" {
			l.declareAttached(b)
		}
	}
}

func (l *loader) declareBlock(b *block) {
	s := &symbol{root: b.kind, block: b, id: schema.ID{Kind: referenceRoots[b.kind], Name: b.name()}}
	if b.has("name") {
		s.label, s.key = b.labels[len(b.labels)-1].text, b.env.key
	}
	if b.kind != "schema" && b.kind != "extension" {
		s.id.Schema = l.schemaOf(b)
	}
	if s.id.Name == "" {
		b.errorf(b.nameRange(), "Missing name", "The name of a %s cannot be empty.", b.kind)
		return
	}
	if s.id.Schema == "" && b.kind != "schema" && b.kind != "extension" {
		return
	}
	s.open = b.kind == "view" || b.kind == "materialized"
	for _, c := range b.blocks {
		l.declarePart(s, c)
	}
	if (b.kind == "view" || b.kind == "materialized") && len(s.columns) > 0 {
		s.open = false
	}
	l.declare(s)
}

// declarePart makes a column, index, constraint or trigger inside a block known.
func (l *loader) declarePart(s *symbol, c *block) {
	kind, ok := referenceParts[c.kind]
	if !ok {
		return
	}
	name := c.name()
	if c.kind == "primary_key" && name == "" {
		name = defaultName(s.id.Name, "", "pkey")
	}
	if name == "" {
		return // reported when the part is loaded
	}
	id := schema.ID{Kind: kind, Schema: s.id.Schema, Parent: s.id.Name, Name: name}
	if kind == schema.KindColumn {
		if slices.Contains(s.columns, name) {
			c.errorf(c.nameRange(), "Duplicate column", "%s already has a column %q.", s.id, name)
			return
		}
		s.columns = append(s.columns, name)
	}
	s.addPart(c.kind, name, id)
}

// schemaOf is the schema that a block's object is in: by the argument, by the first of two labels, or for a partition by
// its parent.
func (l *loader) schemaOf(b *block) string {
	labelled := ""
	if len(b.labels) == 2 {
		labelled = b.labels[0].text
	}
	if !b.has("schema") {
		switch {
		case labelled != "":
			if len(l.named("schema", labelled)) == 0 {
				b.errorf(b.labels[0].rng, "Undeclared reference", "No schema block declares %s.", labelled)
				return ""
			}
			return labelled
		case b.kind == "partition" && b.has("of"):
			if t, ok := b.resolve(b.attrs["of"].Expr, nil, "table", "partition"); ok {
				return t.id.Schema
			}
			return ""
		}
		b.errorf(b.def, "Missing argument", "The argument \"schema\" is required in %s.", article(b.kind))
		return ""
	}
	t, ok := b.resolve(b.attrs["schema"].Expr, nil, "schema")
	if !ok {
		// Each schema of a for_each may also be named by the value alone.
		return ""
	}
	if labelled != "" && labelled != t.id.Name {
		b.errorf(b.labels[0].rng, "Contradicting schema", "The first label says %q, the argument schema says %q.", labelled, t.id.Name)
	}
	return t.id.Name
}

// declareParents links partitions and inheriting tables to where their columns come from.
func (l *loader) declareParents(b *block) {
	s := l.byBlock[b]
	if s == nil {
		return
	}
	switch {
	case b.kind == "partition" && b.has("of"):
		if t, ok := b.resolve(b.attrs["of"].Expr, nil, "table", "partition"); ok {
			s.parents = append(s.parents, t.sym)
		}
	case b.kind == "table" && b.has("inherits"):
		for _, item := range b.list("inherits") {
			if t, ok := b.resolve(item, nil, "table", "partition"); ok {
				s.parents = append(s.parents, t.sym)
			}
		}
	case b.kind == "table" && b.has("of"):
		if t, ok := b.resolve(b.attrs["of"].Expr, nil, "composite"); ok {
			s.parents = append(s.parents, t.sym)
		}
	}
}

// declareAttached makes a trigger or policy at the top level known as a part of its table.
func (l *loader) declareAttached(b *block) {
	if !b.has("on") {
		return
	}
	if t, ok := b.resolve(b.attrs["on"].Expr, nil, relationRoots...); ok {
		l.declarePart(t.sym, b)
		l.byBlock[b] = t.sym
	}
}

// takenName is a name in one of the name spaces of a schema.
type takenName struct{ space, schema, parent, name string }

// space is the name space in which PostgreSQL wants the name of an object to be unique, beside its kind's own.
func space(id schema.ID) []takenName {
	switch id.Kind {
	case schema.KindTable, schema.KindView, schema.KindMaterialized, schema.KindComposite:
		return []takenName{{"relation", id.Schema, "", id.Name}, {"type", id.Schema, "", id.Name}}
	case schema.KindEnum, schema.KindDomain:
		return []takenName{{"type", id.Schema, "", id.Name}}
	case schema.KindSequence, schema.KindIndex:
		return []takenName{{"relation", id.Schema, "", id.Name}}
	case schema.KindPrimaryKey, schema.KindUnique, schema.KindExclude:
		return []takenName{{"relation", id.Schema, "", id.Name}, {"constraint", id.Schema, id.Parent, id.Name}}
	case schema.KindCheck, schema.KindForeignKey, schema.KindDomainCheck:
		return []takenName{{"constraint", id.Schema, id.Parent, id.Name}}
	}
	return nil
}

// maxName is the length at which PostgreSQL cuts names, in bytes (NAMEDATALEN - 1).
const maxName = 63

// add puts an object that a block declares into the catalog, with its comment and intent. It reports a name that is
// taken or too long and gives back whether the object was added.
func (l *loader) add(o schema.Object, b *block) bool {
	id := o.ID()
	if !l.claim(id, b) {
		return false
	}
	l.out.Catalog.Add(o)
	l.out.Ranges[id] = b.position()
	if id.Schema != "" {
		l.depend(id, schema.ID{Kind: schema.KindSchema, Name: id.Schema})
	}
	if rel, ok := id.Relation(); ok {
		if owner, ok := l.out.Catalog.Owner(schema.ID{Kind: id.Kind, Schema: id.Schema, Parent: rel.Name}); ok {
			l.depend(id, owner)
		}
	}
	l.addComment(id, b)
	l.addIntent(id, b)
	return true
}

func (l *loader) claim(id schema.ID, b *block) bool {
	if !b.checkName(id.Name) {
		return false
	}
	if l.out.Catalog.Has(id) {
		b.errorf(b.nameRange(), "Duplicate "+id.Kind.String(), "%s is already declared at %s.", id, l.out.Ranges[id].Def)
		return false
	}
	for _, name := range space(id) {
		if other, ok := l.taken[name]; ok {
			b.errorf(b.nameRange(), "Name in use", "%s has the name that %s at %s has; PostgreSQL wants the names of %ss to differ.",
				id, other, l.out.Ranges[other].Def, name.space)
			return false
		}
	}
	for _, name := range space(id) {
		l.taken[name] = id
	}
	return true
}

func (b *block) checkName(name string) bool {
	switch {
	case name == "":
		b.errorf(b.def, "Missing name", "%s needs a label, its name.", capital(article(b.kind)))
		return false
	case len(name) > maxName:
		b.errorf(b.nameRange(), "Name too long", "PostgreSQL cuts names at %d bytes; this one has %d.", maxName, len(name))
		return false
	}
	for _, r := range name {
		if r == 0 {
			b.errorf(b.nameRange(), "Invalid name", "PostgreSQL cannot store the character U+0000.")
			return false
		}
	}
	return true
}

// addComment declares the comment. An empty one is none, except on what PostgreSQL comments by itself: there it says
// that this comment is to go.
func (l *loader) addComment(id schema.ID, b *block) {
	commented := id.Kind == schema.KindExtension || id == schema.ID{Kind: schema.KindSchema, Name: "public"}
	if text := b.str("comment"); text != "" || commented && b.has("comment") {
		l.out.Catalog.Add(&schema.Comment{On: id, Text: text})
		p := b.position()
		if _, ok := l.out.Ranges[id]; !ok {
			l.out.Ranges[id] = p
		}
		l.out.Ranges[schema.CommentID(id)] = Position{Def: b.def, Block: b.rng, Attrs: map[string]Attr{"comment": p.Attrs["comment"]}}
		l.depend(schema.CommentID(id), id)
	}
}

func capital(s string) string { return fmt.Sprintf("%c%s", s[0]-'a'+'A', s[1:]) }

// defaultName builds the name that PostgreSQL gives to what the user left unnamed (makeObjectName in indexcmds.c): the
// longer of the two names is cut until all fits.
func defaultName(first, second, suffix string) string {
	overhead := len(suffix) + 1
	if second != "" {
		overhead++
	}
	n1, n2 := len(first), len(second)
	for n1+n2 > maxName-overhead {
		if n1 > n2 {
			n1--
		} else {
			n2--
		}
	}
	name := clip(first, n1)
	if second != "" {
		name += "_" + clip(second, n2)
	}
	return name + "_" + suffix
}

// clip cuts a text at a number of bytes, never inside a character.
func clip(s string, n int) string {
	for n > 0 && n < len(s) && s[n]&0xC0 == 0x80 {
		n--
	}
	return s[:n]
}
