package sqltext_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/pleatdb/pleat/inspect/pgtest"
	"github.com/pleatdb/pleat/schema/sqltext"
)

// corpora is where real schemas lie beside a checkout of the repository.
const corpora = "../../../shared/corpora"

// scripts returns the SQL files below the corpora, or skips.
func scripts(t *testing.T, pattern string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(corpora, pattern))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Skipf("no files %s: real schemas are not here", pattern)
	}
	return files
}

// readScript returns a file's text, empty if there is none.
func readScript(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return string(text)
}

// connect opens a session on a database of its own.
func connect(t *testing.T) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(context.Background(), pgtest.URL(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(context.Background()) })
	return conn
}

// attempt runs each statement of a script and goes on after errors: roles and extensions
// may exist already or be missing here.
func attempt(t *testing.T, conn *pgx.Conn, path string) {
	t.Helper()
	statements, err := sqltext.Split(readScript(t, path))
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	for _, s := range statements {
		if sqltext.Classify(s.SQL).Kind == "CreateSubscriptionStmt" {
			continue // a database with one cannot be dropped
		}
		if err := simple(conn, s.SQL); err != nil && !strings.Contains(err.Error(), "already exists") {
			t.Logf("%s:%d: %v", path, s.Line, err)
		}
	}
}

// simple runs one statement by the simple protocol.
func simple(conn *pgx.Conn, sql string) error {
	return conn.PgConn().Exec(context.Background(), sql).Close()
}

// text returns the one value of a query.
func text(t *testing.T, conn *pgx.Conn, query string, args ...any) string {
	t.Helper()
	var value string
	if err := conn.QueryRow(context.Background(), query, args...).Scan(&value); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return strings.TrimSuffix(strings.TrimSpace(value), ";")
}
