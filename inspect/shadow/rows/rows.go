package rows

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/pleatdb/pleat/schema"
)

// Options say how many rows are made, and of which kind.
type Options struct {
	// Rows is how many each table gets; a partitioned table's are divided among its partitions. 0 means 1,000.
	Rows int
	// Seed chooses among what fits; the same seed gives the same rows.
	Seed uint64
	// Count overrides Rows for single tables.
	Count map[schema.ID]int
	// Nulls is the fraction of rows in which a column is NULL, by the column's address. Others are NULL only where nothing
	// else fits: a column that is never NULL in production must not fail a migration here.
	Nulls map[schema.ID]float64
}

// Report is what every table got.
type Report struct {
	Tables []Filled
	// Notes are remarks about what is no table, such as a materialized view that could not be refreshed.
	Notes []string
}

// Filled is one table after the filling.
type Filled struct {
	Table schema.ID
	Rows  int64
	// Wanted is how many rows were asked for.
	Wanted int
	// Reason says why there are fewer; empty where there are enough.
	Reason string
}

// Missing lists the tables that got no row although some were wanted.
func (r *Report) Missing() (out []Filled) {
	for _, t := range r.Tables {
		if t.Rows == 0 && t.Wanted > 0 {
			out = append(out, t)
		}
	}
	return out
}

// filler fills one database.
type filler struct {
	conn  *pgx.Conn
	tx    pgx.Tx
	opts  Options
	s     *structure
	pools int
	// rows counts what each root table holds, for those that refer to it.
	rows   map[uint32]int64
	report *Report
}

// Fill makes rows in every table of a database that holds its structure and no rows. The connection must be outside of a
// transaction and belong to a superuser: triggers and foreign keys do not fire while rows are made, and the foreign keys
// are verified afterwards. What could not be filled is in the report by name; an error says that nothing can be relied on.
func Fill(ctx context.Context, conn *pgx.Conn, opts Options) (*Report, error) {
	if opts.Rows <= 0 {
		opts.Rows = 1000
	}
	f := &filler{conn: conn, opts: opts, rows: map[uint32]int64{}, report: &Report{}}
	if err := f.prepare(ctx); err != nil {
		return nil, err
	}
	defer f.cleanUp(ctx)
	for _, t := range f.s.order() {
		filled, err := f.fill(ctx, t)
		if err != nil {
			return nil, fmt.Errorf("fill %s: %w", t.id, err)
		}
		f.report.Tables = append(f.report.Tables, filled)
		f.rows[t.root] += filled.Rows
		if t.oid != t.root {
			f.rows[t.oid] += filled.Rows
		}
	}
	if err := f.close(ctx); err != nil {
		return nil, err
	}
	return f.report, nil
}

// prepare reads the structure and sets up the pools of domains.
func (f *filler) prepare(ctx context.Context) error {
	for _, sql := range []string{"SET search_path = pg_catalog, pg_temp", "SET client_min_messages = error", "SET check_function_bodies = off",
		"SET DateStyle = ISO, YMD", "SET IntervalStyle = postgres", "SET TimeZone = UTC", "SET jit = off", "SET row_security = off"} {
		if _, err := f.conn.Exec(ctx, sql); err != nil {
			return fmt.Errorf("prepare to make rows: %w", err)
		}
	}
	var err error
	if f.s, err = read(ctx, f.conn); err != nil {
		return err
	}
	if _, err := f.conn.PgConn().Exec(ctx, poolTables).ReadAll(); err != nil {
		return fmt.Errorf("prepare to make rows: %w", err)
	}
	return f.transact(ctx, func() error {
		for _, t := range f.s.domainOrder() {
			if err := f.domain(ctx, t); err != nil {
				return fmt.Errorf("find values of domain %s: %w", t.format, err)
			}
		}
		return nil
	})
}

// cleanUp leaves the session as it was but for its settings.
func (f *filler) cleanUp(ctx context.Context) {
	_, _ = f.conn.PgConn().Exec(ctx, `DROP TABLE IF EXISTS pg_temp.pleat_pool, pg_temp.pleat_guess, pg_temp.pleat_candidate;
		DROP FUNCTION IF EXISTS pg_temp.pleat_try(text, text), pg_temp.pleat_passes(text, text, text, text)`).ReadAll()
}

// transact runs f in a transaction in which triggers, rules and foreign keys rest.
func (f *filler) transact(ctx context.Context, work func() error) error {
	return pgx.BeginFunc(ctx, f.conn, func(tx pgx.Tx) error {
		f.tx = tx
		if _, err := tx.Exec(ctx, "SET LOCAL session_replication_role = replica"); err != nil {
			return err
		}
		return work()
	})
}

// savepoint runs work and takes it back when the server refuses it, which refused is told.
func (f *filler) savepoint(ctx context.Context, work func() error, refused func(error)) error {
	if _, err := f.tx.Exec(ctx, "SAVEPOINT pleat_rows"); err != nil {
		return err
	}
	err := work()
	var pg *pgconn.PgError
	if err != nil && !errors.As(err, &pg) {
		return err
	}
	end := "RELEASE SAVEPOINT pleat_rows"
	if err != nil {
		end = "ROLLBACK TO SAVEPOINT pleat_rows"
		refused(err)
	}
	_, endErr := f.tx.Exec(ctx, end)
	return endErr
}

// refusal is the server's reason without the values that it quotes.
func refusal(err error) string {
	var pg *pgconn.PgError
	if !errors.As(err, &pg) {
		return err.Error()
	}
	if pg.ConstraintName != "" {
		return fmt.Sprintf("%s (%s)", conditionName(pg.Code), schema.Quote(pg.ConstraintName))
	}
	return fmt.Sprintf("%s (SQLSTATE %s)", pg.Message, pg.Code)
}

func conditionName(state string) string {
	switch state {
	case "23502":
		return "a column must not be NULL"
	case "23503":
		return "a foreign key is not satisfied"
	case "23505":
		return "values are not unique"
	case "23514":
		return "a check is not satisfied"
	case "23P01":
		return "an exclusion constraint is not satisfied"
	}
	return "SQLSTATE " + state
}
