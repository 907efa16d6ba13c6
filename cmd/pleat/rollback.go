package main

import (
	"context"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/pleatdb/pleat/apply"
	"github.com/pleatdb/pleat/cmd/internal/view"
)

type rollbackOptions struct {
	shared
	runOptions
	selection apply.Selection
}

func (o *rollbackOptions) addFlags(fs *pflag.FlagSet) {
	o.shared.addFlags(fs)
	o.runOptions.addFlags(fs)
	fs.IntVar(&o.selection.Steps, "steps", 0, "how many migrations, from the newest (default 1)")
	fs.StringVar(&o.selection.To, "to", "", "version that stays as the newest; 0 takes everything back")
	fs.StringVar(&o.selection.Version, "version", "", "one migration alone")
	fs.StringVar(&o.selection.Run, "run", "", "everything that one run applied")
	fs.BoolVar(&o.selection.AcceptDataLoss, "accept-data-loss", false, "allow ways back that destroy data")
}

func newRollbackCmd(a *app) *cobra.Command {
	var o rollbackOptions
	c := &cobra.Command{
		Use:   "rollback",
		Short: "Take migrations back",
		Long: `rollback undoes migrations in the reverse of the order in which they went in, with the text that the log kept. It adds to the
log and erases nothing. At a terminal it asks; elsewhere it needs --auto-approve.

Example: pleat rollback
         pleat rollback --to 20261120153000 --dry-run
         pleat rollback --to 0 --accept-data-loss --auto-approve` + exitCodes,
		Args: cobra.NoArgs,
		RunE: a.action(&o.shared, func(ctx context.Context, v *view.View, _ []string) error { return runRollback(ctx, a, v, o) }),
	}
	o.addFlags(c.Flags())
	return c
}

func runRollback(ctx context.Context, a *app, v *view.View, o rollbackOptions) error {
	p, err := a.withoutSchema(v, &o.shared)
	if err != nil {
		return err
	}
	run, err := p.running(&o.runOptions)
	if err != nil {
		return err
	}
	return p.approved(ctx, attended{
		doing: view.Back, question: "Take these migrations back?", options: run,
		run: func(ctx context.Context, options apply.Options) (*apply.Result, error) {
			return apply.Rollback(ctx, options, o.selection)
		},
	})
}
