package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/pleatdb/pleat/schema/sqltext"
)

// load runs scripts in the database, statement by statement as psql does, each script in a session of its own. Empty paths are
// passed over.
func load(ctx context.Context, url string, paths ...string) error {
	for _, path := range paths {
		if path == "" {
			continue
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return fmt.Errorf("read script: %w", err)
		}
		if err := runScript(ctx, url, string(text)); err != nil {
			return fmt.Errorf("load %s: %w", path, err)
		}
	}
	return nil
}

func runScript(ctx context.Context, url, text string) error {
	// In-place tablespaces have no directory of their own to name.
	text = strings.ReplaceAll(withoutRestrict(text), "${TABLESPACE_DIR}", "")
	parts, err := sqltext.Split(text)
	if err != nil {
		return err
	}
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	if strings.Contains(text, "CREATE TABLESPACE") {
		if err := simple(ctx, conn, "SET allow_in_place_tablespaces = on"); err != nil {
			return err
		}
	}
	for _, part := range parts {
		if err := runTolerant(ctx, conn, part.SQL); err != nil {
			return fmt.Errorf("line %d: %w", part.Line, err)
		}
	}
	return nil
}

// runTolerant runs one statement. What belongs to the whole server may be there already, made for the case's
// other database, and a role that is missing is made: scripts name roles without making them.
func runTolerant(ctx context.Context, conn *pgx.Conn, sql string) error {
	// No statement names more roles than that.
	for range 20 {
		err := simple(ctx, conn, sql)
		var pg *pgconn.PgError
		if !errors.As(err, &pg) {
			return err
		}
		if pg.Code == "42710" && (pg.Routine == "CreateRole" || pg.Routine == "CreateTableSpace") {
			return nil
		}
		role, missing := missingRole(pg)
		if !missing {
			return err
		}
		if err := simple(ctx, conn, "CREATE ROLE "+pgx.Identifier{role}.Sanitize()); err != nil {
			return fmt.Errorf("make missing role: %w", err)
		}
	}
	return errors.New("make missing roles: there is no end of them")
}

// missingRole is the role whose absence the error reports. Messages are in English: the servers are started so.
func missingRole(pg *pgconn.PgError) (string, bool) {
	name, ok := strings.CutPrefix(pg.Message, `role "`)
	if !ok || pg.Code != "42704" {
		return "", false
	}
	return strings.CutSuffix(name, `" does not exist`)
}

// simple runs SQL by the simple protocol, without parameters.
func simple(ctx context.Context, conn *pgx.Conn, sql string) error {
	_, err := conn.PgConn().Exec(ctx, sql).ReadAll()
	return err
}
