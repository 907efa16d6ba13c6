package view

import (
	"fmt"
	"strings"
)

// page collects a text, which is then written in one piece. All that goes through its methods is cleaned.
type page struct {
	b        strings.Builder
	colour   bool
	terminal bool
}

// style is what colour can say; without colour nothing is lost, since every line has its symbol or word.
type style string

const (
	plain  style = ""
	bold   style = "1"
	red    style = "31"
	green  style = "32"
	yellow style = "33"
	blue   style = "36"
	faint  style = "2"
)

// linef writes one line in the plain style.
func (p *page) linef(format string, args ...any) { p.styledf(plain, format, args...) }

// styledf writes one line. Texts of several lines keep them.
func (p *page) styledf(s style, format string, args ...any) {
	p.b.WriteString(p.paint(s, Clean(fmt.Sprintf(format, args...))))
	p.b.WriteByte('\n')
}

// blank writes an empty line between blocks, but none at the top.
func (p *page) blank() {
	if p.b.Len() > 0 {
		p.b.WriteByte('\n')
	}
}

// block writes text with each line indented.
func (p *page) block(s style, indent, text string) {
	for line := range strings.SplitSeq(strings.TrimRight(text, "\n"), "\n") {
		p.styledf(s, "%s", strings.TrimRight(indent+line, " "))
	}
}

// paint puts a cleaned text in colour.
func (p *page) paint(s style, text string) string {
	if !p.colour || s == plain || text == "" {
		return text
	}
	return "\x1b[" + string(s) + "m" + text + "\x1b[0m"
}

// table writes rows in columns that line up; the last column is not padded.
func (p *page) table(indent string, rows [][]string) {
	var width []int
	for _, row := range rows {
		for i, cell := range row {
			if i == len(width) {
				width = append(width, 0)
			}
			width[i] = max(width[i], len([]rune(oneLine(cell))))
		}
	}
	for _, row := range rows {
		line := indent
		for i, cell := range row {
			cell = oneLine(cell)
			line += cell
			if i < len(row)-1 {
				line += strings.Repeat(" ", width[i]-len([]rune(cell))+2)
			}
		}
		p.linef("%s", strings.TrimRight(line, " "))
	}
}

// plural is a count with its noun.
func plural(n int, noun string) string {
	if n == 1 {
		return fmt.Sprintf("%d %s", n, noun)
	}
	if stem, ok := strings.CutSuffix(noun, "y"); ok {
		return fmt.Sprintf("%d %sies", n, stem)
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
