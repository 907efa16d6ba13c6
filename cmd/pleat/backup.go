package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/jackc/pgx/v5"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/pleatdb/pleat/apply"
	"github.com/pleatdb/pleat/apply/backup"
	"github.com/pleatdb/pleat/cmd/internal/config"
	"github.com/pleatdb/pleat/cmd/internal/connect"
	"github.com/pleatdb/pleat/cmd/internal/view"
	"github.com/pleatdb/pleat/history"
)

// backupOptions are the flags about the backup before a run.
type backupOptions struct {
	backup   bool
	noBackup reason
}

func (o *backupOptions) addFlags(fs *pflag.FlagSet) {
	fs.BoolVar(&o.backup, "backup", false, "take a backup before this run, also where the project file asks for none")
	fs.Var(&o.noBackup, "no-backup", "run without the backup that the project file asks for; the reason is logged")
}

// backups adds the backup that the environment, or the command line, asks for to what is done before a run.
func (p *project) backups(o *backupOptions, run *apply.Options) error {
	if o.backup && o.noBackup.text != "" {
		return errors.New("read the flags: --backup and --no-backup exclude each other")
	}
	said, err := p.saidOfBackup()
	if err != nil {
		return err
	}
	wanted := said.Said && said.When != config.Never
	if run.DryRun || !wanted && !o.backup {
		return nil
	}
	t := p.taker(said)
	t.Skip, t.Force = o.noBackup.text, o.backup
	if len(t.Settings.Command) > 0 && t.Skip == "" {
		if err := p.mayExecute("the backup runs the command " + filepath.Base(t.Settings.Command[0])); err != nil {
			return err
		}
	}
	if (t.Settings.Dump || len(t.Settings.Command) > 0) && t.Skip == "" {
		target, err := p.resolve()
		if err != nil {
			return err
		}
		t.Access.Env, t.Access.Refuse = target.Libpq()
	}
	run.Prepare = append(run.Prepare, func(ctx context.Context, u apply.Upcoming) ([]history.Event, error) {
		events, err := t.Prepare(ctx, u)
		if err == nil && len(events) > 0 && events[0].Kind == history.Backup {
			p.backedUp = u.Run
		}
		return events, err
	})
	return nil
}

// restorable adds the way back to the failure of a run that took a backup.
func (p *project) restorable(err error) error {
	if p.backedUp == "" {
		return err
	}
	command := backup.RestoreCommand(p.backedUp)
	if p.env.Name != "" {
		command += " --env " + p.env.Name
	}
	return &view.Restorable{Err: err, Command: command}
}

func (p *project) saidOfBackup() (*config.Backup, error) {
	said, diags := p.config.Backup(p.env.Name)
	p.app.streams.Hide(p.config.Secrets()...)
	if diags.HasErrors() {
		return nil, &view.DiagnosticsError{Diags: diags, Files: p.config.Files}
	}
	return said, nil
}

// taker is what the project file says about backups, as package backup wants it.
func (p *project) taker(said *config.Backup) *backup.Taker {
	points := map[string]backup.PointMode{"true": backup.PointWanted, "false": backup.PointOff}
	return &backup.Taker{
		Settings: backup.Settings{
			Point: points[said.RestorePoint], Rows: said.Rows, Dump: said.Dump, Command: said.Command, Verify: said.Verify, Timeout: said.Timeout,
			Dir: p.backupDir(said), Keep: said.Keep, MaxSize: said.MaxSize, MaxRows: said.MaxRows, SkipTooLarge: said.TooLarge == "skip",
			Always: said.When == config.Always,
		},
		Connect: p.connectForBackup, Access: backup.Access{Role: p.env.Role}, Tool: p.app.tool(), Now: p.app.now,
		Progress: p.view.Progress, Warn: p.view.Warn, Output: func(line string) { p.view.Progress("  " + line) }, Needed: p.neededBackups,
	}
}

// backupDir is where backups are: beside the project file where it does not say otherwise.
func (p *project) backupDir(said *config.Backup) string {
	if said.Dir != "" {
		return said.Dir
	}
	return filepath.Join(p.config.Dir(), backup.DefaultDir)
}

func (p *project) connectForBackup(ctx context.Context) (*pgx.Conn, error) {
	return p.connect(ctx, "backup", connect.ReadWrite())
}

// neededBackups are the versions whose contract is still to come: until then their way back is a likely one.
func (p *project) neededBackups(ctx context.Context, conn *pgx.Conn) (map[string]bool, error) {
	needed := map[string]bool{}
	dir, err := p.directory()
	if err != nil {
		return nil, fmt.Errorf("read which contracts are pending: %w", err)
	}
	state, err := history.Open(conn).State(ctx)
	if err != nil {
		return nil, fmt.Errorf("read which contracts are pending: %w", err)
	}
	for _, f := range state.Pending(dir) {
		m, err := f.Parse()
		if err != nil {
			return nil, fmt.Errorf("read which contracts are pending: %w", err)
		}
		if m.ContractOf != "" {
			needed[m.ContractOf] = true
		}
	}
	return needed, nil
}

func newBackupCmd(a *app) *cobra.Command {
	c := &cobra.Command{
		Use:   "backup",
		Short: "Look at the backups that runs took",
		Long: `A block backup of the project file has apply, rollback and redo take a backup first. pleat restore leads back to one.

Example: pleat backup list` + exitCodes,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	c.AddCommand(newBackupListCmd(a))
	return c
}

func newBackupListCmd(a *app) *cobra.Command {
	var o shared
	c := &cobra.Command{
		Use:   "list",
		Short: "List the backups of this database",
		Long: `backup list shows the backups of this database, the newest first: those whose files are in the directory of backups, and those whose
copies of rows are in the database.

Example: pleat backup list --json` + exitCodes,
		Args: cobra.NoArgs,
		RunE: a.action(&o, func(ctx context.Context, v *view.View, _ []string) error {
			p, err := a.withoutSchema(v, &o)
			if err != nil {
				return err
			}
			return p.listBackups(ctx)
		}),
	}
	o.addFlags(c.Flags())
	return c
}

// listBackups shows what there is to restore from.
func (p *project) listBackups(ctx context.Context) error {
	r, err := p.restorer()
	if err != nil {
		return err
	}
	entries, partial, err := r.List(ctx)
	if err != nil {
		return err
	}
	return p.view.Show(view.NewBackups(p.database(), r.Dir, entries, partial))
}

func (p *project) restorer() (*backup.Restorer, error) {
	said, err := p.saidOfBackup()
	if err != nil {
		return nil, err
	}
	return &backup.Restorer{
		Connect: p.connectForBackup, Dir: p.backupDir(said), Scope: p.scope, Tool: p.app.tool(), Release: p.env.Release, Progress: p.view.Progress,
	}, nil
}
