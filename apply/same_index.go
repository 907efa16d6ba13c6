package apply

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/pleatdb/pleat/schema"
	"github.com/pleatdb/pleat/schema/sqltext"
)

// facets are what an index is, apart from its name and its table, each with a word for it. The columns come as the server prints them.
const facets = `SELECT ARRAY[m.amname::text, i.indisunique::text, coalesce(pg_catalog.to_jsonb(i)->>'indnullsnotdistinct', 'false'), i.indnkeyatts::text,
		ARRAY(SELECT pg_catalog.pg_get_indexdef(i.indexrelid, k, false) FROM pg_catalog.generate_series(1, i.indnatts) k)::text,
		i.indclass::text, i.indcollation::text, i.indoption::text, coalesce(pg_catalog.pg_get_expr(i.indpred, i.indrelid), ''),
		coalesce((SELECT pg_catalog.array_agg(o ORDER BY o) FROM pg_catalog.unnest(c.reloptions) o)::text, '')]
	FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid JOIN pg_catalog.pg_am m ON m.oid = c.relam
	WHERE i.indexrelid = pg_catalog.to_regclass($1)`

var facetNames = []string{"method", "uniqueness", "treatment of nulls", "number of key columns", "columns", "operator classes", "collations", "order", "condition", "options"}

// proven checks that an index which was to be created is there, valid, and what the statement says: IF NOT EXISTS passes over any index of
// that name in silence.
func (r *runner) proven(ctx context.Context, w *work, existed bool) error {
	stmt := w.statements()[0]
	c, ok := concurrentIndex(stmt.SQL)
	if !ok || c.drop {
		return nil
	}
	st, err := r.look(ctx, c)
	if err != nil {
		return err
	}
	if err := c.stands(st); err != nil || !existed {
		return err
	}
	return r.sameIndex(ctx, w, stmt.SQL, c, st)
}

// stands refuses an index that is not there, or not valid, after the statement that was to make it.
func (c concurrent) stands(st indexState) error {
	switch {
	case !st.exists:
		return &Refused{Code: "other_index", Reason: "there is no index " + c.name + " of " + c.table + " after the statement: the name belongs to something else",
			Next: "give the index in the file another name"}
	case !st.valid:
		return &Refused{Code: "invalid_index", Reason: "index " + st.name + " is not valid after the statement",
			Next: "drop it, and run again: DROP INDEX CONCURRENTLY " + st.name}
	}
	return nil
}

// execIndex sends a statement of a transaction. After CREATE INDEX IF NOT EXISTS, which passes over whatever has the name, the index must be there,
// valid, and what the statement says.
func (r *runner) execIndex(ctx context.Context, w *work, sql string) error {
	c, ok := indexIfNotExists(sql)
	if !ok || w.m.Generated { // which never says that
		_, err := r.exec(ctx, sql)
		return err
	}
	before, err := r.look(ctx, c)
	if err != nil {
		return err
	}
	if _, err := r.exec(ctx, sql); err != nil {
		return err
	}
	st, err := r.look(ctx, c)
	if err != nil {
		return err
	}
	if err := c.stands(st); err != nil || !before.exists {
		return err
	}
	return r.sameIndex(ctx, w, sql, c, st)
}

// indexIfNotExists reads CREATE INDEX IF NOT EXISTS. That ON ONLY a partitioned table makes an index which is not valid before it has its parts.
func indexIfNotExists(sql string) (c concurrent, ok bool) {
	f := sqltext.Facts(sql)
	if f.Command != sqltext.CreateIndex || !f.IfNotExists || f.Only || len(f.Objects) == 0 {
		return c, false
	}
	o := f.Objects[0]
	c.index = schema.ID{Kind: schema.KindIndex, Schema: o.Of.Schema, Parent: o.Of.Name, Name: o.Name.Name}
	c.name, c.table = schema.Qualified(o.Of.Schema, o.Name.Name), schema.Qualified(o.Of.Schema, o.Of.Name)
	return c, true
}

// sameIndex compares an index that is there with what a statement says. The server itself says what the statement means: the index is made on an
// empty temporary table of the same columns, and taken back. Where that cannot be done it is said, and the index is taken for what it is called.
func (r *runner) sameIndex(ctx context.Context, w *work, sql string, c concurrent, st indexState) error {
	differs, err := r.differs(ctx, w, sql, c, st)
	if r.conn.IsClosed() || ctx.Err() != nil {
		return err
	}
	if err != nil {
		r.opts.observe(Warned{fmt.Sprintf("index %s was there already, and nobody can tell whether it is what the statement says: %v", st.name, err)})
		return nil
	}
	if differs == "" {
		return nil
	}
	return &Refused{Code: "other_index", Reason: fmt.Sprintf("index %s was there already and is another: its %s", st.name, differs),
		Next: "give the index in the file another name, or drop the one that is there"}
}

// differs says in what two indexes differ; empty where they do not.
func (r *runner) differs(ctx context.Context, w *work, stmt string, c concurrent, st indexState) (differs string, err error) {
	twin, err := sqltext.IndexTwin(stmt, "pleat_twin_index", sqltext.Name{Schema: "pg_temp", Name: "pleat_twin"})
	if err != nil {
		return "", err
	}
	begin, back := "BEGIN", "ROLLBACK"
	if r.conn.PgConn().TxStatus() != 'I' {
		begin, back = "SAVEPOINT pleat_twin", "ROLLBACK TO SAVEPOINT pleat_twin"
	}
	if _, err := r.exec(ctx, begin); err != nil {
		return "", err
	}
	defer func() {
		_, failed := r.exec(context.WithoutCancel(ctx), back)
		err = errors.Join(err, failed)
	}()
	if err := r.set(ctx, true, r.settings(w, stepHarm)...); err != nil {
		return "", err
	}
	for _, sql := range []string{"CREATE TEMPORARY TABLE pleat_twin (LIKE " + c.table + ")", twin} {
		if _, err := r.exec(ctx, sql); err != nil {
			return "", err
		}
	}
	var there, meant []string
	if err := r.conn.QueryRow(ctx, facets, query, st.name).Scan(&there); err != nil {
		return "", fmt.Errorf("read index %s: %w", st.name, err)
	}
	if err := r.conn.QueryRow(ctx, facets, query, "pg_temp.pleat_twin_index").Scan(&meant); err != nil {
		return "", fmt.Errorf("read what the statement means: %w", err)
	}
	if slices.Equal(there, meant) {
		return "", nil
	}
	for i, name := range facetNames {
		if there[i] != meant[i] {
			return fmt.Sprintf("%s is %s and not %s", name, orNothing(there[i]), orNothing(meant[i])), nil
		}
	}
	return "", nil
}

func orNothing(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

// duplicated adds to the error of a unique index a query that shows the rows in its way.
func duplicated(e *StepError) *StepError {
	var pg *pgconn.PgError
	if e.SQLState != "23505" || !errors.As(e.Err, &pg) {
		return e
	}
	if q := sqltext.Duplicates(e.Statement.SQL); q != "" {
		e.Next = "see the rows that stand in the way: " + q + "; mend them, and run again: pleat apply"
	}
	return e
}
