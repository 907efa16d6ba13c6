package hclfile

import (
	"fmt"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/pleatdb/pleat/schema/hclfile/eval"
)

// block is one block of the files after for_each and dynamic are expanded: its body is read, its
// attributes are not evaluated yet.
type block struct {
	load *loader
	kind string
	env  env
	// labels are the block's labels in order.
	labels []label
	// def is the header, rng the whole block, body included.
	def, rng hcl.Range
	attrs    map[string]*hcl.Attribute
	blocks   []*block
	parent   *block
}

type label struct {
	text string
	rng  hcl.Range
}

// env is in which surroundings a block's expressions are evaluated.
type env struct {
	ctx *hcl.EvalContext
	// bound are the references that iterators stand for: for_each over a list of tables.
	bound map[string]hcl.Expression
	// key is that of the element of the innermost for_each or dynamic block around; empty outside of any.
	key string
	src []byte
}

func (b *block) has(attr string) bool { return b.attrs[attr] != nil }

// name is the block's last label, or the attribute `name`, which for_each needs to tell the instances apart.
func (b *block) name() string {
	if b.has("name") {
		return b.str("name")
	}
	if len(b.labels) == 0 {
		return ""
	}
	return b.labels[len(b.labels)-1].text
}

func (b *block) nameRange() hcl.Range {
	if a := b.attrs["name"]; a != nil {
		return a.Expr.Range()
	}
	if len(b.labels) == 0 {
		return b.def
	}
	return b.labels[len(b.labels)-1].rng
}

// child is the inner block of a type that occurs at most once, or nil.
func (b *block) child(kind string) *block {
	for _, c := range b.blocks {
		if c.kind == kind {
			return c
		}
	}
	return nil
}

func (b *block) children(kind string) (out []*block) {
	for _, c := range b.blocks {
		if c.kind == kind {
			out = append(out, c)
		}
	}
	return out
}

// at is where an attribute's value is, or the block's header where the attribute is absent.
func (b *block) at(attr string) hcl.Range {
	if a := b.attrs[attr]; a != nil {
		return a.Expr.Range()
	}
	return b.def
}

func (b *block) errorf(at hcl.Range, summary, format string, args ...any) {
	b.load.report(at, &b.rng, summary, fmt.Sprintf(format, args...))
}

// allow reports a value that is none of the known words, and gives back whether it is one.
func (b *block) allow(attr, word string, known []string) bool {
	if slices.Contains(known, word) {
		return true
	}
	b.errorf(b.at(attr), "Unknown word", "%q is not a value of %s; it takes %s.%s", word, attr, listWords(known), eval.DidYouMean(word, known))
	return false
}

func listWords(words []string) string {
	switch len(words) {
	case 0:
		return "nothing"
	case 1:
		return words[0]
	}
	out := ""
	for i, w := range words {
		switch {
		case i == len(words)-1:
			out += " or "
		case i > 0:
			out += ", "
		}
		out += w
	}
	return out
}
