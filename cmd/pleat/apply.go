package main

import (
	"context"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/pleatdb/pleat/apply"
	"github.com/pleatdb/pleat/cmd/internal/view"
)

type applyOptions struct {
	shared
	runOptions
	to        string
	contract  string
	onFailure string
	outOrder  bool
	override  reason
	backfill  backfillOptions
	fleet     fleetFlags
}

func (o *applyOptions) addFlags(fs *pflag.FlagSet) {
	o.shared.addFlags(fs)
	o.runOptions.addFlags(fs)
	o.backfill.addFlags(fs)
	o.fleet.addRunFlags(fs)
	fs.StringVar(&o.to, "to", "", "last version to run (default: all that is pending)")
	fs.StringVar(&o.contract, "contract", "", "gated or immediate: whether contract files wait for a later run")
	fs.StringVar(&o.onFailure, "on-failure", "stop", "stop, or rollback to undo the finished steps of the migration that failed")
	fs.Var(&o.override, "override-evidence", "run contract files although something uses what they take away, or nobody knows; the reason is logged")
	fs.BoolVar(&o.outOrder, "allow-out-of-order", false, "run pending files that are older than the newest applied one")
}

func newApplyCmd(a *app) *cobra.Command {
	var o applyOptions
	c := &cobra.Command{
		Use:   "apply",
		Short: "Run the pending migrations",
		Long: `apply runs the migrations that the database has not seen yet, generated and hand-written ones alike, under a lock. Kill it at
any instant and run it again: it ends where it would have ended. At a terminal it shows what it will do and asks; only the
word yes counts.

Example: pleat apply
         pleat apply --dry-run --json` + exitCodes,
		Args: cobra.NoArgs,
		RunE: a.action(&o.shared, func(ctx context.Context, v *view.View, _ []string) error { return runApply(ctx, a, v, o) }),
	}
	o.addFlags(c.Flags())
	return c
}

func runApply(ctx context.Context, a *app, v *view.View, o applyOptions) error {
	p, err := a.withoutSchema(v, &o.shared)
	if err != nil {
		return err
	}
	return p.everywhere(ctx, errand{
		name: "apply", question: "Apply the pending migrations to all of them?", over: o.fleet, changes: !o.dryRun,
		each: func(ctx context.Context, p *project) error { return p.applyPending(ctx, o) },
	})
}

// applyPending runs the pending migrations on one database.
func (p *project) applyPending(ctx context.Context, o applyOptions) error {
	run, err := p.running(&o.runOptions)
	if err == nil {
		err = p.importedHere(ctx)
	}
	if err != nil {
		return err
	}
	if run.Dir, err = p.directory(); err != nil {
		return err
	}
	run.To, run.OnFailure, run.AllowOutOfOrder = o.to, apply.FailureMode(o.onFailure), o.outOrder
	run.Contract = apply.ContractMode(firstOf(o.contract, p.env.Contract))
	if run.Backfill, err = p.backfill(o.backfill); err != nil {
		return err
	}
	if run.Agree, err = p.agree(); err != nil {
		return err
	}
	w, err := p.witness()
	if err != nil {
		return err
	}
	defer w.close()
	if run.OverrideEvidence, run.Count = o.override.text, w.count; w.required {
		run.Evidence = w.verdict
	}
	return p.approved(ctx, attended{
		doing: view.Forward, question: "Apply these migrations?", options: run, unattended: true,
		run: func(ctx context.Context, options apply.Options) (*apply.Result, error) {
			return apply.Run(ctx, options)
		},
	})
}
