package legacy_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/pleatdb/pleat/history/legacy"
)

// atlasTable is the table of revisions; rows are version, type, applied, total, error, hash and minute, divided by bars.
func atlasTable(rows ...string) string {
	var b strings.Builder
	b.WriteString(`CREATE TABLE atlas_schema_revisions (version varchar PRIMARY KEY, description varchar NOT NULL, type bigint NOT NULL DEFAULT 2, applied bigint NOT NULL DEFAULT 0,
		total bigint NOT NULL DEFAULT 0, executed_at timestamptz NOT NULL, execution_time bigint NOT NULL, error text, error_stmt text, hash varchar NOT NULL, partial_hashes jsonb,
		operator_version varchar NOT NULL);`)
	for _, r := range rows {
		f := strings.Split(r, "|")
		partial := "'null'"
		if f[4] == "partial" {
			f[4], partial = "", `'["h1:x"]'`
		}
		fmt.Fprintf(&b, "INSERT INTO atlas_schema_revisions VALUES ('%s', 'd', %s, %s, %s, '2024-01-01 12:%s:00Z', 5, '%s', '', '%s', %s, 'Atlas CLI v0.30');\n",
			f[0], f[1], f[2], f[3], f[6], f[4], f[5], partial)
	}
	return b.String()
}

// Sums over 1_a.sql, 2_b.sql and 3_c.sql, which each make a table, and variants.
const (
	sumA    = "x+fOVhvUGpHsLWhs7r8+Fy79U7nnwqTGkYfoURpBKhI="
	sumAB   = "ddDX9yU6inWZlA+JKCPQeKIbdjQ7IDlWDzTerQy9vJw="
	sumABC  = "TUu0KZQenZOyaD2ETftolnuU0oE0QceFXOQVFzz3atQ="
	sumAC   = "VxhV1sc3PbcoVzKjtbE8NN3DqcEudUWc2eDpjAjwZCw=" // without the second
	sumAIgn = "It3Sc3xDa8v0+DlcIzDFn39N7QkNT8D2jmqwj0O4wnA=" // the second counts by its name only
	atlasA  = "CREATE TABLE a (id bigint);\n"
	atlasB  = "CREATE TABLE b (id bigint);\n"
	atlasC  = "CREATE TABLE c (id bigint);\n"
)

const atlasSummed = "h1:Qak1fZ/0cypWE269r7svSoZe8mWN6S/8lbrVAtxygfc=\n1_a.sql h1:" + sumA + "\n2_b.sql h1:" + sumAB + "\n3_c.sql h1:" + sumABC + "\n"

func TestAtlasHashes(t *testing.T) {
	t.Parallel()
	three := []string{"1|2|1|1||" + sumA + "|01", "2|2|1|1||" + sumAB + "|02", "3|2|1|1||" + sumABC + "|03"}
	files := func(changes ...string) map[string]string {
		out := map[string]string{"m/1_a.sql": atlasA, "m/2_b.sql": atlasB, "m/3_c.sql": atlasC, "m/atlas.sum": atlasSummed, "schema.sql": "SELECT 1;"}
		for i := 0; i+1 < len(changes); i += 2 {
			if out["m/"+changes[i]] = changes[i+1]; changes[i+1] == "" {
				delete(out, "m/"+changes[i])
			}
		}
		return out
	}
	good := []string{"1 applied verified in", "2 applied verified in", "3 applied verified in"}
	for name, c := range map[string]struct {
		rows  []string
		files map[string]string
		want  []string
	}{
		"as it ran": {three, files(), good},
		"no sum":    {three, files("atlas.sum", ""), good},
		"one changed byte in the first": {three, files("1_a.sql", "CREATE TABLE a (id bigInt);\n"),
			[]string{"1 applied mismatched in", "2 applied unverifiable in", "3 applied unverifiable in", "problem mismatch 1"}},
		"one changed byte in the last":      {three, files("3_c.sql", atlasC+"\n"), []string{good[0], good[1], "3 applied mismatched in", "problem mismatch 3"}},
		"line ends count":                   {three[:1], map[string]string{"1_a.sql": "CREATE TABLE a (id bigint);\r\n"}, []string{"1 applied mismatched in", "problem mismatch 1"}},
		"a missing file":                    {three, files("2_b.sql", ""), []string{"1 applied verified in", "2 applied missing in", "3 applied unverifiable in", "problem missing_file 2"}},
		"pending, edited without a new sum": {three[:2], files("3_c.sql", "SELECT 3;"), []string{good[0], good[1], "pending m/3_c.sql", "problem mismatch 3"}},
		"pending, not in the sum":           {three, files("4_d.sql", "SELECT 4;"), append(good[:3:3], "pending m/4_d.sql", "problem mismatch 4")},
		"a merge in the sum":                {three, files("atlas.sum", "<<<<<<< ours\n"+atlasSummed), append(good[:3:3], "problem mismatch")},
		"a sum of a file that is gone":      {three[:2], files("3_c.sql", ""), []string{good[0], good[1], "problem mismatch"}},
		"a first line of another directory": {three, files("atlas.sum", strings.Replace(atlasSummed, "h1:Q", "h1:R", 1)), append(good[:3:3], "problem mismatch")},
		"merged below the newest":           {[]string{three[0], "3|2|1|1||" + sumAC + "|03"}, files(), []string{good[0], good[2], "pending m/2_b.sql", "problem gap 2"}},
		"merged and run later":              {[]string{three[0], "2|2|1|1||" + sumAB + "|09", "3|2|1|1||" + sumAC + "|03"}, files(), good},
		"text that does not count": {[]string{three[0], "2|2|1|1|||02", "3|2|1|1||" + sumAIgn + "|03"}, files("2_b.sql", "-- atlas:sum ignore\n\nSELECT 1;\n", "atlas.sum", ""),
			[]string{good[0], "2 applied unverifiable in", good[2]}},
		"resumed after an edit": {[]string{three[0], "2|2|2|3||edited|02", three[2]}, files(), []string{good[0], "2 applied unverifiable in", good[2]}},
		"a template": {[]string{three[0], "2|2|1|1||rendered|02", three[2]}, files("2_b.sql", "CREATE TABLE {{ .Name }} (id bigint);", "atlas.sum", ""),
			[]string{good[0], "2 applied unverifiable in", "3 applied unverifiable in"}},
		"an array is no template": {[]string{three[0], "2|2|1|1||other|02"}, map[string]string{"1_a.sql": atlasA, "2_b.sql": "SELECT '{{1,2},{3,4}}'::int[];"},
			[]string{good[0], "2 applied mismatched in", "problem mismatch 2"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, _ := told(t, atlasTable(c.rows...), legacy.Wanted{}, c.files)
			same(t, "the history", c.want, got)
		})
	}
}

func TestAtlasRows(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		rows  []string
		files map[string]string
		want  []string
	}{
		"types": {[]string{".atlas_cloud_identifier|2|0|0|||00", "1|1|0|0|||01", "2|4|0|0||" + sumAB + "|02", "3|6|1|2|failed once|" + sumABC + "|03", "4|2|0|2|boom||04", "5|2|1|2|partial||05", "6|9|1|1|||06", "7|2|0|2|||07"}, nil,
			[]string{"1 baseline unverifiable in", "2 applied unverifiable in", "3 applied unverifiable in", "4 failed unverifiable past", "5 failed unverifiable past", "6 failed unverifiable past", "7 failed unverifiable past",
				"marker", "problem failed_migration 4", "problem half_applied 5", "problem unknown_kind 6", "problem half_applied 7"}},
		"below a baseline": {[]string{"2|1|0|0|||01", "3|2|1|1||" + sumABC + "|02"}, map[string]string{"1_a.sql": atlasA, "2_b.sql": atlasB, "3_c.sql": atlasC},
			[]string{"2 baseline unverifiable in", "3 applied verified in"}},
		"a checkpoint ran": {[]string{"3|2|1|1||x|02"}, map[string]string{"1_a.sql": atlasA, "2_b.sql": atlasB, "3_c.sql": "-- atlas:checkpoint\n\n" + atlasC, "4_d.sql": "SELECT 1;"},
			[]string{"3 applied mismatched in", "pending 4_d.sql", "problem mismatch 3"}},
		"a checkpoint for empty databases": {[]string{"1|2|1|1||" + sumA + "|02"}, map[string]string{"1_a.sql": atlasA, "2_b.sql": "-- atlas:checkpoint v2\n\n" + atlasC, "3_c.sql": "SELECT 1;"},
			[]string{"1 applied verified in", "pending 3_c.sql"}},
		"nothing ran": {nil, map[string]string{"1_a.sql": atlasA, "2_b.sql": "-- atlas:checkpoint\n\n" + atlasC, "3_c.sql": "SELECT 1;"}, []string{"pending 2_b.sql", "pending 3_c.sql"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, _ := told(t, atlasTable(c.rows...), legacy.Wanted{Tool: legacy.Atlas}, c.files)
			same(t, "the history", c.want, got)
		})
	}
}

func TestAtlasLayouts(t *testing.T) {
	t.Parallel()
	got, _ := told(t, `CREATE TABLE revs (version text, description text, execution_state varchar, executed_at timestamptz, execution_time bigint, hash text, operator_version text, meta json);
		INSERT INTO revs VALUES ('1', 'a', 'ok', now(), 1, '`+sumA+`', 'v0.4', '{}'), ('2', 'b', 'error', now(), 1, 'x', 'v0.4', NULL), ('3', NULL, 'ongoing', NULL, NULL, NULL, NULL, NULL), (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);`,
		legacy.Wanted{}, map[string]string{"1_a.sql": atlasA})
	same(t, "the old table", []string{"1 applied verified in", "2 failed missing past", "3 failed missing past", "marker", "problem unreadable", "problem failed_migration 2", "problem half_applied 3"}, got)

	_, h := told(t, atlasTable(), legacy.Wanted{Tool: legacy.Atlas}, map[string]string{"1_a.sql": "-- atlas:txmode none\n\nCREATE INDEX CONCURRENTLY i ON t (a);\nSELECT 1;\n",
		"2_b.up.sql": "SELECT 2;", "2_b.down.sql": "SELECT -2;", "3_c.sql": "-- +goose Up\nSELECT 3;\n-- +goose Down\nSELECT -3;\n", "V4__d.sql": "SELECT 4;", "U4__d.sql": "SELECT -4;"})
	var files []string
	for _, f := range h.Files {
		files = append(files, fmt.Sprint(f.Version, " ", f.Name, " ", len(f.SQL.Up.Units), " ", f.SQL.HasDown))
	}
	same(t, "the forms of other tools", []string{"1 a 2 false", "2 b 1 true", "3 c 1 true", "4 d 1 false"}, files)
}
