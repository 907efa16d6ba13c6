package main

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/spf13/pflag"

	"github.com/pleatdb/pleat/apply"
	"github.com/pleatdb/pleat/cmd/internal/connect"
	"github.com/pleatdb/pleat/cmd/internal/view"
	"github.com/pleatdb/pleat/schema"
)

// runOptions are the flags of the commands that change a database: apply, rollback and redo.
type runOptions struct {
	waitOptions
	stopOptions
	backupOptions
	dryRun  bool
	release string
}

func (o *runOptions) addFlags(fs *pflag.FlagSet) {
	o.waitOptions.addFlags(fs)
	o.stopOptions.addFlags(fs)
	o.backupOptions.addFlags(fs)
	fs.BoolVar(&o.dryRun, "dry-run", false, "check everything and say what would run; write nothing")
	fs.StringVar(&o.release, "release", "", "label of the application's release, kept in the log")
}

// running is what package apply is told: how to connect, what is looked at, who watches.
func (p *project) running(o *runOptions) (apply.Options, error) {
	if _, err := p.resolve(); err != nil {
		return apply.Options{}, err
	}
	options := apply.Options{
		Connect: func(ctx context.Context, purpose string) (*pgx.Conn, error) {
			with := []connect.Option{connect.Notices(apply.HandleNotice)}
			if !o.dryRun {
				with = append(with, connect.ReadWrite())
			}
			return p.connect(ctx, purpose, with...)
		},
		Inspect: func(ctx context.Context, conn *pgx.Conn) (*schema.Catalog, error) { return p.inspect(ctx, conn) },
		Scope:   p.scope, DryRun: o.dryRun, Release: firstOf(o.release, p.env.Release), Tool: p.app.tool(),
		Mask: p.app.streams.Mask, Observer: p.view,
	}
	if p.onSchema() {
		options.Fingerprint = p.templateFingerprint
	}
	before, err := p.legacy()
	if err != nil {
		return apply.Options{}, err
	}
	options.Legacy = before.Dir
	if err := p.backups(&o.backupOptions, &options); err != nil {
		return apply.Options{}, err
	}
	p.stops(&o.stopOptions, &options)
	return options, p.waits(&o.waitOptions, &options)
}

// attended is a run for which a person may have to be asked.
type attended struct {
	doing    string
	question string
	options  apply.Options
	run      func(ctx context.Context, options apply.Options) (*apply.Result, error)
	// unattended runs go ahead where nobody can be asked.
	unattended bool
}

// approved runs what was approved and shows the result. At a terminal what would run is shown and asked about; elsewhere
// only what goes forward runs without --auto-approve.
func (p *project) approved(ctx context.Context, a attended) error {
	defer p.settle(ctx)
	t, err := p.telling(a)
	if err != nil {
		return err
	}
	switch {
	case a.options.DryRun || p.flags.autoApprove:
	case p.view.Interactive():
		if ok, err := p.ask(ctx, a); err != nil || !ok {
			return err
		}
	case !a.unattended:
		return &view.Refusal{Code: "refused", Message: "nobody can be asked here whether this is meant", Next: "add --auto-approve, or look first with --dry-run"}
	}
	result, err := t.run(ctx, a)
	if err != nil {
		return p.restorable(err)
	}
	return p.view.Show(view.NewRun(p.database(), a.doing, result))
}

// ask shows what would run. Without anything to run there is nothing to ask.
func (p *project) ask(ctx context.Context, a attended) (bool, error) {
	dry := a.options
	dry.DryRun, dry.Observer = true, nil
	result, err := a.run(ctx, dry)
	if err != nil {
		return false, err
	}
	if len(result.Pending) == 0 {
		return true, nil
	}
	p.view.Preview(view.NewRun(p.database(), a.doing, result))
	ok, err := p.view.Confirm(ctx, a.question)
	if err == nil && !ok {
		err = &view.Refusal{Code: "refused", Message: "it was not approved, and nothing was changed"}
	}
	return ok, err
}
