package foreign

import "strings"

func isDbmate(l *listing) bool { return l.marks(Dbmate) }

// readDbmate reads dbmate's files: DIGITS_name.sql with -- migrate:up and -- migrate:down, ordered by name.
func readDbmate(l *listing) (out []File) {
	for _, rel := range l.top() {
		version, name, ok := numbered(rel)
		switch {
		case !ok && !l.alone():
			l.skip(rel, "has no number in front of its name, so that dbmate does not run it")
		case l.wanted(rel):
			up := l.script(rel)
			down := up.other()
			d := directions{up: up, down: down, tool: Dbmate, marks: dbmateMarkers(up.text)}
			d.read()
			out = append(out, file(Dbmate, version, name, up, down))
		}
	}
	return out
}

func dbmateMarkers(text string) (out []marker) {
	for _, m := range markers(text, "migrate:") {
		if word, _, _ := strings.Cut(m.word, " "); word == "up" || word == "down" {
			out = append(out, m)
		}
	}
	return out
}
