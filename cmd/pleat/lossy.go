package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/pleatdb/pleat/cmd/internal/view"
	"github.com/pleatdb/pleat/planner"
)

// The look at the values that a change of type would lose is bounded; apply takes another before it changes anything.
const (
	lossyTimeout = "30s"
	lossyRows    = 1000
	lossyShown   = 3
)

// keepsValues refuses a plan under which values of the database would be lost or refused, unless the files say what becomes of them.
func (p *project) keepsValues(ctx context.Context, checks []planner.Check) error {
	if len(checks) == 0 {
		return nil
	}
	conn, err := p.connect(ctx, "plan")
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	e := &view.Refusal{Code: "lossy", Message: "a change of type would lose values, and nothing was written",
		Next: "say what becomes of them: convert { using = \"…\" } in the column, or mend the rows"}
	for _, c := range checks {
		if c.SQL, err = p.onTargetSQL(c.SQL); err != nil {
			return err
		}
		found, err := lostValues(ctx, conn, c)
		var pg *pgconn.PgError
		switch {
		case errors.As(err, &pg):
			p.view.Note(fmt.Sprintf("whether %s was not seen (%s); apply looks before it changes anything", c.Message, pg.Message))
		case err != nil:
			return err
		case found != "":
			e.Differences = append(e.Differences, c.Message+": "+found)
		}
	}
	if len(e.Differences) == 0 {
		return nil
	}
	e.Message += ": " + strings.Join(e.Differences, "; ")
	return e
}

// lostValues counts what a check finds, with a few samples; empty for nothing.
func lostValues(ctx context.Context, conn *pgx.Conn, c planner.Check) (string, error) {
	tx, err := conn.BeginTx(ctx, pgx.TxOptions{AccessMode: pgx.ReadOnly})
	if err != nil {
		return "", fmt.Errorf("look at the values: %w", err)
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }()
	if _, err := tx.Exec(ctx, "SET LOCAL statement_timeout = '"+lossyTimeout+"'"); err != nil {
		return "", fmt.Errorf("look at the values: %w", err)
	}
	rows, err := tx.Query(ctx, fmt.Sprintf("SELECT v::text FROM (%s LIMIT %d) AS t(v)", c.SQL, lossyRows))
	if err != nil {
		return "", fmt.Errorf("look at the values: %w", err)
	}
	values, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return "", fmt.Errorf("look at the values: %w", err)
	}
	if len(values) == 0 {
		return "", nil
	}
	text := fmt.Sprintf("%d rows", len(values))
	if len(values) == lossyRows {
		text = fmt.Sprintf("at least %d rows", lossyRows)
	}
	for i, v := range values[:min(len(values), lossyShown)] {
		text += map[bool]string{true: ", such as ", false: ", "}[i == 0] + fmt.Sprintf("%.40q", v)
	}
	return text, nil
}
