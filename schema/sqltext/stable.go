package sqltext

import (
	"sort"
	"strings"
)

// Stable takes text that PostgreSQL printed (pg_get_expr, pg_get_constraintdef, pg_get_indexdef,
// pg_get_viewdef, pg_get_ruledef, pg_get_triggerdef, not in pretty mode) and returns text
// that, executed, is printed as the very same text again. Most of what the server prints is
// so already and comes back unchanged; the rest gets insertions:
//
//   - (ARRAY['a'::varchar])::text[] gets the array's own type inside: the parser pushes a cast
//     of an array constructor into its elements (transformTypeCast in parse_expr.c).
//   - ((a AND b) AND c), printed of x BETWEEN … AND …, of row comparisons and of IN over columns, gets
//     ::boolean on the inner operand: the grammar flattens AND and OR on the left
//     (makeAndExpr in gram.y).
//   - (- 1), printed of a minus over a constant, gets the constant's type: the grammar
//     folds the sign into the constant (doNegate in gram.y).
//   - EXTRACT(YEAR FROM x) gets quotes: the grammar would fold the case.
//   - an output column that has no name (?column?) gets it in words, where reading the text
//     again would invent one (FigureColname in parse_target.c).
//
// All of it holds for PostgreSQL 13 to 18. What cannot be kept stable from the text alone: an array
// constructor, cast as above, of nothing but columns that all have the same type modifier; and
// VALUES as a later operand of UNION, which is printed as a sub-select that reads as another tree.
//
// Stable is idempotent. It is not meant for text that a person wrote.
func Stable(text string) string {
	if !maybeUnstable(text) {
		return text
	}
	tokens, err := significant(text)
	if err != nil {
		return text
	}
	p := printed{src: text, tokens: tokens}
	if !p.pair() {
		return text
	}
	for i := range tokens {
		p.arrayCast(i)
		p.nestedBool(i)
		p.negated(i)
		p.extract(i)
		p.outputNames(i)
	}
	return p.apply()
}

// maybeUnstable is the cheap look that keeps ordinary text from being scanned.
func maybeUnstable(text string) bool {
	return strings.Contains(text, "ARRAY[") ||
		strings.Contains(text, "((") && (strings.Contains(text, ") AND ") || strings.Contains(text, ") OR ")) ||
		strings.Contains(text, "(- ") ||
		strings.Contains(text, "EXTRACT(") ||
		strings.Contains(text, "SELECT") || strings.Contains(text, "RETURNING")
}

// printed is text that PostgreSQL printed, as tokens.
type printed struct {
	src    string
	tokens []token
	match  []int // of a bracket: the index of its partner; else -1
	insert []insertion
}

// insertion is text to be put in at an offset.
type insertion struct {
	offset int
	text   string
}

func (p *printed) add(offset int, text string) {
	p.insert = append(p.insert, insertion{offset, text})
}

// apply returns the text with the insertions.
func (p *printed) apply() string {
	if len(p.insert) == 0 {
		return p.src
	}
	sort.SliceStable(p.insert, func(i, j int) bool { return p.insert[i].offset < p.insert[j].offset })
	var b strings.Builder
	last := 0
	for _, in := range p.insert {
		b.WriteString(p.src[last:in.offset])
		b.WriteString(in.text)
		last = in.offset
	}
	b.WriteString(p.src[last:])
	return b.String()
}

// pair matches the brackets; false if they do not.
func (p *printed) pair() bool {
	p.match = make([]int, len(p.tokens))
	var open []int
	for i := range p.tokens {
		p.match[i] = -1
		switch {
		case p.is(i, '('), p.is(i, '['):
			open = append(open, i)
		case p.is(i, ')'), p.is(i, ']'):
			if len(open) == 0 {
				return false
			}
			o := open[len(open)-1]
			open = open[:len(open)-1]
			if p.is(o, '(') != p.is(i, ')') {
				return false
			}
			p.match[o], p.match[i] = i, o
		}
	}
	return len(open) == 0
}

// is tells whether token i exists and is the punctuation c.
func (p *printed) is(i int, c byte) bool {
	return i >= 0 && i < len(p.tokens) && p.tokens[i].is(p.src, c)
}

// word tells whether token i exists and is the keyword w.
func (p *printed) word(i int, w string) bool {
	return i >= 0 && i < len(p.tokens) && p.tokens[i].word(p.src, w)
}

// op tells whether token i exists and is the operator o.
func (p *printed) op(i int, o string) bool {
	return i >= 0 && i < len(p.tokens) && p.tokens[i].kind == tokenOp && p.tokens[i].text(p.src) == o
}

// skip returns the index after token i, or after its closing bracket if it opens one.
func (p *printed) skip(i int) int {
	if p.match[i] > i {
		return p.match[i] + 1
	}
	return i + 1
}

// find returns the first index in [from, to) outside of brackets for which ok holds, or -1.
func (p *printed) find(from, to int, ok func(i int) bool) int {
	for i := from; i < to; i = p.skip(i) {
		if ok(i) {
			return i
		}
	}
	return -1
}
