package legacy_test

import (
	"testing"

	"github.com/pleatdb/pleat/history/legacy"
)

const prismaTable = `CREATE TABLE "_prisma_migrations" (id varchar(36) PRIMARY KEY, checksum varchar(64) NOT NULL, finished_at timestamptz, migration_name varchar(255) NOT NULL, logs text,
	rolled_back_at timestamptz, started_at timestamptz NOT NULL DEFAULT now(), applied_steps_count integer NOT NULL DEFAULT 0);
	INSERT INTO "_prisma_migrations" (id, checksum, started_at, finished_at, rolled_back_at, migration_name, applied_steps_count, logs) VALUES `

// Sums of prismaText with LF and CRLF line ends, and as an old engine printed it.
const (
	prismaText  = "CREATE TABLE a (id bigint);\n"
	prismaLF    = "923d7eb167e53a46e8c3aea822a44a1ba964d34454fb01df1545ff8ab8426fa5"
	prismaCRLF  = "7c113da5837c688fbfbb034a1e4f05a7e9c0ee9fba743adb4b8454949ef8e302"
	prismaShort = "923d7eb167e53a46e8c3aea822a44a1ba964d34454fb1df1545ff8ab8426fa5"
)

func TestPrisma(t *testing.T) {
	t.Parallel()
	at := func(text string) map[string]string {
		return map[string]string{"prisma/migrations/1_a/migration.sql": text}
	}
	row := func(sum string) string {
		return `('x', '` + sum + `', '2024-01-01Z', '2024-01-02Z', NULL, '1_a', 1, NULL)`
	}
	crlf := "CREATE TABLE a (id bigint);\r\n"
	for name, c := range map[string]struct {
		rows  string
		files map[string]string
		want  []string
	}{
		"LF, recorded with CRLF": {row(prismaCRLF), at(prismaText), []string{"1_a applied verified in"}},
		"CRLF, recorded with LF": {row(prismaLF), at(crlf), []string{"1_a applied verified in"}},
		"CRLF as it is":          {row(prismaCRLF), at(crlf), []string{"1_a applied verified in"}},
		"without leading zeros":  {row(prismaShort), at(prismaText), []string{"1_a applied verified in"}},
		"a mark at the start":    {row(prismaLF), at("\ufeff" + prismaText), []string{"1_a applied mismatched in", "problem mismatch 1_a"}},
		"a changed byte":         {row(prismaLF), at("CREATE TABLE a (id bigInt);\n"), []string{"1_a applied mismatched in", "problem mismatch 1_a"}},
		"attempts": {`('1', 'old', '2024-01-01Z', NULL, '2024-01-02Z', '1_a', 0, 'boom'), ('2', '` + prismaLF + `', '2024-01-03Z', '2024-01-03Z', NULL, '1_a', 0, ''),
			('3', 'x', '2024-01-04Z', NULL, NULL, '2_b', 0, E'\n  boom\nmore'), ('4', 'x', '2024-01-05Z', '2024-01-06Z', NULL, '4_gone', 1, NULL), ('5', 'x', '2024-01-05Z', '2024-01-06Z', NULL, '', 1, NULL)`,
			map[string]string{"1_a/migration.sql": prismaText, "2_b/migration.sql": "SELECT 2;", "3_c/migration.sql": "SELECT 3;", "migration_lock.toml": "provider = \"postgresql\""},
			[]string{"1_a undone unverifiable past", "1_a applied verified in", "2_b failed unverifiable past", "4_gone applied missing in", "marker", "pending 2_b/migration.sql", "pending 3_c/migration.sql",
				"problem failed_migration 2_b", "problem unreadable", "problem missing_file 4_gone"}},
		"a baseline": {`('1', '` + prismaLF + `', '2024-01-01Z', '2024-01-01Z', NULL, '0_init', 0, '')`, map[string]string{"0_init/migration.sql": prismaText},
			[]string{"0_init baseline verified in"}},
		"another tool's directory beside": {row(prismaLF), map[string]string{"a/1_a/migration.sql": prismaText, "b/20240101000000_x/migration.sql": "SELECT 1", "b/20240101000000_x/snapshot.json": "{}"},
			[]string{"1_a applied verified in"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, _ := told(t, prismaTable+c.rows, legacy.Wanted{}, c.files)
			same(t, "the history", c.want, got)
		})
	}
}

func TestPrismaDown(t *testing.T) {
	t.Parallel()
	_, h := told(t, prismaTable+`('1', '`+prismaLF+`', '2024-01-01Z', '2024-01-01Z', NULL, '1_a', 1, '')`, legacy.Wanted{},
		map[string]string{"1_a/migration.sql": prismaText, "1_a/down.sql": "DROP TABLE a;", "migration_lock.toml": "provider = \"mysql\""})
	f := h.Files[0]
	if !f.SQL.HasDown || len(f.SQL.Down.Statements()) != 1 || len(h.Entries[0].File.Parts) != 2 || len(h.Notes) != 1 {
		t.Errorf("got %+v, notes %v", f, h.Notes)
	}
}
