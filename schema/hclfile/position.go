package hclfile

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/hashicorp/hcl/v2"
)

// Position is where an object is declared.
type Position struct {
	// Def is the header of the block, Block all of it.
	Def, Block hcl.Range
	// Attrs are the arguments that the block states, by name; those of inner blocks that declare no object of their own
	// have a path, such as "identity.start", or "on[1].expr" where a block can be repeated.
	Attrs map[string]Attr
}

// Attr is one argument in the file.
type Attr struct {
	// Name is the range of the argument's name, Range that of its value.
	Name, Range hcl.Range
	expr        hcl.Expression
	src         []byte
}

// Stated reports whether the block states an argument, as opposed to leaving it to its default.
func (p Position) Stated(attr string) bool {
	_, ok := p.Attrs[attr]
	return ok
}

// Of is the range of an argument's value, or the block's header where it is not stated.
func (p Position) Of(attr string) hcl.Range {
	if a, ok := p.Attrs[attr]; ok {
		return a.Range
	}
	return p.Def
}

// Locate maps a place in the text of an argument to the file. text is the text as the model has it, which may be
// trimmed, and offset counts bytes in it. The result is one character, or the whole value where the value is more than a
// literal, or the block's header where the argument is not stated.
func (p Position) Locate(attr, text string, offset int) hcl.Range {
	a, ok := p.Attrs[attr]
	if !ok {
		return p.Def
	}
	decoded, at, ok := literal(a.expr, a.src)
	if !ok || offset < 0 || offset > len(text) {
		return a.Range
	}
	skipped := strings.Index(decoded, text)
	if skipped < 0 || skipped+offset >= len(at) {
		return a.Range
	}
	start := at[skipped+offset]
	return charRange(a.Range.Filename, a.src, start)
}

// charRange is the range of the character at a byte of a file.
func charRange(filename string, src []byte, start int) hcl.Range {
	before := src[:start]
	line := bytes.Count(before, []byte("\n")) + 1
	column := utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:]) + 1
	_, size := utf8.DecodeRune(src[start:])
	from := hcl.Pos{Line: line, Column: column, Byte: start}
	return hcl.Range{Filename: filename, Start: from, End: hcl.Pos{Line: line, Column: column + 1, Byte: start + size}}
}

// position records where a block and its arguments are.
func (b *block) position() Position {
	p := Position{Def: b.def, Block: b.rng, Attrs: map[string]Attr{}}
	b.recordAttrs(p, "")
	return p
}

func (b *block) recordAttrs(p Position, prefix string) {
	for name, a := range b.attrs {
		p.Attrs[prefix+name] = Attr{Name: a.NameRange, Range: a.Expr.Range(), expr: a.Expr, src: b.env.src}
	}
	count := map[string]int{}
	for _, c := range b.blocks {
		if len(c.labels) > 0 || c.kind == "primary_key" {
			continue
		}
		path := prefix + c.kind
		if c.kind == "on" || c.kind == "by" || c.kind == "arg" {
			path = fmt.Sprintf("%s[%d]", path, count[c.kind])
		}
		count[c.kind]++
		c.recordAttrs(p, path+".")
	}
}
