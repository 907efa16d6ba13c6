package sqltext

import (
	"errors"
	"fmt"
	"slices"

	pgquery "github.com/pganalyze/pg_query_go/v5"
)

// Batch is an UPDATE or DELETE that can run over a part of its table at a time; see [ReadBatch].
type Batch struct {
	// Target is the table as the statement names it; Only is set where it leaves out the tables that inherit from it.
	Target Name
	Only   bool
	Delete bool
	// Alias is how the statement's expressions call the target.
	Alias string
	// Sets are the columns that an UPDATE assigns, in the order of the text.
	Sets []string
	// Settles is set when the statement provably leaves out the rows that it has changed: a DELETE, or an UPDATE with
	// "c IS NULL" or "c IS DISTINCT FROM the value that c gets" among what its WHERE demands. Running it twice does no harm.
	Settles bool

	sql string
	// spelled is set when an expression names the target with its schema, which a statement over another table cannot.
	spelled bool
}

// ReadBatch reads a statement that is to run in batches. The error says why it cannot: it is no UPDATE or DELETE, or a
// part of it would run anew with each batch or cannot be bounded by a condition on the target's rows.
func ReadBatch(sql string) (*Batch, error) {
	stmts, err := parse(sql)
	if err != nil {
		return nil, fmt.Errorf("read the statement: %w", err)
	}
	if len(stmts) != 1 {
		return nil, errors.New("a step in batches holds one statement")
	}
	b := &Batch{sql: sql}
	root := stmts[0].Stmt
	switch {
	case root.GetUpdateStmt() != nil:
		u := root.GetUpdateStmt()
		b.target(u.Relation)
		b.sets(u)
		b.Settles = b.settles(u)
		err = boundable(u.Relation, u.ReturningList)
	case root.GetDeleteStmt() != nil:
		d := root.GetDeleteStmt()
		b.target(d.Relation)
		b.Delete, b.Settles = true, true
		err = boundable(d.Relation, d.ReturningList)
	default:
		return nil, errors.New("only an UPDATE or a DELETE can run in batches")
	}
	if err != nil {
		return nil, err
	}
	return b, b.inspect(root)
}

func boundable(r *pgquery.RangeVar, returning []*pgquery.Node) error {
	if len(returning) > 0 {
		return errors.New("nobody reads what RETURNING gives in a batch; leave it out")
	}
	if r.Catalogname != "" {
		return errors.New("the table is named with its database; leave that out")
	}
	return nil
}

func (b *Batch) target(r *pgquery.RangeVar) {
	b.Target, b.Only, b.Alias = Name{r.Schemaname, r.Relname}, !r.Inh, r.Relname
	if r.Alias != nil {
		b.Alias = r.Alias.Aliasname
	}
}

func (b *Batch) sets(u *pgquery.UpdateStmt) {
	for _, n := range u.TargetList {
		b.Sets = append(b.Sets, n.GetResTarget().GetName())
	}
}

// inspect looks at every node for what cannot run in parts.
func (b *Batch) inspect(root *pgquery.Node) (err error) {
	first := true
	refuse := func(reason string) bool {
		if err == nil {
			err = errors.New(reason)
		}
		return false
	}
	walk(root.ProtoReflect(), func(m message) bool {
		switch n := m.Interface().(type) {
		case *pgquery.InsertStmt, *pgquery.MergeStmt:
			return refuse("its WITH changes rows, and would do so again with each batch")
		case *pgquery.UpdateStmt, *pgquery.DeleteStmt:
			if !first {
				return refuse("its WITH changes rows, and would do so again with each batch")
			}
			first = false
		case *pgquery.CurrentOfExpr:
			return refuse("WHERE CURRENT OF needs a cursor, which a batch has not")
		case *pgquery.ParamRef:
			return refuse(fmt.Sprintf("$%d is a parameter, which a migration cannot give a value", n.Number))
		case *pgquery.ColumnRef:
			fields := strs(n.Fields)
			b.spelled = b.spelled || len(fields) > 2 && fields[len(fields)-2] == b.Target.Name
		}
		return true
	})
	return err
}

// settles looks for a condition that no changed row fulfils.
func (b *Batch) settles(u *pgquery.UpdateStmt) bool {
	return slices.ContainsFunc(conjuncts(u.WhereClause), func(n *pgquery.Node) bool {
		if t := n.GetNullTest(); t != nil {
			return t.Nulltesttype == pgquery.NullTestType_IS_NULL && b.assigned(u, t.Arg) != nil
		}
		e := n.GetAExpr()
		if e.GetKind() != pgquery.A_Expr_Kind_AEXPR_DISTINCT {
			return false
		}
		value := b.assigned(u, e.Lexpr)
		return value != nil && sameTree(value, e.Rexpr)
	})
}

// assigned is the value that an UPDATE gives to the column of the target which an expression is; nil when it is none.
func (b *Batch) assigned(u *pgquery.UpdateStmt, expr *pgquery.Node) *pgquery.Node {
	fields := strs(expr.GetColumnRef().GetFields())
	if len(fields) == 0 || len(fields) > 1 && fields[len(fields)-2] != b.Alias || len(fields) == 1 && len(u.FromClause) > 0 {
		return nil
	}
	for _, n := range u.TargetList {
		t := n.GetResTarget()
		if t.GetName() == fields[len(fields)-1] && len(t.Indirection) == 0 && t.Val.GetMultiAssignRef() == nil {
			return t.Val
		}
	}
	return nil
}

// conjuncts are the conditions that a WHERE demands all at once.
func conjuncts(where *pgquery.Node) []*pgquery.Node {
	if where == nil {
		return nil
	}
	if e := where.GetBoolExpr(); e != nil && e.Boolop == pgquery.BoolExprType_AND_EXPR {
		return e.Args
	}
	return []*pgquery.Node{where}
}
