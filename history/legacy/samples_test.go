package legacy_test

import "github.com/pleatdb/pleat/history/legacy"

// sample is a small history of a tool as the tool writes it.
type sample struct {
	tool legacy.Tool
	// schema is set where the tool has one of its own, table is the usual name.
	schema, table string
	columns, rows string
	// beside are further tables of the tool; {lock} is the table's name and _lock.
	beside string
	// hidden is set where a table with another name is found only when a person names the tool; fixed where the tool knows no other name.
	hidden, fixed bool
	// unread is set where an empty table of the usual name says nothing.
	unread bool
	// project is that of the rows where the tool keeps several in one table.
	project string
}

// samples has one for every tool, and for layouts that differ much.
var samples = []sample{
	{tool: legacy.Alembic, table: "alembic_version", columns: "version_num varchar(32) PRIMARY KEY", rows: "('3b2f1c9d8e7a')"},
	{tool: legacy.Atlas, table: "atlas_schema_revisions", columns: "version varchar PRIMARY KEY, description varchar NOT NULL, type bigint NOT NULL DEFAULT 2, applied bigint NOT NULL DEFAULT 0, " +
		"total bigint NOT NULL DEFAULT 0, executed_at timestamptz NOT NULL, execution_time bigint NOT NULL, error text, error_stmt text, hash varchar NOT NULL, partial_hashes jsonb, operator_version varchar NOT NULL",
		rows: "('20240101120000', 'users', 2, 1, 1, now(), 1, '', '', 'uKSYtGIekWI+XXp0O6lei7//J2MXgv96Nkyf5YE1uNY=', 'null', 'Atlas CLI')"},
	{tool: legacy.Bun, table: "bun_migrations", columns: "id bigserial PRIMARY KEY, name varchar, group_id bigint, migrated_at timestamptz NOT NULL DEFAULT now()", rows: "(1, '20240101120000', 1, now())",
		beside: "CREATE TABLE bun_migration_locks (id bigserial PRIMARY KEY, table_name varchar UNIQUE)"},
	{tool: legacy.Bytebase, table: "migration_history", fixed: true, columns: "id bigserial PRIMARY KEY, created_by text NOT NULL, created_ts bigint NOT NULL, updated_by text NOT NULL, updated_ts bigint NOT NULL, " +
		"release_version text NOT NULL, namespace text NOT NULL, sequence bigint NOT NULL, source text NOT NULL, type text NOT NULL, status text NOT NULL, version text NOT NULL, description text NOT NULL, " +
		"statement text NOT NULL, schema text NOT NULL, schema_prev text NOT NULL, execution_duration_ns bigint NOT NULL, issue_id text NOT NULL, payload text NOT NULL",
		rows: "(1, 'ann', 1704110405, 'ann', 1704110405, '1.10.0', 'shop', 1, 'UI', 'BASELINE', 'DONE', '0000.0000.0000-20240101120000', 'baseline', '', '', '', 0, '1', '')", unread: true, project: "shop"},
	{tool: legacy.DBMate, table: "schema_migrations", columns: "version varchar(128) PRIMARY KEY", rows: "('20240101120000'), ('20240202093000')"},
	{tool: legacy.DBMigrate, table: "migrations", columns: "id serial PRIMARY KEY, name varchar(255) NOT NULL, run_on timestamp NOT NULL", rows: "(1, '/20240101120000-users', now())"},
	{tool: legacy.Diesel, table: "__diesel_schema_migrations", fixed: true, columns: "version varchar(50) PRIMARY KEY, run_on timestamp NOT NULL DEFAULT now()", rows: "('00000000000000', now()), ('20240101120000', now())"},
	{tool: legacy.Django, table: "django_migrations", fixed: true, columns: "id bigserial PRIMARY KEY, app varchar(255) NOT NULL, name varchar(255) NOT NULL, applied timestamptz NOT NULL", rows: "(1, 'shop', '0001_initial', now())"},
	{tool: legacy.Doctrine, table: "doctrine_migration_versions", columns: "version varchar(191) PRIMARY KEY, executed_at timestamp(0), execution_time integer", rows: `('App\Migrations\Version20240101120000', now(), 12)`},
	{tool: legacy.Drizzle, table: "__drizzle_migrations", columns: "id serial PRIMARY KEY, hash text NOT NULL, created_at bigint", rows: "(1, 'de470599cdec449543466a9f994f4a062e736abe1d3fa25365c367b3302e1eab', 1704110400000)"},
	{tool: legacy.Ecto, table: "schema_migrations", columns: "version bigint PRIMARY KEY, inserted_at timestamp(0)", rows: "(20240101120000, now())"},
	{tool: legacy.EFCore, table: "__EFMigrationsHistory", columns: `"MigrationId" varchar(150) PRIMARY KEY, "ProductVersion" varchar(32) NOT NULL`, rows: "('20240101120000_CreateUsers', '8.0.4')"},
	{tool: legacy.Evolve, table: "changelog", columns: "id serial PRIMARY KEY, type smallint, version varchar(50), description varchar(200) NOT NULL, name varchar(300) NOT NULL, checksum varchar(32), " +
		"installed_by varchar(100) NOT NULL, installed_on timestamp NOT NULL DEFAULT now(), success boolean NOT NULL", rows: "(1, 0, '1', 'create users', 'V1__create_users.sql', '21C154E30709FE01352DA13D08A84595', 'postgres', now(), true)"},
	{tool: legacy.Flyway, table: "flyway_schema_history", columns: "installed_rank integer PRIMARY KEY, version varchar(50), description varchar(200) NOT NULL, type varchar(20) NOT NULL, script varchar(1000) NOT NULL, checksum integer, " +
		"installed_by varchar(100) NOT NULL, installed_on timestamp NOT NULL DEFAULT now(), execution_time integer NOT NULL, success boolean NOT NULL", rows: "(1, '1', 'create users', 'SQL', 'V1__create_users.sql', 1, 'postgres', now(), 1, true)"},
	{tool: legacy.GolangMigrate, table: "schema_migrations", columns: "version bigint PRIMARY KEY, dirty boolean NOT NULL", rows: "(20240303150000, false)"},
	{tool: legacy.Goose, table: "goose_db_version", columns: "id serial PRIMARY KEY, version_id bigint NOT NULL, is_applied boolean NOT NULL, tstamp timestamp DEFAULT now()", rows: "(1, 0, true, now()), (2, 20240101120000, true, now())"},
	{tool: legacy.Gormigrate, table: "migrations", hidden: true, columns: "id varchar(255) PRIMARY KEY", rows: "('202401011200'), ('202402020930')"},
	{tool: legacy.GraphileMigrate, schema: "graphile_migrate", table: "migrations", fixed: true, columns: "hash text PRIMARY KEY, previous_hash text, filename text NOT NULL, date timestamptz NOT NULL DEFAULT now()", rows: "('sha1:3418459a99ed98dca00d52f702b51f175f7f005b', NULL, '000001.sql', now())",
		beside: "CREATE TABLE current (filename text PRIMARY KEY DEFAULT 'current.sql', content text NOT NULL, date timestamptz NOT NULL DEFAULT now())"},
	{tool: legacy.Hasura, schema: "hdb_catalog", table: "hdb_version", fixed: true, columns: "hasura_uuid uuid PRIMARY KEY, version text NOT NULL, upgraded_on timestamptz NOT NULL, cli_state jsonb NOT NULL, console_state jsonb NOT NULL",
		rows: `('00000000-0000-0000-0000-000000000001', '48', now(), '{"migrations": {"default": {"1704110400000": false}}, "isStateCopyCompleted": true}', '{}')`, unread: true},
	{tool: legacy.Knex, table: "knex_migrations", columns: "id serial PRIMARY KEY, name varchar(255), batch integer, migration_time timestamptz", rows: "(1, '20240101120000_users.js', 1, now())",
		beside: "CREATE TABLE {lock} (index serial PRIMARY KEY, is_locked integer); INSERT INTO {lock} VALUES (1, 0)"},
	{tool: legacy.Kysely, table: "kysely_migration", columns: "name varchar(255) PRIMARY KEY, timestamp varchar(255) NOT NULL", rows: "('2024-01-01_users', '2024-01-01T12:00:00.000Z')",
		beside: "CREATE TABLE {lock} (id varchar(255) PRIMARY KEY, is_locked integer NOT NULL DEFAULT 0); INSERT INTO {lock} VALUES ('migration_lock', 0)"},
	{tool: legacy.Laravel, table: "migrations", columns: "id serial PRIMARY KEY, migration varchar(255) NOT NULL, batch integer NOT NULL", rows: "(1, '2024_01_01_120000_create_users_table', 1)"},
	{tool: legacy.Liquibase, table: "databasechangelog", columns: "id varchar(255) NOT NULL, author varchar(255) NOT NULL, filename varchar(255) NOT NULL, dateexecuted timestamp NOT NULL, orderexecuted integer NOT NULL, " +
		"exectype varchar(10) NOT NULL, md5sum varchar(35), description varchar(255), comments varchar(255), tag varchar(255), liquibase varchar(20), contexts varchar(255), labels varchar(255), deployment_id varchar(10)",
		rows: "('1', 'ann', 'a.sql', now(), 1, 'EXECUTED', '9:20818c847468fb40a365d74025c16f0c', 'sql', '', NULL, '4.28.0', NULL, NULL, '1')"},
	{tool: legacy.MikroORM, table: "mikro_orm_migrations", columns: "id serial PRIMARY KEY, name varchar(255), executed_at timestamptz DEFAULT now()", rows: "(1, 'Migration20240101120000', now())"},
	{tool: legacy.NodePgMigrate, table: "pgmigrations", columns: "id serial PRIMARY KEY, name varchar(255) NOT NULL, run_on timestamp NOT NULL", rows: "(1, '1704110400000_users', now())"},
	{tool: legacy.PgMigrate, table: "schema_version", fixed: true, columns: "version bigint PRIMARY KEY, description text NOT NULL, type schema_version_type NOT NULL DEFAULT 'auto', installed_by text NOT NULL, installed_on timestamp NOT NULL DEFAULT now()", rows: "(1, 'users', 'auto', 'postgres', now())"},
	{tool: legacy.PgRoll, schema: "pgroll", table: "migrations", fixed: true, columns: "schema name NOT NULL, name text NOT NULL, migration jsonb NOT NULL, created_at timestamptz NOT NULL DEFAULT now(), updated_at timestamptz NOT NULL DEFAULT now(), parent text, " +
		"done boolean NOT NULL DEFAULT false, resulting_schema jsonb NOT NULL DEFAULT '{}', migration_type varchar(32) DEFAULT 'pgroll', PRIMARY KEY (schema, name)", rows: `('public', '01_users', '{"name": "01_users", "operations": []}', now(), now(), NULL, true, '{}', 'pgroll')`,
		beside: "CREATE TABLE pgroll_version (version text PRIMARY KEY, initialized_at timestamptz NOT NULL DEFAULT now())"},
	{tool: legacy.Phinx, table: "phinxlog", columns: "version bigint PRIMARY KEY, migration_name varchar(100), start_time timestamp, end_time timestamp, breakpoint boolean NOT NULL DEFAULT false", rows: "(20240101120000, 'CreateUsers', now(), now(), false)"},
	{tool: legacy.PostgresMigrations, table: "migrations", fixed: true, columns: "id integer PRIMARY KEY, name varchar(100) UNIQUE NOT NULL, hash varchar(40) NOT NULL, executed_at timestamp DEFAULT now()", rows: "(0, 'create-migrations-table', 'e18db593bcde2aca2a408c4d1100f6abba2195df', now()), (1, 'users', 'e18db593bcde2aca2a408c4d1100f6abba2195de', now())"},
	{tool: legacy.Prisma, table: "_prisma_migrations", fixed: true, columns: "id varchar(36) PRIMARY KEY, checksum varchar(64) NOT NULL, finished_at timestamptz, migration_name varchar(255) NOT NULL, logs text, rolled_back_at timestamptz, started_at timestamptz NOT NULL DEFAULT now(), applied_steps_count integer NOT NULL DEFAULT 0",
		rows: "('23565e8e-568d-4e8d-a2fd-f8f12b7fa711', '89dcaee717616f51d3e30bc2587236f6c05e5d7797608d310dbc1dbd2b00e23e', now(), '20240101120000_users', NULL, NULL, now(), 1)"},
	{tool: legacy.Rails, table: "schema_migrations", columns: "version varchar PRIMARY KEY", rows: "('20240101120000'), ('20240202093000')",
		beside: "CREATE TABLE ar_internal_metadata (key varchar PRIMARY KEY, value varchar, created_at timestamp(6) NOT NULL, updated_at timestamp(6) NOT NULL); INSERT INTO ar_internal_metadata VALUES ('environment', 'production', now(), now())"},
	{tool: legacy.Refinery, table: "refinery_schema_history", columns: "version integer PRIMARY KEY, name varchar(255), applied_on varchar(255), checksum varchar(255)", rows: "(1, 'users', '2024-01-01T12:00:05.123456789Z', '9999031912392587298')"},
	{tool: legacy.Sequel, table: "schema_migrations", columns: "filename text PRIMARY KEY", rows: "('20240101120000_users.rb'), ('20240202093000_orders.rb')"},
	{tool: legacy.Sequelize, table: "SequelizeMeta", columns: "name varchar(255) NOT NULL UNIQUE PRIMARY KEY", rows: "('20240101120000-users.js')"},
	{tool: legacy.SQLMigrate, table: "gorp_migrations", columns: "id text PRIMARY KEY, applied_at timestamptz", rows: "('20240101120000-users.sql', now())"},
	{tool: legacy.Sqitch, schema: "sqitch", table: "changes", fixed: true, columns: "change_id text PRIMARY KEY, script_hash text, change text NOT NULL, project text NOT NULL, note text NOT NULL DEFAULT '', committed_at timestamptz NOT NULL DEFAULT now(), committer_name text NOT NULL, committer_email text NOT NULL, " +
		"planned_at timestamptz NOT NULL, planner_name text NOT NULL, planner_email text NOT NULL", rows: "('41f541f4db6004e2bbd7bad5bb4b93b87e1bf9b6', 'aa3192ef29be01ff0fd52c997f541b228b74ad64', 'users', 'shop', '', now(), 'Ann', 'ann@example.com', now(), 'Ann', 'ann@example.com')",
		beside: "CREATE TABLE projects (project text PRIMARY KEY, uri text, created_at timestamptz NOT NULL DEFAULT now(), creator_name text NOT NULL, creator_email text NOT NULL);" +
			"CREATE TABLE tags (tag_id text PRIMARY KEY, tag text NOT NULL, project text NOT NULL, change_id text NOT NULL, note text NOT NULL, committed_at timestamptz NOT NULL, committer_name text NOT NULL, committer_email text NOT NULL, planned_at timestamptz NOT NULL, planner_name text NOT NULL, planner_email text NOT NULL);" +
			"CREATE TABLE dependencies (change_id text NOT NULL, type text NOT NULL, dependency text NOT NULL, dependency_id text);" +
			"CREATE TABLE events (event text NOT NULL, change_id text NOT NULL, change text NOT NULL, project text NOT NULL, note text NOT NULL DEFAULT '', requires text[] NOT NULL DEFAULT '{}', conflicts text[] NOT NULL DEFAULT '{}', tags text[] NOT NULL DEFAULT '{}', committed_at timestamptz NOT NULL DEFAULT now(), committer_name text NOT NULL, committer_email text NOT NULL, planned_at timestamptz NOT NULL, planner_name text NOT NULL, planner_email text NOT NULL)", unread: true, project: "shop"},
	{tool: legacy.SQLx, table: "_sqlx_migrations", columns: "version bigint PRIMARY KEY, description text NOT NULL, installed_on timestamptz NOT NULL DEFAULT now(), success boolean NOT NULL, checksum bytea NOT NULL, execution_time bigint NOT NULL", rows: `(20240101120000, 'users', now(), true, '\x00', 1)`},
	{tool: legacy.Supabase, schema: "supabase_migrations", table: "schema_migrations", fixed: true, columns: "version text PRIMARY KEY, statements text[], name text", rows: "('20240101120000', '{}', 'users')"},
	{tool: legacy.Tern, table: "schema_version", hidden: true, columns: "version integer NOT NULL PRIMARY KEY", rows: "(3)", unread: true},
	{tool: legacy.TypeORM, table: "migrations", columns: `id serial PRIMARY KEY, "timestamp" bigint NOT NULL, name varchar NOT NULL`, rows: "(1, 1704110400000, 'CreateUsers1704110400000')"},
	{tool: legacy.Yoyo, table: "_yoyo_migration", columns: "migration_hash varchar(64) PRIMARY KEY, migration_id varchar(255), applied_at_utc timestamp", rows: "('f23bddd8d5f4a6ea9f3b8d97dea22b386bc391288c7b56891ce8fbb8e7a53d28', '0001.create_users', now())"},
}
