package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/pleatdb/pleat/apply"
	"github.com/pleatdb/pleat/cmd/internal/view"
	"github.com/pleatdb/pleat/history/migration"
)

func newVerifyCmd(a *app) *cobra.Command {
	var o shared
	c := &cobra.Command{
		Use:   "verify",
		Short: "Check that log, kept texts and files are what they were",
		Long: `verify walks the chain of the log, checks the texts and snapshots that it keeps, and compares the files with pleat.sum and with what
was applied. It changes nothing. The digest that it prints, noted elsewhere, is a witness of the whole log.

Example: pleat verify

Exit codes: 0 all is in order; 1 an error; 2 something is not as it was written.`,
		Args: cobra.NoArgs,
		RunE: a.action(&o, func(ctx context.Context, v *view.View, _ []string) error { return runVerify(ctx, a, v, o) }),
	}
	o.addFlags(c.Flags())
	return c
}

func runVerify(ctx context.Context, a *app, v *view.View, o shared) error {
	p, err := a.withoutSchema(v, &o)
	if err != nil {
		return err
	}
	options, err := p.running(&runOptions{dryRun: true})
	if err != nil {
		return err
	}
	if options.Dir, err = migration.ReadDir(p.migrations); err != nil {
		return err
	}
	report, err := apply.Verify(ctx, options)
	if err != nil {
		return err
	}
	doc := &view.Checks{OK: len(report.Problems) == 0, Problems: []string{}, Checked: []string{
		fmt.Sprintf("%d rows of the log, the newest with digest %s", report.Length, firstOf(report.Head, "(none)")),
		fmt.Sprintf("%d migration files in %s", len(options.Dir.Files), p.migrations),
	}}
	for _, problem := range report.Problems {
		doc.Problems = append(doc.Problems, problem.Error())
	}
	return p.judged(doc)
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
