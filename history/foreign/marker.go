package foreign

import (
	"path"
	"slices"
	"strings"
)

// marker is a line by which a tool divides a file: a comment that begins with the tool's word.
type marker struct {
	word string // what follows the tool's word, in lower case, single spaces
	// start is where its line begins, end where the next one does.
	start, end int
}

// markers finds the lines "-- PREFIX WORDS".
func markers(text, prefix string) (out []marker) {
	offset := 0
	for l := range strings.Lines(text) {
		if body, ok := markerBody(l, prefix); ok {
			out = append(out, marker{body, offset, offset + len(l)})
		}
		offset += len(l)
	}
	return out
}

func markerBody(line, prefix string) (string, bool) {
	body, ok := markerBodyAsWritten(line, prefix)
	return strings.ToLower(strings.Join(strings.Fields(body), " ")), ok
}

func markerBodyAsWritten(line, prefix string) (string, bool) {
	body, ok := strings.CutPrefix(strings.TrimSpace(line), "--")
	if !ok {
		return "", false
	}
	body, ok = strings.CutPrefix(strings.TrimSpace(body), prefix)
	return strings.TrimSpace(body), ok
}

// toolOfLine tells which tool's line this is; empty for none.
func toolOfLine(line string) Tool {
	if len(line) > 200 || !strings.Contains(line, "--") {
		return ""
	}
	if isTernLine(line) {
		return Tern
	}
	for _, m := range []struct {
		prefix string
		tool   Tool
	}{{"+goose ", Goose}, {"migrate:", Dbmate}, {"+migrate ", SQLMigrate}, {"atlas:", Atlas}} {
		if _, ok := markerBody(line, m.prefix); ok {
			return m.tool
		}
	}
	// Lines that accept a finding of the linter stand in files of every tool.
	if body, ok := markerBody(line, "pleat:"); ok && !strings.HasPrefix(body, "allow") {
		return Pleat
	}
	return ""
}

// numbered splits 20240101_add_slug.sql or 001-add.sql into its leading digits and the rest; ok is false without digits.
func numbered(rel string) (version, name string, ok bool) {
	base := strings.TrimSuffix(path.Base(rel), ".sql")
	end := strings.IndexFunc(base, func(r rune) bool { return r < '0' || r > '9' })
	if end < 0 {
		return base, "", base != ""
	}
	return base[:end], strings.TrimLeft(base[end:], "_-."), end > 0
}

// byNumber orders files by their versions as numbers, then by path.
func byNumber(files []File) []File {
	slices.SortStableFunc(files, func(a, b File) int {
		if c := compareNumbers(a.Version, b.Version); c != 0 {
			return c
		}
		return strings.Compare(a.Path, b.Path)
	})
	return files
}

// compareNumbers compares digits of any length.
func compareNumbers(a, b string) int {
	a, b = strings.TrimLeft(a, "0"), strings.TrimLeft(b, "0")
	if len(a) != len(b) {
		return len(a) - len(b)
	}
	return strings.Compare(a, b)
}

// substitute replaces ${name} by an identifier of the same length, so that the text can be read and every place stays.
func (s *script) substitute() {
	var b strings.Builder
	rest := s.text
	for {
		before, after, found := strings.Cut(rest, "${")
		b.WriteString(before)
		if !found {
			break
		}
		name, tail, closed := strings.Cut(after, "}")
		if !closed || name == "" || strings.ContainsFunc(name, func(r rune) bool { return !placeholderRune(r) }) {
			b.WriteString("${")
			rest = after
			continue
		}
		b.WriteString("p_" + strings.Map(identifierRune, name) + "_")
		if !slices.Contains(s.out.Placeholders, name) {
			s.out.Placeholders = append(s.out.Placeholders, name)
		}
		rest = tail
	}
	if len(s.out.Placeholders) > 0 {
		s.text = b.String()
		s.cursor.reset(s.text)
	}
}

func placeholderRune(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("_.:-", r)
}

func identifierRune(r rune) rune {
	if strings.ContainsRune(".:-", r) {
		return '_'
	}
	return r
}

// file puts a migration together.
func file(t Tool, version, name string, up, down *script) File {
	f := File{Path: up.out.Path, Version: version, Name: name, Tool: t, Kind: Versioned, Up: up.done()}
	if down != nil {
		f.Down = down.done()
		f.HasDown = len(f.Down.Units) > 0
	}
	return f
}
