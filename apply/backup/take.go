package backup

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/pleatdb/pleat/apply"
	"github.com/pleatdb/pleat/history"
)

// taking is one backup on its way.
type taking struct {
	*Taker
	u        apply.Upcoming
	conn     *pgx.Conn
	tx       pgx.Tx
	snapshot string
	server   facts
	reach    *reach
	tools    *tools
	manifest *Manifest
	store    Store
	// dir is the directory of the backup while it is not complete.
	dir string
	// copied is set once copies of this run are in the database.
	copied bool
}

// facts are what is known of the server before anything is taken.
type facts struct {
	number            int // server_version_num
	version           string
	identity          Identity
	lsn               string
	at                time.Time
	walLevel, archive string
	mayPoint          bool
	path              []string
}

// Prepare takes the backup of a run; it is an [apply.Preparation]. Its event names the manifest's digest, the path and the LSN.
func (t *Taker) Prepare(ctx context.Context, u apply.Upcoming) (_ []history.Event, err error) {
	if t.Skip != "" {
		return t.skipped(), nil
	}
	t.Settings.complete()
	conn, err := t.Connect(ctx)
	if err != nil {
		return nil, fmt.Errorf("take a backup: %w", err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	b := &taking{Taker: t, u: u, conn: conn, store: Store{t.Settings.Dir}}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("take a backup: %w", err), b.discard(context.WithoutCancel(ctx)))
		}
	}()
	needed, err := b.look(ctx)
	if err != nil || !needed {
		return nil, err
	}
	for _, part := range []func(context.Context) error{b.dump, b.copyRows, b.release, b.command, b.point} {
		if err := part(ctx); err != nil {
			return nil, err
		}
	}
	return b.complete(ctx)
}

// look begins the snapshot, finds out what the run touches, and refuses what cannot be backed up before anything is written.
func (b *taking) look(ctx context.Context) (needed bool, err error) {
	if err := b.begin(ctx); err != nil {
		return false, err
	}
	w, err := readWorld(ctx, b.tx, b.server.path)
	if err != nil {
		return false, err
	}
	if b.reach, err = reachOf(ctx, w, b.u); err != nil {
		return false, err
	}
	risky := len(b.reach.why) > 0 || len(b.reach.unknown) > 0
	if !risky && !b.Settings.Always && !b.Force {
		b.Progress("no backup: nothing in these files loses data, rewrites or fills a table")
		return false, b.tx.Rollback(ctx)
	}
	b.manifest = b.newManifest()
	if err := b.refuse(ctx); err != nil {
		return false, err
	}
	b.dir, err = b.store.begin(b.u.Run)
	return true, err
}

// begin opens the one transaction whose snapshot everything is taken from.
func (b *taking) begin(ctx context.Context) (err error) {
	s := &b.server
	err = b.conn.QueryRow(ctx, `SELECT pg_catalog.current_setting('server_version_num')::pg_catalog.int4, pg_catalog.current_setting('server_version'),
		pg_catalog.current_database()::pg_catalog.text, pg_catalog.current_setting('wal_level'), pg_catalog.current_setting('archive_mode'),
		pg_catalog.has_function_privilege('pg_catalog.pg_create_restore_point(pg_catalog.text)', 'EXECUTE'),
		pg_catalog.current_schemas(true)::pg_catalog.text[]`).
		Scan(&s.number, &s.version, &s.identity.Name, &s.walLevel, &s.archive, &s.mayPoint, &s.path)
	if err != nil {
		return fmt.Errorf("look at the server: %w", err)
	}
	if s.identity, err = identity(ctx, b.conn); err != nil {
		return err
	}
	if b.Settings.Rows {
		if err := openCopies(ctx, b.conn); err != nil {
			return err
		}
	}
	if b.tx, err = b.conn.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead}); err != nil {
		return fmt.Errorf("begin a snapshot: %w", err)
	}
	if err := b.tx.QueryRow(ctx, "SELECT pg_catalog.pg_export_snapshot(), pg_catalog.pg_current_wal_lsn()::pg_catalog.text, pg_catalog.clock_timestamp()").
		Scan(&b.snapshot, &s.lsn, &s.at); err != nil {
		return fmt.Errorf("begin a snapshot: %w", err)
	}
	return plainText(ctx, b.tx)
}

// identity tells which database this is. The system identifier may be kept from a role.
func identity(ctx context.Context, conn *pgx.Conn) (id Identity, err error) {
	var may bool
	err = conn.QueryRow(ctx, `SELECT pg_catalog.current_database()::pg_catalog.text,
		pg_catalog.has_function_privilege('pg_catalog.pg_control_system()', 'EXECUTE')`).Scan(&id.Name, &may)
	if err == nil && may {
		err = conn.QueryRow(ctx, "SELECT system_identifier::pg_catalog.text FROM pg_catalog.pg_control_system()").Scan(&id.System)
	}
	if err != nil {
		return id, fmt.Errorf("look at the database: %w", err)
	}
	if home := history.HomeOn(conn); home != history.Home {
		id.Home = home
	}
	return id, nil
}

// plainText pins for a transaction all that decides how a value is written as text, so that copies compare the same on another day.
func plainText(ctx context.Context, tx pgx.Tx) error {
	_, err := tx.Exec(ctx, `SELECT pg_catalog.set_config(v.name, v.value, true) FROM (VALUES ('TimeZone', 'UTC'), ('DateStyle', 'ISO, YMD'),
		('IntervalStyle', 'postgres'), ('extra_float_digits', '1'), ('bytea_output', 'hex'), ('search_path', 'pg_catalog'), ('row_security', 'off'),
		('lock_timeout', '30s'), ('statement_timeout', '0'), ('idle_in_transaction_session_timeout', '0')) AS v (name, value)`)
	if err != nil {
		return fmt.Errorf("set up the session: %w", err)
	}
	return nil
}

func (b *taking) newManifest() *Manifest {
	m := &Manifest{
		Format: manifestFormat, Run: b.u.Run, Command: b.u.Command, Taken: b.Now().UTC(), Tool: b.Tool, Database: b.server.identity,
		ServerVersion: b.server.version, LSN: b.server.lsn, At: b.server.at.UTC(), Migrations: []string{}, Versions: []string{},
		Tables: []TableBackup{}, Files: []File{}, NotCovered: []string{},
	}
	for _, one := range b.u.Migrations {
		m.Migrations, m.Versions = append(m.Migrations, one.File()), append(m.Versions, one.Version)
	}
	m.NotCovered = append(m.NotCovered, b.reach.beyond...)
	for _, o := range b.reach.touches {
		m.Tables = append(m.Tables, TableBackup{Schema: o.namespace, Name: o.name, OID: o.oid, Reasons: o.reasons, Columns: o.columns})
	}
	return m
}

// refuse says everything that stands in the way of the backup before it begins.
func (b *taking) refuse(ctx context.Context) error {
	if data := b.Settings.Rows || b.Settings.Dump; data && len(b.reach.unknown) > 0 {
		return &Error{Doing: "find out what the run touches", Reason: strings.Join(b.reach.unknown, "; "),
			Next: "back up in another way and say so: --no-backup REASON"}
	}
	if err := b.pointable(); err != nil {
		return err
	}
	if b.Settings.Dump || len(b.Settings.Command) > 0 {
		if b.Access.Refuse != nil {
			return fmt.Errorf("let a program connect: %w", b.Access.Refuse)
		}
	}
	if b.Settings.Dump {
		tools, err := findTools(ctx, b.server.number/10000)
		if err != nil {
			return err
		}
		b.tools = tools
	}
	return b.measure(ctx)
}

// release ends the snapshot: the copies are committed, and nothing that the run needs is locked any more.
func (b *taking) release(ctx context.Context) error {
	if err := b.tx.Commit(ctx); err != nil {
		return fmt.Errorf("commit the copies: %w", err)
	}
	b.tx = nil
	return nil
}

// complete gives the backup its final name, and removes those that are too many.
func (b *taking) complete(ctx context.Context) ([]history.Event, error) {
	if b.copied {
		if err := completeCopies(ctx, b.conn, b.u.Run); err != nil {
			return nil, err
		}
	}
	dir, digest, err := b.store.finish(b.dir, b.manifest)
	if err != nil {
		return nil, err
	}
	b.dir = ""
	for _, text := range b.manifest.NotCovered {
		b.Warn("not in the backup: " + text)
	}
	b.retain(ctx)
	if full, err := filepath.Abs(dir); err == nil {
		dir = full
	}
	b.Progress(fmt.Sprintf("backup taken: %s; the way back: %s", dir, RestoreCommand(b.u.Run)))
	detail := map[string]any{
		"manifest": digest, "path": dir, "lsn": b.manifest.LSN, "tables": len(b.manifest.Tables), "restore": RestoreCommand(b.u.Run),
	}
	if b.manifest.Point != nil {
		detail["restore_point"] = b.manifest.Point.Name
	}
	return []history.Event{{Kind: history.Backup, Detail: detail}}, nil
}

// RestoreCommand is the command that shows, and on approval runs, the way back to a run's backup.
func RestoreCommand(run string) string { return "pleat restore --run " + run }

// retain removes old backups. A backup too many is no reason not to run.
func (b *taking) retain(ctx context.Context) {
	needed := map[string]bool{}
	if b.Needed != nil {
		var err error
		if needed, err = b.Needed(ctx, b.conn); err != nil {
			b.Warn("old backups stay: " + err.Error())
			return
		}
	}
	_, err := b.store.prune(b.manifest.Database, b.Settings.Keep, needed)
	if err == nil {
		err = pruneCopies(ctx, b.conn, b.Settings.Keep, needed)
	}
	if err != nil {
		b.Warn("old backups could not all be removed: " + err.Error())
	}
}

// discard takes away what there is of a backup that did not come about.
func (b *taking) discard(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	var errs []error
	if b.dir != "" {
		errs = append(errs, os.RemoveAll(b.dir))
	}
	if b.tx != nil {
		_ = b.tx.Rollback(ctx) // it ends with the connection too
	}
	if b.copied && b.tx == nil && !b.conn.IsClosed() {
		errs = append(errs, dropCopies(ctx, b.conn, b.u.Run))
	}
	return errors.Join(errs...)
}
