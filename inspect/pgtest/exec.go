package pgtest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// Exec runs a script of any number of statements in the database at url, in one round trip and so in one transaction
// unless the script says otherwise. An error fails the test with its line. The lines \restrict and \unrestrict that pg_dump
// writes are passed over.
func Exec(t testing.TB, url, sql string) {
	t.Helper()
	if err := run(url, withoutRestrict(sql)); err != nil {
		t.Fatal(err)
	}
}

func run(url, sql string) error {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return fmt.Errorf("connect to test database: %w", err)
	}
	defer conn.Close(ctx)
	if _, err := conn.PgConn().Exec(ctx, sql).ReadAll(); err != nil {
		return describe(err, sql)
	}
	return nil
}

// describe adds the line and column of an error, the line itself, and what the server said beside its message.
func describe(err error, sql string) error {
	var pg *pgconn.PgError
	if !errors.As(err, &pg) {
		return fmt.Errorf("run script: %w", err)
	}
	said := ""
	for _, part := range []struct{ label, text string }{{"detail", pg.Detail}, {"hint", pg.Hint}, {"where", pg.Where}} {
		if part.text != "" {
			said += "\n" + part.label + ": " + part.text
		}
	}
	if pg.Position == 0 {
		return fmt.Errorf("run script: %w%s", err, said)
	}
	// The position counts characters, not bytes, from 1.
	characters := []rune(sql)
	before := string(characters[:min(int(pg.Position)-1, len(characters))])
	line := strings.Count(before, "\n")
	column := len([]rune(before[strings.LastIndex(before, "\n")+1:]))
	text := strings.Split(sql, "\n")[line]
	return fmt.Errorf("run script: line %d, column %d: %w\n%s\n%s^%s", line+1, column+1, err, text,
		strings.Repeat(" ", column), said)
}

func withoutRestrict(sql string) string {
	lines := strings.Split(sql, "\n")
	for i, line := range lines {
		if strings.HasPrefix(line, `\restrict `) || strings.HasPrefix(line, `\unrestrict `) {
			// An empty line in its place keeps the line numbers of errors right.
			lines[i] = ""
		}
	}
	return strings.Join(lines, "\n")
}
