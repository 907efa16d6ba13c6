package hclfile

import (
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/pleatdb/pleat/schema"
)

// addIntent reads renamed_from and depends_on, which most blocks take, and strategy, which some do.
func (l *loader) addIntent(id schema.ID, b *block) {
	strategy := strings.ToLower(b.word("strategy", "IN_PLACE", "ONLINE"))
	if strategy != "" {
		l.out.Strategies[id] = strategy
	}
	if a := b.attrs["renamed_from"]; a != nil {
		if from, ok := b.former(a.Expr, id); ok {
			l.addMove(Move{From: from, To: id, Strategy: moveStrategies[strategy], Range: a.Expr.Range()}, b)
		}
	}
	own := l.ownerOf(b)
	for _, item := range b.list("depends_on") {
		var roots []string
		for root := range referenceRoots {
			roots = append(roots, root)
		}
		for part := range referenceParts {
			roots = append(roots, part)
		}
		for _, t := range b.resolveAll(item, own, roots...) {
			l.pending = append(l.pending, func() {
				to := t.id
				if t.sym != nil && t.part == "" {
					to = t.sym.id
				}
				l.depend(id, to)
			})
		}
	}
}

// moveStrategies are the words of a moved block for those of other blocks.
var moveStrategies = map[string]string{InPlace: InPlace, Online: "expand_contract"}

// ownerOf is the object of the block itself or of the block around it.
func (l *loader) ownerOf(b *block) *symbol {
	for ; b != nil; b = b.parent {
		if s := l.byBlock[b]; s != nil {
			return s
		}
	}
	return nil
}

// former reads the old name of an object, which no block declares any more. What the reference leaves out is as in the
// new name.
func (b *block) former(expr hcl.Expression, to schema.ID) (schema.ID, bool) {
	if word := hcl.ExprAsKeyword(expr); word != "" {
		b.errorf(expr.Range(), "Invalid reference", "This takes the old name as a reference, such as %s.%s.", kindWord(to), word)
		return schema.ID{}, false
	}
	steps, ok := b.path(expr)
	r, isRef := split(steps)
	if !ok || !isRef {
		if text, isText := b.formerText(expr); isText {
			from := to
			from.Name = text
			return from, true
		}
		b.errorf(expr.Range(), "Invalid reference", "This takes a reference such as %s.", example([]string{kindWord(to)}))
		return schema.ID{}, false
	}
	from, ok := r.undeclared(to)
	if !ok || from.Kind != to.Kind {
		b.errorf(expr.Range(), "Invalid move", "%s is not of the kind of %s.", r, to)
		return schema.ID{}, false
	}
	return from, true
}

// formerText is the old name where it is written as a string.
func (b *block) formerText(expr hcl.Expression) (string, bool) {
	if v, diags := expr.Value(b.env.ctx); diags.HasErrors() || v.Type() != stringType {
		return "", false
	}
	return b.text(expr)
}

// undeclared is the ID that a reference means when no block declares it; what it does not say is as in like.
func (r reference) undeclared(like schema.ID) (schema.ID, bool) {
	id := schema.ID{Kind: referenceRoots[r.root], Schema: like.Schema, Name: r.name, Args: like.Args}
	if r.schema != "" {
		id.Schema = r.schema
	}
	if id.Kind == schema.KindSchema || id.Kind == schema.KindExtension {
		id.Schema = ""
	}
	if r.part == "" {
		return id, id.Kind != 0
	}
	id.Kind, id.Args = referenceParts[r.part], ""
	if r.root == "domain" && r.part == "check" {
		id.Kind = schema.KindDomainCheck
	}
	id.Parent, id.Name = r.name, r.sub
	if r.root == "" {
		id.Parent = like.Parent
	}
	return id, id.Parent != ""
}

func kindWord(id schema.ID) string { return id.Kind.String() }

func (l *loader) addMove(m Move, b *block) {
	for _, other := range l.out.Moves {
		switch {
		case other.From == m.From:
			l.report(m.Range, &b.rng, "Contradicting moves", "The same object is already moved at "+other.Range.String()+".")
			return
		case other.To == m.To:
			l.report(m.Range, &b.rng, "Contradicting moves", "Another object is already moved here at "+other.Range.String()+".")
			return
		}
	}
	l.out.Moves = append(l.out.Moves, m)
}

func (l *loader) loadMoved(b *block) {
	if !b.has("from") || !b.has("to") {
		return
	}
	steps, ok := b.path(b.attrs["to"].Expr)
	r, isRef := split(steps)
	fsteps, fok := b.path(b.attrs["from"].Expr)
	from, fisRef := split(fsteps)
	for attr, good := range map[string]bool{"to": ok && isRef && r.root != "", "from": fok && fisRef && from.root != ""} {
		if !good {
			b.errorf(b.at(attr), "Invalid reference", "This takes a reference such as table.users or table.users.column.id.")
			return
		}
	}
	to, ok := b.declaredOrNot(r)
	if !ok {
		return
	}
	if from.schema == "" && r.schema == "" && to.Schema == "" && to.Kind != schema.KindSchema && to.Kind != schema.KindExtension {
		to.Schema = l.onlySchema(b)
	}
	id, ok := from.undeclared(to)
	if !ok || id.Kind != to.Kind {
		b.errorf(b.at("from"), "Invalid move", "%s is not of the kind of %s.", from, to)
		return
	}
	if b.has("args") {
		id.Args = b.str("args")
	}
	strategy := strings.ToLower(b.word("strategy", "EXPAND_CONTRACT", "IN_PLACE"))
	l.addMove(Move{From: id, To: to, Strategy: strategy, Range: b.def}, b)
}

// declaredOrNot is the ID of what a reference names, declared or, as in the middle of a chain of moves, not.
func (b *block) declaredOrNot(r reference) (schema.ID, bool) {
	found := b.load.lookup(r)
	if len(found) > 1 && !b.checkFound(found, r, r.at) {
		return schema.ID{}, false
	}
	if len(found) > 0 {
		id := found[0].id
		if r.part != "" {
			id, _ = r.undeclared(schema.ID{Schema: id.Schema})
		}
		return id, true
	}
	return r.undeclared(schema.ID{})
}

// onlySchema is the one schema that the files declare; where there are several, a name alone does not say enough.
func (l *loader) onlySchema(b *block) string {
	if len(l.symbols["schema"]) == 1 {
		for name := range l.symbols["schema"] {
			return name
		}
	}
	b.errorf(b.def, "Ambiguous reference", "The files declare more than one schema, so the schema has to be named too: table.app.users.")
	return ""
}

func (l *loader) loadRemoved(b *block) {
	if !b.has("from") {
		return
	}
	steps, ok := b.path(b.attrs["from"].Expr)
	r, isRef := split(steps)
	if !ok || !isRef || r.root == "" {
		b.errorf(b.at("from"), "Invalid reference", "This takes a reference such as table.users or table.users.column.id.")
		return
	}
	like := schema.ID{Schema: r.schema, Args: b.str("args")}
	if kind := referenceRoots[r.root]; r.schema == "" && kind != schema.KindSchema && kind != schema.KindExtension {
		if found := l.lookup(r); len(found) == 1 {
			like.Schema = found[0].id.Schema // a part of a table that is still declared
		} else if like.Schema = l.onlySchema(b); like.Schema == "" {
			return
		}
	}
	id, _ := r.undeclared(like)
	if l.out.Catalog.Has(id) {
		b.errorf(b.at("from"), "Contradicting blocks", "%s is declared at %s, so it is not removed.", id, l.out.Ranges[id].Def)
	}
	holder := b
	if c := b.child("lifecycle"); c != nil {
		holder = c
	}
	removed := Removed{ID: id, Destroy: holder.boolean("destroy", true), AtOnce: !b.boolean("trash", true), Range: b.def}
	if removed.AtOnce && !removed.Destroy {
		b.errorf(b.at("trash"), "Contradicting arguments", "What stays in the database does not go past the trash: trash = false needs destroy = true.")
	}
	l.out.Removed = append(l.out.Removed, removed)
}

// checkMoves reports moves that cannot be: to what nobody declares, from what is still declared, and in a circle.
func (l *loader) checkMoves() {
	next := map[schema.ID]Move{}
	for _, m := range l.out.Moves {
		next[m.From] = m
	}
	for _, m := range l.out.Moves {
		if l.moveCycle(m, next) {
			l.report(m.Range, nil, "Cycle in moves", "Following the moves from "+m.From.String()+" leads back to it.")
			continue
		}
		if _, chained := next[m.To]; !chained && !l.declared(m.To) {
			l.report(m.Range, nil, "Undeclared reference", "Nothing declares "+m.To.String()+", to which this moves.")
		}
		if l.declared(m.From) {
			l.report(m.Range, nil, "Contradicting blocks", m.From.String()+" is declared at "+l.out.Ranges[m.From].Def.String()+
				", and so is "+m.To.String()+" at "+l.out.Ranges[m.To].Def.String()+"; a move leaves only one of them.")
		}
	}
}

func (l *loader) declared(id schema.ID) bool { return l.out.Catalog.Has(id) }

func (l *loader) moveCycle(m Move, next map[schema.ID]Move) bool {
	at := m.To
	for range len(next) + 1 {
		if at == m.From {
			return true
		}
		follow, ok := next[at]
		if !ok {
			return false
		}
		at = follow.To
	}
	return false
}
