package hclfile

import (
	"slices"
	"strings"

	"github.com/pleatdb/pleat/schema"
)

func triggerSpec(on string) *spec {
	s := shape(on + " foreach for when constraint deferrable from enabled execute comment renamed_from depends_on name")
	for _, timing := range []string{"before", "after", "instead_of"} {
		s.with(timing, shape("insert update update_of delete truncate").once())
	}
	return s.with("referencing", shape("old_table new_table").once()).
		with("execute", shape("function procedure args").once())
}

var timings = map[string]string{"before": "BEFORE", "after": "AFTER", "instead_of": "INSTEAD OF"}

func (l *loader) loadTrigger(b *block, own *symbol) {
	t := &schema.Trigger{
		Schema: own.id.Schema, Table: own.id.Name, Name: b.name(), When: b.expr("when"),
		Constraint: b.boolean("constraint", false), Deferral: b.deferral(), Enabled: b.enabled(),
	}
	b.checkQualifier(own)
	for _, attr := range []string{"foreach", "for"} {
		t.Row = t.Row || b.word(attr, "ROW", "STATEMENT") == "ROW"
	}
	l.triggerEvents(t, b, own)
	if r := b.child("referencing"); r != nil {
		t.OldTable, t.NewTable = r.bareWord("old_table"), r.bareWord("new_table")
	}
	var from *symbol
	if b.has("from") {
		if target, ok := b.resolve(b.attrs["from"].Expr, nil, "table", "partition"); ok {
			from = target.sym
			t.From = &schema.Name{Schema: target.id.Schema, Name: target.id.Name}
		}
	}
	function := l.triggerFunction(t, b)
	if !l.add(t, b) {
		return
	}
	l.dependOnColumns(t.ID(), own, t.UpdateOf)
	if from != nil {
		l.depend(t.ID(), from.id)
	}
	if function != nil {
		l.pending = append(l.pending, func() { l.depend(t.ID(), function.id) })
	}
	l.dependOnExpr(t.ID(), t.When, own)
}

// checkQualifier checks the first of two labels, which names the table or its schema.
func (b *block) checkQualifier(own *symbol) {
	if len(b.labels) == 2 && b.labels[0].text != own.id.Name && b.labels[0].text != own.id.Schema {
		b.errorf(b.labels[0].rng, "Contradicting schema", "The first label is neither the table nor its schema: %s.", own.id.Path())
	}
}

func (b *block) enabled() string {
	if word := b.bareKeyword("enabled"); word == "true" || word == "false" {
		return map[string]string{"true": "", "false": "disabled"}[word]
	}
	word := strings.ToLower(b.word("enabled", "ORIGIN", "DISABLED", "REPLICA", "ALWAYS"))
	if word == "origin" {
		return ""
	}
	return word
}

func (l *loader) triggerEvents(t *schema.Trigger, b *block, own *symbol) {
	for _, kind := range []string{"before", "after", "instead_of"} {
		c := b.child(kind)
		if c == nil {
			continue
		}
		if t.Timing != "" {
			c.errorf(c.def, "Contradicting arguments", "A trigger has one of before, after and instead_of.")
			continue
		}
		t.Timing = timings[kind]
		t.UpdateOf = c.columns("update_of", own)
		for _, event := range []string{"insert", "update", "delete", "truncate"} {
			if c.boolean(event, false) || event == "update" && len(t.UpdateOf) > 0 {
				t.Events = append(t.Events, strings.ToUpper(event))
			}
		}
		if len(t.Events) == 0 {
			c.errorf(c.def, "Missing argument", "A trigger needs at least one of insert, update, update_of, delete and truncate.")
		}
	}
	if t.Timing == "" {
		b.errorf(b.def, "Missing block", "A trigger needs a before, after or instead_of block.")
	}
}

// triggerFunction reads what the trigger executes: a reference, or sql("schema.name") for what no file declares.
func (l *loader) triggerFunction(t *schema.Trigger, b *block) *symbol {
	holder, attr := b, "execute"
	if c := b.child("execute"); c != nil {
		holder, attr = c, "function"
		if c.has("procedure") {
			attr = "procedure"
		}
		t.Args = c.strings("args")
	}
	a := holder.attrs[attr]
	if a == nil {
		holder.errorf(holder.def, "Missing argument", "A trigger needs execute { function = … }.")
		return nil
	}
	if _, ok := holder.path(a.Expr); !ok {
		if text, ok := holder.text(a.Expr); ok {
			t.Function = functionName(text)
		}
		return nil
	}
	found := holder.resolveAll(a.Expr, nil, "function", "procedure")
	if len(found) == 0 {
		return nil
	}
	t.Function = schema.Name{Schema: found[0].id.Schema, Name: found[0].id.Name}
	if i := slices.IndexFunc(found, func(f target) bool { return len(f.sym.block.children("arg")) == 0 }); i >= 0 {
		return found[i].sym
	}
	holder.errorf(a.Expr.Range(), "Invalid reference", "A trigger function has no arguments; %s has some.", found[0].id)
	return nil
}

// functionName reads a qualified name as SQL writes it; unqualified ones are built in.
func functionName(text string) schema.Name {
	p := &typeParser{text: text}
	first, _, _ := p.word()
	if p.punct(".") {
		second, _, _ := p.word()
		return schema.Name{Schema: first, Name: second}
	}
	return schema.Name{Schema: "pg_catalog", Name: first}
}

func (w *writer) trigger(n *node, t *schema.Trigger) {
	inner := n.block("trigger", t.Name)
	inner.attr("foreach", map[bool]string{true: "ROW", false: "STATEMENT"}[t.Row])
	inner.text("when", t.When)
	inner.flag("constraint", t.Constraint)
	inner.deferral(t.Deferral)
	if t.From != nil {
		inner.attr("from", w.ref(schema.ID{Kind: schema.KindTable, Schema: t.From.Schema, Name: t.From.Name}))
	}
	inner.word("enabled", strings.ToUpper(t.Enabled))
	w.comment(inner, t.ID())
	for kind, timing := range timings {
		if timing == t.Timing {
			w.triggerEvents(inner.block(kind), t)
		}
	}
	if t.OldTable != "" || t.NewTable != "" {
		r := inner.block("referencing")
		r.text("old_table", t.OldTable)
		r.text("new_table", t.NewTable)
	}
	execute := inner.block("execute")
	execute.attr("function", w.functionRef(t.Function))
	if len(t.Args) > 0 {
		execute.attr("args", list(t.Args, quoted))
	}
}

func (w *writer) triggerEvents(n *node, t *schema.Trigger) {
	for _, event := range t.Events {
		if event == "UPDATE" && len(t.UpdateOf) > 0 {
			n.attr("update_of", list(t.UpdateOf, columnRef))
			continue
		}
		n.attr(strings.ToLower(event), "true")
	}
}

func (w *writer) functionRef(name schema.Name) string {
	id := schema.ID{Kind: schema.KindFunction, Schema: name.Schema, Name: name.Name}
	if w.cat.Has(id) {
		return w.ref(id)
	}
	return sqlCall(name.SQL())
}
