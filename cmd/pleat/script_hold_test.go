package main

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/rogpeppe/go-internal/testscript"
)

// holdCmd runs a statement in a transaction of its own and leaves that open until the script ends: hold 'SELECT …'.
func holdCmd(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: hold SQL")
	}
	conn, err := pgx.Connect(context.Background(), ts.Getenv("DB"))
	if err != nil {
		ts.Fatalf("hold: %v", err)
	}
	ts.Defer(func() { _ = conn.Close(context.Background()) })
	if _, err := conn.PgConn().Exec(context.Background(), "BEGIN; "+args[0]).ReadAll(); err != nil {
		ts.Fatalf("hold: %v", err)
	}
}
