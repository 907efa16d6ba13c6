package migration

import (
	"fmt"
	"strings"

	"github.com/pleatdb/pleat/schema/sqltext"
)

// unwrap takes BEGIN and COMMIT away where they stand around all statements of a step or of its way back: that is the transaction which
// pleat opens and ends anyway, together with the row of its log.
func (p *parser) unwrap(b *block) {
	last := len(b.stmts) - 1
	if b.outside || b.batch != nil || last < 2 {
		return
	}
	begins, _ := sqltext.ReadTransaction(b.stmts[0].SQL)
	_, ends := sqltext.ReadTransaction(b.stmts[last].SQL)
	if begins && ends {
		b.begin, b.stmts, b.wrapped = b.stmts[0], b.stmts[1:last], true
	}
}

// whole refuses statements that cannot share the transaction which BEGIN and COMMIT ask for.
func (p *parser) whole(b *block, parts []part) {
	if !b.wrapped || len(parts) == 1 && !parts[0].outside {
		return
	}
	for i, part := range parts {
		if part.outside || i > 0 {
			p.notWhole(b, part.stmts[0])
			return
		}
	}
}

func (p *parser) notWhole(b *block, stmt Statement) {
	p.failAt(stmt, fmt.Sprintf("cannot run in one transaction with what is before it, but line %d begins one", b.begin.Line), "delete BEGIN and COMMIT")
}

// transactionHint says what to write in the place of a statement that opens or ends a transaction.
func transactionHint(sql string) string {
	switch begins, ends := sqltext.ReadTransaction(sql); {
	case begins, ends:
		return "pleat opens and ends the transactions; delete the line, and give each transaction a step of its own where there are several: -- pleat: step N"
	}
	switch firstWord(sql) {
	case "BEGIN", "START":
		return "pleat opens and ends the transactions, at READ COMMITTED; delete the line"
	case "SAVEPOINT", "RELEASE", "ROLLBACK", "ABORT":
		return "a step that fails is rolled back as a whole; delete the line, or catch the error in a DO block with EXCEPTION"
	case "PREPARE":
		return "a prepared transaction would leave the log behind; delete the line"
	}
	return "pleat opens and ends the transactions; delete the line"
}

// commandHint says what to write in the place of a command of psql.
func commandHint(name string) string {
	switch strings.ToLower(name) {
	case `\i`, `\ir`, `\include`, `\include_relative`:
		return "put the statements of that file here: what runs must be what pleat.sum covers"
	case `\copy`:
		return "write INSERT, or load the rows beside the migrations"
	case `\c`, `\connect`:
		return "a migration runs in one database; write one for each"
	case `\gexec`:
		return "write a DO block with EXECUTE"
	case `\restrict`, `\unrestrict`, `\.`:
		return "delete the line: pg_dump writes it for psql"
	case `\if`, `\elif`, `\else`, `\endif`:
		return "write a DO block with IF"
	case `\set`, `\gset`:
		return "write the value itself, or a DO block with a variable"
	}
	return "write the SQL that it stands for"
}
