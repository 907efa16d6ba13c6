package migration

import "strings"

// kind is what the division into steps needs to know about a statement.
type kind struct {
	verb      string
	outside   bool // cannot run in a transaction
	enumValue bool // adds a value to an enum
}

// kind classifies a statement and refuses those that a migration cannot hold.
func (p *parser) kind(s Statement) kind {
	w := strings.ToUpper(strings.Join(strings.Fields(s.SQL), " ")) + " "
	var k kind
	switch {
	case strings.HasPrefix(w, "BEGIN ") || strings.HasPrefix(w, "COMMIT ") || strings.HasPrefix(w, "START TRANSACTION"):
		verb, _, _ := strings.Cut(w, " ")
		p.failAt(s, verb+" in a migration", "pleat opens and ends the transactions; delete the line")
	case strings.HasPrefix(w, "CREATE INDEX CONCURRENTLY") || strings.HasPrefix(w, "CREATE UNIQUE INDEX CONCURRENTLY"):
		k = kind{verb: "CREATE INDEX CONCURRENTLY", outside: true}
	case strings.HasPrefix(w, "DROP INDEX CONCURRENTLY"):
		k = kind{verb: "DROP INDEX CONCURRENTLY", outside: true}
	case strings.HasPrefix(w, "VACUUM "):
		k = kind{verb: "VACUUM", outside: true}
	case strings.HasPrefix(w, "ALTER TYPE") && strings.Contains(w, " ADD VALUE "):
		k.enumValue = true
	}
	return k
}
