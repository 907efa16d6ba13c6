package legacy

import "slices"

// Tool is a tool's name, as --from takes it.
type Tool string

// The tools whose histories can be read.
const (
	Alembic            Tool = "alembic"
	Atlas              Tool = "atlas"
	Bun                Tool = "bun"
	Bytebase           Tool = "bytebase"
	DBMate             Tool = "dbmate"
	DBMigrate          Tool = "db-migrate"
	Diesel             Tool = "diesel"
	Django             Tool = "django"
	Doctrine           Tool = "doctrine"
	Drizzle            Tool = "drizzle"
	Ecto               Tool = "ecto"
	EFCore             Tool = "efcore"
	Evolve             Tool = "evolve"
	Flyway             Tool = "flyway"
	GolangMigrate      Tool = "golang-migrate"
	Goose              Tool = "goose"
	Gormigrate         Tool = "gormigrate"
	GraphileMigrate    Tool = "graphile-migrate"
	Hasura             Tool = "hasura"
	Knex               Tool = "knex"
	Kysely             Tool = "kysely"
	Laravel            Tool = "laravel"
	Liquibase          Tool = "liquibase"
	MikroORM           Tool = "mikro-orm"
	NodePgMigrate      Tool = "node-pg-migrate"
	PgMigrate          Tool = "pgmigrate"
	PgRoll             Tool = "pgroll"
	Phinx              Tool = "phinx"
	PostgresMigrations Tool = "postgres-migrations"
	Prisma             Tool = "prisma"
	Rails              Tool = "rails"
	Refinery           Tool = "refinery"
	Sequel             Tool = "sequel"
	Sequelize          Tool = "sequelize"
	SQLMigrate         Tool = "sql-migrate"
	Sqitch             Tool = "sqitch"
	SQLx               Tool = "sqlx"
	Supabase           Tool = "supabase"
	Tern               Tool = "tern"
	TypeORM            Tool = "typeorm"
	Yoyo               Tool = "yoyo"
)

// aliases are other names under which people know a tool.
var aliases = map[string]Tool{
	"umzug": Sequelize, "activerecord": Rails, "ar": Rails, "migrate": GolangMigrate, "ef-core": EFCore, "entity-framework": EFCore,
	"mikroorm": MikroORM, "graphile": GraphileMigrate, "sqlmigrate": SQLMigrate, "golangmigrate": GolangMigrate, "cakephp": Phinx,
	"yandex-pgmigrate": PgMigrate, "kysely-migrator": Kysely, "goose-legacy": Goose, "drizzle-kit": Drizzle,
}

// Tools lists all tools by name.
func Tools() []Tool {
	var out []Tool
	for _, i := range importers() {
		out = append(out, i.Tool())
	}
	slices.Sort(out)
	return out
}

// ToolNamed finds a tool by a name that people use; ok is false where there is none.
func ToolNamed(name string) (t Tool, ok bool) {
	if t, ok := aliases[name]; ok {
		return t, true
	}
	t = Tool(name)
	return t, slices.Contains(Tools(), t)
}
