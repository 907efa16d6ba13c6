package sqltext

import "strconv"

// arrayCast handles an array constructor that starts at token i and is cast as a whole.
//
// The insertion is a cast that does nothing: to the array's own type where the elements show it, else
// to anyarray, which coerce_type (parse_coerce.c) answers with the expression as it is. The
// exact type is preferred because anyarray does show where all elements have the same modifier.
func (p *printed) arrayCast(i int) {
	if !p.word(i, "array") || !p.is(i+1, '[') || i+2 == p.match[i+1] {
		return
	}
	first, last := i, p.match[i+1]
	for p.is(first-1, '(') && p.match[first-1] == last+1 {
		first--
		last++
	}
	cast := last + 1
	if !p.op(cast, "::") || p.typeEnd(cast+1) == cast+1 {
		return
	}
	own := "anyarray"
	if t := p.sharedType(i+2, p.match[i+1]); t != "" {
		own = t + "[]"
	}
	target := p.src[p.tokens[cast].end:p.tokens[p.typeEnd(cast+1)-1].end]
	if target == own || target == "anyarray" || neverArray[target] {
		return
	}
	p.add(p.tokens[p.match[i+1]].end, "::"+own)
}

// neverArray holds types a cast to which is not pushed into the elements and which therefore
// need no insertion. Others may be domains over arrays.
var neverArray = map[string]bool{
	"text": true, "character varying": true, "json": true, "jsonb": true, "bpchar": true, "name": true,
}

// numberType returns the type of a bare numeric constant; those of other types than these
// are printed with a cast.
func numberType(number string) string {
	if _, err := strconv.ParseInt(number, 10, 32); err == nil {
		return "integer"
	}
	return "numeric"
}
