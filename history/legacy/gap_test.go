package legacy_test

import (
	"testing"

	"github.com/pleatdb/pleat/history/legacy"
)

// TestRefusedGaps has tools that stop at a file below the newest one that ran, unless rows show that they were told to go on.
func TestRefusedGaps(t *testing.T) {
	t.Parallel()
	const goose = "CREATE TABLE goose_db_version (id serial PRIMARY KEY, version_id bigint NOT NULL, is_applied boolean NOT NULL, tstamp timestamp NULL);" +
		"INSERT INTO goose_db_version (version_id, is_applied) VALUES (0, true), (1, true), (3, true)"
	const up = "-- +goose Up\nSELECT 1;\n"
	files := map[string]string{"1_a.sql": up, "2_b.sql": up, "3_c.sql": up, "4_d.sql": up, "5_e.sql": up}
	const node = "CREATE TABLE pgmigrations (id serial PRIMARY KEY, name varchar(255) NOT NULL, run_on timestamp NOT NULL);" +
		"INSERT INTO pgmigrations (name, run_on) VALUES ('20240101120000000_a', '2024-05-01'), ('1709478000000_c', '2024-05-01')"
	const kysely = "CREATE TABLE kysely_migration (name varchar(255) PRIMARY KEY, timestamp varchar(255) NOT NULL);" +
		"INSERT INTO kysely_migration VALUES ('001_a', '2024-05-01T10:00:00.000Z'), ('003_c', '2024-05-01T10:00:00.000Z')"
	const sum = "0000000000000000000000000000000000000000"
	hear(t, []tale{
		{"goose", goose, legacy.Wanted{}, files, "goose\n1 a applied unverifiable in\n3 c applied unverifiable in\nmarker\npending 2_b.sql\npending 4_d.sql\npending 5_e.sql\nproblem gap 2"},
		{"goose with -allow-missing once", goose + ", (5, true), (4, true)", legacy.Wanted{}, files,
			"goose\n1 a applied unverifiable in\n3 c applied unverifiable in\n5 e applied unverifiable in\n4 d applied unverifiable in\nmarker\npending 2_b.sql"},
		{"node-pg-migrate", node, legacy.Wanted{}, map[string]string{"m/20240101120000000_a.sql": "SELECT 1;", "m/1706866200000_b.sql": "SELECT 1;", "m/1709478000000_c.sql": "SELECT 1;", "m/20240404120000000_d.sql": "SELECT 1;"},
			"node-pg-migrate\n20240101120000000_a a applied unverifiable in\n1709478000000_c c applied unverifiable in\npending m/1706866200000_b.sql\npending m/20240404120000000_d.sql\nproblem gap 1706866200000_b"},
		{"kysely", kysely, legacy.Wanted{}, map[string]string{"m/001_a.ts": "", "m/002_b.ts": "", "m/003_c.ts": ""},
			"kysely\n001_a a applied unverifiable in\n003_c c applied unverifiable in\npending m/002_b.ts\nproblem gap 002_b\nproblem pending_code 002_b"},
		{"postgres-migrations", "CREATE TABLE migrations (id integer PRIMARY KEY, name varchar(100) UNIQUE NOT NULL, hash varchar(40) NOT NULL, executed_at timestamp);" +
			"INSERT INTO migrations VALUES (1, 'a', '" + sum + "', NULL), (3, 'c', '" + sum + "', NULL)", legacy.Wanted{}, map[string]string{"1_a.js": "", "2_b.sql": "SELECT 1;", "3_c.js": ""},
			"postgres-migrations\n1 a applied unverifiable in\n3 c applied unverifiable in\npending 2_b.sql\nproblem gap 2"},
		{"django", "CREATE TABLE django_migrations (id serial PRIMARY KEY, app varchar(255) NOT NULL, name varchar(255) NOT NULL, applied timestamptz NOT NULL);" +
			"INSERT INTO django_migrations VALUES (1, 'shop', '0001_a', '2024-05-01'), (3, 'shop', '0003_c', '2024-05-01')", legacy.Wanted{},
			map[string]string{"shop/migrations/0001_a.py": djangoAfter(""), "shop/migrations/0002_b.py": djangoAfter("('shop', '0001_a')"), "shop/migrations/0003_c.py": djangoAfter("('shop', '0002_b')")},
			"django\nshop.0001_a shop.0001_a applied unverifiable in\nshop.0003_c shop.0003_c applied unverifiable in\npending shop/migrations/0002_b.py\nproblem gap shop.0002_b\nproblem pending_code shop.0002_b"},
	})
}

func djangoAfter(after string) string {
	return "from django.db import migrations\n\nclass Migration(migrations.Migration):\n    dependencies = [" + after + "]\n    operations = []\n"
}

// TestImpossibleDurations has what clocks that were set and strangers leave behind: no run lasts less than nothing, or for ages.
func TestImpossibleDurations(t *testing.T) {
	t.Parallel()
	conn := made(t, "CREATE TABLE flyway_schema_history (installed_rank int, version text, description text, type text, script text, checksum int, installed_by text, installed_on timestamp, execution_time bigint, success boolean)",
		"INSERT INTO flyway_schema_history VALUES (1, '1', 'a', 'JDBC', 'a', NULL, 'x', now(), -5, true), (2, '2', 'b', 'JDBC', 'b', NULL, 'x', now(), 9223372036854, true), (3, '3', 'c', 'JDBC', 'c', NULL, 'x', now(), 5, true)")
	h := adopt(t, conn, legacy.Wanted{}, "")
	if len(h.Entries) != 3 || h.Entries[0].Duration != nil || h.Entries[0].Note == "" || h.Entries[1].Duration != nil || h.Entries[2].Duration == nil {
		t.Errorf("entries: %+v", h.Entries)
	}
}
