package view

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/hashicorp/hcl/v2"
)

// DiagnosticsError is that the user's files are wrong. Files are the sources by path, from which lines are shown.
type DiagnosticsError struct {
	Diags hcl.Diagnostics
	Files map[string]*hcl.File
}

// Error is all summaries with their places; [Explain] gives the parts.
func (e *DiagnosticsError) Error() string { return e.Diags.Error() }

// Diagnostics turns diagnostics into their published shape, sorted by place; those without a place come first.
func Diagnostics(diags hcl.Diagnostics, files map[string]*hcl.File) []Diagnostic {
	sorted := slices.Clone(diags)
	slices.SortStableFunc(sorted, func(a, b *hcl.Diagnostic) int {
		x, y := place(a), place(b)
		if c := strings.Compare(x.Filename, y.Filename); c != 0 {
			return c
		}
		return x.Start.Byte - y.Start.Byte
	})
	out := []Diagnostic{}
	for _, d := range sorted {
		shape := diagnostic(d, files)
		if !slices.Contains(out, shape) {
			out = append(out, shape)
		}
	}
	return out
}

func place(d *hcl.Diagnostic) hcl.Range {
	if d.Subject == nil {
		return hcl.Range{}
	}
	return *d.Subject
}

func diagnostic(d *hcl.Diagnostic, files map[string]*hcl.File) Diagnostic {
	out := Diagnostic{Severity: "error", Summary: d.Summary, Detail: d.Detail}
	if d.Severity == hcl.DiagWarning {
		out.Severity = "warning"
	}
	r := place(d)
	if r.Filename == "" {
		return out
	}
	out.File, out.Line, out.EndLine = r.Filename, r.Start.Line, r.End.Line
	out.Column, out.EndColumn = r.Start.Column, r.End.Column
	file := files[r.Filename]
	if file == nil || r.Start.Byte > len(file.Bytes) {
		return out
	}
	start, end := r.Start.Byte, r.Start.Byte
	for start > 0 && file.Bytes[start-1] != '\n' {
		start--
	}
	for end < len(file.Bytes) && file.Bytes[end] != '\n' {
		end++
	}
	out.Source = strings.TrimSuffix(string(file.Bytes[start:end]), "\r")
	// HCL counts grapheme clusters; the caret stands under characters.
	out.Column = utf8.RuneCount(file.Bytes[start:r.Start.Byte]) + 1
	if r.End.Line == r.Start.Line && r.End.Byte >= r.Start.Byte && r.End.Byte <= len(file.Bytes) {
		out.EndColumn = out.Column + utf8.RuneCount(file.Bytes[r.Start.Byte:r.End.Byte])
	}
	return out
}

// diagnostic writes what is wrong, where, and the line with carets under the place.
func (p *page) diagnostic(d Diagnostic) {
	colour, label := red, "Error"
	if d.Severity == "warning" {
		colour, label = yellow, "Warning"
	}
	p.styledf(colour, "%s: %s", label, d.Summary)
	if d.File != "" {
		p.linef("  %s", fmt.Sprintf("%s:%d:%d", oneLine(d.File), d.Line, d.Column))
	}
	if d.Source != "" {
		p.snippet(d)
	}
	if d.Detail != "" {
		p.block(plain, "  ", d.Detail)
	}
}

// snippet writes a line of a file with carets under the part that is meant: to its end where the part goes on below.
func (p *page) snippet(d Diagnostic) {
	number := fmt.Sprintf("%d", d.Line)
	source := []rune(d.Source)
	from := min(max(d.Column-1, 0), len(source))
	to := len(source)
	if d.EndLine == d.Line || d.EndLine == 0 {
		to = min(max(d.EndColumn-1, from), len(source))
	}
	pad := indentLike(string(source[:from]))
	marked := Clean(string(source[from:to]))
	p.linef("  %s | %s", number, d.Source)
	p.styledf(red, "  %s | %s%s", strings.Repeat(" ", len(number)), pad, strings.Repeat("^", max(len([]rune(marked)), 1)))
}

// indentLike is white space as wide as a text is when it is shown: tabs stay tabs.
func indentLike(text string) string {
	return strings.Map(func(r rune) rune {
		if r == '\t' {
			return r
		}
		return ' '
	}, Clean(text))
}
