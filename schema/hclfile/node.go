package hclfile

import (
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2/hclwrite"
	"github.com/pleatdb/pleat/schema"
)

// node is a block that is being written: its arguments and inner blocks in order.
type node struct {
	kind   string
	labels []string
	items  []item
}

// item is an argument or an inner block.
type item struct {
	name  string
	expr  string
	long  *longText
	block *node
}

// longText is a text of several lines, whose form depends on how deep it is.
type longText struct {
	text string
	// same reports whether a text that was read back means the same.
	same func(read string) bool
	// trimmed texts lose the white space around them when they are loaded.
	trimmed bool
}

func newNode(kind string, labels ...string) *node { return &node{kind: kind, labels: labels} }

func (n *node) block(kind string, labels ...string) *node {
	inner := newNode(kind, labels...)
	n.items = append(n.items, item{block: inner})
	return inner
}

func (n *node) attr(name, expr string) { n.items = append(n.items, item{name: name, expr: expr}) }

// text writes a string, and nothing for an empty one.
func (n *node) text(name, text string) {
	switch {
	case text == "":
	case strings.Contains(text, "\n"):
		n.longText(name, text)
	default:
		n.attr(name, quoted(text))
	}
}

// longText writes a text that has to come back to the byte.
func (n *node) longText(name, text string) {
	n.items = append(n.items, item{name: name, long: &longText{text: text, same: func(read string) bool { return read == text }}})
}

// query writes the query of a view or a body in SQL-standard form, which is trimmed when it is loaded.
func (n *node) query(name, text string) {
	n.items = append(n.items, item{name: name, long: &longText{text: text, trimmed: true, same: func(read string) bool {
		read = strings.TrimSpace(read)
		return strings.TrimSpace(strings.TrimSuffix(read, ";")) == text
	}}})
}

// word writes a bare word, and nothing for an empty one.
func (n *node) word(name, word string) {
	switch {
	case word == "":
	case isWord(word):
		n.attr(name, word)
	default:
		n.attr(name, quoted(word))
	}
}

func (n *node) flag(name string, set bool) {
	if set {
		n.attr(name, "true")
	}
}

func (n *node) number(name string, value, fallback int64) {
	if value != fallback {
		n.attr(name, strconv.FormatInt(value, 10))
	}
}

func (n *node) optional(name string, value *int) {
	if value != nil {
		n.attr(name, strconv.Itoa(*value))
	}
}

// collation writes the name of a collation: a plain name is built in, a qualified one goes as SQL.
func (n *node) collation(name string) {
	if name == "" {
		return
	}
	inner, builtin := strings.CutPrefix(name, "pg_catalog.")
	p := &typeParser{text: inner}
	if word, _, ok := p.word(); ok && builtin && p.text == "" && schema.Quote(word) == inner {
		n.attr("collate", quoted(word))
		return
	}
	n.attr("collate", sqlCall(name))
}

// render writes nodes as a file in canonical form.
func render(nodes []*node) []byte {
	var b strings.Builder
	for i, n := range nodes {
		if i > 0 {
			b.WriteByte('\n')
		}
		n.render(&b, 0)
	}
	return hclwrite.Format([]byte(b.String()))
}

func (n *node) render(b *strings.Builder, depth int) {
	indent := strings.Repeat("  ", depth)
	b.WriteString(indent + n.kind)
	for _, l := range n.labels {
		b.WriteString(" " + quoted(l))
	}
	if len(n.items) == 0 {
		b.WriteString(" {\n" + indent + "}\n")
		return
	}
	b.WriteString(" {\n")
	for _, it := range n.items {
		switch {
		case it.block != nil:
			it.block.render(b, depth+1)
		case it.long != nil:
			b.WriteString(indent + "  " + it.name + " = " + it.long.render(depth+1) + "\n")
		default:
			b.WriteString(indent + "  " + it.name + " = " + it.expr + "\n")
		}
	}
	b.WriteString(indent + "}\n")
}

func boolean(v bool) string { return strconv.FormatBool(v) }

// maxLine is the length at which a list is broken into lines.
const maxLine = 100

// list writes a list of anything, on one line where it fits.
func list[T any](items []T, write func(T) string) string {
	texts := make([]string, len(items))
	length := 0
	for i, it := range items {
		texts[i] = write(it)
		length += len(texts[i]) + 2
	}
	if length > maxLine {
		return "[\n" + strings.Join(texts, ",\n") + ",\n]"
	}
	return "[" + strings.Join(texts, ", ") + "]"
}
