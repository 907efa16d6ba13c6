package sqltext

import "strings"

// nestedBool handles the bracket at token i if it is the first operand of an AND (OR) and is
// itself joined by AND (OR).
func (p *printed) nestedBool(i int) {
	if !p.is(i, '(') || i > 0 && !p.is(i-1, '(') {
		return
	}
	end := p.match[i]
	for _, joint := range [...]string{"and", "or"} {
		if p.word(end+1, joint) && p.joinedBy(i+1, end, joint) {
			p.add(p.tokens[end].end, "::boolean")
		}
	}
}

// joinedBy tells whether the tokens are operands with the keyword between them.
func (p *printed) joinedBy(from, to int, joint string) bool {
	if p.word(from, "case") || p.word(from, "select") {
		return false
	}
	return p.find(from, to, func(i int) bool { return p.word(i, joint) }) > from
}

// negated handles a minus sign at token i over a constant.
func (p *printed) negated(i int) {
	if !p.op(i, "-") || !p.is(i-1, '(') || i+1 >= len(p.tokens) || p.tokens[i+1].kind != tokenNumber || p.op(i+2, "::") {
		return
	}
	number := p.tokens[i+1]
	p.add(number.end, "::"+numberType(number.text(p.src)))
}

// extract handles EXTRACT(field FROM …) at token i where the field is not in lower case.
func (p *printed) extract(i int) {
	if !p.word(i, "extract") || !p.is(i+1, '(') || !p.word(i+3, "from") {
		return
	}
	field := p.tokens[i+2]
	name := field.text(p.src)
	if field.kind == tokenWord && name != strings.ToLower(name) {
		p.add(field.start, "'")
		p.add(field.end, "'")
	}
}
