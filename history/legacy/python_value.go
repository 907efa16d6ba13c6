package legacy

import (
	"slices"
	"strings"
)

// pyValueKind is what a literal of a Python module is.
type pyValueKind uint8

const (
	pyUnknown pyValueKind = iota // what only running the module would tell
	pyNone
	pyText
	pyList // tuple, list or set
	pyDict // keys and values by turns
	pyCall // a call that is not looked into; its text is the name of what is called
)

type pyValue struct {
	kind  pyValueKind
	text  string
	items []pyValue
}

// texts are the strings of a value: one, or those of a list; ok is false where something in it is no literal.
func (v pyValue) texts() (out []string, ok bool) {
	switch v.kind {
	case pyNone:
		return nil, true
	case pyText:
		return []string{v.text}, true
	case pyList:
		for _, item := range v.items {
			if item.kind != pyText {
				return out, false
			}
			out = append(out, item.text)
		}
		return out, true
	}
	return nil, false
}

// pair are the two strings of a tuple of two.
func (v pyValue) pair() (a, b string, ok bool) {
	if v.kind != pyList || len(v.items) != 2 || v.items[0].kind != pyText || v.items[1].kind != pyText {
		return "", "", false
	}
	return v.items[0].text, v.items[1].text, true
}

// pyModule is what is read of a Python module: what its top level assigns, its first string, and the bodies of its classes.
type pyModule struct {
	values map[string]pyValue
	doc    string
	lines  []pyLine
}

func readPython(text []byte) *pyModule {
	m := &pyModule{lines: pyLines(text), values: map[string]pyValue{}}
	if len(m.lines) > 0 && len(m.lines[0].tokens) == 1 && m.lines[0].tokens[0].kind == pyString {
		m.doc = m.lines[0].tokens[0].text
	}
	assignments(m.lines, 0, m.values)
	return m
}

// class gives what a class of the top level assigns; base is how its first line goes on behind the name. nil where there is no such class.
func (m *pyModule) class(name string) (values map[string]pyValue, base string) {
	at := slices.IndexFunc(m.lines, func(l pyLine) bool { return l.indent == 0 && l.is("class", name) })
	if at < 0 {
		return nil, ""
	}
	for _, t := range m.lines[at].tokens[2:] {
		base += t.text
	}
	body := m.lines[at+1:]
	if end := slices.IndexFunc(body, func(l pyLine) bool { return l.indent == 0 }); end >= 0 {
		body = body[:end]
	}
	values = map[string]pyValue{}
	if len(body) > 0 {
		assignments(body, body[0].indent, values)
	}
	return values, base
}

// assignments reads what lines of one depth assign, in their order. Annotations are passed over, and names stand for what was assigned to them before.
func assignments(lines []pyLine, indent int, values map[string]pyValue) {
	for _, l := range lines {
		if l.indent != indent || len(l.tokens) < 3 || l.tokens[0].kind != pyName {
			continue
		}
		targets, rest := []string{l.tokens[0].text}, l.tokens[1:]
		extend := rest[0].text == "+="
		if rest[0].text == ":" {
			rest = rest[max(slices.IndexFunc(rest, func(t pyToken) bool { return t.kind == pyOp && t.text == "=" }), 0):]
		}
		if rest[0].kind != pyOp || rest[0].text != "=" && !extend {
			continue
		}
		rest = rest[1:]
		for len(rest) > 2 && rest[0].kind == pyName && rest[1].kind == pyOp && rest[1].text == "=" {
			targets, rest = append(targets, rest[0].text), rest[2:]
		}
		p := &pyParser{tokens: rest, names: values}
		v := p.list("")
		if extend {
			v = values[targets[0]].plus(v)
		}
		for _, target := range targets {
			values[target] = v
		}
	}
}

// pyParser reads literals: strings, None, tuples, lists, sets, dictionaries, their sums, and names that stand for such.
type pyParser struct {
	tokens []pyToken
	at     int
	depth  int
	names  map[string]pyValue
}

// maxPyDepth bounds how deep brackets are followed.
const maxPyDepth = 100

func (p *pyParser) peek() pyToken {
	if p.at >= len(p.tokens) {
		return pyToken{pyOp, ""}
	}
	return p.tokens[p.at]
}

func (p *pyParser) sign(text string) bool {
	if t := p.peek(); t.kind == pyOp && t.text == text && text != "" {
		p.at++
		return true
	}
	return false
}

// list reads values up to a closing bracket, or to the end where that is empty. One value without a comma is itself.
func (p *pyParser) list(end string) pyValue {
	out := pyValue{kind: pyList}
	comma := end == "]" || end == "}"
	for p.at < len(p.tokens) && !p.sign(end) {
		from := p.at
		spread := p.sign("*")
		v := p.sum()
		switch {
		case spread && v.kind == pyList:
			out.items = append(out.items, v.items...)
			comma = true
		default:
			out.items = append(out.items, v)
		}
		if end == "}" && p.sign(":") {
			out.kind = pyDict
			out.items = append(out.items, p.sum())
		}
		if p.sign(",") {
			comma = true
		} else if p.at == from {
			p.at++ // what this parser does not know
		}
	}
	if !comma && len(out.items) == 1 {
		return out.items[0]
	}
	return out
}

// sum reads a value with what is added to it. What goes on in another way is unknown.
func (p *pyParser) sum() pyValue {
	v := p.term()
	for p.sign("+") {
		v = v.plus(p.term())
	}
	if t := p.peek(); t.kind == pyOp && slices.Contains([]string{"", ",", ")", "]", "}", ":"}, t.text) {
		return v
	}
	p.skip()
	return pyValue{}
}

func (v pyValue) plus(w pyValue) pyValue {
	switch {
	case v.kind == pyText && w.kind == pyText:
		return pyValue{kind: pyText, text: v.text + w.text}
	case v.kind == pyList && w.kind == pyList:
		return pyValue{kind: pyList, items: slices.Concat(v.items, w.items)}
	}
	return pyValue{}
}

// skip goes to the end of the value.
func (p *pyParser) skip() {
	depth := 0
	for ; p.at < len(p.tokens); p.at++ {
		t := p.tokens[p.at]
		if t.kind != pyOp {
			continue
		}
		switch t.text {
		case "(", "[", "{":
			depth++
		case ")", "]", "}":
			if depth == 0 {
				return
			}
			depth--
		case ",":
			if depth == 0 {
				return
			}
		}
	}
}

func (p *pyParser) term() pyValue {
	p.depth++
	defer func() { p.depth-- }()
	t := p.peek()
	if p.depth > maxPyDepth {
		p.skip()
		return pyValue{}
	}
	if t.kind == pyString || t.kind == pyComputed {
		var b strings.Builder
		known := true
		for ; p.peek().kind == pyString || p.peek().kind == pyComputed; p.at++ {
			b.WriteString(p.peek().text)
			known = known && p.peek().kind == pyString
		}
		if !known {
			return pyValue{}
		}
		return pyValue{kind: pyText, text: b.String()}
	}
	p.at++
	switch {
	case t.kind == pyName:
		return p.name(t.text)
	case t.kind == pyOp && t.text == "(":
		return p.list(")")
	case t.kind == pyOp && t.text == "[":
		return p.list("]")
	case t.kind == pyOp && t.text == "{":
		return p.list("}")
	}
	p.at--
	p.skip()
	return pyValue{}
}

// name reads what a name stands for, or a call.
func (p *pyParser) name(name string) pyValue {
	if name == "None" {
		return pyValue{kind: pyNone}
	}
	for p.sign(".") {
		name += "." + p.peek().text
		p.at++
	}
	if !p.sign("(") {
		return p.names[name]
	}
	arguments := p.list(")")
	if slices.Contains([]string{"tuple", "list", "set", "frozenset"}, name) {
		return arguments
	}
	return pyValue{kind: pyCall, text: name[strings.LastIndexByte(name, '.')+1:]}
}
