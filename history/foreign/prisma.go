package foreign

import "strings"

func isPrisma(l *listing) bool { return len(l.children("migration.sql")) > 0 }

// readPrisma reads NAME/migration.sql in the order of the names. Prisma sends each file in one message and knows no way
// back; a down.sql beside it was written by hand and is read as one.
func readPrisma(l *listing) []File {
	return l.readNested(Prisma, "migration.sql", "down.sql", func(string) mode { return oneQuery })
}

func isDiesel(l *listing) bool { return len(l.children("up.sql")) > 0 }

// readDiesel reads NAME/up.sql and NAME/down.sql, as Diesel and Hasura have them, in the order of the names.
func readDiesel(l *listing) []File {
	return l.readNested(Diesel, "up.sql", "down.sql", func(dir string) mode {
		settings := dir + "/metadata.toml"
		if l.has(settings) {
			for line := range strings.Lines(l.head(settings)) {
				key, value, _ := strings.Cut(line, "=")
				if strings.TrimSpace(key) == "run_in_transaction" && strings.TrimSpace(value) == "false" {
					return single
				}
			}
		}
		return wrapped
	})
}

// readNested reads migrations that have a directory each.
func (l *listing) readNested(t Tool, upName, downName string, how func(dir string) mode) (out []File) {
	for _, dir := range l.children(upName) {
		rel, back := dir+"/"+upName, dir+"/"+downName
		if !l.has(back) {
			back = ""
		}
		if !l.wanted(rel, back) {
			continue
		}
		m := how(dir)
		up := l.script(rel)
		up.out.NoTransaction = m == single
		up.whole(m)
		var down *script
		if back != "" {
			down = l.script(back)
			down.whole(m)
		}
		version, name, _ := strings.Cut(dir, "_")
		out = append(out, file(t, version, name, up, down))
	}
	return out
}
