package main

import (
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// many is how many migrations the large histories have.
const many = 10000

// databaseKey is the advisory key of a tool that makes it from the name of the database.
func databaseKey(tool, database string) string {
	switch tool {
	case "rails":
		return strconv.FormatInt(int64(uint64(2053462845)*uint64(crc32.ChecksumIEEE([]byte(database)))), 10)
	default: // golang-migrate, as its command line does
		sum := crc32.ChecksumIEEE([]byte("public\x00schema_migrations\x00/" + database))
		return strconv.FormatUint(uint64(uint32(uint64(sum)*1486364155)), 10)
	}
}

// TestTenThousandMigrations takes over long histories. How long it takes is told, and not judged.
func TestTenThousandMigrations(t *testing.T) {
	if testing.Short() {
		t.Skip("ten thousand migrations take some seconds")
	}
	for tool, make := range map[string]func(t *testing.T) *legacyCase{"flyway": manyOfFlyway, "goose": manyOfGoose} {
		t.Run(tool, func(t *testing.T) {
			t.Parallel()
			a := make(t)
			start := time.Now()
			doc := a.imports()
			if doc.Error != nil {
				t.Fatalf("refused: %s %s", doc.Error.Code, doc.Error.Message)
			}
			t.Logf("import: %s", time.Since(start).Round(time.Millisecond))
			if n := len(doc.History.Entries); n != many {
				t.Errorf("%d entries", n)
			}
			for _, args := range [][]string{{"plan", "--detailed-exitcode", "--dry-run"}, {"status"}} {
				start = time.Now()
				a.want(0, args...)
				t.Logf("%s: %s", args[0], time.Since(start).Round(time.Millisecond))
			}
			if out := a.want(1, "rollback", "--to", "0", "--auto-approve", "--accept-data-loss"); len(out) > 20000 {
				t.Errorf("the refusal has %d bytes", len(out))
			}
			a.edit()
			for _, args := range [][]string{{"plan", "--name", "more", "--contract", "immediate"}, {"apply"}} {
				start = time.Now()
				a.want(0, args...)
				t.Logf("%s: %s", args[0], time.Since(start).Round(time.Millisecond))
			}
		})
	}
}

// manyFiles writes as many files.
func (a *legacyCase) manyFiles(name, text func(i int) string) {
	a.t.Helper()
	a.legacy = a.t.TempDir()
	for i := 1; i <= many; i++ {
		if err := os.WriteFile(filepath.Join(a.legacy, name(i)), []byte(text(i)), 0o644); err != nil {
			a.t.Fatal(err)
		}
	}
}

func manyOfFlyway(t *testing.T) *legacyCase {
	text := func(i int) string { return fmt.Sprintf("INSERT INTO steps VALUES (%d);\n", i) }
	first := "CREATE TABLE steps (n int);\n"
	var rows strings.Builder
	for i := 1; i <= many; i++ {
		line := strings.TrimSuffix(text(i), "\n")
		if i == 1 {
			line = strings.TrimSuffix(first, "\n")
		}
		fmt.Fprintf(&rows, "%s(%d, '%d', 'step', 'SQL', 'V%d__step.sql', %d, 'app', now(), 3, true)", map[bool]string{true: ", "}[i > 1], i, i, i, int32(crc32.ChecksumIEEE([]byte(line))))
	}
	a := adoptedFrom(t, `CREATE TABLE steps (n int);
		CREATE TABLE flyway_schema_history (installed_rank integer NOT NULL PRIMARY KEY, version varchar(50), description varchar(200) NOT NULL, type varchar(20) NOT NULL,
			script varchar(1000) NOT NULL, checksum integer, installed_by varchar(100) NOT NULL, installed_on timestamp NOT NULL DEFAULT now(),
			execution_time integer NOT NULL, success boolean NOT NULL);
		INSERT INTO flyway_schema_history VALUES `+rows.String())
	a.manyFiles(func(i int) string { return fmt.Sprintf("V%d__step.sql", i) }, func(i int) string {
		if i == 1 {
			return first
		}
		return text(i)
	})
	return a
}

func manyOfGoose(t *testing.T) *legacyCase {
	a := adoptedFrom(t, `CREATE TABLE steps (n int);
		CREATE TABLE goose_db_version (id serial PRIMARY KEY, version_id bigint NOT NULL, is_applied boolean NOT NULL, tstamp timestamp DEFAULT now());
		INSERT INTO goose_db_version (version_id, is_applied) SELECT g, true FROM generate_series(0, `+strconv.Itoa(many)+`) g`)
	a.manyFiles(func(i int) string { return fmt.Sprintf("%05d_step.sql", i) }, func(i int) string {
		if i == 1 {
			return "-- +goose Up\nCREATE TABLE steps (n int);\n-- +goose Down\nDROP TABLE steps;\n"
		}
		return fmt.Sprintf("-- +goose Up\nINSERT INTO steps VALUES (%d);\n-- +goose Down\nDELETE FROM steps WHERE n = %d;\n", i, i)
	})
	return a
}
