package view

import "strings"

// Lines says what is different in an object, a line for each attribute, in the words in which plans and drift are shown.
func (c *Change) Lines() []string {
	p := &page{}
	p.attributes(c.Attributes)
	var out []string
	for line := range strings.Lines(p.b.String()) {
		out = append(out, strings.TrimSuffix(strings.TrimPrefix(line, "        "), "\n"))
	}
	return out
}
