package main

import (
	"context"
	"runtime"

	"github.com/spf13/cobra"

	"github.com/pleatdb/pleat/cmd/internal/view"
)

func newVersionCmd(a *app) *cobra.Command {
	var o shared
	c := &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Long: `version prints the version of pleat and of what it was built with.

Example: pleat version --json` + exitCodes,
		Args: cobra.NoArgs,
		RunE: a.action(&o, func(_ context.Context, v *view.View, _ []string) error {
			return v.Show(&view.Version{Pleat: a.version, Go: runtime.Version(), OS: runtime.GOOS + "/" + runtime.GOARCH})
		}),
	}
	o.addFlags(c.Flags())
	return c
}
