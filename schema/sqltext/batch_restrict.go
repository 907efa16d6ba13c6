package sqltext

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	pgquery "github.com/pganalyze/pg_query_go/v5"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// Restrict gives the same statement over one table alone and, beside its own WHERE, under a further condition: SQL that may
// have parameters and that calls the target by [Batch.Alias]. The table is the target itself, a partition of it or a table that
// inherits from it. Where returning is not empty, the statement returns that system column of the target.
//
// What is written is read again and compared with what was meant, so that no mistake of the deparser can change what the
// statement does; where they differ it is an error.
func (b *Batch) Restrict(table Name, where, returning string) (string, error) {
	stmts, err := parse(b.sql)
	if err != nil {
		return "", fmt.Errorf("read the statement: %w", err)
	}
	condition, err := parseCondition(where)
	if err != nil {
		return "", err
	}
	if b.spelled && (table.Name != b.Target.Name || b.Target.Schema != "" && table.Schema != b.Target.Schema) {
		return "", fmt.Errorf("an expression calls the table %s, which does not do for its part %s; write %s.column",
			b.Target.Schema+"."+b.Target.Name, table.Schema+"."+table.Name, b.Alias)
	}
	root := stmts[0].Stmt
	var target *pgquery.RangeVar
	if u := root.GetUpdateStmt(); u != nil {
		target, u.WhereClause, u.ReturningList = u.Relation, allOf(u.WhereClause, condition), b.returned(returning)
	} else {
		d := root.GetDeleteStmt()
		target, d.WhereClause, d.ReturningList = d.Relation, allOf(d.WhereClause, condition), b.returned(returning)
	}
	target.Inh, target.Schemaname, target.Relname = false, table.Schema, table.Name
	if target.Alias == nil && table.Name != b.Alias {
		target.Alias = &pgquery.Alias{Aliasname: b.Alias}
	}
	return write(root)
}

// returned is the list of a RETURNING with one system column of the target.
func (b *Batch) returned(column string) []*pgquery.Node {
	if column == "" {
		return nil
	}
	ref := pgquery.MakeColumnRefNode([]*pgquery.Node{pgquery.MakeStrNode(b.Alias), pgquery.MakeStrNode(column)}, 0)
	return []*pgquery.Node{{Node: &pgquery.Node_ResTarget{ResTarget: &pgquery.ResTarget{Val: ref}}}}
}

func parseCondition(where string) (*pgquery.Node, error) {
	stmts, err := parse("SELECT 1 WHERE " + where)
	if err != nil {
		return nil, fmt.Errorf("read the condition of a batch: %w", err)
	}
	if len(stmts) != 1 || stmts[0].Stmt.GetSelectStmt().GetWhereClause() == nil {
		return nil, errors.New("read the condition of a batch: it is not one condition")
	}
	return stmts[0].Stmt.GetSelectStmt().WhereClause, nil
}

// allOf demands both, as one flat list, which is how the grammar reads "a AND b AND c".
func allOf(a, b *pgquery.Node) *pgquery.Node {
	if a == nil {
		return b
	}
	return pgquery.MakeBoolExprNode(pgquery.BoolExprType_AND_EXPR, slices.Concat(conjuncts(a), conjuncts(b)), 0)
}

// write turns a tree into text and holds the text against the tree.
func write(root *pgquery.Node) (string, error) {
	text, err := deparse(root)
	if err != nil {
		return "", fmt.Errorf("write the statement of a batch: %w", err)
	}
	back := parseOne(text)
	if back == nil || !sameTree(root, back) {
		return "", errors.New("the statement cannot be written with a further condition without changing it; write it in a simpler way")
	}
	return text, nil
}

func deparse(root *pgquery.Node) (string, error) {
	turn.Lock()
	defer turn.Unlock()
	return pgquery.Deparse(&pgquery.ParseResult{Stmts: []*pgquery.RawStmt{{Stmt: root}}})
}

// sameTree compares two trees without the places in the text that they came from.
func sameTree(a, b *pgquery.Node) bool {
	x, y := proto.Clone(a), proto.Clone(b)
	withoutPlaces(x.ProtoReflect())
	withoutPlaces(y.ProtoReflect())
	return proto.Equal(x, y)
}

func withoutPlaces(m message) {
	walk(m, func(m message) bool {
		fields := m.Descriptor().Fields()
		for i := range fields.Len() {
			f := fields.Get(i)
			if f.Kind() == protoreflect.Int32Kind && !f.IsList() && strings.HasSuffix(string(f.Name()), "location") {
				m.Clear(f)
			}
		}
		return true
	})
}

// ParseName reads a table's name as SQL writes it, quoted where needed, with or without its schema.
func ParseName(text string) (Name, error) {
	parts, ok := splitName(text)
	if !ok || len(parts) > 2 || slices.Contains(parts, "") {
		return Name{}, fmt.Errorf("%q is not the name of a table", text)
	}
	return nameOf(parts), nil
}

// ParseNames reads a list of names between commas, such as the columns of a key, quoted as in SQL.
func ParseNames(text string) ([]string, error) {
	tokens, err := significant(text)
	if err != nil || len(tokens)%2 == 0 {
		return nil, fmt.Errorf("%q is not a list of columns", text)
	}
	var out []string
	for i, t := range tokens {
		if i%2 == 1 {
			if t.text(text) != "," {
				return nil, fmt.Errorf("%q is not a list of columns", text)
			}
			continue
		}
		name, ok := splitName(t.text(text))
		if !ok || len(name) != 1 || name[0] == "" {
			return nil, fmt.Errorf("%q is not a list of columns", text)
		}
		out = append(out, name[0])
	}
	return out, nil
}
