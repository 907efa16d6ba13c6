package foreign

import "strings"

func isTern(l *listing) bool { return l.marks(Tern) || l.has("tern.conf") }

func ternWord(line string) string {
	body, ok := strings.CutPrefix(strings.TrimSpace(line), "----")
	if !ok {
		return ""
	}
	body, ok = strings.CutSuffix(body, "----")
	if !ok {
		return ""
	}
	return strings.ToLower(strings.TrimSpace(body))
}

func isTernLine(line string) bool {
	word := ternWord(line)
	return word == "create above / drop below" || word == "tern: disable-tx"
}

// readTern reads tern's files: 001_name.sql, a line between the way up and the way back.
func readTern(l *listing) (out []File) {
	for _, rel := range l.top() {
		version, name, ok := numbered(rel)
		switch {
		case !ok && !l.alone():
			l.skip(rel, "has no number in front of its name, so that tern does not run it")
			continue
		case !l.wanted(rel):
			continue
		}
		up := l.script(rel)
		m, from := Wrapped, len(up.text)
		end, offset := len(up.text), 0
		for line := range strings.Lines(up.text) {
			switch ternWord(line) {
			case "tern: disable-tx":
				m, up.out.NoTransaction = Single, true
			case "create above / drop below":
				end, from = offset, offset+len(line)
			}
			offset += len(line)
		}
		if at := strings.Index(up.text, "{{"); at >= 0 && !up.broken {
			line, column := place(up.text, at)
			up.problem(line, column, "holds a template that only tern can fill in", "read the SQL that it gives")
		}
		down := up.other()
		up.piece(0, end, m)
		down.piece(from, len(down.text), m)
		out = append(out, file(Tern, version, name, up, down))
	}
	return byNumber(out)
}
