package legacy_test

import (
	"context"
	"strings"
	"testing"

	"github.com/pleatdb/pleat/history/legacy"
)

func TestEFCoreConventions(t *testing.T) {
	t.Parallel()
	dir := write(t, map[string]string{
		"src/Shop/Migrations/20240101120000_CreateUsers.cs": "public partial class CreateUsers : Migration {}", "src/Shop/Migrations/20240101120000_CreateUsers.Designer.cs": "[DbContext(typeof(Shop))]\n[Migration(\"20240101120000_CreateUsers\")]",
		"src/Shop/Migrations/Orders.cs":            "[DbContext(typeof(Shop)), Migration(\"20240202093000_CreateOrders\")]\npublic class Orders : Migration {}",
		"src/Shop/Migrations/ShopModelSnapshot.cs": "partial class ShopModelSnapshot : ModelSnapshot {}", "src/Shop/Program.cs": "",
	})
	for name, c := range map[string]string{
		"usual":   `"__EFMigrationsHistory" ("MigrationId" varchar(150) PRIMARY KEY, "ProductVersion" varchar(32) NOT NULL)`,
		"snake":   `__ef_migrations_history (migration_id varchar(150) PRIMARY KEY, product_version varchar(32) NOT NULL)`,
		"snake2":  `"__EFMigrationsHistory" (migration_id varchar(150) PRIMARY KEY, product_version varchar(32) NOT NULL)`,
		"renamed": `my_steps ("MigrationId" text PRIMARY KEY, "ProductVersion" text NOT NULL)`,
		"lower":   `other (migrationid text PRIMARY KEY, productversion text NOT NULL)`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			table, _, _ := strings.Cut(c, " (")
			h := adopt(t, made(t, "CREATE TABLE "+c, "INSERT INTO "+table+" VALUES ('20240202093000_CreateOrders', '8.0.4'), ('20240101120000_CreateUsers', '8.0.4')"), legacy.Wanted{}, dir)
			same(t, "entries", []string{
				"1 | 20240101120000_CreateUsers | 20240101120000 | CreateUsers | - | - | - | - | applied | unverifiable | src/Shop/Migrations/20240101120000_CreateUsers.cs | in",
				"2 | 20240202093000_CreateOrders | 20240202093000 | CreateOrders | - | - | - | - | applied | unverifiable | src/Shop/Migrations/Orders.cs | in",
			}, lines(h))
			same(t, "problems", nil, problems(h))
			if parts := h.Entries[0].File.Parts; len(parts) != 2 || parts[1].Path != "src/Shop/Migrations/20240101120000_CreateUsers.Designer.cs" {
				t.Errorf("parts: %v", parts)
			}
		})
	}
}

func TestEFCoreSharedTable(t *testing.T) {
	t.Parallel()
	conn := made(t, `CREATE TABLE "__EFMigrationsHistory" ("MigrationId" varchar(150) PRIMARY KEY, "ProductVersion" varchar(32) NOT NULL)`,
		`INSERT INTO "__EFMigrationsHistory" VALUES ('20240101120000_CreateUsers', '8.0.4'), ('20240102120000_CreateIdentity', '6.0.1')`)
	h := adopt(t, conn, legacy.Wanted{}, write(t, map[string]string{"20240101120000_CreateUsers.cs": "", "20240505000000_Next.cs": ""}))
	same(t, "problems", []string{"missing_file 20240102120000_CreateIdentity", "pending_code 20240505000000_Next"}, problems(h))
	if reason := h.Entries[1].File.Reason; !strings.Contains(reason, "DbContext") || !strings.Contains(reason, "6.0.1") || len(h.Notes) != 1 {
		t.Errorf("reason %q, notes %v", reason, h.Notes)
	}
	other := dial(t, conn.Config().ConnString())
	tx, err := other.Begin(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback(context.Background()) }()
	// What EF Core 9 does for the time of a run.
	if _, err := tx.Exec(context.Background(), `LOCK TABLE "__EFMigrationsHistory" IN SHARE UPDATE EXCLUSIVE MODE`); err != nil {
		t.Fatal(err)
	}
	same(t, "problems while it runs", []string{"tool_running"}, problems(adopt(t, conn, legacy.Wanted{}, "")))
}

func TestEF6(t *testing.T) {
	t.Parallel()
	conn := made(t, "CREATE SCHEMA dbo", `CREATE TABLE dbo."__MigrationHistory" ("MigrationId" varchar(150), "ContextKey" varchar(300), "Model" bytea NOT NULL, "ProductVersion" varchar(32) NOT NULL, PRIMARY KEY ("MigrationId", "ContextKey"))`,
		`INSERT INTO dbo."__MigrationHistory" VALUES ('202401011200001_Init', 'Shop.A', '\x00', '6.4.4'), ('202401011200001_Init', 'Shop.B', '\x00', '6.4.4'), ('202402011200001_AutomaticMigration', 'Shop.A', '\x00', '6.4.4')`)
	h := adopt(t, conn, legacy.Wanted{}, write(t, map[string]string{"Migrations/202401011200001_Init.cs": "", "Migrations/202401011200001_Init.resx": "", "Migrations/202401011200001_Init.Designer.cs": "", "Migrations/Configuration.cs": ""}))
	same(t, "entries", []string{
		"1 | 202401011200001_Init | 202401011200001 | Init | - | - | - | - | applied | unverifiable | Migrations/202401011200001_Init.cs | in",
		"2 | Shop.B:202401011200001_Init | 202401011200001 | Init | - | - | - | - | applied | missing | - | in",
		"3 | 202402011200001_AutomaticMigration | 202402011200001 | AutomaticMigration | - | - | - | - | applied | unverifiable | - | in",
	}, lines(h))
	same(t, "problems", []string{"missing_file Shop.B:202401011200001_Init"}, problems(h))
}

func TestEcto(t *testing.T) {
	t.Parallel()
	conn := made(t, "CREATE SCHEMA tenant; CREATE TABLE tenant.ecto_versions (version bigint PRIMARY KEY, inserted_at timestamp(0))",
		"INSERT INTO tenant.ecto_versions VALUES (20240202093000, NULL), (20240101120000, '2024-05-05 10:00:00')")
	dir := write(t, map[string]string{
		"priv/repo/migrations/20240101120000_users.exs": "1", "priv/repo/migrations/old/20240202093000_orders.exs": "2", "priv/repo/migrations/.formatter.exs": "", "priv/repo/seeds.exs": "",
		"priv/other_repo/migrations/20240909000000_other.exs": "", "deps/oban/priv/repo/migrations/20230101000000_oban.exs": "", "priv/repo/migrations/new/20240303150000_next.exs": "",
		"_build/dev/lib/shop/priv/repo/migrations/20240101120000_users.exs": "1",
	})
	h := adopt(t, conn, legacy.Wanted{}, dir)
	same(t, "entries", []string{
		"1 | 20240101120000 | 20240101120000 | users | 2024-05-05T10:00:00Z | - | - | - | applied | unverifiable | priv/repo/migrations/20240101120000_users.exs | in",
		"2 | 20240202093000 | 20240202093000 | orders | - | - | - | - | applied | unverifiable | priv/repo/migrations/old/20240202093000_orders.exs | in",
	}, lines(h))
	same(t, "pending", []string{"priv/repo/migrations/new/20240303150000_next.exs"}, pending(h))
	same(t, "problems", []string{"pending_code 20240303150000"}, problems(h))
	other := dial(t, conn.Config().ConnString())
	tx, err := other.Begin(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback(context.Background()) }()
	if _, err := tx.Exec(context.Background(), "LOCK TABLE tenant.ecto_versions IN SHARE UPDATE EXCLUSIVE MODE"); err != nil {
		t.Fatal(err)
	}
	same(t, "problems while it runs", []string{"tool_running"}, problems(adopt(t, conn, legacy.Wanted{}, "")))
}
