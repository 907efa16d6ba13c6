package main

import (
	"context"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/pleatdb/pleat/apply"
	"github.com/pleatdb/pleat/cmd/internal/view"
)

type resolveOptions struct {
	shared
	step          int
	done, notDone bool
	reason        string
}

func (o *resolveOptions) addFlags(fs *pflag.FlagSet) {
	o.shared.addFlags(fs)
	fs.IntVar(&o.step, "step", 0, "the step in doubt, to make sure that it is the one that is meant")
	fs.BoolVar(&o.done, "done", false, "the statement took effect")
	fs.BoolVar(&o.notDone, "not-done", false, "the statement had no effect, and is to run again")
	fs.StringVar(&o.reason, "reason", "", "how that is known; it is kept in the log")
}

func newResolveCmd(a *app) *cobra.Command {
	var o resolveOptions
	c := &cobra.Command{
		Use:   "resolve VERSION",
		Short: "Say what became of a step that nothing tells about",
		Long: `A statement that runs outside of a transaction may be cut off from its answer. Where the catalogs tell whether it took effect,
pleat apply finds out by itself. Where they do not (rows of an INSERT, a CALL that commits), apply refuses to go on until somebody
looked: resolve shows what is known, and records what you say. Without --done or --not-done it only shows. At a terminal it asks;
elsewhere it needs --auto-approve.

Example: pleat resolve 20261120153000
         pleat resolve 20261120153000 --step 2 --done --reason "the rows are there" --auto-approve` + exitCodes,
		Args: cobra.ExactArgs(1),
		RunE: a.action(&o.shared, func(ctx context.Context, v *view.View, args []string) error { return runResolve(ctx, a, v, o, args[0]) }),
	}
	o.addFlags(c.Flags())
	c.MarkFlagsMutuallyExclusive("done", "not-done")
	return c
}

func runResolve(ctx context.Context, a *app, v *view.View, o resolveOptions, version string) error {
	p, err := a.withoutSchema(v, &o.shared)
	if err != nil {
		return err
	}
	says := o.done || o.notDone
	run, err := p.running(&runOptions{dryRun: !says})
	if err != nil {
		return err
	}
	defer p.settle(ctx)
	res := apply.Resolution{Version: version, Step: o.step, Done: o.done, Reason: o.reason}
	if says {
		if err := p.mayResolve(ctx, run, res); err != nil {
			return err
		}
	}
	known, err := apply.Resolve(ctx, run, res)
	if err != nil {
		return err
	}
	doc := view.NewResolution(p.database(), known)
	if says {
		doc.Say(o.done, o.reason)
	}
	return v.Show(doc)
}

// mayResolve shows what is known and asks, where nobody said beforehand that it is meant.
func (p *project) mayResolve(ctx context.Context, run apply.Options, res apply.Resolution) error {
	if p.flags.autoApprove {
		return nil
	}
	if !p.view.Interactive() {
		return &view.Refusal{Code: "refused", Message: "nobody can be asked here whether this is meant", Next: "add --auto-approve, or leave --done and --not-done out to see what is known"}
	}
	run.DryRun, run.Observer = true, nil
	known, err := apply.Resolve(ctx, run, res)
	if err != nil {
		return err
	}
	p.view.PreviewResolution(view.NewResolution(p.database(), known))
	question := "Did it have no effect, so that it is to run again?"
	if res.Done {
		question = "Did it take effect, so that it is not to run again?"
	}
	ok, err := p.view.Confirm(ctx, question)
	if err == nil && !ok {
		err = &view.Refusal{Code: "refused", Message: "it was not confirmed, and nothing was changed"}
	}
	return err
}
