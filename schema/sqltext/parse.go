package sqltext

import (
	"errors"
	"sync"

	pgquery "github.com/pganalyze/pg_query_go/v5"
)

// turn is held during a call into pg_query; doc.go says why. Nothing else is global here.
var turn sync.Mutex

// maxDepth bounds how many words and operators may be open at one place of a text that is given to
// the grammar. The library walks trees by recursion in C and crashes the process where an
// expression is some 30,000 levels deep; decoding gives up at 5,000 anyway.
const maxDepth = 8000

var errTooDeep = errors.New("text is nested too deeply for the grammar")

// tooDeep tells whether the tree of sql could be deeper than maxDepth. A comma or a
// semicolon ends what is open inside its brackets.
func tooDeep(sql string) bool {
	s := scanner{src: sql}
	open, outer := 0, []int{}
	base := 0
	for {
		t, ok, err := s.next()
		if err != nil || !ok {
			return false
		}
		switch {
		case t.is(sql, '('), t.is(sql, '['):
			outer = append(outer, open, base)
			open++
			base = open
		case (t.is(sql, ')') || t.is(sql, ']')) && len(outer) > 0:
			open, base = outer[len(outer)-2], outer[len(outer)-1]
			outer = outer[:len(outer)-2]
		case t.is(sql, ','), t.is(sql, ';'):
			open = base
		case t.kind == tokenWord, t.kind == tokenOp:
			open++
		}
		if open > maxDepth {
			return true
		}
	}
}

// parse returns the raw statements of sql.
func parse(sql string) ([]*pgquery.RawStmt, error) {
	if tooDeep(sql) {
		return nil, errTooDeep
	}
	turn.Lock()
	defer turn.Unlock()
	tree, err := pgquery.Parse(sql)
	if err != nil {
		return nil, err
	}
	return tree.Stmts, nil
}

// parseOne returns the only statement of sql, or nil where the grammar does not
// know it or there is not exactly one.
func parseOne(sql string) *pgquery.Node {
	stmts, err := parse(sql)
	if err != nil || len(stmts) != 1 {
		return nil
	}
	return stmts[0].Stmt
}

// kindOf returns the grammar's name of a node, such as "CreateStmt".
func kindOf(n *pgquery.Node) string {
	m := n.ProtoReflect()
	field := m.WhichOneof(m.Descriptor().Oneofs().Get(0))
	if field == nil {
		return ""
	}
	return string(field.Message().Name())
}
