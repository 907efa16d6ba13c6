package connect

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/pleatdb/pleat/apply/pooler"
	"github.com/pleatdb/pleat/inspect/pgtest"
)

// TestAPoolerByTransactionIsRefusedAndLeftAsItWas: what is set in a session of the pooler is the application's next.
func TestAPoolerByTransactionIsRefusedAndLeftAsItWas(t *testing.T) {
	database := pgtest.URL(t)
	through := pgtest.Pooler(t, database, pgtest.PoolTransaction)
	app, err := pgx.Connect(t.Context(), through)
	if err != nil {
		t.Fatal(err)
	}
	defer app.Close(context.Background())
	look := func() string {
		t.Helper()
		// PgBouncer keeps application_name apart for each client.
		results, err := app.PgConn().Exec(t.Context(), "SELECT string_agg(name || '=' || setting, ',' ORDER BY name) FROM pg_settings WHERE source = 'session' AND name <> 'application_name'").ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		return string(results[0].Rows[0][0])
	}
	before := look()
	target, err := Parse(through, os.Getenv)
	if err != nil {
		t.Fatal(err)
	}
	for range 5 {
		_, err := target.Connect(t.Context(), "test", Role("pg_monitor"))
		var failed *Error
		if !errors.As(err, &failed) || !errors.Is(err, errPooled) || !strings.Contains(failed.Hint, "direct_url") {
			t.Errorf("got %v", err)
		}
	}
	if after := look(); after != before {
		t.Errorf("the session of the pooler was %s and is %s", before, after)
	}
}

func TestAPoolerBySessionIsFine(t *testing.T) {
	through := pgtest.Pooler(t, pgtest.URL(t), pgtest.PoolSession)
	target, err := Parse(through, os.Getenv)
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		conn, err := target.Connect(t.Context(), "test")
		if err != nil {
			t.Fatal(err)
		}
		pooled, err := pooler.Between(t.Context(), conn)
		if err != nil || !pooled {
			t.Errorf("pooled %t, %v", pooled, err)
		}
		_ = conn.Close(context.Background())
	}
}
