package foreign

import (
	"slices"
	"strings"
)

// golangName splits 1_name.up.sql into its parts.
func golangName(rel string) (version, name, direction string, ok bool) {
	base, found := strings.CutSuffix(rel, ".sql")
	if !found || strings.Contains(rel, "/") {
		return "", "", "", false
	}
	dot := strings.LastIndexByte(base, '.')
	if dot < 0 || base[dot+1:] != "up" && base[dot+1:] != "down" {
		return "", "", "", false
	}
	version, name, ok = numbered(base[:dot])
	return version, name, base[dot+1:], ok
}

func isGolangMigrate(l *listing) bool {
	return slices.ContainsFunc(l.entries, func(e entry) bool { _, _, _, ok := golangName(e.rel); return ok })
}

// readGolangMigrate reads pairs of 1_name.up.sql and 1_name.down.sql, ordered by number. Each file is sent in one message.
func readGolangMigrate(l *listing) (out []File) {
	ups := map[string]bool{}
	for _, rel := range l.top() {
		version, name, direction, ok := golangName(rel)
		switch {
		case !ok:
			l.skip(rel, "is not called like 1_name.up.sql, so that golang-migrate does not run it")
			continue
		case direction == "down":
			continue
		}
		back := strings.TrimSuffix(rel, ".up.sql") + ".down.sql"
		ups[back] = true
		if !l.has(back) {
			back = ""
		}
		if !l.wanted(rel, back) {
			continue
		}
		up := l.script(rel)
		up.whole(OneQuery)
		var down *script
		if back != "" {
			down = l.script(back)
			down.whole(OneQuery)
		}
		out = append(out, file(GolangMigrate, version, name, up, down))
	}
	for _, rel := range l.top() {
		if _, _, direction, ok := golangName(rel); ok && direction == "down" && !ups[rel] {
			l.skip(rel, "leads back from a version that has no .up.sql")
		}
	}
	return byNumber(out)
}
