package main

import (
	"context"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/pleatdb/pleat/cmd/internal/view"
	"github.com/pleatdb/pleat/history/migration"
)

func newHashCmd(a *app) *cobra.Command {
	var o shared
	c := &cobra.Command{
		Use:   "hash",
		Short: "Write pleat.sum anew after migration files were edited",
		Long: `hash records the checksums of the migration files as they are now. A file that was applied must not be edited: apply compares it
with what ran.

Example: pleat hash` + exitCodes,
		Args: cobra.NoArgs,
		RunE: a.action(&o, func(_ context.Context, v *view.View, _ []string) error { return runHash(a, v, o) }),
	}
	o.addFlags(c.Flags())
	return c
}

func runHash(a *app, v *view.View, o shared) error {
	p, err := a.withoutSchema(v, &o)
	if err != nil {
		return err
	}
	if err := migration.Rehash(p.migrations); err != nil {
		return err
	}
	return v.Show(&view.Files{Files: []string{filepath.Join(p.migrations, migration.SumFile)}})
}
