package migration

import (
	"strings"

	"github.com/pleatdb/pleat/schema/sqltext"
)

// kind is what the division into steps needs to know about a statement.
type kind struct {
	verb      string // how messages call it
	outside   bool   // cannot run in a transaction
	enumValue bool   // adds a value to an enum
}

// kind classifies a statement and refuses those that a migration cannot hold.
func (p *parser) kind(s Statement) kind {
	c := sqltext.Classify(s.SQL)
	if c.TransactionControl {
		p.failAt(s, firstWord(s.SQL)+" in a migration", transactionHint(s.SQL))
	}
	return kind{verb: verb(c.Kind, s.SQL), outside: !c.Transactional, enumValue: c.NewEnumValue}
}

// verbs are the statements that can only run outside of a transaction in one of their forms, by the grammar's name.
var verbs = map[string]string{
	"IndexStmt":      "CREATE INDEX CONCURRENTLY",
	"DropStmt":       "DROP INDEX CONCURRENTLY",
	"AlterTableStmt": "DETACH PARTITION CONCURRENTLY",
}

func verb(kind, sql string) string {
	if v, ok := verbs[kind]; ok {
		return v
	}
	return firstWord(sql)
}

func firstWord(sql string) string {
	end := strings.IndexFunc(sql, func(r rune) bool { return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') })
	if end < 0 {
		end = len(sql)
	}
	return strings.ToUpper(sql[:end])
}
