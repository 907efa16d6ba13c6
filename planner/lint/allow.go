package lint

import (
	"slices"

	"github.com/pleatdb/pleat/schema"
)

// allow marks the findings that directives accept. Directives that accept nothing, and those of codes that the policy
// forbids, are findings themselves.
func (c *checker) allow() {
	used := make([]bool, len(c.file.Allow))
	for n := range c.file.Allow {
		a := &c.file.Allow[n]
		forbidden := slices.Contains(c.options.Policy.Forbidden, a.Code)
		for i := range c.findings {
			f := &c.findings[i]
			if f.Code != a.Code || !c.covers(a, f) {
				continue
			}
			used[n] = true
			if !forbidden && f.Allowed == nil {
				f.Allowed = a
			}
		}
		if forbidden && used[n] {
			c.directive("PO06", a, words{"name": a.Code})
		}
	}
	for n, was := range used {
		a := &c.file.Allow[n]
		if was {
			continue
		}
		w := words{"name": a.Code}
		if _, known := Lookup(a.Code); !known {
			w["work"] = "; there is no such code"
		}
		c.directive("PO07", a, w)
	}
}

// covers reports whether a directive is about the place of a finding.
func (c *checker) covers(a *Allow, f *Finding) bool {
	switch {
	case a.Next:
		return f.Line == c.nextLine(a.Line)
	case a.Step != 0:
		return f.Step == a.Step
	}
	return true
}

// nextLine is the line of the first statement after a line.
func (c *checker) nextLine(line int) int {
	next := 0
	for _, units := range [][]Unit{c.file.Up, c.file.Down} {
		for _, u := range units {
			for _, s := range u.Statements {
				if s.Line > line && (next == 0 || s.Line < next) {
					next = s.Line
				}
			}
		}
	}
	return next
}

func (c *checker) directive(code string, a *Allow, w words) {
	c.find(code, &statement{Statement: Statement{Line: a.Line, Column: 1}, unit: &Unit{Step: a.Step}}, schema.ID{}, w)
}
