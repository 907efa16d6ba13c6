package foreign

func isPlain(l *listing) bool { return len(l.top()) > 0 }

// readPlain reads SQL files in the order of their names, each as psql or a program that sends files would run it.
func readPlain(l *listing) (out []File) {
	for _, rel := range l.top() {
		if !l.wanted(rel) {
			continue
		}
		s := l.script(rel)
		s.whole(Automatic)
		version, name, ok := numbered(rel)
		if !ok {
			version = ""
		}
		out = append(out, file(Plain, version, name, s, nil))
	}
	return out
}
