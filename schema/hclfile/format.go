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
		next := hclwrite.Format(out)
		if bytes.Equal(next, out) {
			break
		}
		out = next
	}
	if out = bytes.TrimLeft(out, "\n"); len(out) > 0 && out[len(out)-1] != '\n' {
		out = append(out, '\n')
	}
	return out
}
