package shadow

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/pleatdb/pleat/planner"
	"github.com/pleatdb/pleat/schema"
)

// climb executes steps as the applier does, their checks included.
func (d *scratch) climb(ctx context.Context, steps []planner.Step) error {
	for _, step := range steps {
		if err := d.check(ctx, step); err != nil {
			return err
		}
		if err := d.execute(ctx, step.Mode, step.Up); err != nil {
			return err
		}
	}
	return nil
}

// descend undoes steps from the last to the first.
func (d *scratch) descend(ctx context.Context, steps []planner.Step) error {
	for _, step := range slices.Backward(steps) {
		if err := d.execute(ctx, step.DownMode, step.Down); err != nil {
			var oe *ObjectError
			if errors.As(err, &oe) {
				oe.Down = true
			}
			return err
		}
	}
	return nil
}

// execute runs the statements of one step: each alone where they cannot be in a transaction, and in one transaction
// otherwise. A batched statement runs whole, since the shadow has no rows to divide.
func (d *scratch) execute(ctx context.Context, mode planner.Mode, statements []planner.Statement) error {
	if mode == planner.Outside {
		for _, s := range statements {
			if err := d.exec(ctx, s); err != nil {
				return err
			}
		}
		return nil
	}
	return d.inTransaction(ctx, statements)
}

func (d *scratch) inTransaction(ctx context.Context, statements []planner.Statement) error {
	tx, err := d.conn.Begin(ctx)
	if err != nil {
		return fmt.Errorf("begin a transaction on the shadow: %w", err)
	}
	defer func() { _ = tx.Rollback(ctx) }()
	for _, s := range statements {
		if _, err := tx.Exec(ctx, s.SQL); err != nil {
			return &ObjectError{Object: s.Object, SQL: s.SQL, Err: err}
		}
	}
	if err := tx.Commit(ctx); err != nil {
		return d.commitError(statements, err)
	}
	return nil
}

// commitError names the statements' object where what was deferred to the end of the transaction failed.
func (d *scratch) commitError(statements []planner.Statement, err error) error {
	if !isServerError(err) || len(statements) == 0 {
		return fmt.Errorf("commit on the shadow: %w", err)
	}
	last := statements[len(statements)-1]
	return &ObjectError{Object: last.Object, SQL: last.SQL, Err: err}
}

// check executes the queries that guard a step, read-only as on the target. There are no rows on the shadow, so that
// none may find one.
func (d *scratch) check(ctx context.Context, step planner.Step) error {
	for _, c := range step.Checks {
		found, err := d.returnsRow(ctx, c.SQL)
		switch {
		case isServerError(err):
			return &ObjectError{Object: checked(step), SQL: c.SQL, Err: err}
		case err != nil:
			return fmt.Errorf("run a check on the shadow: %w", err)
		case found:
			err := fmt.Errorf("the check %q finds a row where there are none", c.Message)
			return &ObjectError{Object: checked(step), SQL: c.SQL, Err: err}
		}
	}
	return nil
}

// checked is what the checks of a step are about.
func checked(step planner.Step) schema.ID {
	if (step.Table != schema.ID{}) || len(step.Up) == 0 {
		return step.Table
	}
	return step.Up[0].Object
}

func (d *scratch) returnsRow(ctx context.Context, sql string) (bool, error) {
	tx, err := d.conn.BeginTx(ctx, pgx.TxOptions{AccessMode: pgx.ReadOnly})
	if err != nil {
		return false, err
	}
	defer func() { _ = tx.Rollback(ctx) }()
	rows, err := tx.Query(ctx, sql)
	if err != nil {
		return false, err
	}
	found := rows.Next()
	rows.Close()
	return found, rows.Err()
}
