package legacy_test

import (
	"strings"
	"testing"

	"github.com/pleatdb/pleat/history/legacy"
)

func TestLaravelLayouts(t *testing.T) {
	t.Parallel()
	rows := "('2014_10_12_000000_create_users_table', 1), ('0001_01_01_000000_create_cache_table', 2), ('2024_01_01_120000_create_orders_table', 1)"
	for name, sql := range map[string]string{
		"with id":    "CREATE TABLE migrations (id serial PRIMARY KEY, migration varchar(255) NOT NULL, batch integer NOT NULL); INSERT INTO migrations (migration, batch) VALUES " + rows,
		"without id": "CREATE TABLE migrations (migration varchar(255) NOT NULL, batch integer NOT NULL); INSERT INTO migrations VALUES " + rows,
		"renamed":    "CREATE TABLE app_log (id bigserial, migration text, batch smallint); INSERT INTO app_log (migration, batch) VALUES " + rows,
		"identity":   "CREATE SCHEMA app; CREATE TABLE app.migrations (id bigint GENERATED ALWAYS AS IDENTITY, migration varchar, batch bigint); INSERT INTO app.migrations (migration, batch) VALUES " + rows,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := adopt(t, made(t, sql), legacy.Wanted{}, write(t, map[string]string{
				"database/migrations/2014_10_12_000000_create_users_table.php": "1", "database/migrations/2024_01_01_120000_create_orders_table.php": "2",
				"vendor/cache/migrations/0001_01_01_000000_create_cache_table.php": "3", "vendor/other/migrations/2020_01_01_000000_create_tokens_table.php": "4",
				"database/migrations/2024_02_02_000000_next.php": "5", "app/Models/User.php": "",
			}))
			same(t, "entries", []string{
				"1 | 2014_10_12_000000_create_users_table | 2014_10_12_000000 | create_users_table | - | - | - | - | applied | unverifiable | database/migrations/2014_10_12_000000_create_users_table.php | in",
				"2 | 2024_01_01_120000_create_orders_table | 2024_01_01_120000 | create_orders_table | - | - | - | - | applied | unverifiable | database/migrations/2024_01_01_120000_create_orders_table.php | in",
				"3 | 0001_01_01_000000_create_cache_table | 0001_01_01_000000 | create_cache_table | - | - | - | - | applied | unverifiable | vendor/cache/migrations/0001_01_01_000000_create_cache_table.php | in",
			}, lines(h))
			same(t, "problems", []string{"pending_code 2024_02_02_000000_next"}, problems(h))
		})
	}
}

func TestLaravelSquashed(t *testing.T) {
	t.Parallel()
	conn := made(t, "CREATE TABLE migrations (id serial PRIMARY KEY, migration varchar(255) NOT NULL, batch integer NOT NULL)",
		"INSERT INTO migrations (migration, batch) VALUES ('2014_10_12_000000_users', 1), ('2014_10_12_000000_users_more', 1), ('2015_01_01_000000_tabs', 1), ('2024_01_01_120000_orders', 2)")
	dir := write(t, map[string]string{
		"database/schema/pgsql-schema.sql":                 "INSERT INTO public.migrations VALUES (1, '2014_10_12_000000_users', 1);\nCOPY x;\n3\t2015_01_01_000000_tabs\t1\n",
		"database/migrations/2024_01_01_120000_orders.php": "",
	})
	h := adopt(t, conn, legacy.Wanted{}, dir)
	same(t, "problems", []string{"missing_file 2014_10_12_000000_users_more"}, problems(h))
	if f := h.Entries[0].File; f.State != legacy.FileUnverifiable || !strings.Contains(f.Reason, "pgsql-schema.sql") || len(h.Notes) != 1 {
		t.Errorf("file %+v, notes %v", f, h.Notes)
	}
	packed := write(t, map[string]string{"database/schema/pgsql-schema.dump": "PGDMP\x01", "database/migrations/2024_01_01_120000_orders.php": ""})
	same(t, "problems beside a packed dump", nil, problems(adopt(t, conn, legacy.Wanted{}, packed)))
}

const versionClass = "<?php\ndeclare(strict_types=1);\n\nnamespace App\\Migrations;\n\nfinal class Version%s extends AbstractMigration {}\n"

func TestDoctrineLayouts(t *testing.T) {
	t.Parallel()
	class := func(v string) string { return strings.ReplaceAll(versionClass, "%s", v) }
	dir := write(t, map[string]string{
		"migrations/Version20240101120000.php": class("20240101120000"), "migrations/2024/Version20240202093000.php": class("20240202093000"),
		"migrations/AddStatus.php": "<?php namespace App\\Migrations; class AddStatus extends AbstractMigration {}", "migrations/Version20240404000000.php": class("20240404000000"), "src/Kernel.php": "",
	})
	for name, c := range map[string]struct {
		sql, prefix string
		layout      string
		time        string
	}{
		"1": {"CREATE TABLE migration_versions (version varchar(255) PRIMARY KEY); INSERT INTO migration_versions VALUES ('20240202093000'), ('20240101120000')", "", "1", "-"},
		"2": {"CREATE TABLE migration_versions (version varchar(14) PRIMARY KEY, executed_at timestamp(0) NOT NULL); INSERT INTO migration_versions VALUES ('20240202093000', '2024-05-05'), ('20240101120000', '2024-05-05')",
			"", "2", "2024-05-05T00:00:00"},
		"3": {`CREATE TABLE changes (version varchar(1024) PRIMARY KEY, executed_at timestamp(0), execution_time integer); INSERT INTO changes VALUES ('App\Migrations\Version20240202093000', '2024-05-05', NULL), ('App\Migrations\Version20240101120000', '2024-05-05', NULL)`,
			`App\Migrations\Version`, "3", "2024-05-05T00:00:00"},
		"columns of other names": {`CREATE TABLE changes (took bigint, class text PRIMARY KEY, ran timestamp); INSERT INTO changes VALUES (NULL, 'App\Migrations\Version20240202093000', '2024-05-05'), (NULL, 'App\Migrations\Version20240101120000', '2024-05-05')`,
			`App\Migrations\Version`, "3", "2024-05-05T00:00:00"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := legacy.Wanted{Tool: legacy.Doctrine}
			h := adopt(t, made(t, c.sql), w, dir)
			same(t, "entries", []string{
				"1 | " + c.prefix + "20240101120000 | 20240101120000 | - | " + c.time + " | - | - | - | applied | unverifiable | migrations/Version20240101120000.php | in",
				"2 | " + c.prefix + "20240202093000 | 20240202093000 | - | " + c.time + " | - | - | - | applied | unverifiable | migrations/2024/Version20240202093000.php | in",
			}, lines(h))
			same(t, "problems", []string{"pending_code " + c.prefix + "20240404000000"}, problems(h))
			if h.Source.Layout != c.layout {
				t.Errorf("layout %q", h.Source.Layout)
			}
		})
	}
}

func TestDoctrineOwnNames(t *testing.T) {
	t.Parallel()
	conn := made(t, "CREATE TABLE doctrine_migration_versions (version varchar(191) PRIMARY KEY, executed_at timestamp(0), execution_time integer)",
		`INSERT INTO doctrine_migration_versions VALUES ('App\Migrations\AddStatus', '2024-05-05', 1500), ('Other\Migrations\Version20240101120000', '2024-05-04', 7)`)
	h := adopt(t, conn, legacy.Wanted{}, write(t, map[string]string{"AddStatus.php": "<?php namespace App\\Migrations; class AddStatus {}", "Version20240101120000.php": strings.ReplaceAll(versionClass, "%s", "20240101120000")}))
	same(t, "entries", []string{
		`1 | Other\Migrations\Version20240101120000 | 20240101120000 | - | 2024-05-04T00:00:00 | - | 7.000ms | - | applied | missing | - | in`,
		`2 | App\Migrations\AddStatus | - | AddStatus | 2024-05-05T00:00:00 | - | 1500.000ms | - | applied | unverifiable | AddStatus.php | in`,
	}, lines(h))
	same(t, "problems", []string{`missing_file Other\Migrations\Version20240101120000`, `pending_code App\Migrations\Version20240101120000`}, problems(h))
}

func TestPhinxLayouts(t *testing.T) {
	t.Parallel()
	dir := write(t, map[string]string{
		"db/migrations/20240101120000_create_users.php": "", "db/migrations/20240202093000_create_orders.php": "", "db/seeds/UserSeeder.php": "", "phinx.php": "",
	})
	for name, sql := range map[string]string{
		"oldest":   "CREATE TABLE phinxlog (version bigint PRIMARY KEY, start_time timestamp, end_time timestamp); INSERT INTO phinxlog VALUES (20240202093000, '2024-05-05 10:00:01', '2024-05-05 10:00:03'), (20240101120000, '2024-05-05 10:00:00', '2024-05-05 10:00:01')",
		"named":    "CREATE TABLE phinxlog (version bigint, migration_name varchar(100), start_time timestamp, end_time timestamp); INSERT INTO phinxlog VALUES (20240202093000, NULL, '2024-05-05 10:00:01', '2024-05-05 10:00:03'), (20240101120000, NULL, '2024-05-05 10:00:00', '2024-05-05 10:00:01')",
		"renamed":  "CREATE TABLE steps (version bigint PRIMARY KEY, migration_name varchar(100), start_time timestamptz, end_time timestamptz, breakpoint boolean NOT NULL DEFAULT false); INSERT INTO steps VALUES (20240202093000, NULL, '2024-05-05 10:00:01', '2024-05-05 10:00:03', true), (20240101120000, NULL, '2024-05-05 10:00:00', '2024-05-05 10:00:01', false)",
		"a plugin": "CREATE TABLE blog_phinxlog (version bigint PRIMARY KEY, migration_name varchar(100), start_time timestamp, end_time timestamp, breakpoint boolean NOT NULL DEFAULT false); INSERT INTO blog_phinxlog VALUES (20240202093000, NULL, '2024-05-05 10:00:01', '2024-05-05 10:00:03', true), (20240101120000, NULL, '2024-05-05 10:00:00', '2024-05-05 10:00:01', false)",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := adopt(t, made(t, sql), legacy.Wanted{}, dir)
			zone := ""
			if name == "renamed" {
				zone = "Z"
			}
			same(t, "entries", []string{
				"1 | 20240101120000 | 20240101120000 | create_users | 2024-05-05T10:00:01" + zone + " | - | 1000.000ms | - | applied | unverifiable | db/migrations/20240101120000_create_users.php | in",
				"2 | 20240202093000 | 20240202093000 | create_orders | 2024-05-05T10:00:03" + zone + " | - | 2000.000ms | - | applied | unverifiable | db/migrations/20240202093000_create_orders.php | in",
			}, lines(h))
			same(t, "problems", nil, problems(h))
			if stops := strings.Contains(h.Entries[1].Note, "breakpoint"); stops != (name == "renamed" || name == "a plugin") {
				t.Errorf("note %q", h.Entries[1].Note)
			}
		})
	}
}

func TestCakeMigrations(t *testing.T) {
	t.Parallel()
	conn := made(t, "CREATE TABLE cake_migrations (id serial PRIMARY KEY, version bigint NOT NULL, migration_name varchar(100), plugin varchar(100), start_time timestamp, end_time timestamp, breakpoint boolean NOT NULL DEFAULT false)",
		"INSERT INTO cake_migrations VALUES (1, 20240101120000, 'CreateUsers', NULL, '2024-05-05', '2024-05-05'), (2, 20240101120000, 'CreatePosts', 'Blog', '2024-05-06', '2024-05-06'), (3, 20240202093000, 'Far', 'Vendored', '2024-05-07', '2024-05-07')")
	h := adopt(t, conn, legacy.Wanted{}, write(t, map[string]string{"config/Migrations/20240101120000_CreateUsers.php": "", "plugins/Blog/config/Migrations/20240101120000_CreatePosts.php": "", "config/Migrations/20240303150000_Next.php": ""}))
	same(t, "entries", []string{
		"1 | 20240101120000 | 20240101120000 | CreateUsers | 2024-05-05T00:00:00 | - | 0.000ms | - | applied | unverifiable | config/Migrations/20240101120000_CreateUsers.php | in",
		"2 | Blog.20240101120000 | 20240101120000 | CreatePosts | 2024-05-06T00:00:00 | - | 0.000ms | - | applied | unverifiable | plugins/Blog/config/Migrations/20240101120000_CreatePosts.php | in",
		"3 | Vendored.20240202093000 | 20240202093000 | Far | 2024-05-07T00:00:00 | - | 0.000ms | - | applied | unverifiable | - | in",
	}, lines(h))
	same(t, "problems", []string{"pending_code 20240303150000"}, problems(h))
}
