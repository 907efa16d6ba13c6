package view

import (
	"fmt"
	"strings"
)

// symbols are those of other tools that plan; replacing and renaming have two.
var symbols = map[string]struct {
	text  string
	style style
}{
	"create": {"+", green}, "update": {"~", yellow}, "delete": {"-", red}, "rebuild": {"-/+", yellow}, "rename": {">", blue},
}

// changes writes changes with their attributes, in columns.
func (p *page) changes(list []Change) {
	for i, c := range list {
		symbol := symbols[c.Action]
		switch {
		case c.Within != "":
			p.styledf(symbol.style, "        %s %s", symbol.text, c.Object)
		case c.Action == "rename":
			p.styledf(symbol.style, "%5s %s -> %s", symbol.text, c.From, c.Object)
		case c.Action == "rebuild":
			p.styledf(symbol.style, "%5s %s  # dropped and made again as it was", symbol.text, c.Object)
		default:
			p.styledf(symbol.style, "%5s %s", symbol.text, c.Object)
		}
		p.attributes(c.Attributes)
		last := i == len(list)-1
		if !last && list[i+1].Within == "" && (c.Within != "" || len(c.Attributes) > 0) {
			p.blank()
		}
	}
}

func (p *page) attributes(list []Attribute) {
	width := 0
	for _, a := range list {
		width = max(width, len([]rune(oneLine(a.Name))))
	}
	for _, a := range list {
		symbol := symbols[a.Action]
		name := oneLine(a.Name)
		pad := strings.Repeat(" ", width-len([]rune(name))+2)
		value := ""
		switch a.Action {
		case "create":
			value = valueText(a.After)
		case "delete":
			value = valueText(a.Before)
		default:
			p.change(name, pad, a)
			continue
		}
		p.styledf(symbol.style, "%s", strings.TrimRight(fmt.Sprintf("        %s %s%s%s", symbol.text, name, pad, value), " "))
	}
}

// change writes an attribute that is there before and after: on one line where both are short, else one below the other.
func (p *page) change(name, pad string, a Attribute) {
	before, after := texts(a.Before), texts(a.After)
	if len(before)+len(after) <= 100 && !strings.Contains(before+after, "\n") {
		p.styledf(yellow, "        ~ %s%s%s -> %s", name, pad, before, after)
		return
	}
	p.styledf(yellow, "        ~ %s", name)
	p.lines(before, after)
}

// lines shows which lines of a text differ, with the common lines around them left out at both ends.
func (p *page) lines(before, after string) {
	a, b := strings.Split(before, "\n"), strings.Split(after, "\n")
	for len(a) > 0 && len(b) > 0 && a[0] == b[0] {
		a, b = a[1:], b[1:]
	}
	for len(a) > 0 && len(b) > 0 && a[len(a)-1] == b[len(b)-1] {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	for _, line := range a {
		p.styledf(red, "            - %s", line)
	}
	for _, line := range b {
		p.styledf(green, "            + %s", line)
	}
}

// texts is valueText that keeps the lines of a text.
func texts(v any) string {
	if s, ok := v.(string); ok {
		return s
	}
	return valueText(v)
}

// sentence is the summary line of a plan.
func (s Summary) sentence() string {
	parts := []string{
		fmt.Sprintf("%d to add", s.Add), fmt.Sprintf("%d to change", s.Change), fmt.Sprintf("%d to destroy", s.Destroy),
	}
	if s.Rename > 0 {
		parts = append(parts, fmt.Sprintf("%d to rename", s.Rename))
	}
	if s.Rebuild > 0 {
		parts = append(parts, fmt.Sprintf("%d to rebuild", s.Rebuild))
	}
	return "Plan: " + strings.Join(parts, ", ") + "."
}
