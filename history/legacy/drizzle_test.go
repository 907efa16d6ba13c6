package legacy_test

import (
	"strings"
	"testing"

	"github.com/pleatdb/pleat/history/legacy"
)

// Sums of three files, the second of which has a breakpoint in place of a semicolon.
const (
	drizzleA    = "CREATE TABLE a (id bigint);\n"
	drizzleB    = "CREATE TABLE b (id bigint)\n--> statement-breakpoint\nCREATE TABLE c (id bigint)"
	drizzleD    = "CREATE TABLE d (id bigint);\n"
	drizzleSumA = "923d7eb167e53a46e8c3aea822a44a1ba964d34454fb01df1545ff8ab8426fa5"
	drizzleSumB = "f369aab1ae55198613ee7a2dd830cb9c6027a7286284d0434779e643d2f57418"
	drizzleSumD = "ff6f97d019bdb5df372577d7d49872a8b8d092edd66a73902f00fafe56b28f5a"
)

const drizzleTable = `CREATE SCHEMA drizzle; CREATE TABLE drizzle."__drizzle_migrations" (id serial PRIMARY KEY, hash text NOT NULL, created_at bigint);
	INSERT INTO drizzle."__drizzle_migrations" (id, hash, created_at) VALUES `

const drizzleNamed = `CREATE SCHEMA drizzle; CREATE TABLE drizzle."__drizzle_migrations" (id serial PRIMARY KEY, hash text NOT NULL, created_at bigint, name text, applied_at timestamptz DEFAULT now());
	INSERT INTO drizzle."__drizzle_migrations" VALUES `

func TestDrizzle(t *testing.T) {
	t.Parallel()
	journal := func(d string) string {
		return `{"version": "7", "entries": [{"idx": 0, "when": 1700000000000, "tag": "0000_a"}, {"idx": 1, "when": 1700000001000, "tag": "0001_b"}, {"idx": 2, "when": ` + d + `, "tag": "0002_d"}]}`
	}
	files := func(d string) map[string]string {
		return map[string]string{"out/meta/_journal.json": journal(d), "out/0000_a.sql": drizzleA, "out/0001_b.sql": drizzleB, "out/0002_d.sql": drizzleD}
	}
	with := func(in map[string]string, path, text string) map[string]string {
		if in[path] = text; text == "" {
			delete(in, path)
		}
		return in
	}
	folders := map[string]string{"out/20231114221320_a/migration.sql": drizzleA, "out/20231114221320_a/snapshot.json": "{}", "out/20231114221321_b/migration.sql": drizzleB,
		"out/20231114221319_d/migration.sql": drizzleD}
	two := drizzleTable + `(1, '` + drizzleSumA + `', 1700000000000), (2, '` + drizzleSumB + `', 1700000001000)`
	for name, c := range map[string]struct {
		sql   string
		files map[string]string
		want  []string
	}{
		"pending": {two, files("1700000002000"), []string{"0000_a applied verified in", "0001_b applied verified in", "pending out/0002_d.sql"}},
		"generated on a branch, passed over without a word": {two, files("1700000000500"),
			[]string{"0000_a applied verified in", "0001_b applied verified in", "pending out/0002_d.sql", "problem gap 0002_d"}},
		"line ends count": {two, with(files("1700000002000"), "out/0000_a.sql", "CREATE TABLE a (id bigint);\r\n"),
			[]string{"0000_a applied mismatched in", "0001_b applied verified in", "pending out/0002_d.sql", "problem mismatch 0000_a"}},
		"times set by hand": {drizzleTable + `(1, '` + drizzleSumA + `', 1699999999999), (2, '` + drizzleSumB + `', NULL)`, files("1700000002000"),
			[]string{"0000_a applied verified in", "0001_b applied verified in", "pending out/0002_d.sql"}},
		"files that are gone": {two, with(with(files("1700000002000"), "out/0000_a.sql", ""), "out/0002_d.sql", ""),
			[]string{"0000_a applied missing in", "0001_b applied verified in", "problem missing_file 0002_d", "problem missing_file 0000_a"}},
		"one row twice": {two + `, (3, '` + drizzleSumB + `', 1700000001000)`, files("1700000002000"),
			[]string{"0000_a applied verified in", "0001_b applied unverifiable past", "0001_b applied verified in", "pending out/0002_d.sql", "problem duplicate_version 0001_b"}},
		"no directory":     {two, nil, []string{"1700000000000 applied unverifiable in", "1700000001000 applied unverifiable in"}},
		"a broken journal": {two, map[string]string{"meta/_journal.json": "<<<<<<< "}, []string{"1700000000000 applied missing in", "1700000001000 applied missing in", "problem unreadable", "problem missing_file 1700000000000", "problem missing_file 1700000001000"}},
		"v1": {drizzleNamed + `(1, '` + drizzleSumA + `', 1700000000000, '20231114221320_a', NULL), (2, '` + drizzleSumB + `', 1700000001000, '20231114221321_b', '2024-01-01Z')`, folders,
			[]string{"20231114221320_a applied verified in", "20231114221321_b applied verified in", "pending out/20231114221319_d/migration.sql"}},
		"v1 over rows without names": {drizzleNamed + `(1, '` + drizzleSumA + `', 1700000000000, NULL, NULL), (2, '` + drizzleSumB + `', 1700000001000, NULL, NULL)`, folders,
			[]string{"20231114221320_a applied verified in", "20231114221321_b applied verified in", "pending out/20231114221319_d/migration.sql"}},
		"folders with the old table": {two, folders, []string{"20231114221320_a applied verified in", "20231114221321_b applied verified in", "pending out/20231114221319_d/migration.sql", "problem gap 20231114221319_d"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, h := told(t, c.sql, legacy.Wanted{}, c.files)
			same(t, "the history", c.want, got)
			for _, p := range h.Problems {
				if folders := strings.Contains(p.Message, "/migration.sql"); p.Code == legacy.Gap && folders != strings.Contains(p.Message, "names") {
					t.Errorf("what a gap says: %s", p.Message)
				}
			}
			for _, f := range h.Files {
				if f.Name == "b" && len(f.SQL.Up.Statements()) != 2 {
					t.Errorf("the breakpoint does not divide: %+v", f.SQL.Up)
				}
			}
		})
	}
}

func TestDrizzleLooksAlike(t *testing.T) {
	t.Parallel()
	conn := made(t, `CREATE TABLE blobs (id serial PRIMARY KEY, hash text NOT NULL, created_at bigint); INSERT INTO blobs (hash, created_at) VALUES ('abc', 17)`,
		`CREATE TABLE none (id serial PRIMARY KEY, hash text NOT NULL, created_at bigint)`,
		`CREATE SCHEMA "te""nant"`, `CREATE TABLE "te""nant".renamed (id bigserial PRIMARY KEY, hash text NOT NULL, created_at bigint)`,
		`INSERT INTO "te""nant".renamed (hash, created_at) VALUES ('`+drizzleSumA+`', 1700000000000)`)
	var got []string
	for _, s := range found(t, conn, "") {
		got = append(got, string(s.Tool)+" "+s.String())
	}
	same(t, "what is found", []string{`drizzle "te""nant".renamed`}, got)
	if n := len(found(t, conn, legacy.Drizzle)); n != 3 {
		t.Errorf("with the tool named, %d tables are found, want 3", n)
	}
}
