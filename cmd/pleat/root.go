package main

import (
	"context"
	"errors"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/pleatdb/pleat/cmd/internal/view"
)

const exitCodes = `

Exit codes: 0 done, or nothing differs; 1 an error; 2 differences were found (only of commands and flags that look for them).`

func newRootCmd(a *app) *cobra.Command {
	root := &cobra.Command{
		Use:   "pleat",
		Short: "Keep a PostgreSQL database in the shape that HCL files describe",
		Long: `pleat keeps a PostgreSQL database in the shape that HCL files describe, through reviewed, versioned SQL files:

  pleat import --out .            describe the database that is there
  pleat plan --name add_users     write the migration that leads to what the files say
  pleat apply                     run what is pending
  pleat rollback --auto-approve   take the newest migration back` + exitCodes,
		SilenceErrors: true,
		SilenceUsage:  true,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetIn(a.streams.In)
	root.SetOut(a.streams.Out)
	root.SetErr(a.streams.Err)
	root.AddGroup(
		&cobra.Group{ID: "change", Title: "Change a database:"}, &cobra.Group{ID: "look", Title: "Look, and change nothing:"},
		&cobra.Group{ID: "files", Title: "Work on files:"},
	)
	add := func(group string, commands ...*cobra.Command) {
		for _, c := range commands {
			c.GroupID = group
			root.AddCommand(c)
		}
	}
	add("change", newPlanCmd(a), newApplyCmd(a), newRollbackCmd(a), newRedoCmd(a), newResolveCmd(a), newApproveCmd(a), newImportCmd(a), newResetCmd(a), newRestoreCmd(a))
	add("look", newInspectCmd(a), newDriftCmd(a), newStatusCmd(a), newHistoryCmd(a), newVerifyCmd(a), newWaitCmd(a), newReadyCmd(a), newRehearseCmd(a), newLockCmd(a), newBackupCmd(a))
	add("files", newInitCmd(a), newNewCmd(a), newHashCmd(a), newLintCmd(a), newFmtCmd(a), newValidateCmd(a))
	root.AddCommand(newVersionCmd(a), newServerCmd(a))
	return root
}

// action runs a command's work with the view that its flags ask for, and shows its error.
func (a *app) action(o *shared, run func(ctx context.Context, v *view.View, args []string) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		v := view.New(a.streams, view.Options{
			Command: strings.TrimPrefix(cmd.CommandPath(), "pleat "), JSON: o.json, JSONInto: o.jsonInto, NoColor: o.noColor, Getenv: a.getenv,
		})
		err := a.logs(o, nil)
		if err == nil {
			err = run(cmd.Context(), v, args)
		}
		var already shown
		if err == nil || errors.Is(err, errFound) || errors.As(err, &already) {
			return err
		}
		v.Fail(err)
		return shown{err}
	}
}

// flagNames are the long names of all flags of all commands.
func flagNames(c *cobra.Command) map[string]bool {
	names := map[string]bool{"help": true}
	var visit func(c *cobra.Command)
	visit = func(c *cobra.Command) {
		c.Flags().VisitAll(func(f *pflag.Flag) { names[f.Name] = true })
		for _, child := range c.Commands() {
			visit(child)
		}
	}
	visit(c)
	return names
}
