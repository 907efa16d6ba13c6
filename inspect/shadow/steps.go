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

// climb executes steps as the applier does, their checks included. With a tracer it stores the effects in the steps.
func (d *scratch) climb(ctx context.Context, steps []planner.Step, t *tracer) error {
	for i, step := range steps {
		if err := d.check(ctx, step); err != nil {
			return err
		}
		effects, err := d.execute(ctx, step.Mode, step.Up, t)
		if err != nil {
			return err
		}
		if t != nil {
			steps[i].Effects = effects
		}
	}
	return nil
}

// descend undoes steps from the last to the first.
func (d *scratch) descend(ctx context.Context, steps []planner.Step) error {
	for _, step := range slices.Backward(steps) {
		if _, err := d.execute(ctx, step.DownMode, step.Down, nil); err != nil {
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
// otherwise. A batched statement runs whole, since the shadow has no rows to divide. Without a tracer the effects say nothing.
func (d *scratch) execute(ctx context.Context, mode planner.Mode, statements []planner.Statement, t *tracer) ([]planner.Effect, error) {
	if mode != planner.Outside {
		return d.inTransaction(ctx, statements, t)
	}
	effects := make([]planner.Effect, len(statements))
	for i, s := range statements {
		var err error
		if t != nil {
			effects[i], err = t.alone(ctx, s)
		} else {
			err = d.exec(ctx, s)
		}
		if err != nil {
			return effects[:i], err
		}
	}
	return effects, nil
}

// inTransaction executes statements in one transaction. With an error it returns the effects of those before.
func (d *scratch) inTransaction(ctx context.Context, statements []planner.Statement, t *tracer) ([]planner.Effect, error) {
	tx, err := d.conn.Begin(ctx)
	if err != nil {
		return nil, fmt.Errorf("begin a transaction on the shadow: %w", err)
	}
	defer func() { _ = tx.Rollback(ctx) }()
	t.begin()
	effects := make([]planner.Effect, len(statements))
	for i, s := range statements {
		if effects[i], err = t.within(ctx, tx, s); err != nil {
			return effects[:i], err
		}
	}
	if err := tx.Commit(ctx); err != nil {
		return effects, d.commitError(statements, err)
	}
	return effects, nil
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
