package sqltext

import "strings"

// sharedType returns the type, as text, of the elements in tokens [from, to) of an array constructor
// if each shows it and all show the same, modifier included; else "".
func (p *printed) sharedType(from, to int) string {
	shared := ""
	for start := from; start < to; {
		end := p.find(start, to, func(i int) bool { return p.is(i, ',') })
		if end < 0 {
			end = to
		}
		var t string
		if p.word(start, "array") && p.is(start+1, '[') && p.match[start+1] == end-1 {
			t = p.sharedType(start+2, end-1)
		} else {
			t = p.shownType(start, end)
		}
		if t == "" || start > from && t != shared {
			return ""
		}
		shared = t
		start = end + 1
	}
	return shared
}

// shownType returns the type of the expression in tokens [from, to) if it is a cast, or a
// constant of a type that is printed without one; else "".
func (p *printed) shownType(from, to int) string {
	if to == from+1 {
		switch t := p.tokens[from]; {
		case t.word(p.src, "true"), t.word(p.src, "false"):
			return "boolean"
		case t.kind == tokenNumber:
			return numberType(t.text(p.src))
		}
		return ""
	}
	last := -1
	for i := from; i < to; i = p.skip(i) {
		if p.op(i, "::") {
			last = i
		}
	}
	if last < 0 || p.typeEnd(last+1) != to {
		return ""
	}
	return p.src[p.tokens[last].end:p.tokens[to-1].end]
}

// typeEnd returns the index after the type name that starts at token i, as format_type prints it:
// words (double precision, timestamp(3) with time zone), a qualified name, array brackets.
func (p *printed) typeEnd(i int) int {
	start := i
	for i < len(p.tokens) {
		t := p.tokens[i]
		switch {
		case t.kind == tokenQuoted && (i == start || p.is(i-1, '.')),
			t.kind == tokenWord && (i == start || p.is(i-1, '.') || typeWords[strings.ToLower(t.text(p.src))]):
			i++
		case t.is(p.src, '.') && i > start:
			i++
		case t.is(p.src, '(') && i > start && p.modifier(i):
			i = p.match[i] + 1
		case t.is(p.src, '[') && i > start && p.match[i] == i+1:
			i += 2
		default:
			return i
		}
	}
	return i
}

// modifier tells whether the bracket at token i can be a type's modifier.
func (p *printed) modifier(i int) bool {
	for j := i + 1; j < p.match[i]; j++ {
		if p.match[j] >= 0 || p.tokens[j].kind == tokenQuoted {
			return false
		}
	}
	return true
}

// typeWords are the words that follow the first one in a type's name of several words.
var typeWords = map[string]bool{
	"varying": true, "precision": true, "with": true, "without": true, "time": true, "zone": true,
	"to": true, "year": true, "month": true, "day": true, "hour": true, "minute": true, "second": true,
}
