package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/pleatdb/pleat/cmd/internal/view"
	"github.com/pleatdb/pleat/history"
)

func newHistoryCmd(a *app) *cobra.Command {
	var o shared
	var verbose bool
	c := &cobra.Command{
		Use:   "history",
		Short: "Show the log of what ran",
		Long: `history prints the log in the database: what ran, when, by whom, and how it ended.

Example: pleat history --verbose` + exitCodes,
		Args: cobra.NoArgs,
		RunE: a.action(&o, func(ctx context.Context, v *view.View, _ []string) error { return runHistory(ctx, a, v, o, verbose) }),
	}
	o.addFlags(c.Flags())
	c.Flags().BoolVar(&verbose, "verbose", false, "show every step, with client and run")
	return c
}

func runHistory(ctx context.Context, a *app, v *view.View, o shared, verbose bool) error {
	p, err := a.withoutSchema(v, &o)
	if err != nil {
		return err
	}
	conn, err := p.connect(ctx, "history")
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	entries, err := history.Open(conn).Entries(ctx, 0)
	if err != nil {
		return fmt.Errorf("read the history: %w", err)
	}
	return v.Show(view.NewHistory(p.database(), entries, verbose))
}
