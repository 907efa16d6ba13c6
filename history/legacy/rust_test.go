package legacy_test

import (
	"crypto/sha512"
	"fmt"
	"hash/crc32"
	"strings"
	"testing"

	"context"
	"github.com/google/go-cmp/cmp"

	"github.com/pleatdb/pleat/history/legacy"
	"github.com/pleatdb/pleat/inspect/pgtest"
)

func TestSQLx(t *testing.T) {
	t.Parallel()
	row := func(version int, name, text string, success bool) string {
		return fmt.Sprintf("(%d, '%s', '2024-01-01 12:00+00', %v, '\\x%x', 1000)", version, name, success, sha512.Sum384([]byte(text)))
	}
	table := `CREATE TABLE renamed (version bigint PRIMARY KEY, description text NOT NULL, installed_on timestamptz NOT NULL DEFAULT now(), success boolean NOT NULL, checksum bytea NOT NULL, execution_time bigint NOT NULL);
		INSERT INTO renamed VALUES `
	crlf := strings.ReplaceAll(two, "\n", "\r\n")
	for name, c := range map[string]struct {
		rows  string
		files map[string]string
		want  []string
		says  string
	}{
		"runs what is missing": {row(1, "one", one, true) + "," + row(3, "three", three, true), map[string]string{"1_one.sql": one, "2_two.sql": two, "3_three.up.sql": three, "3_three.down.sql": "DROP TABLE d", "readme.sql": ""},
			[]string{"1 applied verified in", "3 applied verified in", "pending 2_two.sql"}, ""},
		"one byte":  {row(1, "one", one, true), map[string]string{"1_one.sql": one + "\n"}, []string{"1 applied mismatched in", "problem mismatch 1"}, ""},
		"line ends": {row(2, "two", two, true), map[string]string{"2_two.sql": crlf}, []string{"2 applied mismatched in", "problem mismatch 2"}, "with LF line ends it would fit"},
		"line ends that do not count": {row(2, "two", two, true), map[string]string{"migrations/2_two.sql": crlf, "sqlx.toml": "[migrate]\nignored-chars = [\n  \"\\r\",\n]\n"},
			[]string{"2 applied verified in"}, ""},
		"another directory": {row(1, "one", one, true), map[string]string{"migrations/1_one.sql": one, "migrations/2_two.sql": two, "seeds/1_x.sql": "x", "seeds/2_x.sql": "x", "seeds/3_x.sql": "x"},
			[]string{"1 applied verified in", "pending migrations/2_two.sql"}, ""},
		"dirty": {row(1, "one", one, false), map[string]string{"1_one.sql": one}, []string{"1 failed unverifiable past", "pending 1_one.sql", "problem dirty 1"}, "partially applied"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, h := told(t, table+c.rows, legacy.Wanted{}, c.files)
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s\nproblems %v", diff, h.Problems)
			}
			if c.says != "" && !strings.Contains(h.Problems[0].Message, c.says) {
				t.Errorf("%q is not in %q", c.says, h.Problems[0].Message)
			}
		})
	}
}

// SQLx takes a key that it makes of the database's name.
func TestSQLxAtWork(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	conn, other := dial(t, url), dial(t, url)
	if err := load(conn, "CREATE TABLE _sqlx_migrations (version bigint PRIMARY KEY, description text, installed_on timestamptz, success boolean, checksum bytea);"+
		"INSERT INTO _sqlx_migrations VALUES (1, 'x', now(), true, NULL)"); err != nil {
		t.Fatal(err)
	}
	key := 0x3d32ad9e * int64(crc32.ChecksumIEEE([]byte(conn.Config().Database)))
	if _, err := other.Exec(context.Background(), "SELECT pg_advisory_lock($1)", key); err != nil {
		t.Fatal(err)
	}
	if h := adopt(t, conn, legacy.Wanted{}, ""); len(h.Problems) != 1 || h.Problems[0].Code != legacy.ToolRunning {
		t.Errorf("SQLx holds its lock: got %v", h.Problems)
	}
}

// refinery4 and refinery8 are the sums of the name "one", version 1 and the text "SELECT 1;\n", by versions of 32 and of 64 bits; another
// implementation of SipHash worked them out.
const refinery4, refinery8 = "13703986150562813217", "1757977645248053940"

func TestRefinery(t *testing.T) {
	t.Parallel()
	table := func(name, kind, rows string) string {
		return "CREATE TABLE " + name + " (version " + kind + " PRIMARY KEY, name varchar(255), applied_on varchar(255), checksum varchar(255)); INSERT INTO " + name + " VALUES " + rows
	}
	const narrow, wide = "(1, 'one', '2024-01-01T12:00:05.123456789Z', '@4')", "(1, 'one', '2024-01-01T12:00:05+02:00', '@8')"
	for name, c := range map[string]struct {
		sql   string
		files map[string]string
		want  []string
	}{
		"int4":   {table("refinery_schema_history", "int4", narrow), map[string]string{"V1__one.sql": "SELECT 1;\n"}, []string{"1 applied verified in"}},
		"int8":   {table("renamed", "int8", wide), map[string]string{"V1__one.sql": "SELECT 1;\n"}, []string{"1 applied verified in"}},
		"CRLF":   {table("renamed", "int8", wide), map[string]string{"V1__one.sql": "SELECT 1;\r\n"}, []string{"1 applied mismatched in", "problem mismatch 1"}},
		"a byte": {table("renamed", "int4", narrow), map[string]string{"V1__one.sql": "SELECT 2;\n"}, []string{"1 applied mismatched in", "problem mismatch 1"}},
		"directories": {table("refinery_schema_history", "int4", narrow), map[string]string{"V2__two.sql": two, "a/V1__one.sql": "SELECT 1;\n"},
			[]string{"1 applied verified in", "pending V2__two.sql"}},
		"program": {table("renamed", "int4", narrow), map[string]string{"V1__one.rs": "fn"}, []string{"1 applied unverifiable in"}},
		"order": {table("refinery_schema_history", "int4", "(5, 'five', NULL, NULL), (1, NULL, NULL, NULL)"),
			map[string]string{"V1__one.sql": one, "U2__two.sql": two, "V3__x.sql": two, "V5__five.sql": one, "V6__six.rs": "", "V7.1__x.sql": ""},
			[]string{"1 applied unverifiable in", "5 applied unverifiable in", "pending U2__two.sql", "pending V3__x.sql", "pending V6__six.rs", "problem gap 3", "problem pending_code 6"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sql := strings.NewReplacer("@4", refinery4, "@8", refinery8).Replace(c.sql)
			got, h := told(t, sql, legacy.Wanted{}, c.files)
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s\nproblems %v", diff, h.Problems)
			}
		})
	}
}

func TestDiesel(t *testing.T) {
	t.Parallel()
	got, h := told(t, `CREATE SCHEMA s; CREATE TABLE s.__diesel_schema_migrations (version varchar(50) PRIMARY KEY NOT NULL, run_on timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP);
		INSERT INTO s.__diesel_schema_migrations VALUES ('20240101120000', '2024-01-01'), ('20230101120000', '2024-05-01')`, legacy.Wanted{}, map[string]string{
		"db/2023-01-01-120000_a/up.sql": one, "db/2023-01-01-120000_a/down.sql": "DROP TABLE a;", "db/20240101120000_b/up.sql": two,
		"db/2022-01-01-120000_c/up.sql": two, "db/2022-01-01-120000_c/metadata.toml": "run_in_transaction = false # for an index\n", "db/x/up.sql": "x", "db/2021_no/other.sql": "x"})
	if diff := cmp.Diff([]string{"20230101120000 applied unverifiable in", "20240101120000 applied unverifiable in", "pending db/2022-01-01-120000_c/up.sql"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if f := h.File("20230101120000"); !f.SQL.HasDown || len(f.Others) != 1 {
		t.Errorf("the way back was not read: %+v", f)
	}
	if up := h.File("20220101120000").SQL.Up; !up.NoTransaction || len(up.Units) != 2 {
		t.Errorf("the settings beside it were not read: %+v", up.Units)
	}
}

func TestLooksLikeRust(t *testing.T) {
	t.Parallel()
	conn := dial(t, pgtest.URL(t))
	ctx := context.Background()
	if err := load(conn, `CREATE TABLE releases (version int, name text, applied_on text, checksum text); INSERT INTO releases VALUES (1, 'x', 'yesterday', 'abc');
		CREATE TABLE jobs (version text, run_on timestamp); INSERT INTO jobs VALUES ('v1.2', now())`); err != nil {
		t.Fatal(err)
	}
	tx, err := conn.Begin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback(ctx) }()
	if all, err := legacy.Find(ctx, tx, ""); err != nil || len(all) > 0 {
		t.Errorf("found %v, %v", all, err)
	}
	if all, err := legacy.Find(ctx, tx, legacy.Refinery); err != nil || len(all) != 1 {
		t.Errorf("where a person names the tool, its columns are enough: found %v, %v", all, err)
	}
}
