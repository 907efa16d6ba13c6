package sqltext

import (
	"slices"
	"strconv"
	"strings"

	pgquery "github.com/pganalyze/pg_query_go/v5"
)

// Condition is one comparison of a column with constants in an expression: what somebody who looks for values that satisfy the
// expression would try first.
type Condition struct {
	// Column is the bare name; VALUE of a domain's check is "value".
	Column string
	// Function is the bare name of the function that is applied to the column, such as length; empty for none.
	Function string
	// Operator is the bare name, such as "=", "<" or "~"; IN, = ANY and IS NOT DISTINCT FROM are "=", LIKE is "~~", BETWEEN is "<=".
	Operator string
	// Values are the constants as text, in the order in which they stand.
	Values []string
}

// Conditions lists the comparisons in an expression. It is advice, not logic: AND, OR and NOT are not told apart. An expression
// that the grammar does not know has none.
func Conditions(expr string) []Condition {
	node := parseOne("SELECT " + expr)
	if node == nil {
		return nil
	}
	var out []Condition
	walk(node.ProtoReflect(), func(m message) bool {
		if e, ok := m.Interface().(*pgquery.A_Expr); ok {
			out = append(out, conditionsOf(e)...)
		}
		return true
	})
	return out
}

// conditionsOf pairs each column of a comparison with all constants of it.
func conditionsOf(e *pgquery.A_Expr) []Condition {
	operator := "="
	switch e.Kind {
	case pgquery.A_Expr_Kind_AEXPR_BETWEEN, pgquery.A_Expr_Kind_AEXPR_BETWEEN_SYM,
		pgquery.A_Expr_Kind_AEXPR_NOT_BETWEEN, pgquery.A_Expr_Kind_AEXPR_NOT_BETWEEN_SYM:
		operator = "<="
	case pgquery.A_Expr_Kind_AEXPR_DISTINCT, pgquery.A_Expr_Kind_AEXPR_NOT_DISTINCT:
	default:
		if names := strs(e.Name); len(names) > 0 {
			operator = names[len(names)-1]
		}
	}
	var values []string
	var columns []Condition
	for _, side := range []*pgquery.Node{e.Lexpr, e.Rexpr} {
		if side == nil {
			continue
		}
		walk(side.ProtoReflect(), func(m message) bool {
			switch n := m.Interface().(type) {
			case *pgquery.A_Const:
				if text, ok := constant(n); ok {
					values = append(values, text)
				}
			case *pgquery.ColumnRef:
				columns = append(columns, Condition{Column: lastName(n), Function: appliedTo(side, n), Operator: operator})
			}
			return true
		})
	}
	if len(values) == 0 {
		return nil
	}
	for i := range columns {
		columns[i].Values = values
	}
	return columns
}

func lastName(n *pgquery.ColumnRef) string {
	names := strs(n.Fields)
	if len(names) == 0 {
		return ""
	}
	return names[len(names)-1]
}

// appliedTo is the innermost function below top whose argument the column is.
func appliedTo(top *pgquery.Node, column *pgquery.ColumnRef) string {
	name := ""
	walk(top.ProtoReflect(), func(m message) bool {
		call, ok := m.Interface().(*pgquery.FuncCall)
		if !ok {
			return true
		}
		walk(m, func(below message) bool {
			if below.Interface() == column {
				if names := strs(call.Funcname); len(names) > 0 {
					name = names[len(names)-1]
				}
			}
			return true
		})
		return true
	})
	return name
}

// constant is the text of a constant; NULL has none.
func constant(n *pgquery.A_Const) (string, bool) {
	switch v := n.Val.(type) {
	case *pgquery.A_Const_Ival:
		return strconv.Itoa(int(v.Ival.GetIval())), true
	case *pgquery.A_Const_Fval:
		return v.Fval.GetFval(), true
	case *pgquery.A_Const_Sval:
		return v.Sval.GetSval(), true
	case *pgquery.A_Const_Boolval:
		return strconv.FormatBool(v.Boolval.GetBoolval()), true
	}
	return "", false
}

// ExprColumns lists the columns that an expression about one relation names, each once and sorted. ok is false where the
// grammar does not know the text.
func ExprColumns(expr string) (columns []string, ok bool) {
	node := parseOne("SELECT " + expr)
	if node == nil {
		return nil, false
	}
	walk(node.ProtoReflect(), func(m message) bool {
		if ref, is := m.Interface().(*pgquery.ColumnRef); is {
			columns = append(columns, lastName(ref))
		}
		return true
	})
	slices.Sort(columns)
	return slices.Compact(columns), true
}

// Conjuncts are the parts that a condition joins by AND, each as text of its own; the condition itself where it joins none, or where
// the grammar does not know it.
func Conjuncts(expr string) []string {
	node := parseOne("SELECT " + expr)
	if node == nil {
		return []string{expr}
	}
	targets := node.GetSelectStmt().GetTargetList()
	if len(targets) != 1 {
		return []string{expr}
	}
	var out []string
	for _, arg := range joinedByAnd(targets[0].GetResTarget().GetVal()) {
		text, ok := deparseExpr(arg)
		if !ok {
			return []string{expr}
		}
		out = append(out, text)
	}
	return out
}

func joinedByAnd(n *pgquery.Node) []*pgquery.Node {
	b := n.GetBoolExpr()
	if b == nil || b.Boolop != pgquery.BoolExprType_AND_EXPR {
		return []*pgquery.Node{n}
	}
	var out []*pgquery.Node
	for _, arg := range b.Args {
		out = append(out, joinedByAnd(arg)...)
	}
	return out
}

// deparseExpr writes an expression as text.
func deparseExpr(n *pgquery.Node) (string, bool) {
	target := &pgquery.Node{Node: &pgquery.Node_ResTarget{ResTarget: &pgquery.ResTarget{Val: n}}}
	query := &pgquery.Node{Node: &pgquery.Node_SelectStmt{SelectStmt: &pgquery.SelectStmt{
		TargetList: []*pgquery.Node{target}, Op: pgquery.SetOperation_SETOP_NONE, LimitOption: pgquery.LimitOption_LIMIT_OPTION_DEFAULT}}}
	turn.Lock()
	defer turn.Unlock()
	text, err := pgquery.Deparse(&pgquery.ParseResult{Stmts: []*pgquery.RawStmt{{Stmt: query}}})
	return strings.TrimPrefix(text, "SELECT "), err == nil
}
