package foreign

import "strings"

// allows takes the allow lines from what stands above a statement. One with nothing but comments between itself and the
// statement is about that statement; one that an empty line parts from it is about the file.
func (s *script) allows(leading string, statement int) {
	if !strings.Contains(leading, "pleat:") {
		return
	}
	lines := strings.Split(leading, "\n")
	first := statement - (len(lines) - 1)
	near := len(lines) - 1
	for near > 0 && strings.TrimSpace(lines[near-1]) != "" {
		near--
	}
	for i, l := range lines {
		a, ok := s.allow(l, first+i)
		if !ok {
			continue
		}
		if i >= near {
			a.Statement = statement
		}
		s.out.Allows = append(s.out.Allows, a)
	}
}

// allowsAlone takes them from a stretch without a statement, above the line that begins the way up for example.
func (s *script) allowsAlone(start, end int, behind bool) {
	if behind || !strings.Contains(s.text[start:end], "pleat:") {
		return
	}
	line, _ := place(s.text, start)
	for l := range strings.Lines(s.text[start:end]) {
		if a, ok := s.allow(l, line); ok {
			s.out.Allows = append(s.out.Allows, a)
		}
		line++
	}
}

func (s *script) allow(text string, line int) (Allow, bool) {
	body, ok := markerBodyAsWritten(text, "pleat:")
	word, rest, _ := strings.Cut(body, " ")
	if !ok || word != "allow" {
		return Allow{}, false
	}
	code, reason, _ := strings.Cut(strings.TrimSpace(rest), " ")
	if code == "" || strings.TrimSpace(reason) == "" {
		s.problem(line, 1, "allow needs a code and a reason", "for example: -- pleat: allow KX10 the table is empty")
		return Allow{}, false
	}
	return Allow{Code: code, Reason: strings.TrimSpace(reason), Line: line}, true
}
