package main

import (
	"context"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/pleatdb/pleat/apply"
	"github.com/pleatdb/pleat/cmd/internal/view"
)

type redoOptions struct {
	shared
	runOptions
	selection apply.Selection
}

func (o *redoOptions) addFlags(fs *pflag.FlagSet) {
	o.shared.addFlags(fs)
	o.runOptions.addFlags(fs)
	fs.IntVar(&o.selection.Steps, "steps", 1, "how many migrations, from the newest")
	fs.BoolVar(&o.selection.AcceptDataLoss, "accept-data-loss", false, "allow ways back that destroy data")
}

func newRedoCmd(a *app) *cobra.Command {
	var o redoOptions
	c := &cobra.Command{
		Use:   "redo",
		Short: "Take the newest migrations back and apply them again",
		Long: `redo takes the newest migrations back and applies them again, under one lock: a check that the way back works. The files must be
what was applied. At a terminal it asks; elsewhere it needs --auto-approve.

Example: pleat redo --steps 2 --auto-approve` + exitCodes,
		Args: cobra.NoArgs,
		RunE: a.action(&o.shared, func(ctx context.Context, v *view.View, _ []string) error { return runRedo(ctx, a, v, o) }),
	}
	o.addFlags(c.Flags())
	return c
}

func runRedo(ctx context.Context, a *app, v *view.View, o redoOptions) error {
	p, err := a.withoutSchema(v, &o.shared)
	if err != nil {
		return err
	}
	run, err := p.running(&o.runOptions)
	if err != nil {
		return err
	}
	if run.Dir, err = p.directory(); err != nil {
		return err
	}
	if run.Agree, err = p.agree(); err != nil {
		return err
	}
	return p.approved(ctx, attended{
		doing: view.Again, question: "Take these migrations back and apply them again?", options: run,
		run: func(ctx context.Context, options apply.Options) (*apply.Result, error) {
			return apply.Redo(ctx, options, o.selection)
		},
	})
}
