package history

import (
	"context"
	"testing"

	"github.com/pleatdb/pleat/inspect/pgtest"
)

// TestKeepUnrecorded has the three forms in which triggers of pgroll ask whether they shall take note of a session.
func TestKeepUnrecorded(t *testing.T) {
	t.Parallel()
	for name, condition := range map[string]string{
		"now":          "pg_catalog.current_setting('pgroll.no_inferred_migrations', TRUE) = 'TRUE'",
		"before":       "pg_catalog.current_setting('pgroll.internal', TRUE) = 'TRUE'",
		"at the start": "pg_catalog.current_setting('pgroll.internal', 'TRUE') <> 'TRUE'",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx := context.Background()
			url := pgtest.URL(t)
			conn := connect(t, url)
			run := func(sql string) {
				t.Helper()
				if _, err := conn.Exec(ctx, sql); err != nil {
					t.Fatal(err)
				}
			}
			count := func() (n int) {
				t.Helper()
				if err := conn.QueryRow(ctx, "SELECT count(*) FROM seen").Scan(&n); err != nil {
					t.Fatal(err)
				}
				return n
			}
			run("CREATE TABLE seen (tag text)")
			run("CREATE FUNCTION note() RETURNS event_trigger LANGUAGE plpgsql AS $f$ BEGIN IF (" + condition + ") THEN RETURN; END IF; INSERT INTO public.seen VALUES (tg_tag); END $f$")
			run("CREATE EVENT TRIGGER note ON ddl_command_end EXECUTE FUNCTION note()")
			run("CREATE TABLE others ()")
			if count() != 1 {
				t.Fatal("the trigger takes no note of others")
			}
			if err := KeepUnrecorded(ctx, conn); err != nil {
				t.Fatal(err)
			}
			run("CREATE TABLE ours ()")
			if n := count(); n != 1 {
				t.Errorf("%d changes were recorded, want the one of before", n)
			}
		})
	}
}
