package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/pleatdb/pleat/apply"
	"github.com/pleatdb/pleat/cmd/internal/connect"
	"github.com/pleatdb/pleat/cmd/internal/view"
	"github.com/pleatdb/pleat/history"
	"github.com/pleatdb/pleat/history/legacy"
	"github.com/pleatdb/pleat/history/migration"
	"github.com/pleatdb/pleat/schema"
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
		err = fmt.Errorf("record the import: %w", err)
	}
	return doc, err
}

// takeover is an import at work.
type takeover struct {
	*project
	o    *importOptions
	conn *pgx.Conn
	tx   pgx.Tx
	log  *history.Log
	// exists is set where the log's tables are there, from an import that was undone.
	exists bool
	dir    *legacy.Dir
	source legacy.Source
	live   *schema.Catalog
	// wrote are the files that were written, to be removed when the import fails.
	wrote []string
}

// forget removes what was written.
func (t *takeover) forget() { removeFiles(t.wrote) }

// alone keeps other runs of pleat away until the transaction ends, and makes sure that the database has no history of pleat's.
func (t *takeover) alone(ctx context.Context) error {
	// An import holds its locks while files run on a throw-away server, for as long as that takes.
	const patience = `SELECT pg_catalog.set_config(s.name, v.value, true)
		FROM (VALUES ('statement_timeout', '0'), ('idle_in_transaction_session_timeout', '0'), ('transaction_timeout', '0'), ('lock_timeout', '30s')) AS v (name, value)
		JOIN pg_catalog.pg_settings s ON s.name = v.name`
	if _, err := t.tx.Exec(ctx, patience); err != nil {
		return fmt.Errorf("set up session: %w", err)
	}
	var name string
	if err := t.tx.QueryRow(ctx, "SELECT pg_catalog.current_database()::text").Scan(&name); err != nil {
		return fmt.Errorf("set up session: %w", err)
	}
	if !t.o.dryRun {
		var free bool
		if err := t.tx.QueryRow(ctx, "SELECT pg_catalog.pg_try_advisory_xact_lock($1)", apply.LockKey(name, t.scope)).Scan(&free); err != nil {
			return fmt.Errorf("take the lock of runs: %w", err)
		}
		if !free {
			return &view.Refusal{Code: "lock-held", Message: "another run of pleat is at work on this database", Next: "let it end, and look at it with: pleat lock status"}
		}
	}
	return t.unused(ctx)
}

// unused refuses a database that has a history of pleat's own, unless all there is was undone.
func (t *takeover) unused(ctx context.Context) (err error) {
	if t.exists, err = t.log.Exists(ctx); err != nil || !t.exists {
		return err
	}
	entries, err := t.log.Entries(ctx, 0)
	if err != nil {
		return err
	}
	if !history.Unused(entries) {
		return &view.Refusal{Code: "refused", Message: "this database has a history of pleat's already", Next: "use pleat inspect to write its schema files anew"}
	}
	return nil
}

// choose looks for the history that is meant; found is false where there is none and none was asked for.
func (t *takeover) choose(ctx context.Context) (found bool, err error) {
	o := t.o
	if o.legacy != "" {
		if t.dir, err = legacy.OpenDir(o.legacy); err != nil {
			return false, &view.Refusal{Code: "usage", Message: "--legacy: " + err.Error()}
		}
	}
	if o.from == noTool {
		return false, nil
	}
	all, err := legacy.Find(ctx, t.tx, o.tool)
	if err == nil && t.dir != nil && o.tool == "" && !slices.ContainsFunc(all, func(s legacy.Source) bool { return s.Rows != 0 }) {
		var more []legacy.Source
		more, err = legacy.FindByFiles(ctx, t.tx, t.dir)
		all = append(all, more...)
	}
	if err != nil {
		return false, t.unreadable(ctx, err)
	}
	t.source, found, err = legacy.Choose(all, legacy.Wanted{Tool: o.tool, Table: o.table, Project: o.dir, Dir: t.dir})
	var problem *legacy.Problem
	if errors.As(err, &problem) {
		return false, &view.ImportRefusal{Problems: []legacy.Problem{*problem}}
	}
	if err != nil || found {
		return found, err
	}
	if o.legacy != "" || o.convert || o.freeze || len(o.accept) > 0 || o.logOnly && !o.fromSaid {
		return false, &view.ImportRefusal{Problems: []legacy.Problem{{Code: legacy.NoHistory, Message: "no history of another tool was found in this database" + butEmpty(all),
			Next: "name the tool with --from TOOL; or begin with a baseline: --from none"}}}
	}
	for i := range all {
		t.view.Note(fmt.Sprintf("the history of %s in %s is empty, and its table counts as one of the schema; --from %s takes it as its tool's", all[i].Tool, &all[i], all[i].Tool))
	}
	return false, nil
}

// butEmpty names histories without rows.
func butEmpty(all []legacy.Source) string {
	if len(all) == 0 {
		return ""
	}
	return fmt.Sprintf(", only the empty one of %s in %s", all[0].Tool, &all[0])
}

// unreadable explains a table that the role may not read.
func (t *takeover) unreadable(ctx context.Context, err error) error {
	e, ok := legacy.IsUnreadable(err)
	if !ok {
		return err
	}
	role := "ROLE"
	// The transaction is broken; another connection tells who is asking.
	if conn, err := t.connect(ctx, "import"); err == nil {
		defer conn.Close(context.WithoutCancel(ctx))
		if err := conn.QueryRow(ctx, "SELECT pg_catalog.quote_ident(current_user::text)").Scan(&role); err != nil {
			role = "ROLE"
		}
	}
	return &view.ImportRefusal{Problems: []legacy.Problem{{
		Code: legacy.Unreadable, Message: fmt.Sprintf("this role may not read %s, which looks like the history of a tool: %s", e.Table.SQL(), e.Err),
		Next: fmt.Sprintf("connect as the table's owner, or grant it for the time of the import: GRANT SELECT, UPDATE ON %s TO %s; or leave it alone: --from none", e.Table.SQL(), role),
	}}}
}

// inspectLive reads the database on a connection of its own, without what patterns leave out.
func (t *takeover) inspectLive(ctx context.Context, ignore ...string) (major int, err error) {
	conn, err := t.connect(ctx, "inspect")
	if err != nil {
		return 0, err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	if major, err = majorOf(ctx, conn); err != nil {
		return 0, err
	}
	if t.live, err = t.inspect(ctx, conn, ignore...); err != nil {
		return 0, err
	}
	t.view.Unmanaged(t.live)
	return major, nil
}

// begin makes the log where it is not there, and gives what all of its events have.
func (t *takeover) begin(ctx context.Context) (history.Event, error) {
	a := t.app
	event := history.Event{Run: history.NewRunID(a.now()), Client: history.LocalClient("pleat import"), Tool: a.tool()}
	if t.exists {
		return event, nil
	}
	return event, t.log.Create(ctx, t.tx, event)
}

// baseline records the database as it is, without anybody's history.
func (t *takeover) baseline(ctx context.Context) (*view.Import, error) {
	if _, err := t.inspectLive(ctx); err != nil {
		return nil, err
	}
	// A second before now, so that a migration that is planned within this second comes after it.
	version, err := migration.NextVersion("", t.app.now().Add(-time.Second))
	if err != nil {
		return nil, err
	}
	doc := &view.Import{Database: t.database(), Objects: t.live.Len(), Baseline: version, DryRun: t.o.dryRun, Next: t.next(), Files: []string{}}
	files := newFiles{}
	if !t.o.logOnly {
		if files, err = t.schemaFiles(t.live, projectFile); err != nil {
			return nil, err
		}
		doc.Files = files.paths(t.o.out)
	}
	if t.o.dryRun {
		return doc, nil
	}
	event, err := t.begin(ctx)
	if err != nil {
		return nil, fmt.Errorf("record the baseline: %w", err)
	}
	event.Detail = map[string]any{"files": files.detail()}
	if _, err := t.log.Baseline(ctx, t.tx, event, version, t.live); err != nil {
		return nil, fmt.Errorf("record the baseline: %w", err)
	}
	return doc, t.write(files)
}

// next is how to go on.
func (t *takeover) next() string {
	if t.o.dryRun {
		return "the same without --dry-run"
	}
	if t.o.logOnly || slices.Contains([]string{"", "."}, t.o.out) {
		return "pleat plan"
	}
	return "pleat plan, in " + t.o.out
}
