package main

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/spf13/cobra"

	"github.com/pleatdb/pleat/cmd/internal/view"
	"github.com/pleatdb/pleat/history"
	"github.com/pleatdb/pleat/history/migration"
)

type readyOptions struct {
	shared
	count bool
}

func newReadyCmd(a *app) *cobra.Command {
	var o readyOptions
	c := &cobra.Command{
		Use:   "ready [VERSION]",
		Short: "Tell whether anything still uses what pending contract files take away",
		Long: `ready looks, for each pending contract file, who still uses what it takes away: every statement that the server and its standbys counted
since the expand is tried on a throw-away server before and after the file, and views, functions, jobs, publications and writes are looked
at beside that. The verdict is safe, used (by what), or insufficient (what evidence is missing, and how to get it). apply asks the same.

ready changes nothing. With --count it writes one row to the log, from which calls are counted anew: do that once the old code is gone.

Example: pleat ready
         pleat ready 20261120153001 --json
         pleat ready --count` + exitCodes,
		Args: cobra.MaximumNArgs(1),
		RunE: a.action(&o.shared, func(ctx context.Context, v *view.View, args []string) error { return runReady(ctx, a, v, o, args) }),
	}
	o.addFlags(c.Flags())
	c.Flags().BoolVar(&o.count, "count", false, "count calls anew from now on: the code that used the old shape is gone")
	return c
}

func runReady(ctx context.Context, a *app, v *view.View, o readyOptions, args []string) error {
	p, err := a.withoutSchema(v, &o.shared)
	if err != nil {
		return err
	}
	dir, err := p.directory()
	if err != nil {
		return err
	}
	w, err := p.witness()
	if err != nil {
		return err
	}
	defer w.close()
	conn, err := p.connect(ctx, "ready")
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	if o.count {
		if err := w.begin(ctx, conn); err != nil {
			return err
		}
	}
	pending, err := contracts(ctx, conn, dir, args)
	if err != nil {
		return err
	}
	doc := view.NewReady(p.database(), w.window, w.required)
	for _, m := range pending {
		verdict, err := w.verdict(ctx, m)
		if err != nil {
			return err
		}
		doc.Add(m, verdict)
	}
	if err := v.Show(doc); err != nil {
		return err
	}
	if !doc.Ready {
		return errFound
	}
	return nil
}

// contracts are the pending contract files, or the one that was asked for.
func contracts(ctx context.Context, conn *pgx.Conn, dir *migration.Dir, args []string) ([]*migration.Migration, error) {
	state, err := history.Open(conn).State(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the history: %w", err)
	}
	if len(args) == 0 {
		var files []*migration.File
		for _, f := range state.Pending(dir) {
			if f.Phase == migration.Contract {
				files = append(files, f)
			}
		}
		return parseAll(files)
	}
	f := dir.File(args[0])
	switch {
	case f == nil:
		return nil, &view.Refusal{Code: "refused", Message: fmt.Sprintf("there is no migration %s", args[0]), Next: "see: pleat status"}
	case f.Phase != migration.Contract:
		return nil, &view.Refusal{Code: "refused", Message: f.Name + " is no contract file, so it takes nothing away from old code", Next: "leave the version out to see all contract files"}
	case state.Done(f.Version):
		return nil, &view.Refusal{Code: "refused", Message: f.Name + " is applied already", Next: "see: pleat status"}
	}
	return parseAll([]*migration.File{f})
}

// begin writes a new beginning of the count to the log.
func (w *witness) begin(ctx context.Context, conn *pgx.Conn) error {
	detail, err := w.count(ctx)
	if err != nil {
		return fmt.Errorf("count statements: %w", err)
	}
	if detail == nil {
		return &view.Refusal{Code: "refused", Message: "nobody counts statements on this server, so there is nothing to begin",
			Next: "put pg_stat_statements into shared_preload_libraries, restart, and CREATE EXTENSION pg_stat_statements"}
	}
	log := history.Open(conn)
	exists, err := log.Exists(ctx)
	if err != nil {
		return err
	}
	if !exists {
		return &view.Refusal{Code: "refused", Message: "there is no history in this database yet, so no contract file can be waiting", Next: "apply first: pleat apply"}
	}
	var application string
	return pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		if err := tx.QueryRow(ctx, "SELECT pg_catalog.current_setting('application_name')").Scan(&application); err != nil {
			return err
		}
		_, err := log.Append(ctx, tx, history.Event{
			Kind: history.EvidenceCounted, Run: history.NewRunID(w.project.app.now()), Client: history.LocalClient(application),
			Tool: w.project.app.tool(), Detail: detail,
		})
		return err
	})
}
