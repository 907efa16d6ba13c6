package history

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/pleatdb/pleat/inspect/pgtest"
)

// writers is a table with a trigger as an expand makes it, and a role without any right but to write.
const writers = `
	CREATE TABLE public.t (id int, "old""c" text);
	CREATE FUNCTION public.sync() RETURNS trigger LANGUAGE plpgsql SET search_path = '' AS $$BEGIN
		PERFORM pleat.note_write('public.t', 'old"c'); RETURN NEW; END$$;
	CREATE TRIGGER zzz_sync BEFORE INSERT OR UPDATE ON public.t FOR EACH ROW EXECUTE FUNCTION public.sync();
	DROP ROLE IF EXISTS legacy_writer;
	CREATE ROLE legacy_writer;
	GRANT USAGE ON SCHEMA public TO PUBLIC;
	GRANT INSERT, UPDATE, SELECT ON public.t TO legacy_writer;`

func noted(t *testing.T, conn *pgx.Conn, sql string) (n int) {
	t.Helper()
	if err := conn.QueryRow(t.Context(), "SELECT count(*) FROM pleat.legacy_write "+sql).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func send(t *testing.T, conn *pgx.Conn, sql string) {
	t.Helper()
	if _, err := conn.PgConn().Exec(t.Context(), sql).ReadAll(); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

func TestWritesAreNotedOnceForASessionAndDay(t *testing.T) {
	l, conn, url := created(t)
	send(t, conn, writers)
	old := connect(t, url)
	send(t, old, "SET ROLE legacy_writer; SET application_name = 'billing; DROP TABLE'; SET search_path = ''")
	send(t, old, "BEGIN; INSERT INTO public.t SELECT g FROM generate_series(1, 50) g; ROLLBACK")
	if n := noted(t, conn, ""); n != 0 {
		t.Fatalf("%d rows of a transaction that was rolled back", n)
	}
	send(t, old, "INSERT INTO public.t SELECT g FROM generate_series(1, 50) g")
	send(t, old, "UPDATE public.t SET id = id + 1")
	if n := noted(t, conn, ""); n != 1 {
		t.Fatalf("%d rows, want 1", n)
	}
	// A second session of the same kind finds the row of the first.
	again := connect(t, url)
	send(t, again, "SET ROLE legacy_writer; SET application_name = 'billing; DROP TABLE'; INSERT INTO public.t VALUES (1)")
	send(t, again, "SET application_name = 'other'; INSERT INTO public.t VALUES (1)")
	list, err := l.LegacyWrites(t.Context(), time.Now().Add(-time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, w := range list {
		got = append(got, strings.Join([]string{w.Schema, w.Relation, w.Attribute, w.Role, w.Application}, "|"))
		if time.Since(w.Last) > time.Hour {
			t.Errorf("last write at %s", w.Last)
		}
	}
	want := []string{`public|t|old"c|legacy_writer|other`, `public|t|old"c|legacy_writer|billing; DROP TABLE`}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if list, err = l.LegacyWrites(t.Context(), time.Now().Add(25*time.Hour)); err != nil || len(list) != 0 {
		t.Errorf("writes of the future: %v %v", list, err)
	}
}

// TestNotingNeverStopsAWriter breaks what it can of the history under a writer.
func TestNotingNeverStopsAWriter(t *testing.T) {
	_, conn, url := created(t)
	send(t, conn, writers)
	old := connect(t, url)
	send(t, old, "SET ROLE legacy_writer")
	t.Run("locked", func(t *testing.T) {
		send(t, conn, "BEGIN; LOCK TABLE pleat.legacy_write IN ACCESS EXCLUSIVE MODE")
		send(t, old, "BEGIN; INSERT INTO public.t SELECT g FROM generate_series(1, 20) g; COMMIT")
		send(t, conn, "COMMIT")
		if n := noted(t, conn, ""); n != 0 {
			t.Fatalf("%d rows", n)
		}
		send(t, old, "INSERT INTO public.t VALUES (1)")
		if n := noted(t, conn, ""); n != 1 {
			t.Fatalf("the next transaction noted %d rows, want 1", n)
		}
	})
	t.Run("two at once", func(t *testing.T) {
		first, second := connect(t, url), connect(t, url)
		send(t, first, "SET application_name = 'same'; BEGIN; INSERT INTO public.t VALUES (1)")
		send(t, second, "SET application_name = 'same'; SET statement_timeout = '20s'; INSERT INTO public.t VALUES (1)")
		send(t, first, "COMMIT")
	})
	t.Run("serializable", func(t *testing.T) {
		first, second := connect(t, url), connect(t, url)
		begin := "SET default_transaction_isolation = serializable; BEGIN; INSERT INTO public.t VALUES (1)"
		send(t, first, begin)
		send(t, second, begin)
		send(t, first, "COMMIT")
		send(t, second, "COMMIT")
	})
	t.Run("repeatable read", func(t *testing.T) {
		third := connect(t, url)
		send(t, third, "SET application_name = 'third'; INSERT INTO public.t VALUES (1)")
		send(t, conn, "UPDATE pleat.legacy_write SET last_at = last_at - interval '1 hour'")
		fourth := connect(t, url)
		send(t, fourth, "SET application_name = 'third'; BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1")
		fifth := connect(t, url)
		send(t, fifth, "SET application_name = 'third'; INSERT INTO public.t VALUES (1)")
		send(t, fourth, "INSERT INTO public.t VALUES (1); COMMIT")
		if n := noted(t, conn, "WHERE application = 'third' AND last_at > now() - interval '1 minute'"); n != 1 {
			t.Errorf("%d rows were brought up to date, want 1", n)
		}
	})
	t.Run("broken", func(t *testing.T) {
		send(t, conn, "ALTER TABLE pleat.legacy_write RENAME COLUMN application TO other")
		send(t, connect(t, url), "INSERT INTO public.t VALUES (1)")
	})
	for _, sql := range []string{
		"SELECT pleat.note_write('no.such', 'x')", "SELECT pleat.note_write('public.t', 'no such')", "SELECT pleat.note_write('a b c; --', NULL)",
		"SELECT pleat.note_write(NULL, NULL)",
	} {
		send(t, old, sql)
	}
	if _, err := old.Exec(t.Context(), "SELECT FROM pleat.legacy_write"); sqlCode(err) != "42501" {
		t.Errorf("a role without rights reads the table: %v", err)
	}
}

func sqlCode(err error) string {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Code
	}
	return ""
}

func TestNamesOfApplicationsAreBounded(t *testing.T) {
	_, conn, url := created(t)
	send(t, conn, writers)
	send(t, conn, `INSERT INTO pleat.legacy_write (relation, attribute, role, application, day)
		SELECT 'public.t', 'old"c', 'x', g::text, (now() AT TIME ZONE 'UTC')::date FROM generate_series(1, 1000) g`)
	for _, name := range []string{"one", "two"} {
		send(t, connect(t, url), "SET application_name = '"+name+"'; INSERT INTO public.t VALUES (1)")
	}
	if n := noted(t, conn, ""); n != 1001 {
		t.Errorf("%d rows, want 1001", n)
	}
}

func TestOlderHistoryIsUpgraded(t *testing.T) {
	url := pgtest.URL(t)
	conn := connect(t, url)
	l := Open(conn)
	if lacks, _, err := l.Lacking(t.Context()); len(lacks) > 0 || err != nil {
		t.Fatalf("no history: %v %v", lacks, err)
	}
	// As a pleat made it that knew nothing of legacy writes.
	send(t, conn, namespace+tables)
	record(t, l, conn, Event{Kind: Created, Run: "r0", Detail: map[string]any{"format": Format}})
	if lacks, may, err := l.Lacking(t.Context()); len(lacks) != 2 || !may || err != nil {
		t.Fatalf("lacking %v, may %t, %v", lacks, may, err)
	}
	for range 2 {
		inTx(t, conn, func(tx pgx.Tx) error { return l.Upgrade(t.Context(), tx, Event{Run: "r1"}) })
	}
	send(t, conn, writers+"INSERT INTO public.t VALUES (1)")
	if n := noted(t, conn, ""); n != 1 {
		t.Errorf("%d rows, want 1", n)
	}
	entries, err := l.Verified(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != 2 || entries[1].Kind != Upgraded {
		t.Errorf("the upgrade is recorded %d times, want once", len(entries)-1)
	}
	// A history that was made new is no different.
	fresh, other, _ := created(t)
	if lacks, _, err := fresh.Lacking(t.Context()); len(lacks) > 0 || err != nil {
		t.Errorf("a new history lacks something: %v", err)
	}
	same := func(c *pgx.Conn) (text string) {
		if err := c.QueryRow(t.Context(), `SELECT string_agg(pg_get_functiondef(p.oid), '' ORDER BY proname) FROM pg_proc p WHERE pronamespace = 'pleat'::regnamespace`).Scan(&text); err != nil {
			t.Fatal(err)
		}
		return text
	}
	if diff := cmp.Diff(same(other), same(conn)); diff != "" {
		t.Error(diff)
	}
}
