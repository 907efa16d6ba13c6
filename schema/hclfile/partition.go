package hclfile

import (
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/pleatdb/pleat/schema"
	"github.com/zclconf/go-cty/cty"
)

func partitionKeySpec() *spec {
	return shape("type! columns").with("by", shape("column expr collate ops"))
}

func partitionSpec() *spec {
	return withTableParts(shape("of! default "+tableAttrs)).
		with("range", shape("from! to!").once()).
		with("list", shape("in!").once()).
		with("hash", shape("modulus! remainder!").once()).
		with("default", shape("").once())
}

func (l *loader) loadPartition(b *block, s *symbol) {
	t := &schema.Table{Schema: s.id.Schema, Name: s.id.Name}
	bound := b.bound()
	if len(s.parents) > 0 {
		p := s.parents[0]
		t.PartitionOf = &schema.PartitionOf{Parent: schema.Name{Schema: p.id.Schema, Name: p.id.Name}, Bound: bound}
		if key := p.block.child("partition"); key == nil {
			b.errorf(b.at("of"), "Invalid reference", "%s is not partitioned: it has no partition block.", p.id)
		} else {
			b.checkStrategy(key)
		}
	}
	l.loadTableBody(&tableLoad{table: t, sym: s, block: b, partial: true})
}

// checkStrategy compares the form of the bound with the key of the parent.
func (b *block) checkStrategy(key *block) {
	strategy := strings.ToLower(key.bareWord("type"))
	if strategy == "hash" && b.child("hash") == nil && b.child("range") == nil && b.child("list") == nil {
		b.errorf(b.def, "Missing partition bound", "A table that is partitioned by hash has no default partition: this takes a block hash { modulus remainder }.")
	}
	for _, kind := range []string{"range", "list", "hash"} {
		if c := b.child(kind); c != nil && kind != strategy && strategy != "" {
			c.errorf(c.def, "Wrong partition bound", "The parent is partitioned by %s, so the bound is a block %s { … }.", strategy, strategy)
		}
	}
}

// bound is the bound as pg_get_expr prints relpartbound.
func (b *block) bound() string {
	var forms []string
	var bound string
	if c := b.child("range"); c != nil {
		forms = append(forms, "range")
		bound = "FOR VALUES FROM (" + c.boundValues("from") + ") TO (" + c.boundValues("to") + ")"
		if from, to := c.list("from"), c.list("to"); c.has("from") && c.has("to") && len(from) != len(to) {
			c.errorf(c.at("to"), "Wrong number of columns", "from has %d value(s), to has %d.", len(from), len(to))
		}
	}
	if c := b.child("list"); c != nil {
		forms = append(forms, "list")
		bound = "FOR VALUES IN (" + c.boundValues("in") + ")"
	}
	if c := b.child("hash"); c != nil {
		forms = append(forms, "hash")
		modulus := c.integer("modulus", 1, 1, 1<<31-1)
		remainder := c.integer("remainder", 0, 0, modulus-1)
		bound = "FOR VALUES WITH (modulus " + strconv.FormatInt(modulus, 10) + ", remainder " + strconv.FormatInt(remainder, 10) + ")"
	}
	if b.child("default") != nil || b.boolean("default", false) {
		forms = append(forms, "default")
		bound = "DEFAULT"
	}
	switch len(forms) {
	case 0: // as other tools that read such files understand it
		bound = "DEFAULT"
	case 1:
	default:
		b.errorf(b.def, "Contradicting arguments", "A partition has one bound; this one has %s.", strings.Join(forms, " and "))
	}
	return bound
}

// boundValues prints the values of a bound as PostgreSQL does: numbers bare, everything else as string constants.
func (b *block) boundValues(attr string) string {
	var out []string
	for _, item := range b.list(attr) {
		if text, ok := b.boundValue(item); ok {
			out = append(out, text)
		}
	}
	if b.isEmptyList(attr) {
		b.errorf(b.at(attr), "Missing partition bound", "%s needs at least one value.", attr)
	}
	return strings.Join(out, ", ")
}

func (b *block) boundValue(item hcl.Expression) (string, bool) {
	word := strings.ToUpper(hcl.ExprAsKeyword(item))
	if word == "MINVALUE" || word == "MAXVALUE" {
		return word, true
	}
	v, ok := b.eval(item)
	if !ok {
		return "", false
	}
	switch {
	case v.IsNull():
		return "NULL", true
	case v.Type() == cty.Bool:
		return strconv.FormatBool(v.True()), true
	case v.Type() == cty.Number:
		if text := numberText(v); strings.HasPrefix(text, "-") {
			return "'" + text + "'", true
		} else {
			return text, true
		}
	}
	text, ok := b.textOf(item, v)
	if ok && !v.Type().Equals(sqlType) {
		text = "'" + strings.ReplaceAll(text, "'", "''") + "'"
	}
	return text, ok
}

func (l *loader) loadPartitionKey(b *block, own *symbol) *schema.PartitionKey {
	key := &schema.PartitionKey{Strategy: b.word("type", "RANGE", "LIST", "HASH")}
	for _, name := range b.columns("columns", own) {
		key.Elements = append(key.Elements, schema.PartitionElement{Column: name})
	}
	for _, by := range b.children("by") {
		e := schema.PartitionElement{Collation: by.collation(), OpClass: by.opClass("ops")}
		switch {
		case by.has("column") == by.has("expr"):
			by.errorf(by.def, "Missing argument", "A `by` block has either column or expr.")
		case by.has("column"):
			if t, ok := by.resolve(by.attrs["column"].Expr, own, "column"); ok {
				e.Column = t.id.Name
			}
		default:
			e.Expr = by.expr("expr")
		}
		key.Elements = append(key.Elements, e)
	}
	if !b.has("columns") && len(b.children("by")) == 0 {
		b.errorf(b.def, "Missing argument", "A partition key needs columns = [ … ] or `by` blocks.")
	}
	return key
}

func (l *loader) dependOnPartitionKey(b *block, t *tableLoad) {
	for _, e := range t.table.Partition.Elements {
		if e.Expr != "" {
			l.dependOnExpr(t.table.ID(), e.Expr, nil)
		}
	}
}

func (w *writer) partitionKey(n *node, t *schema.Table) {
	inner := n.block("partition")
	inner.attr("type", t.Partition.Strategy)
	var names []string
	for _, e := range t.Partition.Elements {
		if e != (schema.PartitionElement{Column: e.Column}) {
			names = nil
			break
		}
		names = append(names, e.Column)
	}
	if names != nil {
		inner.attr("columns", list(names, columnRef))
		return
	}
	for _, e := range t.Partition.Elements {
		w.element(inner.block("by"), schema.IndexElement{Column: e.Column, Expr: e.Expr, Collation: e.Collation, OpClass: e.OpClass})
	}
}

// partitionOf writes a bound. Its values are written as they are printed: numbers bare, string constants as strings.
func (w *writer) partitionOf(n *node, p *schema.PartitionOf) {
	n.attr("of", w.ref(schema.ID{Kind: schema.KindTable, Schema: p.Parent.Schema, Name: p.Parent.Name}))
	if p.Bound == "DEFAULT" {
		n.attr("default", "true")
		return
	}
	rest := strings.TrimPrefix(p.Bound, "FOR VALUES ")
	switch word, _, _ := strings.Cut(rest, " "); word {
	case "FROM":
		from, after := boundList(strings.TrimPrefix(rest, "FROM "))
		to, _ := boundList(strings.TrimPrefix(after, " TO "))
		inner := n.block("range")
		inner.attr("from", list(from, boundExpr))
		inner.attr("to", list(to, boundExpr))
	case "IN":
		in, _ := boundList(strings.TrimPrefix(rest, "IN "))
		n.block("list").attr("in", list(in, boundExpr))
	case "WITH":
		inner := n.block("hash")
		items, _ := boundList(strings.TrimPrefix(rest, "WITH "))
		for _, item := range items {
			name, value, _ := strings.Cut(item, " ")
			inner.attr(name, value)
		}
	}
}

// boundList cuts a list in parentheses at the commas outside of quotes and inner parentheses.
func boundList(s string) (items []string, rest string) {
	depth, start, quoted := 0, 1, false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\'':
			quoted = !quoted
		case quoted:
		case c == '(':
			depth++
		case c == ',' && depth == 1:
			items = append(items, strings.TrimSpace(s[start:i]))
			start = i + 1
		case c == ')':
			if depth--; depth == 0 {
				return append(items, strings.TrimSpace(s[start:i])), s[i+1:]
			}
		}
	}
	return items, ""
}

func boundExpr(value string) string {
	inner := strings.TrimSuffix(strings.TrimPrefix(value, "'"), "'")
	switch {
	case value == "MINVALUE" || value == "MAXVALUE" || value == "true" || value == "false" || isNumber(value) && boundNumber(value):
		return value
	case strings.HasPrefix(inner, "-") && inner != "-0" && isNumber(inner[1:]) && boundNumber(inner) && value == "'"+inner+"'":
		return inner
	case value == "NULL":
		return "null"
	case len(value) >= 2 && value[0] == '\'' && value[len(value)-1] == '\'' && !strings.Contains(strings.ReplaceAll(inner, "''", ""), "'"):
		return quoted(strings.ReplaceAll(inner, "''", "'"))
	}
	return sqlCall(value)
}

// boundNumber reports whether a number is the same text when read back.
func boundNumber(value string) bool {
	return !strings.Contains(value, ".") || !strings.HasSuffix(value, "0")
}
