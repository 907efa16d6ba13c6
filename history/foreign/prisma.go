package foreign

import "strings"

func isPrisma(l *listing) bool { return len(l.children("migration.sql")) > 0 }

// readPrisma reads NAME/migration.sql in the order of the names. Prisma sends each file in one message and knows no way
// back; a down.sql beside it was written by hand and is read as one.
func readPrisma(l *listing) []File {
	return l.readNested(Prisma, "migration.sql", "down.sql", func(string) Mode { return OneQuery })
}

func isDiesel(l *listing) bool { return len(l.children("up.sql")) > 0 }

// readDiesel reads NAME/up.sql and NAME/down.sql, as Diesel and Hasura have them, in the order of the names.
func readDiesel(l *listing) []File {
	return l.readNested(Diesel, "up.sql", "down.sql", func(dir string) Mode {
		settings := dir + "/metadata.toml"
		if l.has(settings) {
			for line := range strings.Lines(l.head(settings)) {
				key, value, _ := strings.Cut(line, "=")
				if strings.TrimSpace(key) == "run_in_transaction" && strings.TrimSpace(value) == "false" {
					return Single
				}
			}
		}
		return Wrapped
	})
}

// readNested reads migrations that have a directory each.
func (l *listing) readNested(t Tool, upName, downName string, how func(dir string) Mode) (out []File) {
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
		up.out.NoTransaction = m == Single
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
