package main

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/spf13/cobra"

	"github.com/pleatdb/pleat/apply"
	"github.com/pleatdb/pleat/cmd/internal/view"
	"github.com/pleatdb/pleat/inspect"
	"github.com/pleatdb/pleat/planner"
	"github.com/pleatdb/pleat/schema"
)

func newResetCmd(a *app) *cobra.Command {
	var o shared
	var dryRun bool
	c := &cobra.Command{
		Use:   "reset",
		Short: "Drop everything in a development database",
		Long: `reset drops every object that pleat manages, with all rows, in one transaction, so that all migrations are pending again. Only
an environment with allow_reset = true lets it. The log stays.

Example: pleat reset --env dev && pleat apply --env dev` + exitCodes,
		Args: cobra.NoArgs,
		RunE: a.action(&o, func(ctx context.Context, v *view.View, _ []string) error { return runReset(ctx, a, v, o, dryRun) }),
	}
	o.addFlags(c.Flags())
	c.Flags().BoolVar(&dryRun, "dry-run", false, "print what would be dropped; write nothing")
	return c
}

func runReset(ctx context.Context, a *app, v *view.View, o shared, dryRun bool) error {
	p, err := a.withoutSchema(v, &o)
	if err != nil {
		return err
	}
	if err := p.resettable(); err != nil {
		return err
	}
	run, err := p.running(&runOptions{dryRun: dryRun})
	if err != nil {
		return err
	}
	if run.Dir, err = p.directory(); err != nil {
		return err
	}
	defer p.settle(ctx)
	major := 0
	run.Inspect = func(ctx context.Context, conn *pgx.Conn) (_ *schema.Catalog, err error) {
		if major, err = majorOf(ctx, conn); err != nil {
			return nil, err
		}
		return p.look(ctx, conn, inspect.Options{Trash: true})
	}
	drop := func(live *schema.Catalog) ([]string, error) { return drops(live, major) }
	if !dryRun && !o.autoApprove {
		if err := p.askReset(ctx, run, drop); err != nil {
			return err
		}
	}
	statements, err := apply.Reset(ctx, run, drop)
	if err != nil {
		return err
	}
	return v.Show(&view.Reset{Database: p.database(), DryRun: dryRun, Statements: append([]string{}, statements...)})
}

// resettable refuses to reset what the project file does not give up.
func (p *project) resettable() error {
	if !p.env.AllowReset {
		return &view.Refusal{Code: "refused", Message: "this environment does not allow it", Next: "for a database whose contents nobody needs, write in its env block: allow_reset = true"}
	}
	policy, err := p.approvals()
	if err == nil && policy.Required > 0 {
		err = &view.Refusal{Code: "refused", Message: "runs need an approval here, and none can be given for dropping everything"}
	}
	return err
}

func (p *project) askReset(ctx context.Context, run apply.Options, drop func(*schema.Catalog) ([]string, error)) error {
	if !p.view.Interactive() {
		return &view.Refusal{Code: "refused", Message: "nobody can be asked here whether this is meant", Next: "add --auto-approve, or look first with --dry-run"}
	}
	run.DryRun, run.Observer = true, nil
	statements, err := apply.Reset(ctx, run, drop)
	if err != nil {
		return err
	}
	ok, err := p.view.Confirm(ctx, fmt.Sprintf("Drop everything in the database %q (%d statements), with all rows?", p.database(), len(statements)))
	if err == nil && !ok {
		err = &view.Refusal{Code: "refused", Message: "it was not approved, and nothing was changed"}
	}
	return err
}

// drops leads to what a new database holds: the schema public and the extension plpgsql stay as they are. Nothing is dropped by CASCADE, so
// that an object which pleat does not know stops it.
func drops(live *schema.Catalog, major int) ([]string, error) {
	left := live.Clone()
	for _, id := range live.IDs() {
		target := id.Target()
		stays := target.Kind == schema.KindSchema && target.Name == "public" || target.Kind == schema.KindExtension && target.Name == "plpgsql"
		if !stays && id.Kind != schema.KindUnmanaged {
			left.Remove(id)
		}
	}
	statements, err := planner.Statements(live, left, planner.Options{Major: major})
	if err != nil {
		return nil, fmt.Errorf("plan what is to be dropped: %w", err)
	}
	out := make([]string, len(statements))
	for i, s := range statements {
		out[i] = s.SQL
	}
	return out, nil
}
