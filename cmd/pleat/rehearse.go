package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/pleatdb/pleat/apply"
	"github.com/pleatdb/pleat/apply/rehearse"
	"github.com/pleatdb/pleat/cmd/internal/config"
	"github.com/pleatdb/pleat/cmd/internal/connect"
	"github.com/pleatdb/pleat/cmd/internal/view"
	"github.com/pleatdb/pleat/history"
	"github.com/pleatdb/pleat/inspect/shadow"
	"github.com/pleatdb/pleat/schema"
)

type rehearseOptions struct {
	shared
	rows, clone, overwrite, contract, to string
	seed                                 uint64
	maxStep, maxLock                     time.Duration
	noAttach                             bool
}

func (o *rehearseOptions) addFlags(fs *pflag.FlagSet) {
	o.shared.addFlags(fs)
	fs.StringVar(&o.rows, "rows", "", "rows of the copy: generate[:N], sample[:N] or none (default generate:1000)")
	fs.StringVar(&o.clone, "clone", "", "URL of a database to rehearse on in place of a copy; it is changed")
	fs.StringVar(&o.overwrite, "overwrite", "", "name of the clone's database, to confirm that it may be changed")
	fs.Uint64Var(&o.seed, "seed", 1, "chooses among rows that are made; the same seed makes the same rows")
	fs.DurationVar(&o.maxStep, "max-step", 0, "longest time of a step, batched ones aside (default 30s)")
	fs.DurationVar(&o.maxLock, "max-lock", 0, "longest time that a step may lock writers or readers out of a table (default 1s)")
	fs.StringVar(&o.contract, "contract", "immediate", "immediate: contract files are rehearsed too; gated leaves them out")
	fs.StringVar(&o.to, "to", "", "last version to rehearse (default: all that is pending)")
	fs.BoolVar(&o.noAttach, "no-attach", false, "do not write the result into the head of the files")
}

func newRehearseCmd(a *app) *cobra.Command {
	var o rehearseOptions
	c := &cobra.Command{
		Use:   "rehearse",
		Short: "Run the pending migrations on a copy of the database, up, down and up again",
		Long: `rehearse builds a throw-away copy of the database's structure, fills it with rows, and runs the pending migrations there: up, down,
and up again. It measures how long each step takes and how long it locks others out of a table, and checks that rows survive and that the way
back leads back. The target is only read. When all is well, the files say in their head that they were rehearsed.

Rows are made to fit every constraint (--rows generate:N), taken from the target (--rows sample:N), or left out (--rows none).

Example: pleat rehearse
         pleat rehearse --rows sample:5000 --max-lock 200ms --json
         pleat rehearse --clone postgres://db-clone/app --overwrite app

Exit codes: 0 passed, or nothing is pending; 1 an error; 2 something speaks against the files.`,
		Args: cobra.NoArgs,
		RunE: a.action(&o.shared, func(ctx context.Context, v *view.View, _ []string) error { return runRehearse(ctx, a, v, o) }),
	}
	o.addFlags(c.Flags())
	return c
}

func runRehearse(ctx context.Context, a *app, v *view.View, o rehearseOptions) error {
	p, err := a.withoutSchema(v, &o.shared)
	if err != nil {
		return err
	}
	settings, diags := p.config.Rehearse(o.env)
	if diags.HasErrors() {
		return &view.DiagnosticsError{Diags: diags, Files: p.config.Files}
	}
	options, err := o.options(p, settings)
	if err != nil {
		return err
	}
	defer p.settle(ctx)
	result, err := rehearse.Run(ctx, options)
	if err != nil {
		return err
	}
	var attached []string
	if !o.noAttach && result.Passed() && len(result.Files) > 0 {
		if attached, err = p.attach(ctx, options, result); err != nil {
			return err
		}
	}
	if err := v.Show(view.NewRehearsal(p.database(), result, attached)); err != nil {
		return err
	}
	if !result.Passed() {
		return errFound
	}
	return nil
}

// options are what package rehearse is told; flags win over the project file.
func (o *rehearseOptions) options(p *project, settings *config.Rehearse) (rehearse.Options, error) {
	var none rehearse.Options
	if err := oneOf("contract", o.contract, "immediate", "gated"); err != nil {
		return none, err
	}
	if _, err := p.resolve(); err != nil {
		return none, err
	}
	dir, err := p.directory()
	if err != nil {
		return none, err
	}
	options := rehearse.Options{
		Connect: func(ctx context.Context, purpose string) (*pgx.Conn, error) { return p.connect(ctx, purpose) },
		Inspect: func(ctx context.Context, conn *pgx.Conn) (*schema.Catalog, error) { return p.inspect(ctx, conn) },
		Shadow: func(ctx context.Context, major int) (*shadow.Shadow, error) {
			s, err := p.shadowServer(ctx, major)
			if err != nil {
				return nil, err
			}
			return shadow.On(s), nil
		},
		Dir: dir, Seed: o.seed, Contract: apply.ContractMode(o.contract), To: o.to, Scope: p.scope, Release: p.env.Release, Tool: p.app.tool(),
		LockTimeout: p.flags.lockTimeout, Observer: p.view, Progress: p.view.Progress, Now: p.app.now,
		MaxStep: budget(o.maxStep, settings.MaxStep), MaxLock: budget(o.maxLock, settings.MaxLock),
	}
	if options.Backfill, err = p.backfill(backfillOptions{}); err != nil {
		return none, err
	}
	if options.Source, options.Rows, err = rowsOf(firstOf(o.rows, settings.Rows, "generate")); err != nil {
		return none, err
	}
	if o.clone == "" {
		if o.overwrite != "" {
			return none, &view.Refusal{Code: "usage", Message: "--overwrite confirms a clone, and none was named", Next: "add --clone URL"}
		}
		return options, nil
	}
	if o.rows != "" {
		return none, &view.Refusal{Code: "usage", Message: "--rows and --clone exclude each other: a clone keeps the rows that it has", Next: "leave one of them out"}
	}
	options.Clone, err = o.cloning(p)
	return options, err
}

// budget is the first that was said.
func budget(flag time.Duration, setting *time.Duration) time.Duration {
	if flag == 0 && setting != nil {
		return *setting
	}
	return flag
}

// rowsOf reads a source of rows with their number.
func rowsOf(text string) (rehearse.Source, int, error) {
	word, number, counted := strings.Cut(text, ":")
	n, err := strconv.Atoi(number)
	source := rehearse.Source(word)
	switch {
	case source != rehearse.Generate && source != rehearse.Sample && source != rehearse.None,
		counted && (err != nil || n < 1 || source == rehearse.None):
		return "", 0, &view.Refusal{Code: "usage", Message: fmt.Sprintf("--rows cannot be %q", text), Next: "use generate, generate:N, sample, sample:N or none"}
	}
	return source, n, nil
}

// cloning connects to the clone, once its name was confirmed.
func (o *rehearseOptions) cloning(p *project) (func(context.Context, string) (*pgx.Conn, error), error) {
	t, err := connect.Parse(o.clone, p.app.getenv)
	if err != nil {
		return nil, err
	}
	p.app.hideTarget(t)
	if t.Database() != o.overwrite {
		return nil, &view.Refusal{Code: "refused", Message: "the clone will be changed, and nobody confirmed that it may be",
			Next: "add --overwrite with the name of its database"}
	}
	t.Program, t.Warn = "pleat/"+p.app.version, p.view.Warn
	return func(ctx context.Context, purpose string) (*pgx.Conn, error) {
		conn, err := t.Connect(ctx, purpose, connect.Notices(apply.HandleNotice), connect.ReadWrite())
		if err == nil {
			p.sessions.add(conn)
		}
		return conn, err
	}, nil
}

// attach writes the result into the files that the target's log knows nothing of.
func (p *project) attach(ctx context.Context, options rehearse.Options, result *rehearse.Result) ([]string, error) {
	conn, err := p.connect(ctx, "rehearse")
	if err != nil {
		return nil, err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	state, err := history.Open(conn).State(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the history: %w", err)
	}
	return rehearse.Attach(options.Dir, result, func(version string) bool { return state.Record(version) != nil })
}
