package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/pleatdb/pleat/cmd/internal/view"
	"github.com/pleatdb/pleat/history/migration"
)

func newNewCmd(a *app) *cobra.Command {
	var o shared
	c := &cobra.Command{
		Use:   "new NAME",
		Short: "Add an empty migration to be written by hand",
		Long: `new adds a migration file with a version, ready to be filled in. After editing it, run pleat hash.

Example: pleat new seed_countries` + exitCodes,
		Args: cobra.ExactArgs(1),
		RunE: a.action(&o, func(_ context.Context, v *view.View, args []string) error { return runNew(a, v, o, args[0]) }),
	}
	o.addFlags(c.Flags())
	return c
}

func runNew(a *app, v *view.View, o shared, name string) error {
	p, err := a.withoutSchema(v, &o)
	if err != nil {
		return err
	}
	path, err := migration.New(p.migrations, name, a.now())
	if err != nil {
		return err
	}
	return v.Show(&view.Files{Files: []string{path}})
}
