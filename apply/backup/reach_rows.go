package backup

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/pleatdb/pleat/schema/sqltext"
)

// written adds a table whose rows a statement changes, with those that its foreign keys take along.
func (r *reach) written(ctx context.Context, w sqltext.Written) error {
	if w.Verb == "insert" || w.Verb == "copy" {
		return nil // nothing that was there goes
	}
	t := r.w.find(w.Table)
	if t == nil {
		return nil
	}
	tables, err := r.behind(ctx, t, w.Verb)
	if err != nil {
		return err
	}
	for _, one := range tables {
		if err := r.change(ctx, one, w); err != nil {
			return err
		}
	}
	return nil
}

// behind are the tables whose rows change when those of a relation do: the table with what inherits from it, or what a view shows.
func (r *reach) behind(ctx context.Context, t *table, verb string) ([]*table, error) {
	switch t.kind {
	case "f":
		r.unknown = append(r.unknown, fmt.Sprintf("%s: %s of the foreign table %s, whose rows are elsewhere", r.where, verb, t))
		return nil, nil
	case "m":
		return nil, nil
	case "v":
		return r.shown(ctx, t)
	}
	return []*table{t}, nil
}

// shown are the tables that a view shows, through other views too.
func (r *reach) shown(ctx context.Context, view *table) ([]*table, error) {
	rows, err := r.w.tx.Query(ctx, `WITH RECURSIVE behind AS (
			SELECT $1::pg_catalog.oid AS oid
			UNION SELECT d.refobjid FROM behind b JOIN pg_catalog.pg_rewrite w ON w.ev_class = b.oid
				JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass AND d.objid = w.oid
					AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass)
		SELECT DISTINCT oid FROM behind WHERE oid <> $1::pg_catalog.oid`, view.oid)
	if err != nil {
		return nil, fmt.Errorf("read what %s shows: %w", view, err)
	}
	oids, err := pgx.CollectRows(rows, pgx.RowTo[uint32])
	if err != nil {
		return nil, fmt.Errorf("read what %s shows: %w", view, err)
	}
	var out []*table
	for _, oid := range oids {
		if t := r.w.byOID[oid]; t != nil && (t.kind == "r" || t.kind == "p") {
			out = append(out, t)
		}
	}
	return out, nil
}

// change adds one table and what hangs on it.
func (r *reach) change(ctx context.Context, t *table, w sqltext.Written) error {
	var err error
	if len(w.Columns) > 0 {
		err = r.values(ctx, t, w.Columns, w.Verb)
	} else {
		err = r.rows(ctx, t, w.Verb)
	}
	if err != nil {
		return err
	}
	if err := r.followed(ctx, t, w); err != nil {
		return err
	}
	if t.kind == "p" || w.Only {
		return nil
	}
	for _, child := range t.children {
		if err := r.change(ctx, child, w); err != nil {
			return err
		}
	}
	return nil
}

// followed adds the tables that a change of rows reaches through foreign keys.
func (r *reach) followed(ctx context.Context, t *table, w sqltext.Written) error {
	if r.seen == nil {
		r.seen = map[*table]bool{}
		defer func() { r.seen = nil }()
	}
	if r.seen[t] {
		return nil
	}
	r.seen[t] = true
	for _, ref := range r.w.refs[t] {
		next := sqltext.Written{Verb: w.Verb, Cascade: w.Cascade}
		switch {
		case w.Verb == "truncate" && !w.Cascade:
			continue
		case w.Verb == "truncate":
		case len(w.Columns) > 0 && (ref.onUpdate == "a" || ref.onUpdate == "r" || !meet(ref.to, w.Columns)):
			continue
		case len(w.Columns) > 0:
			next.Verb, next.Columns = "update by foreign key of", ref.columns
		case ref.onDelete == "c":
			next.Verb = "delete by foreign key of"
		case ref.onDelete == "n" || ref.onDelete == "d":
			next.Verb, next.Columns = "update by foreign key of", ref.columns
		default:
			continue
		}
		if err := r.change(ctx, ref.from, next); err != nil {
			return err
		}
	}
	return nil
}

func meet(a, b []string) bool {
	return slices.ContainsFunc(a, func(s string) bool { return slices.Contains(b, s) })
}

// code adds the tables that a statement names which runs code. Where it calls only what cannot write, it is as good as any other.
func (r *reach) code(ctx context.Context, sql string, f sqltext.Fact) error {
	refs := sqltext.References(sql)
	writers, err := r.writers(ctx, refs.Functions)
	if err != nil {
		return err
	}
	block := f.Command == sqltext.RunCode
	if !block && f.Query != nil && len(writers) == 0 {
		return nil
	}
	named := 0
	for _, n := range refs.Relations {
		t := r.w.find(n)
		if t == nil || (t.kind != "r" && t.kind != "p") {
			continue
		}
		if err := r.change(ctx, t, sqltext.Written{Verb: "code that names"}); err != nil {
			return err
		}
		named++
	}
	switch {
	case block && refs.Complete && len(writers) == 0:
	case !refs.Complete || named == 0:
		r.unknown = append(r.unknown, fmt.Sprintf("%s: %s, which may change any table", r.where, describe(f, writers)))
	default:
		r.lacks("%s: what %s changes beyond the tables that the statement names", r.where, describe(f, writers))
	}
	return nil
}

func describe(f sqltext.Fact, writers []string) string {
	switch {
	case len(writers) > 0:
		return "the function " + strings.Join(writers, ", ")
	case f.Command == sqltext.RunCode:
		return "a block of code"
	}
	return "the statement"
}

// writers are those functions that may write: not PostgreSQL's own, and volatile.
func (r *reach) writers(ctx context.Context, calls []sqltext.FunctionName) ([]string, error) {
	var names []string
	for _, c := range calls {
		if c.Schema != "pg_catalog" && !slices.Contains(names, c.Name) {
			names = append(names, c.Name)
		}
	}
	if len(names) == 0 {
		return nil, nil
	}
	rows, err := r.w.tx.Query(ctx, `SELECT w.name FROM pg_catalog.unnest($1::pg_catalog.text[]) AS w (name)
		WHERE EXISTS (SELECT 1 FROM pg_catalog.pg_proc p WHERE p.proname = w.name AND p.provolatile = 'v' AND p.pronamespace <> 'pg_catalog'::pg_catalog.regnamespace)
			OR NOT EXISTS (SELECT 1 FROM pg_catalog.pg_proc p WHERE p.proname = w.name)`, names)
	if err != nil {
		return nil, fmt.Errorf("read the functions that are called: %w", err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, fmt.Errorf("read the functions that are called: %w", err)
	}
	return out, nil
}
