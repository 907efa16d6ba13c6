package sqltext

import "strings"

// unnamed is what PostgreSQL calls an output column for which it finds no name.
const unnamed = ` AS "?column?"`

// outputNames handles the output columns of the SELECT or RETURNING at token i.
//
// The server leaves a name out in two cases: the column is a plain column of that name, or
// has none at all. So where an expression stands without a name, it has none.
func (p *printed) outputNames(i int) {
	switch {
	case p.word(i, "select"):
		i++
		if p.word(i, "distinct") {
			i++
			if p.word(i, "on") && p.is(i+1, '(') {
				i = p.match[i+1] + 1
			}
		}
	case p.word(i, "returning") && p.returnsRows(i):
		i++
	default:
		return
	}
	for start := i; start < len(p.tokens); {
		end := p.itemEnd(start)
		if end > start && p.wouldBeNamed(start, end) {
			p.add(p.tokens[end-1].end, unnamed)
		}
		if !p.is(end, ',') {
			return
		}
		start = end + 1
	}
}

// returnsRows tells RETURNING of a statement from that of JSON functions.
func (p *printed) returnsRows(i int) bool {
	for j := i - 1; j >= 0; j-- {
		switch {
		case p.is(j, ')'), p.is(j, ']'):
			j = p.match[j]
		case p.is(j, '('), p.is(j, '['), p.is(j, ';'):
			return false
		case p.word(j, "insert"), p.word(j, "update"), p.word(j, "delete"), p.word(j, "merge"):
			return true
		}
	}
	return false
}

// itemEnd returns the index after the output column that starts at token i.
func (p *printed) itemEnd(i int) int {
	for cases := 0; i < len(p.tokens); i = p.skip(i) {
		t := p.tokens[i]
		switch {
		case t.is(p.src, ','), t.is(p.src, ')'), t.is(p.src, ']'), t.is(p.src, ';'):
			return i
		case t.word(p.src, "case"):
			cases++
		case t.word(p.src, "end") && cases > 0:
			cases--
		case t.kind == tokenWord && cases == 0 && !p.is(i-1, '.') && afterItems[strings.ToLower(t.text(p.src))] && !p.inExpression(i):
			return i
		}
	}
	return i
}

// inExpression tells whether token i is the FROM of IS DISTINCT FROM or the GROUP of WITHIN GROUP.
func (p *printed) inExpression(i int) bool {
	return p.word(i, "from") && p.word(i-1, "distinct") && p.word(i-2, "is") ||
		p.word(i, "group") && p.word(i-1, "within")
}

// afterItems are the reserved words that end a list of output columns.
var afterItems = map[string]bool{
	"from": true, "where": true, "group": true, "having": true, "window": true, "union": true,
	"intersect": true, "except": true, "order": true, "limit": true, "offset": true, "fetch": true, "for": true, "into": true,
	"returning": true, "on": true,
}

// wouldBeNamed tells whether the output column in tokens [from, to) carries no name and
// would be given one when it is read again.
func (p *printed) wouldBeNamed(from, to int) bool {
	if p.find(from, to, func(i int) bool { return p.word(i, "as") }) >= 0 {
		return false
	}
	if p.tokens[from].kind == tokenNumber && to == from+1 || p.plainColumn(from, to) {
		return false
	}
	if p.is(from, '(') && p.match[from] == to-1 {
		return p.find(from+1, to-1, func(i int) bool {
			return p.word(i, "collate") || p.word(i, "at") || p.word(i, "overlaps") || p.word(i, "normalized") ||
				i == from+1 && (p.word(i, "select") || p.word(i, "with") || p.is(i, '(') && p.match[i] == to-2)
		}) >= 0
	}
	return true
}

// plainColumn tells whether the tokens are a column, qualified or not, or a star. Words
// in capitals are values of the grammar: a column's name would be quoted.
func (p *printed) plainColumn(from, to int) bool {
	for i := from; i < to; i++ {
		t := p.tokens[i]
		switch {
		case (i-from)%2 == 1:
			if !t.is(p.src, '.') {
				return false
			}
		case t.kind == tokenQuoted, t.kind == tokenOp && t.text(p.src) == "*":
		case t.kind == tokenWord:
			text := t.text(p.src)
			if text != strings.ToLower(text) || to == from+1 && (text == "true" || text == "false") {
				return false
			}
		default:
			return false
		}
	}
	return true
}
