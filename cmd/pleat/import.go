package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/pleatdb/pleat/cmd/internal/connect"
	"github.com/pleatdb/pleat/cmd/internal/view"
	"github.com/pleatdb/pleat/history"
	"github.com/pleatdb/pleat/history/legacy"
)

// noTool is the value of --from that leaves every history alone.
const noTool = "none"

type importOptions struct {
	shared
	out, split                               string
	from, table, dir, legacy                 string
	accept                                   []string
	reason                                   string
	convert, freeze, undo, logOnly, dryRun   bool
	verbose                                  bool
	accepted                                 []legacy.Accepted
	tool                                     legacy.Tool
	outSaid, legacySaid, splitSaid, fromSaid bool
}

func (o *importOptions) addFlags(fs *pflag.FlagSet) {
	o.shared.addFlags(fs)
	fs.StringVar(&o.out, "out", ".", "directory of the new project")
	fs.StringVar(&o.split, "split", "schema", "one file per schema or per table")
	fs.StringVar(&o.from, "from", "", "tool whose history is taken over, or none to begin with a baseline (default: the one that is found)")
	fs.StringVar(&o.table, "table", "", "the table of that history, SCHEMA.TABLE, where there are several")
	fs.StringVar(&o.dir, "project", "", "the history's project, where one table holds several")
	fs.StringVar(&o.legacy, "legacy", "", "directory of that tool's migrations")
	fs.StringArrayVar(&o.accept, "accept", nil, "let what speaks against the import pass: CODE or CODE:KEY, with --reason; may be repeated")
	fs.StringVar(&o.reason, "reason", "", "why it is let pass; kept in the log")
	fs.BoolVar(&o.convert, "convert", false, "write the tool's migrations as pleat's own")
	fs.BoolVar(&o.freeze, "freeze", false, "have a trigger keep the tool from its tables")
	fs.BoolVar(&o.undo, "undo", false, "take back an import that nothing was built on")
	fs.BoolVar(&o.logOnly, "log-only", false, "write the log alone: the project is there already")
	fs.BoolVar(&o.dryRun, "dry-run", false, "read, check and compare; write nothing")
	fs.BoolVar(&o.verbose, "verbose", false, "list all entries")
}

func newImportCmd(a *app) *cobra.Command {
	var o importOptions
	c := &cobra.Command{
		Use:   "import",
		Short: "Begin to manage a database that is there, with the history that another tool left",
		Long: `import writes a project for the database as it is: schema files, a project file, an empty directory of migrations. A plan right
after it finds no changes. Files that exist are never overwritten.

Where another migration tool kept a history in the database, it is read, without touching it, checked against the tool's files
(--legacy), and recorded in pleat's log: nothing of it runs again, and nothing of it can be rolled back. What has not run yet becomes
pending migrations. Where there is none, a baseline is recorded, up to which everything counts as present.

Example: pleat import --url postgres://localhost/app --legacy db/migrations --out .
         pleat import --legacy db/migrations --dry-run
         pleat import --legacy db/migrations --accept mismatch:7 --reason "comment edited in 2021"
         pleat import --log-only --env production
         pleat import --freeze                        (also later, of what was imported before)
         pleat import --undo` + exitCodes,
		Args: cobra.NoArgs,
		RunE: a.action(&o.shared, func(ctx context.Context, v *view.View, _ []string) error { return runImport(ctx, a, v, &o) }),
	}
	o.addFlags(c.Flags())
	c.PreRun = func(c *cobra.Command, _ []string) {
		changed := c.Flags().Changed
		o.outSaid, o.legacySaid, o.splitSaid, o.fromSaid = changed("out"), changed("legacy"), changed("split"), changed("from")
	}
	return c
}

func runImport(ctx context.Context, a *app, v *view.View, o *importOptions) error {
	if err := o.check(); err != nil {
		return err
	}
	p, err := a.withoutSchema(v, &o.shared)
	if err != nil {
		return err
	}
	if o.undo {
		return p.undoImport(ctx, o)
	}
	if o.freezesOnly() {
		if done, err := p.freezeImported(ctx, o); done || err != nil {
			return err
		}
	}
	if !o.logOnly && !o.dryRun {
		// What was left may have been this project's own file, so it is read anew.
		if cleared, err := p.clearTorn(ctx, o.out); err != nil {
			return err
		} else if cleared {
			if p, err = a.withoutSchema(v, &o.shared); err != nil {
				return err
			}
		}
	}
	if o.logOnly {
		err = o.fromProject(p)
	} else {
		err = missing(o.out, map[string][]byte{"pleat.hcl": nil})
	}
	if err != nil {
		return err
	}
	doc, err := p.adopt(ctx, o)
	if err != nil {
		return err
	}
	if o.verbose {
		doc.Verbose()
	}
	return v.Show(doc)
}

// check refuses what makes no sense before anything is connected to.
func (o *importOptions) check() error {
	usage := func(format string, args ...any) error {
		return &view.Refusal{Code: "usage", Message: fmt.Sprintf(format, args...)}
	}
	if err := oneOf("split", o.split, "schema", "table"); err != nil {
		return err
	}
	if o.from != "" && o.from != noTool {
		tool, ok := legacy.ToolNamed(o.from)
		if !ok {
			return usage("--from: no tool is called %q; known are none, %s", o.from, toolNames())
		}
		o.tool = tool
	}
	for _, text := range o.accept {
		a := legacy.ParseAccepted(text)
		if !a.Code.Acceptable() {
			return usage("--accept %s: only mismatch, missing_file, gap and pending_code can be let pass", text)
		}
		o.accepted = append(o.accepted, a)
	}
	named := o.table != "" || o.dir != "" || o.legacy != ""
	switch {
	case len(o.accept) > 0 && strings.TrimSpace(o.reason) == "":
		return usage("--accept needs --reason: it is kept in the log")
	case len(o.accept) == 0 && o.reason != "":
		return usage("--reason is about --accept")
	case o.undo && (o.from != "" || named || o.convert || o.freeze || o.logOnly || len(o.accept) > 0):
		return usage("--undo takes back the import that is there; of the other flags of import only --out and --dry-run go with it")
	case o.from == noTool && (named || o.convert || o.freeze || len(o.accept) > 0):
		return usage("--from none leaves every history alone, so that flags about one do not go with it")
	case o.logOnly && (o.outSaid || o.splitSaid || o.convert):
		return usage("--log-only writes no files, so that --out, --split and --convert do not go with it")
	}
	return nil
}

func toolNames() string {
	var names []string
	for _, t := range legacy.Tools() {
		names = append(names, string(t))
	}
	return strings.Join(names, ", ")
}

// fromProject takes over what the project says of the tool that came before.
func (o *importOptions) fromProject(p *project) error {
	said, err := p.legacy()
	if err != nil {
		return err
	}
	if !o.legacySaid {
		o.legacy = said.Dir
	}
	if !o.fromSaid && said.Tool != "" {
		tool, ok := legacy.ToolNamed(said.Tool)
		if !ok {
			return &view.Refusal{Code: "usage", Message: fmt.Sprintf("the block legacy names the tool %q; known are %s", said.Tool, toolNames())}
		}
		o.tool = tool
	}
	return nil
}

// adopt takes the database over, in one transaction that keeps other runs and the tool away.
func (p *project) adopt(ctx context.Context, o *importOptions) (doc *view.Import, err error) {
	options := []connect.Option{connect.ReadWrite()}
	mode := pgx.TxOptions{}
	if o.dryRun {
		options, mode = nil, pgx.TxOptions{AccessMode: pgx.ReadOnly}
	}
	conn, err := p.connect(ctx, "import", options...)
	if err != nil {
		return nil, err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	t := &takeover{project: p, o: o, conn: conn, log: history.Open(conn)}
	defer func() {
		if err != nil {
			t.forget()
		}
	}()
	tx, err := conn.BeginTx(ctx, mode)
	if err != nil {
		return nil, fmt.Errorf("begin the import: %w", err)
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }()
	t.tx = tx
	if err := t.alone(ctx); err != nil {
		return nil, err
	}
	found, err := t.choose(ctx)
	if err != nil {
		return nil, err
	}
	if found {
		doc, err = t.history(ctx)
	} else {
		doc, err = t.baseline(ctx)
	}
	if err != nil || o.dryRun {
		return doc, err
	}
	if err = tx.Commit(ctx); err != nil {
		return doc, t.uncommitted(err)
	}
	settled(o.out)
	return doc, nil
}
