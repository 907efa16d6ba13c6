package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/pleatdb/pleat/cmd/internal/trend"
	"github.com/pleatdb/pleat/cmd/internal/view"
	"github.com/pleatdb/pleat/history"
)

func newHistoryCmd(a *app) *cobra.Command {
	var o shared
	var verbose, trends bool
	var runs int
	c := &cobra.Command{
		Use:   "history",
		Short: "Show the log of what ran",
		Long: `history prints the log in the database: what ran, when, by whom, and how it ended.

With --trend it sums up the newest runs: how long they took, how often they failed, and how long they waited for locks.

Example: pleat history --verbose
         pleat history --trend --runs 50` + exitCodes,
		Args: cobra.NoArgs,
		RunE: a.action(&o, func(ctx context.Context, v *view.View, _ []string) error {
			if !trends {
				runs = 0
			} else if runs < 1 {
				return &view.Refusal{Code: "usage", Message: "--runs must be 1 or more"}
			}
			return runHistory(ctx, a, v, o, verbose, runs)
		}),
	}
	o.addFlags(c.Flags())
	c.Flags().BoolVar(&verbose, "verbose", false, "show every step, with client and run")
	c.Flags().BoolVar(&trends, "trend", false, "sum up durations, failures and waits for locks of the newest runs")
	c.Flags().IntVar(&runs, "runs", 20, "with --trend, how many runs")
	return c
}

// runHistory shows the log, or with runs above 0 what it says of so many runs.
func runHistory(ctx context.Context, a *app, v *view.View, o shared, verbose bool, runs int) error {
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
	if runs > 0 {
		return v.Show(view.NewTrend(p.database(), trend.Of(entries, runs)))
	}
	return v.Show(view.NewHistory(p.database(), entries, verbose))
}
