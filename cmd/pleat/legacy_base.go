package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/pleatdb/pleat/cmd/internal/config"
	"github.com/pleatdb/pleat/cmd/internal/view"
	"github.com/pleatdb/pleat/history"
	"github.com/pleatdb/pleat/history/legacy"
)

// wholeDirectory refuses where the directory begins in the middle: what another tool applied before is in that tool's files.
func (p *project) wholeDirectory() error {
	before, err := p.legacy()
	if err != nil || before.Converted || before.Tool == "" && before.Dir == "" {
		return err
	}
	tool := firstOf(before.Tool, "another tool")
	return &view.Refusal{Code: "legacy_base",
		Message: fmt.Sprintf("the migrations in %s do not begin with an empty database: what %s applied before them is in its own files, so that a plan from them alone would make everything again", p.migrations, tool),
		Next:    "plan against a database, without --from migrations; an import with --convert writes the files of " + tool + " as migrations where all of them are plain SQL"}
}

// importedHere refuses to run migrations that build on another tool's history where that history was not imported: they would begin a log of
// pleat's own, after which it cannot be any more.
func (p *project) importedHere(ctx context.Context) error {
	before, err := p.legacy()
	if err != nil || before.Tool == "" && before.Dir == "" {
		return err
	}
	conn, err := p.connect(ctx, "apply")
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	log := history.Open(conn)
	exists, err := log.Exists(ctx)
	if err != nil {
		return fmt.Errorf("look for the history: %w", err)
	}
	if exists {
		entries, err := newest(ctx, log, conn)
		if denied(err) || err == nil && len(entries) > 0 && !history.Unused(entries) {
			return nil // a role that may not read the log is told so by the run
		}
		if err != nil {
			return fmt.Errorf("read the history: %w", err)
		}
	}
	tool := firstOf(before.Tool, "another tool")
	if !before.Converted {
		return &view.Refusal{Code: "not_imported",
			Message: fmt.Sprintf("the migrations build on what %s applied, and no history of it was imported into this database", tool),
			Next:    fmt.Sprintf("bring the database there with %s, then: pleat import --log-only", tool)}
	}
	found, err := left(ctx, conn, before)
	if err != nil || found == nil {
		return err
	}
	return &view.Refusal{Code: "not_imported",
		Message: fmt.Sprintf("%s holds a history of %s with %d rows that was not imported: its migrations would run again", found, found.Tool, found.Rows),
		Next:    "pleat import --log-only"}
}

// newest are the last entries of a log: whether an import was undone and nothing happened since, they tell without those before them.
func newest(ctx context.Context, log *history.Log, conn *pgx.Conn) ([]history.Entry, error) {
	const tail = 64
	var last int64
	if err := conn.QueryRow(ctx, "SELECT coalesce(pg_catalog.max(id), 0) FROM pleat.log").Scan(&last); err != nil {
		return nil, err
	}
	return log.Entries(ctx, max(last-tail, 0))
}

// denied reports whether the server refused for want of a right.
func denied(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.Code == "42501"
}

// left finds a history with rows that the tool left in a database; nil for none.
func left(ctx context.Context, conn *pgx.Conn, before *config.Legacy) (*legacy.Source, error) {
	tool, ok := legacy.ToolNamed(before.Tool)
	if !ok {
		return nil, nil
	}
	tx, err := conn.BeginTx(ctx, pgx.TxOptions{AccessMode: pgx.ReadOnly})
	if err != nil {
		return nil, fmt.Errorf("look for the history of %s: %w", tool, err)
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }()
	all, err := legacy.Find(ctx, tx, tool)
	if err != nil {
		return nil, err
	}
	for i := range all {
		if all[i].Strength > legacy.Possible && all[i].Rows > 0 {
			return &all[i], nil
		}
	}
	return nil, nil
}
