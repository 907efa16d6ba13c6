package backup

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/pleatdb/pleat/schema"
)

// copySchema holds the copies of rows, and the table that says of what. No desired state names it, and no inspection sees it.
const copySchema = "pleat_backup"

// openCopies makes the schema and its register where they are not there. Somebody else's schema of that name is refused: its owner could read what is
// copied into it, and change it.
func openCopies(ctx context.Context, conn *pgx.Conn) error {
	err := pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "SELECT pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended('pleat_backup', 0))"); err != nil {
			return err
		}
		there, ours, err := copiesAreOurs(ctx, tx)
		if err != nil || there && ours {
			return err
		}
		if there {
			return &Error{Doing: "look at the schema pleat_backup", Reason: "it belongs to another role, which could read and change what is copied",
				Next: "connect as that role or as a member of it, or drop the schema"}
		}
		for _, sql := range []string{
			"CREATE SCHEMA pleat_backup",
			`CREATE TABLE pleat_backup.copy (home pg_catalog.text NOT NULL, run pg_catalog.text NOT NULL, command pg_catalog.text NOT NULL, taken pg_catalog.timestamptz NOT NULL,
				versions pg_catalog.text[] NOT NULL, migrations pg_catalog.text[] NOT NULL, lsn pg_catalog.text NOT NULL, namespace pg_catalog.text NOT NULL,
				name pg_catalog.text NOT NULL, copy pg_catalog.text NOT NULL PRIMARY KEY, key pg_catalog.text[] NOT NULL,
				columns pg_catalog.text[] NOT NULL, whole pg_catalog.bool NOT NULL, all_columns pg_catalog.jsonb NOT NULL,
				rows pg_catalog.int8 NOT NULL, digest pg_catalog.text NOT NULL, complete pg_catalog.bool NOT NULL DEFAULT false)`,
			"COMMENT ON SCHEMA pleat_backup IS 'Rows as they were before runs of pleat; see pleat backup list'",
		} {
			if _, err := tx.Exec(ctx, sql); err != nil {
				return err
			}
		}
		return errors.Join(ownerOnly(ctx, tx, "SCHEMA", copySchema), ownerOnly(ctx, tx, "TABLE", "pleat_backup.copy"))
	})
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.Code == "42501" {
		return &Error{Doing: "make the schema pleat_backup", Reason: pg.Message,
			Next: "allow it with GRANT CREATE ON DATABASE, or write rows = false and dump = true"}
	}
	if err != nil {
		return fmt.Errorf("make room for copies: %w", err)
	}
	return nil
}

// copiesAreOurs reports whether the schema is there, and whether it and its register belong to this role or one that it is a member of.
func copiesAreOurs(ctx context.Context, tx pgx.Tx) (there, ours bool, err error) {
	err = tx.QueryRow(ctx, `SELECT pg_catalog.pg_has_role(n.nspowner, 'USAGE') AND EXISTS (SELECT 1 FROM pg_catalog.pg_class c
			WHERE c.relnamespace = n.oid AND c.relname = 'copy' AND c.relkind = 'r' AND pg_catalog.pg_has_role(c.relowner, 'USAGE'))
		FROM pg_catalog.pg_namespace n WHERE n.nspname = 'pleat_backup'`).Scan(&ours)
	if errors.Is(err, pgx.ErrNoRows) {
		return false, false, nil
	}
	return true, ours, err
}

// ownerOnly takes every privilege on an object from all but its owner: default privileges may have given some.
func ownerOnly(ctx context.Context, tx pgx.Tx, kind, name string) error {
	query := `SELECT DISTINCT CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(a.grantee)::pg_catalog.text) END
		FROM pg_catalog.pg_class c, pg_catalog.aclexplode(c.relacl) AS a WHERE c.oid = $1::pg_catalog.text::pg_catalog.regclass AND a.grantee <> c.relowner`
	if kind == "SCHEMA" {
		query = `SELECT DISTINCT CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(a.grantee)::pg_catalog.text) END
			FROM pg_catalog.pg_namespace n, pg_catalog.aclexplode(n.nspacl) AS a WHERE n.oid = $1::pg_catalog.text::pg_catalog.regnamespace AND a.grantee <> n.nspowner`
	}
	rows, err := tx.Query(ctx, query, name)
	if err != nil {
		return fmt.Errorf("read who may use %s: %w", name, err)
	}
	grantees, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return fmt.Errorf("read who may use %s: %w", name, err)
	}
	for _, grantee := range grantees {
		if _, err := tx.Exec(ctx, "REVOKE ALL ON "+kind+" "+name+" FROM "+grantee+" CASCADE"); err != nil {
			return fmt.Errorf("keep others from %s: %w", name, err)
		}
	}
	return nil
}

// registerCopy writes down of what a copy is.
func registerCopy(ctx context.Context, tx pgx.Tx, m *Manifest, t *TableBackup) error {
	_, err := tx.Exec(ctx, `INSERT INTO pleat_backup.copy (home, run, command, taken, versions, migrations, lsn, namespace, name, copy, key, columns, whole, all_columns, rows, digest)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)`,
		m.Database.Home, m.Run, m.Command, m.Taken, m.Versions, m.Migrations, m.LSN, t.Schema, t.Name, t.Copy.Table, t.Copy.Key, t.Copy.Columns, t.Copy.Whole, t.Columns,
		t.Copy.Rows, t.Copy.Digest)
	if err != nil {
		return fmt.Errorf("register the copy of %s: %w", printed(t.Schema, t.Name), err)
	}
	return nil
}

// completeCopies makes the copies of a run count, once everything else of its backup was read back.
func completeCopies(ctx context.Context, conn *pgx.Conn, run string) error {
	if _, err := conn.Exec(ctx, "UPDATE pleat_backup.copy SET complete = true WHERE run = $1", run); err != nil {
		return fmt.Errorf("complete the copies: %w", err)
	}
	return nil
}

// Copies reads from a database which runs left copies of rows in it, the newest first, as backups without files.
func Copies(ctx context.Context, conn *pgx.Conn) ([]Manifest, error) {
	var may bool
	err := conn.QueryRow(ctx, `SELECT coalesce((SELECT pg_catalog.has_table_privilege(c.oid, 'SELECT') AND pg_catalog.has_schema_privilege(n.oid, 'USAGE')
		FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'pleat_backup' AND c.relname = 'copy'), false)`).Scan(&may)
	if err != nil || !may {
		return nil, err
	}
	id, err := identity(ctx, conn)
	if err != nil {
		return nil, err
	}
	rows, err := conn.Query(ctx, `SELECT run, command, taken, versions, migrations, lsn, namespace, name, copy, key, columns, whole, all_columns, rows, digest
		FROM pleat_backup.copy WHERE home = $1 AND complete ORDER BY taken DESC, run, copy`, id.Home)
	if err != nil {
		return nil, fmt.Errorf("read the copies in the database: %w", err)
	}
	var out []Manifest
	var m Manifest
	var t TableBackup
	var c Copy
	_, err = pgx.ForEachRow(rows, []any{&m.Run, &m.Command, &m.Taken, &m.Versions, &m.Migrations, &m.LSN, &t.Schema, &t.Name, &c.Table, &c.Key, &c.Columns,
		&c.Whole, &t.Columns, &c.Rows, &c.Digest}, func() error {
		if len(out) == 0 || out[len(out)-1].Run != m.Run {
			one := m
			one.Format, one.Database, one.Taken = manifestFormat, id, m.Taken.UTC()
			one.Versions, one.Migrations = slices.Clone(m.Versions), slices.Clone(m.Migrations)
			out = append(out, one)
		}
		table, held := t, c
		table.Columns, held.Key, held.Columns = slices.Clone(t.Columns), slices.Clone(c.Key), slices.Clone(c.Columns)
		table.Copy = &held
		last := &out[len(out)-1]
		last.Tables = append(last.Tables, table)
		t.Columns = nil // the next row must not be decoded into this one's elements
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the copies in the database: %w", err)
	}
	return out, nil
}

// pruneCopies drops the copies of runs beyond the newest keep, leaving those of versions that are still needed.
func pruneCopies(ctx context.Context, conn *pgx.Conn, keep int, needed map[string]bool) error {
	all, err := Copies(ctx, conn)
	if err != nil {
		return err
	}
	if len(all) > 0 { // there is a register, and this role may use it
		if err := pruneKilled(ctx, conn); err != nil {
			return err
		}
	}
	for i, m := range all {
		if i < max(keep, 1) || slices.ContainsFunc(m.Versions, func(v string) bool { return needed[v] }) {
			continue
		}
		if err := dropCopies(ctx, conn, m.Run); err != nil {
			return err
		}
	}
	return nil
}

// pruneKilled drops what runs left that were killed while they took their backup. One that is a day old is not being taken any more.
func pruneKilled(ctx context.Context, conn *pgx.Conn) error {
	rows, err := conn.Query(ctx, "SELECT DISTINCT run FROM pleat_backup.copy WHERE NOT complete AND taken < pg_catalog.now() - interval '1 day'")
	if err != nil {
		return fmt.Errorf("look for copies of killed runs: %w", err)
	}
	runs, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return fmt.Errorf("look for copies of killed runs: %w", err)
	}
	for _, run := range runs {
		if err := dropCopies(ctx, conn, run); err != nil {
			return err
		}
	}
	return nil
}

// dropCopies removes the copies of one run.
func dropCopies(ctx context.Context, conn *pgx.Conn, run string) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	err := pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, "DELETE FROM pleat_backup.copy WHERE run = $1 RETURNING copy", run)
		if err != nil {
			return err
		}
		names, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			return err
		}
		for _, name := range names {
			if _, err := tx.Exec(ctx, "DROP TABLE IF EXISTS "+schema.Qualified(copySchema, name)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("drop the copies of run %s: %w", run, err)
	}
	return nil
}
