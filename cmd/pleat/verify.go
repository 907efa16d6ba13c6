package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/pleatdb/pleat/apply"
	"github.com/pleatdb/pleat/cmd/internal/view"
	"github.com/pleatdb/pleat/history/migration"
)

type verifyOptions struct {
	shared
	fleet    fleetFlags
	witness  string
	deployed bool
}

func newVerifyCmd(a *app) *cobra.Command {
	var o verifyOptions
	c := &cobra.Command{
		Use:   "verify",
		Short: "Check that log, kept texts, files and database are what they were",
		Long: `verify walks the chain of the log, checks the texts and snapshots that it keeps, compares the files with pleat.sum and with what
was applied, and the database with what the last run left. It changes nothing. The digest that it prints, noted elsewhere, is a
witness of the whole log: --witness takes it. With --deployed, the check after a deployment, everything but contract files must be
applied, and the database must be what the schema files say.

Example: pleat verify
         pleat verify --deployed

Exit codes: 0 all is in order; 1 an error; 2 something is not as it should be.`,
		Args: cobra.NoArgs,
		RunE: a.action(&o.shared, func(ctx context.Context, v *view.View, _ []string) error { return runVerify(ctx, a, v, o) }),
	}
	o.addFlags(c.Flags())
	o.fleet.addFlags(c.Flags())
	c.Flags().StringVar(&o.witness, "witness", "", "digest that verify printed earlier; the log must still have it")
	c.Flags().BoolVar(&o.deployed, "deployed", false, "nothing may be pending, and the database must be what the schema files say")
	return c
}

func runVerify(ctx context.Context, a *app, v *view.View, o verifyOptions) error {
	find := a.withoutSchema
	if o.deployed {
		find = a.project
	}
	p, err := find(v, &o.shared)
	if err != nil {
		return err
	}
	return p.everywhere(ctx, errand{name: "verify", over: o.fleet, each: func(ctx context.Context, p *project) error { return p.verify(ctx, o) }})
}

// verify checks one database.
func (p *project) verify(ctx context.Context, o verifyOptions) error {
	options, err := p.running(&runOptions{dryRun: true})
	if err != nil {
		return err
	}
	if options.Dir, err = p.files(); err != nil {
		return err
	}
	options.Narrow = p.inScope
	report, err := apply.Verify(ctx, options, o.witness)
	if err != nil {
		return err
	}
	doc := &view.Checks{Problems: []string{}, Checked: []string{
		fmt.Sprintf("%d rows of the log, the newest with digest %s", report.Length, firstOf(report.Head, "(none)")),
		fmt.Sprintf("%d migration files in %s", len(options.Dir.Files), p.migrations),
	}}
	if report.Legacy > 0 {
		doc.Checked = append(doc.Checked, fmt.Sprintf("%d files of the imported history in %s", report.Legacy, options.Legacy))
	}
	for _, warning := range report.Warnings {
		p.view.Warn(warning)
	}
	for _, problem := range report.Problems {
		doc.Problems = append(doc.Problems, problem.Error())
	}
	p.verifiedLive(doc, report)
	// What is pending is told by the files and the log, which must be sound for it.
	if o.deployed && len(report.Problems) == 0 {
		if err := p.deployed(ctx, doc, options); err != nil {
			return err
		}
	}
	doc.OK = len(doc.Problems) == 0
	return p.judged(doc)
}

// verifiedLive adds how the database differs from what the last run left.
func (p *project) verifiedLive(doc *view.Checks, report *apply.Verification) {
	if !report.Compared {
		p.view.Note("the database was not compared: no run left anything to compare it with, or the log cannot be believed")
		return
	}
	if report.Interrupted && len(report.Drift) > 0 {
		p.view.Warn("a run was interrupted after the last snapshot was taken; some differences may be its work")
	}
	doc.Checked = append(doc.Checked, "the database, against the snapshot of the last run")
	for _, d := range report.Drift {
		doc.Problems = append(doc.Problems, "changed since the last run: "+d.String())
	}
}

// deployed adds what keeps the database from being what the files say. Contract files wait for a later release by design.
func (p *project) deployed(ctx context.Context, doc *view.Checks, options apply.Options) error {
	overview, err := apply.Status(ctx, options)
	if err != nil {
		return err
	}
	for _, problem := range overview.Problems {
		doc.Problems = append(doc.Problems, problem.Error())
	}
	for _, m := range overview.Pending {
		if m.Phase != migration.Contract {
			doc.Problems = append(doc.Problems, m.File()+" is pending")
		}
	}
	for _, h := range overview.Held {
		if h.Migration.Phase != migration.Contract {
			doc.Problems = append(doc.Problems, h.Migration.File()+" is held: "+h.Reason)
		}
	}
	if len(doc.Problems) > 0 {
		return nil // a plan from there would only say it again
	}
	files := p.load(p.schema)
	start, err := p.start(ctx, "live", options.Dir, files)
	if err == nil {
		defer start.close()
	}
	desired, wrong := files.wait()
	if wrong != nil {
		return wrong
	}
	if err != nil {
		return err
	}
	plan := planOptions{renames: "drop"}
	d, desired, err := plan.draft(ctx, p, start, desired)
	if err != nil {
		return &view.Wanted{Err: err, Desired: desired}
	}
	for _, c := range d.Plan.Changes {
		doc.Problems = append(doc.Problems, "not as the schema files say: "+c.ID().String())
	}
	doc.Checked = append(doc.Checked, "the database, against the schema files in "+p.schema)
	return nil
}

// judged shows checks, and tells by the exit code whether all is well.
func (p *project) judged(doc *view.Checks) error {
	if err := p.view.Show(doc); err != nil {
		return err
	}
	if !doc.OK {
		return errFound
	}
	return nil
}
