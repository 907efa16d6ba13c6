package hclfile

import (
	"bytes"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/hclwrite"
)

// Format gives the canonical form of a file: indentation, spacing and alignment. Comments and the order of things stay.
// The result is a fixed point. A file with a syntax error comes back as it is.
func Format(src []byte) []byte {
	if _, diags := hclsyntax.ParseConfig(src, "", hcl.InitialPos); diags.HasErrors() {
		return src
	}
	// Aligning can make one more line part of a group, so formatting is repeated until nothing moves.
	const rounds = 8
	out := src
	for range rounds {
		next := hclwrite.Format(ended(out))
		if bytes.Equal(next, out) {
			break
		}
		out = next
	}
	return out
}

// ended is a text without empty lines at its start and with a line break at its end.
func ended(text []byte) []byte {
	text = bytes.TrimLeft(text, "\n")
	if len(text) > 0 && text[len(text)-1] != '\n' {
		return append(bytes.Clone(text), '\n')
	}
	return text
}
