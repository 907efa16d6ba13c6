package hclfile

import (
	"math"

	"github.com/pleatdb/pleat/schema"
)

func sequenceSpec() *spec {
	return shape("schema type start increment min_value max_value cache cycle unlogged owned_by owner" + intentAttrs)
}

// bounds are the smallest and the largest value of the integer types.
var bounds = map[string][2]int64{
	"smallint": {math.MinInt16, math.MaxInt16}, "integer": {math.MinInt32, math.MaxInt32}, "bigint": {math.MinInt64, math.MaxInt64},
}

// numbers are the settings that sequences and identity columns have in common, with PostgreSQL's defaults
// (init_params in sequence.c).
type numbers struct {
	start, increment, least, most, cache int64
	cycle                                bool
}

func defaultNumbers(t string, increment int64) numbers {
	limits, ok := bounds[t]
	if !ok {
		limits = bounds["bigint"]
	}
	n := numbers{increment: increment, cache: 1}
	if increment > 0 {
		n.least, n.most = 1, limits[1]
		n.start = n.least
	} else {
		n.least, n.most = limits[0], -1
		n.start = n.most
	}
	return n
}

func (b *block) numbers(t string) numbers {
	limits, ok := bounds[t]
	if !ok {
		limits = bounds["bigint"]
	}
	increment := b.integer("increment", 1, limits[0], limits[1])
	if increment == 0 {
		b.errorf(b.at("increment"), "Number out of range", "The increment cannot be 0.")
		increment = 1
	}
	n := defaultNumbers(t, increment)
	n.least = b.integer("min_value", n.least, limits[0], limits[1])
	n.most = b.integer("max_value", n.most, limits[0], limits[1])
	if n.least >= n.most {
		at := b.at("max_value")
		if !b.has("max_value") {
			at = b.at("min_value")
		}
		b.errorf(at, "Number out of range", "The smallest value, %d, has to be less than the largest, %d.", n.least, n.most)
		return n
	}
	n.start = n.least
	if increment < 0 {
		n.start = n.most
	}
	n.start = b.integer("start", n.start, n.least, n.most)
	n.cache = b.integer("cache", 1, 1, math.MaxInt64)
	n.cycle = b.boolean("cycle", false)
	return n
}

func (l *loader) loadSequence(b *block, s *symbol) {
	seq := &schema.Sequence{Schema: s.id.Schema, Name: s.id.Name, Type: "bigint", Unlogged: b.boolean("unlogged", false)}
	if b.has("type") {
		t, ok := b.readType("type")
		if _, integer := bounds[t.text]; !integer || t.serial != "" {
			if ok {
				b.errorf(t.at, "Invalid type", "A sequence is smallint, integer or bigint.")
			}
			t.text = "bigint"
		}
		seq.Type = t.text
	}
	n := b.numbers(seq.Type)
	seq.Start, seq.Increment, seq.Min, seq.Max, seq.Cache, seq.Cycle = n.start, n.increment, n.least, n.most, n.cache, n.cycle
	for _, attr := range []string{"owned_by", "owner"} {
		if b.has(attr) {
			if t, ok := b.resolve(b.attrs[attr].Expr, nil, "column"); ok {
				seq.OwnedBy = &schema.ColumnRef{Schema: t.id.Schema, Table: t.id.Parent, Column: t.id.Name}
			}
		}
	}
	l.add(seq, b)
}

func (w *writer) sequence(s *schema.Sequence) *node {
	n := w.object("sequence", s.ID())
	n.attr("type", w.typeExpr(s.Type, false))
	n.numbers(s.Type, numbers{s.Start, s.Increment, s.Min, s.Max, s.Cache, s.Cycle})
	n.flag("unlogged", s.Unlogged)
	if s.OwnedBy != nil {
		n.attr("owned_by", w.ref(s.OwnedBy.ID()))
	}
	w.comment(n, s.ID())
	return n
}

// numbers writes those settings that are not PostgreSQL's defaults.
func (n *node) numbers(t string, is numbers) {
	def := defaultNumbers(t, is.increment)
	def.start = is.least
	if is.increment < 0 {
		def.start = is.most
	}
	n.number("start", is.start, def.start)
	n.number("increment", is.increment, 1)
	n.number("min_value", is.least, def.least)
	n.number("max_value", is.most, def.most)
	n.number("cache", is.cache, 1)
	n.flag("cycle", is.cycle)
}
