package legacy_test

import (
	"crypto/sha1"
	"encoding/hex"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/pleatdb/pleat/history/legacy"
	"github.com/pleatdb/pleat/inspect/pgtest"
)

// opened is a new database that some SQL made.
func opened(t *testing.T, sql string) *pgx.Conn {
	t.Helper()
	conn := dial(t, pgtest.URL(t))
	if err := load(conn, sql); err != nil {
		t.Fatal(err)
	}
	return conn
}

// committedFile writes a file as Graphile Migrate commits it.
func committedFile(before, body string) (hash, text string) {
	s := sha1.Sum([]byte(strings.TrimSpace(before+"\n"+body) + "\n"))
	hash = "sha1:" + hex.EncodeToString(s[:])
	if before == "" {
		before = "-"
	}
	return hash, "--! Previous: " + before + "\n--! Hash: " + hash + "\n--! Message: m\n\n" + body + "\n"
}

func TestGraphileMigrate(t *testing.T) {
	t.Parallel()
	one, first := committedFile("", "CREATE TABLE a (id int);")
	two, second := committedFile(one, "GRANT CONNECT ON DATABASE :DATABASE_NAME TO public;")
	_, third := committedFile(two, "--! no-transaction\nCREATE INDEX CONCURRENTLY c ON a (id);")
	table := "CREATE SCHEMA graphile_migrate; SET search_path TO graphile_migrate; CREATE TABLE migrations (hash text PRIMARY KEY, previous_hash text REFERENCES migrations, filename text NOT NULL, date timestamptz NOT NULL DEFAULT now());" +
		"CREATE TABLE current (filename text PRIMARY KEY DEFAULT 'current.sql', content text NOT NULL, date timestamptz NOT NULL DEFAULT now());"
	rows := table + "INSERT INTO migrations VALUES ('" + one + "', NULL, '000001.sql'), ('" + two + "', '" + one + "', '000002-b.sql');"
	files := func(edit func(name, text string) string) map[string]string {
		out := map[string]string{"migrations/current.sql": "SELECT 1;", "migrations/fixtures/x.sql": ""}
		for name, text := range map[string]string{"000001-a.sql": first, "000002-b.sql": second, "000003.sql": third} {
			out["migrations/committed/"+name] = edit(name, text)
		}
		return out
	}
	same := func(_, text string) string { return text }
	hear(t, []tale{
		{"the chain", rows, legacy.Wanted{}, files(same), `graphile-migrate
			000001 a applied verified in
			000002 b applied verified in
			pending migrations/committed/000003.sql`},
		{"one byte", rows, legacy.Wanted{}, files(func(_, text string) string { return strings.Replace(text, "(id int)", "(id  int)", 1) }), `graphile-migrate
			000001 a applied mismatched in
			000002 b applied verified in
			pending migrations/committed/000003.sql
			problem mismatch 000001`},
		{"space around the text is none of it", rows, legacy.Wanted{}, files(func(_, text string) string { return text + "\n\n" }), `graphile-migrate
			000001 a applied verified in
			000002 b applied verified in
			pending migrations/committed/000003.sql`},
		{"with CRLF the tool finds no headers", rows, legacy.Wanted{}, files(func(name, text string) string {
			if name == "000001-a.sql" {
				return strings.ReplaceAll(text, "\n", "\r\n")
			}
			return text
		}), `graphile-migrate
			000001 a applied mismatched in
			000002 b applied verified in
			pending migrations/committed/000003.sql
			problem mismatch 000001`},
		{"a hash that its author allowed", rows, legacy.Wanted{}, files(func(_, text string) string {
			return strings.Replace(strings.Replace(text, "(id int)", "(id bigint)", 1), "--! Message", "--! AllowInvalidHash\n--! Message", 1)
		}), `graphile-migrate
			000001 a applied unverifiable in
			000002 b applied verified in
			pending migrations/committed/000003.sql`},
		{"the current migration has run", rows + "INSERT INTO current VALUES ('current.sql', 'CREATE TABLE x ();')", legacy.Wanted{}, nil, `graphile-migrate
			000001 - applied unverifiable in
			000002 b applied unverifiable in
			problem half_applied`},
		{"an empty current migration", rows + "INSERT INTO current VALUES ('current.sql', '-- Enter migration here')", legacy.Wanted{}, nil, `graphile-migrate
			000001 - applied unverifiable in
			000002 b applied unverifiable in`},
		{"two begin the chain", rows + "INSERT INTO migrations VALUES ('sha1:x', NULL, '000009.sql')", legacy.Wanted{}, nil, `graphile-migrate
			000001 - applied unverifiable in
			000002 b applied unverifiable in
			000009 - applied unverifiable in
			problem unreadable`},
	})
	conn := opened(t, table)
	h := adopt(t, conn, legacy.Wanted{Tool: legacy.GraphileMigrate}, write(t, files(same)))
	if len(h.Files) != 3 || h.Files[1].SQL != nil || !strings.Contains(h.Files[1].Code, ":DATABASE_NAME") || h.Files[2].SQL.Up.Units[0].Transactional {
		t.Errorf("placeholders are not plain, and no-transaction is none: %+v", h.Files)
	}
	if !h.Source.OwnSchema || !slices.ContainsFunc(h.Notes, func(n string) bool { return strings.Contains(n, "current.sql") }) {
		t.Errorf("own schema and what is not committed: %+v, %v", h.Source, h.Notes)
	}
	if got := seen(t, "CREATE TABLE audit (hash text, previous_hash text, filename text, date timestamptz, author text); INSERT INTO audit VALUES ('ab', NULL, 'a.pdf', now(), 'x')", ""); len(got) > 0 {
		t.Errorf("an application's chain of documents: found %v", got)
	}
}
