package foreign

func isSQLMigrate(l *listing) bool { return l.marks(SQLMigrate) }

// readSQLMigrate reads the files of sql-migrate: -- +migrate Up and -- +migrate Down, ordered by the number in front of the
// name.
func readSQLMigrate(l *listing) (out []File) {
	for _, rel := range l.top() {
		if !l.wanted(rel) {
			continue
		}
		version, name, _ := numbered(rel)
		up := l.script(rel)
		down := up.other()
		d := directions{up: up, down: down, tool: SQLMigrate, marks: markers(up.text, "+migrate")}
		d.read()
		out = append(out, file(SQLMigrate, version, name, up, down))
	}
	return byNumber(out)
}
