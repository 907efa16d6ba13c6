package inspect

import (
	"fmt"
	"strings"

	"github.com/pleatdb/pleat/schema"
)

// pattern is an entry of Options.Ignore, cut at its dots.
type pattern []string

func parsePatterns(texts []string) ([]pattern, error) {
	var out []pattern
	for _, text := range texts {
		parts := strings.Split(text, ".")
		for _, p := range parts {
			if p == "" || len(parts) > 3 {
				return nil, fmt.Errorf("read pattern %q: want schema, schema.name or schema.name.part", text)
			}
		}
		out = append(out, parts)
	}
	return out, nil
}

// ignored reports whether a pattern matches the object or what it belongs to.
func (r *reader) ignored(id schema.ID) bool {
	if len(r.ignore) == 0 {
		return false
	}
	path := []string{id.Schema, id.Name}
	switch {
	case id.Kind == schema.KindSchema:
		path = []string{id.Name}
	case id.Parent != "":
		path = []string{id.Schema, id.Parent, id.Name}
	}
	for _, p := range r.ignore {
		if p.match(path) {
			return true
		}
	}
	return false
}

func (p pattern) match(path []string) bool {
	if len(p) > len(path) {
		return false
	}
	for i, glob := range p {
		if !matchGlob(glob, path[i]) {
			return false
		}
	}
	return true
}

// matchGlob matches * against any run of bytes and ? against one character. It goes back to the last * only, so it takes
// no more than len(glob) * len(name) steps.
func matchGlob(glob, name string) bool {
	g, n := []rune(glob), []rune(name)
	i, j, star, mark := 0, 0, -1, 0
	for j < len(n) {
		switch {
		case i < len(g) && g[i] == '*':
			star, mark = i, j
			i++
		case i < len(g) && (g[i] == '?' || g[i] == n[j]):
			i++
			j++
		case star >= 0:
			mark++
			i, j = star+1, mark
		default:
			return false
		}
	}
	for i < len(g) && g[i] == '*' {
		i++
	}
	return i == len(g)
}
