package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/pleatdb/pleat/inspect/pgtest"
	"github.com/pleatdb/pleat/inspect/shadow/server"
)

// TestCountedScripts runs the journeys that need a server which counts statements, $DB. They are skipped where the extension is absent.
func TestCountedScripts(t *testing.T) {
	s := countingServer(t)
	databases := 0
	shadow := pgtest.Server(t).URL("")
	testscript.Run(t, testscript.Params{
		Dir: "testdata/counted",
		Setup: func(env *testscript.Env) error {
			databases++
			url := countedDatabase(t, s, fmt.Sprintf("counted_%d", databases))
			env.Setenv("DB", url)
			env.Setenv("SHADOW", shadow)
			env.Setenv("PLEAT_URL", url)
			env.Setenv("XDG_CACHE_HOME", cacheDir())
			env.Setenv("LC_ALL", "C")
			return nil
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){"sql": sqlCmd, "json": jsonCmd},
	})
}

// countingServer is one of its own with pg_stat_statements.
func countingServer(t *testing.T) *server.Server {
	t.Helper()
	o := server.Options{Settings: map[string]string{"shared_preload_libraries": "pg_stat_statements"}}
	if text := os.Getenv("PLEAT_TEST_MAJOR"); text != "" {
		if _, err := fmt.Sscan(text, &o.Major); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	s, err := server.Start(ctx, o)
	if err != nil {
		t.Skipf("no server that counts statements: %v", err)
	}
	t.Cleanup(func() { _ = s.Close() })
	if s.Major() < 14 {
		t.Skip("PostgreSQL 13 does not tell evictions, so its evidence is never sufficient")
	}
	return s
}

// countedDatabase makes a database in which statements are counted.
func countedDatabase(t *testing.T, s *server.Server, name string) string {
	t.Helper()
	ctx := context.Background()
	if err := s.CreateDatabase(ctx, name, ""); err != nil {
		t.Fatal(err)
	}
	url := s.URL(name)
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	var refused *pgconn.PgError
	if _, err := conn.Exec(ctx, "CREATE EXTENSION pg_stat_statements"); errors.As(err, &refused) {
		t.Skipf("the extension is absent: %v", err)
	} else if err != nil {
		t.Fatal(err)
	}
	return url
}
