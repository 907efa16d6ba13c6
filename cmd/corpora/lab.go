package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/pleatdb/pleat/inspect/shadow/server"
)

// lab is one worker's server. Cases use it one after another and leave nothing behind.
type lab struct {
	server *server.Server
	dumper *dumper
}

// newLab starts a server for one worker.
func newLab(ctx context.Context, o options, d *dumper) (*lab, error) {
	s, err := server.Start(ctx, server.Options{Major: o.major})
	if err != nil {
		return nil, err
	}
	return &lab{server: s, dumper: d}, nil
}

// database makes an empty database and returns its URL.
func (l *lab) database(ctx context.Context, name string) (string, error) {
	if err := l.server.CreateDatabase(ctx, name, ""); err != nil {
		return "", err
	}
	return l.server.URL(name), nil
}

// shadow is the URL that pleat is given for its own throw-away databases.
func (l *lab) shadow() string { return l.server.URL("") }

// reset removes all that a case left on the server, and names the databases that pleat should have removed itself.
func (l *lab) reset(ctx context.Context) (leaked []string, err error) {
	conn, err := pgx.Connect(ctx, l.server.URL(""))
	if err != nil {
		return nil, fmt.Errorf("clean server: %w", err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	names, err := column(ctx, conn, "SELECT datname FROM pg_database WHERE datname <> 'postgres' AND NOT datistemplate")
	if err != nil {
		return nil, err
	}
	var failures []error
	for _, name := range names {
		if strings.HasPrefix(name, "pleat_shadow_") {
			leaked = append(leaked, name)
		}
		failures = append(failures, l.dropSubscriptions(ctx, conn, name),
			simple(ctx, conn, "DROP DATABASE "+pgx.Identifier{name}.Sanitize()+" WITH (FORCE)"))
	}
	for _, global := range []struct{ query, drop string }{
		{"SELECT spcname FROM pg_tablespace WHERE spcname NOT IN ('pg_default', 'pg_global')", "DROP TABLESPACE "},
		// 10 is the role that initdb made; those below 16384 are PostgreSQL's own (access/transam.h).
		{"SELECT rolname FROM pg_roles WHERE oid >= 16384", "DROP ROLE "},
	} {
		names, err := column(ctx, conn, global.query)
		failures = append(failures, err)
		for _, name := range names {
			failures = append(failures, simple(ctx, conn, global.drop+pgx.Identifier{name}.Sanitize()))
		}
	}
	return leaked, errors.Join(failures...)
}

// dropSubscriptions detaches and drops the subscriptions of a database: it cannot be dropped while it has any, and a
// subscription cannot be dropped while it is tied to a slot on a publisher that is not there.
func (l *lab) dropSubscriptions(ctx context.Context, admin *pgx.Conn, database string) error {
	names, err := column(ctx, admin,
		"SELECT s.subname FROM pg_subscription s JOIN pg_database d ON d.oid = s.subdbid WHERE d.datname = $1", database)
	if err != nil || len(names) == 0 {
		return err
	}
	config := admin.Config().Copy()
	config.Database = database
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return fmt.Errorf("connect to drop subscriptions: %w", err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	for _, name := range names {
		quoted := pgx.Identifier{name}.Sanitize()
		for _, sql := range []string{
			"ALTER SUBSCRIPTION " + quoted + " DISABLE",
			"ALTER SUBSCRIPTION " + quoted + " SET (slot_name = NONE)",
			"DROP SUBSCRIPTION " + quoted,
		} {
			if err := simple(ctx, conn, sql); err != nil {
				return fmt.Errorf("drop subscription %s: %w", name, err)
			}
		}
	}
	return nil
}

// column is the one column of text that a query returns.
func column(ctx context.Context, conn *pgx.Conn, query string, args ...any) ([]string, error) {
	rows, err := conn.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}
