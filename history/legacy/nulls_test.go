package legacy_test

import (
	"encoding/json"
	"testing"

	"github.com/pleatdb/pleat/history/legacy"
)

// A row of nulls is accounted for: as a marker with a problem, or as an entry where what is left says which migration it is about.
func TestRowsOfNulls(t *testing.T) {
	t.Parallel()
	for tool, columns := range map[legacy.Tool]string{
		legacy.Flyway:    "installed_rank int, version text, description text, type text, script text, checksum int, installed_by text, installed_on timestamp, execution_time int, success boolean",
		legacy.Evolve:    "id int, type smallint, version text, description text, name text, checksum text, installed_by text, installed_on timestamp, success boolean",
		legacy.PgMigrate: "version bigint, description text, type s.schema_version_type, installed_by text, installed_on timestamp",
		legacy.Refinery:  "version int, name text, applied_on text, checksum text",
		legacy.SQLx:      "version bigint, description text, installed_on timestamptz, success boolean, checksum bytea, execution_time bigint",
		legacy.Diesel:    "version text, run_on timestamp",
		legacy.Bytebase: "namespace text, sequence bigint, type text, status text, version text, description text, statement text, schema text, schema_prev text, release_version text, issue_id text, " +
			"created_by text, created_ts bigint, execution_duration_ns bigint",
	} {
		t.Run(string(tool), func(t *testing.T) {
			t.Parallel()
			_, h := told(t, `CREATE SCHEMA s; CREATE TYPE s.schema_version_type AS ENUM ('auto'); CREATE TABLE s."a; b""c" (`+columns+`); INSERT INTO s."a; b""c" DEFAULT VALUES`,
				legacy.Wanted{Tool: tool}, map[string]string{"V1__x.sql": "SELECT 1", "1_x.sql": "SELECT 1"})
			if len(h.Entries) > 0 || len(h.Markers) != 1 || len(h.Problems) != 1 || h.Problems[0].Code != legacy.Unreadable && h.Problems[0].Code != legacy.UnknownKind {
				t.Errorf("got the entries %+v, %d markers and the problems %v", h.Entries, len(h.Markers), h.Problems)
			}
			for _, m := range h.Markers {
				if !json.Valid(m.Row) {
					t.Errorf("the row is no JSON: %s", m.Row)
				}
			}
		})
	}
}
