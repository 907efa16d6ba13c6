package foreign

import (
	"strconv"
	"strings"
)

func isAtlas(l *listing) bool { return l.has("atlas.sum") || l.marks(Atlas) }

// readAtlas reads VERSION_name.sql in the order of the names. Atlas runs each file in a transaction unless it says otherwise.
func readAtlas(l *listing) (out []File) {
	for _, rel := range l.top() {
		if !l.wanted(rel) {
			continue
		}
		version, name, _ := strings.Cut(strings.TrimSuffix(rel, ".sql"), "_")
		s := l.script(rel)
		m, delimiter, kind := Wrapped, "", Versioned
		for _, mark := range markers(s.text, "atlas:") {
			_, rest, _ := strings.Cut(strings.TrimSpace(s.text[mark.start:mark.end]), "atlas:")
			key, value, _ := strings.Cut(strings.TrimSpace(rest), " ")
			switch {
			case key == "txmode" && strings.TrimSpace(value) == "none":
				m, s.out.NoTransaction = Single, true
			case key == "delimiter":
				delimiter = unquoted(strings.TrimSpace(value))
			case key == "checkpoint":
				kind = Baseline
			}
		}
		s.delimited(delimiter, m)
		f := file(Atlas, version, name, s, nil)
		f.Kind = kind
		out = append(out, f)
	}
	return out
}

// unquoted reads \n and its like; a delimiter may be written with quotes or without.
func unquoted(text string) string {
	if !strings.HasPrefix(text, `"`) {
		text = `"` + strings.ReplaceAll(text, `"`, `\"`) + `"`
	}
	out, err := strconv.Unquote(text)
	if err != nil {
		return strings.Trim(text, `"`)
	}
	return out
}

// delimited reads a file whose statements end at a text of the author's choice. The statements of one stretch are still told
// apart, since each of them is a statement to the server.
func (s *script) delimited(delimiter string, m Mode) {
	if s.broken {
		return
	}
	var all []Statement
	start := 0
	for delimiter != "" {
		n := strings.Index(s.text[start:], delimiter)
		if n < 0 {
			break
		}
		all = append(all, s.statements(start, start+n)...)
		start += n + len(delimiter)
	}
	// The text has lost the newline at its end, with which a delimiter may end too.
	end := len(strings.TrimSuffix(s.text, strings.TrimRight(delimiter, "\n")))
	all = append(all, s.statements(start, max(start, end))...)
	s.out.Units = units(all, m)
}
