package main

import (
	"context"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/pleatdb/pleat/apply/backup"
	"github.com/pleatdb/pleat/cmd/internal/view"
)

type restoreOptions struct {
	shared
	request backup.Request
	dryRun  bool
}

func (o *restoreOptions) addFlags(fs *pflag.FlagSet) {
	o.shared.addFlags(fs)
	fs.StringVar(&o.request.Run, "run", "", "the run whose backup is meant; without it the backups are listed")
	fs.StringVar(&o.request.Table, "table", "", "one table only, as SQL writes its name")
	fs.StringVar(&o.request.Into, "into", "", "restore into tables of this schema, beside those that are there")
	fs.BoolVar(&o.request.AcceptDataLoss, "accept-data-loss", false, "overwrite rows that were changed after the run")
	fs.BoolVar(&o.dryRun, "dry-run", false, "say what would come back; change nothing")
}

func newRestoreCmd(a *app) *cobra.Command {
	var o restoreOptions
	c := &cobra.Command{
		Use:   "restore",
		Short: "Put back what a run overwrote",
		Long: `restore shows the way back to the backup that a run took before its first step, and on approval goes it, in one transaction. Rows
that were copied come back into their table by key; rows of a dump, and of tables or columns that are not there any more, into a
table beside, in the schema pleat_restore_<run>. Nothing that changed after the run is overwritten without --accept-data-loss.

Example: pleat restore
         pleat restore --run 0199a3c2-7b1e-7c55-9d3f-2f1c8a8e4b10 --dry-run
         pleat restore --run 0199a3c2-7b1e-7c55-9d3f-2f1c8a8e4b10 --table public.users --auto-approve` + exitCodes,
		Args: cobra.NoArgs,
		RunE: a.action(&o.shared, func(ctx context.Context, v *view.View, _ []string) error { return runRestore(ctx, a, v, o) }),
	}
	o.addFlags(c.Flags())
	return c
}

func runRestore(ctx context.Context, a *app, v *view.View, o restoreOptions) error {
	p, err := a.withoutSchema(v, &o.shared)
	if err != nil {
		return err
	}
	defer p.settle(ctx)
	if o.request.Run == "" {
		return p.listBackups(ctx)
	}
	r, err := p.restorer()
	if err != nil {
		return err
	}
	plan, err := r.Plan(ctx, o.request)
	if err != nil {
		return err
	}
	if o.dryRun || len(plan.Tables) == 0 {
		return v.Show(view.NewRestore(p.database(), plan, true))
	}
	switch {
	case p.flags.autoApprove:
	case v.Interactive():
		v.PreviewRestore(view.NewRestore(p.database(), plan, true))
		ok, err := v.Confirm(ctx, "Put this back?")
		if err != nil {
			return err
		}
		if !ok {
			return &view.Refusal{Code: "refused", Message: "it was not approved, and nothing was changed"}
		}
	default:
		return &view.Refusal{Code: "refused", Message: "nobody can be asked here whether this is meant", Next: "add --auto-approve, or look first with --dry-run"}
	}
	if plan, err = r.Run(ctx, o.request); err != nil {
		return err
	}
	return v.Show(view.NewRestore(p.database(), plan, false))
}
