package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/pleatdb/pleat/apply"
	"github.com/pleatdb/pleat/cmd/internal/view"
	"github.com/pleatdb/pleat/history"
	"github.com/pleatdb/pleat/history/migration"
	"github.com/pleatdb/pleat/inspect"
)

func newStatusCmd(a *app) *cobra.Command {
	var o shared
	var check bool
	var over fleetFlags
	c := &cobra.Command{
		Use:   "status",
		Short: "List what is applied and what is pending",
		Long: `status lists the migrations that the directory or the log knows, with their state. It changes nothing. With --check the exit code
says whether anything is pending, failed or wrong.

Example: pleat status --check` + exitCodes,
		Args: cobra.NoArgs,
		RunE: a.action(&o, func(ctx context.Context, v *view.View, _ []string) error { return runStatus(ctx, a, v, o, over, check) }),
	}
	o.addFlags(c.Flags())
	over.addFlags(c.Flags())
	c.Flags().BoolVar(&check, "check", false, "exit with 2 when anything is pending, failed or wrong")
	return c
}

func runStatus(ctx context.Context, a *app, v *view.View, o shared, over fleetFlags, check bool) error {
	p, err := a.withoutSchema(v, &o)
	if err != nil {
		return err
	}
	return p.everywhere(ctx, errand{
		name: "status", over: over, each: func(ctx context.Context, p *project) error { return p.showStatus(ctx, check) },
	})
}

// showStatus tells where one database stands.
func (p *project) showStatus(ctx context.Context, check bool) error {
	dir, err := p.files()
	if err != nil {
		return err
	}
	conn, err := p.connect(ctx, "status")
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	state, err := history.Open(conn).State(ctx)
	if err != nil {
		return fmt.Errorf("read the history: %w", err)
	}
	doc := view.NewStatus(p.database(), state, dir)
	if err := p.watchLegacy(doc, state); err != nil {
		return err
	}
	if err := p.held(ctx, doc, dir); err != nil {
		return err
	}
	trash, err := inspect.Trash(ctx, conn)
	if err != nil {
		return err
	}
	doc.Waste(trash, p.keep())
	if err := p.view.Show(doc); err != nil {
		return err
	}
	if check && !doc.UpToDate {
		return errFound
	}
	return nil
}

// watchLegacy adds what became of the files of an imported history.
func (p *project) watchLegacy(doc *view.Status, state *history.State) error {
	before, err := p.legacy()
	if err != nil || before.Dir == "" {
		return err
	}
	files, err := apply.CompareLegacy(state, before.Dir)
	if err != nil {
		return err
	}
	for _, warning := range files.Warnings() {
		p.view.Warn(warning)
	}
	doc.Edited(files)
	return nil
}

// held adds what the next run would leave out. What would keep a run from beginning at all is told by the run.
func (p *project) held(ctx context.Context, doc *view.Status, dir *migration.Dir) error {
	if doc.Pending == 0 {
		return nil
	}
	look, err := p.running(&runOptions{dryRun: true})
	if err != nil {
		return err
	}
	look.Dir, look.Observer, look.Contract = dir, nil, apply.ContractMode(p.env.Contract)
	overview, err := apply.Status(ctx, look)
	if err != nil {
		return fmt.Errorf("look at what is pending: %w", err)
	}
	doc.Hold(overview.Held)
	doc.Doubt(overview.Problems)
	return p.heldByEvidence(doc, overview)
}

// heldByEvidence adds the contract files that nothing else holds. Whether anything uses what they take away is not looked for
// here, since that takes a throw-away server.
func (p *project) heldByEvidence(doc *view.Status, overview *apply.Overview) error {
	w, err := p.witness()
	if err != nil || !w.required {
		return err
	}
	defer w.close()
	for _, m := range overview.Pending {
		if m.Phase == migration.Contract {
			doc.Hold([]apply.Held{{Migration: m, Code: apply.HeldEvidence,
				Reason: "it waits for evidence that nothing uses what it takes away: pleat ready " + m.Version + " looks for it"}})
		}
	}
	return nil
}
