package sqltext

import (
	"errors"
	"fmt"
	"strings"

	pgquery "github.com/pganalyze/pg_query_go/v5"
)

// IndexTwin gives a CREATE INDEX of the same index on another table, under another name: at once and in any case, whatever the statement
// says of CONCURRENTLY and IF NOT EXISTS. The server can then say whether an index that is there is what the statement means. What
// is written is read again and compared with what was meant.
func IndexTwin(stmt, name string, table Name) (string, error) {
	root := parseOne(stmt)
	index := root.GetIndexStmt()
	if index == nil {
		return "", errors.New("the statement is no CREATE INDEX that the grammar knows")
	}
	index.Concurrent, index.IfNotExists, index.Idxname, index.TableSpace = false, false, name, ""
	index.Relation.Catalogname, index.Relation.Schemaname, index.Relation.Relname, index.Relation.Inh = "", table.Schema, table.Name, true
	text, err := deparse(root)
	if err != nil {
		return "", fmt.Errorf("write the statement: %w", err)
	}
	if back := parseOne(text); back == nil || !sameTree(root, back) {
		return "", errors.New("the statement cannot be written for another table without changing it")
	}
	return text, nil
}

// Duplicates gives a query that shows the rows which stand in the way of a CREATE UNIQUE INDEX, by what they have in common; empty for
// any other statement, and where it cannot be written.
func Duplicates(stmt string) string {
	root := parseOne(stmt)
	index := root.GetIndexStmt()
	if index == nil || !index.Unique {
		return ""
	}
	var keys []string
	for _, p := range index.IndexParams {
		key := ""
		if e := p.GetIndexElem(); e.GetExpr() != nil {
			key = exprText(e.GetExpr())
		} else {
			key = exprText(pgquery.MakeColumnRefNode([]*pgquery.Node{pgquery.MakeStrNode(e.GetName())}, 0))
		}
		if key == "" {
			return ""
		}
		keys = append(keys, key)
	}
	table := exprText(pgquery.MakeColumnRefNode(nameNodes(relName(index.Relation)), 0))
	where := ""
	if index.WhereClause != nil {
		where = " WHERE " + exprText(index.WhereClause)
	}
	groups := make([]string, len(keys))
	for i := range keys {
		groups[i] = fmt.Sprint(i + 1)
	}
	return "SELECT " + strings.Join(keys, ", ") + ", count(*) FROM " + table + where + " GROUP BY " + strings.Join(groups, ", ") + " HAVING count(*) > 1"
}

func nameNodes(n Name) (out []*pgquery.Node) {
	if n.Schema != "" {
		out = append(out, pgquery.MakeStrNode(n.Schema))
	}
	return append(out, pgquery.MakeStrNode(n.Name))
}
