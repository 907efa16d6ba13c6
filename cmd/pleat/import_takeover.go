package main

import (
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/pleatdb/pleat/apply"
	"github.com/pleatdb/pleat/cmd/internal/view"
	"github.com/pleatdb/pleat/history"
	"github.com/pleatdb/pleat/history/legacy"
	"github.com/pleatdb/pleat/history/migration"
	"github.com/pleatdb/pleat/schema"
)

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
	// at is where the files of the new project go.
	at places
	// run is under which the import is recorded.
	run string
	// wrote are the files that were written, to be removed when the import fails.
	wrote []string
}

// forget removes what was written.
func (t *takeover) forget() {
	removeFiles(t.wrote)
	if t.run != "" {
		settled(t.o.out)
	}
}

// uncommitted explains that the log was not written. Where the server did not answer, it may have been: the files stay then.
func (t *takeover) uncommitted(err error) error {
	var answer *pgconn.PgError
	if errors.As(err, &answer) || len(t.wrote) == 0 {
		return fmt.Errorf("record the import: %w", err)
	}
	t.wrote, t.run = nil, "" // the announcement stays too: the next import finds out
	return fmt.Errorf("record the import (whether it was recorded is not known, so the files were left: pleat status tells, and without a history remove them): %w", err)
}

// alone keeps other runs of pleat away until the transaction ends, and makes sure that the database has no history of pleat's.
func (t *takeover) alone(ctx context.Context) error {
	// An import holds its locks while files run on a throw-away server, for as long as that takes.
	const patience = `SELECT pg_catalog.set_config(s.name, v.value, true)
		FROM (VALUES ('statement_timeout', '0'), ('idle_in_transaction_session_timeout', '0'), ('transaction_timeout', '0'), ('lock_timeout', '30s')) AS v (name, value)
		JOIN pg_catalog.pg_settings s ON s.name = v.name`
	if _, err := t.tx.Exec(ctx, patience); err != nil {
		return fmt.Errorf("set up session: %w", err)
	}
	if !t.o.dryRun {
		if err := t.lockRuns(ctx, t.tx); err != nil {
			return err
		}
	}
	return t.unused(ctx)
}

// lockRuns takes the lock of runs until the transaction ends, and refuses where somebody else has it.
func (p *project) lockRuns(ctx context.Context, tx pgx.Tx) error {
	var name string
	if err := tx.QueryRow(ctx, "SELECT pg_catalog.current_database()::text").Scan(&name); err != nil {
		return fmt.Errorf("set up session: %w", err)
	}
	var free bool
	if err := tx.QueryRow(ctx, "SELECT pg_catalog.pg_try_advisory_xact_lock($1)", apply.LockKey(name, p.scope)).Scan(&free); err != nil {
		return fmt.Errorf("take the lock of runs: %w", err)
	}
	if !free {
		return &view.Refusal{Code: "lock-held", Message: "another run of pleat is at work on this database", Next: "let it end, and look at it with: pleat lock status"}
	}
	return nil
}

// unused refuses a database that has a history of pleat's own, unless all there is was undone.
func (t *takeover) unused(ctx context.Context) (err error) {
	if t.exists, err = t.log.Exists(ctx); err != nil || !t.exists {
		return err
	}
	entries, err := t.log.Entries(ctx, 0)
	if err != nil {
		return notReadable(err)
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
		withoutOwn(t.dir)
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
		t.tellOthers(all)
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

// tellOthers names histories that are not taken over.
func (t *takeover) tellOthers(all []legacy.Source) {
	for i := range all {
		s := &all[i]
		if t.source.Tool == "" || s.Schema == t.source.Schema && s.Table == t.source.Table {
			continue
		}
		t.view.Note(fmt.Sprintf("the history of %s in %s is not taken over, and its table counts as one of the schema; to leave it alone, add it to ignore in the project file", s.Tool, s))
	}
}

// withoutOwn takes directories of pleat's own migrations out of a listing: the tool's may be above them.
func withoutOwn(d *legacy.Dir) {
	for _, name := range slices.Clone(d.Paths) {
		if home := path.Dir(name); path.Base(name) == migration.SumFile && home != "." {
			d.Paths = slices.DeleteFunc(d.Paths, func(p string) bool { return strings.HasPrefix(p, home+"/") })
		}
	}
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
	t.run = history.NewRunID(a.now())
	event := history.Event{Run: t.run, Client: history.LocalClient("pleat import"), Tool: a.tool()}
	if t.exists {
		return event, nil
	}
	err := t.log.Create(ctx, t.tx, event)
	if denied(err) {
		return event, &apply.Refused{Code: "privileges", Err: err, Reason: "this role may not make the schema pleat, in which the log is kept",
			Next: fmt.Sprintf("have it made by somebody who may: CREATE SCHEMA pleat AUTHORIZATION ROLE; or GRANT CREATE ON DATABASE %s TO ROLE", schema.Quote(t.database()))}
	}
	return event, err
}

// notReadable explains a log that the role may not read.
func notReadable(err error) error {
	if !denied(err) {
		return err
	}
	return &apply.Refused{Code: "privileges", Err: err, Reason: "this role may not read the history of pleat",
		Next: "connect as the role that imported, or grant it: GRANT USAGE ON SCHEMA pleat; GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA pleat"}
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
