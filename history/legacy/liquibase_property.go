package legacy

import (
	"slices"
	"strings"
)

// property is a text for ${name}.
type property struct {
	name, value, dbms, file string
	local                   bool
}

// expand puts properties in place. Those that nobody sets stay as they are written, as Liquibase leaves them.
func (c *changelogs) expand(s *changeSet) {
	for i := range s.changes {
		s.changes[i].expanded = c.expanded(s, s.changes[i].text)
	}
	s.down.expanded = c.expanded(s, s.down.text)
}

func (c *changelogs) expanded(s *changeSet, text string) string {
	var b strings.Builder
	for {
		before, after, found := strings.Cut(text, "${")
		b.WriteString(before)
		name, rest, closed := strings.Cut(after, "}")
		if !found || !closed {
			if found {
				b.WriteString("${" + after)
			}
			return b.String()
		}
		text = rest
		if name = strings.TrimSpace(name); strings.HasPrefix(name, ":") {
			b.WriteString("${" + name[1:] + "}")
			continue
		}
		if value, ok := c.property(name, s.file); ok {
			b.WriteString(value)
			continue
		}
		if !slices.Contains(s.unset, name) {
			s.unset = append(s.unset, name)
		}
		b.WriteString("${" + name + "}")
	}
}

// property is the value that was set first, of the file's own before those for all.
func (c *changelogs) property(name, file string) (string, bool) {
	for _, own := range []bool{true, false} {
		for _, p := range c.props {
			if strings.EqualFold(p.name, name) && p.local == own && (!own || p.file == file) && forPostgres(p.dbms) {
				return p.value, true
			}
		}
	}
	return "", false
}
