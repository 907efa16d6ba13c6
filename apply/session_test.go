package apply

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/pleatdb/pleat/history"
	"github.com/pleatdb/pleat/history/migration"
)

func TestHandWrittenSQLCannotSpoilTheSession(t *testing.T) {
	w := newWorld(t)
	w.exec("CREATE SCHEMA other")
	w.put(1, "a", "SET search_path = other; SET statement_timeout = '1s'; CREATE TABLE there ();\nSET DateStyle = 'German'; SET ROLE pg_monitor; CREATE TEMP TABLE x ()")
	w.put(2, "b", "CREATE TABLE here ()")
	w.put(3, "c", "RESET ROLE; SET SESSION AUTHORIZATION pg_monitor; SELECT 1")
	w.exec("CREATE ROLE spoil_owner; GRANT CREATE, USAGE ON SCHEMA other, public TO spoil_owner; DO $$ BEGIN EXECUTE format('GRANT CREATE ON DATABASE %I TO spoil_owner', current_database()); END $$")
	t.Cleanup(func() { w.exec("DROP OWNED BY spoil_owner CASCADE; DROP ROLE spoil_owner") })
	w.put(4, "d", "SET search_path = nowhere;\nVACUUM;\nCREATE TABLE here_too ()")
	w.mustApply(func(o *Options) {
		o.Connect = func(ctx context.Context, purpose string) (*pgx.Conn, error) {
			conn, err := connectTo(w.url)(ctx, purpose)
			if err == nil {
				_, err = conn.Exec(ctx, "SET work_mem = '7MB'; SET log_statement = 'none'; SET ROLE spoil_owner")
			}
			return conn, err
		}
	})
	for table, want := range map[string]string{"there": "other", "here": "public", "here_too": "public"} {
		if got := w.ask("SELECT relnamespace::regnamespace::text FROM pg_class WHERE relname = '" + table + "'"); got != want {
			t.Errorf("%s is in %s", table, got)
		}
	}
	if got := w.ask("SELECT string_agg(DISTINCT actor, ',') FROM pleat.log"); got != "spoil_owner" {
		t.Errorf("actors %s", got)
	}
	w.inOrder()
}

func TestAStepThatGivesUpTheLockIsRolledBack(t *testing.T) {
	for name, sql := range map[string]string{
		"in a transaction": "CREATE TABLE a (); SELECT pg_advisory_unlock_all()",
		"outside of one":   "DISCARD ALL",
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.put(1, "a", sql)
			_, err := w.apply()
			var refused *Refused
			if !errors.As(err, &refused) || refused.Code != "lock" {
				t.Errorf("got %v", err)
			}
			if w.tables() != "" {
				t.Error("the step was committed")
			}
		})
	}
}

func TestGeneratedStepsAreOutOfReachOfTheSearchPath(t *testing.T) {
	w := newWorld(t)
	w.exec("CREATE FUNCTION public.lower(character varying) RETURNS text LANGUAGE sql AS $$ SELECT 'hijacked' $$; CREATE TABLE public.a (v varchar(10)); INSERT INTO public.a VALUES ('ABC')")
	m := &migration.Migration{Version: version(1), Name: "a", Generated: true, HasDown: true, Steps: []migration.Step{{Number: 1, Statements: migrationSQL(
		"UPDATE public.a SET v = lower(v)", "CREATE FUNCTION public.later() RETURNS text LANGUAGE sql AS 'SELECT x FROM public.not_yet'")}}}
	if _, err := migration.Write(w.dir, m); err != nil {
		t.Fatal(err)
	}
	w.mustApply()
	if got := w.ask("SELECT v FROM a"); got != "abc" {
		t.Error(got)
	}
	w.wantStates(map[string]history.Status{"1": "applied"})
}

func migrationSQL(sql ...string) (out []migration.Statement) {
	for _, s := range sql {
		out = append(out, migration.Statement{SQL: s})
	}
	return out
}

func TestACancelledRunCanGoOn(t *testing.T) {
	w := newWorld(t)
	w.put(1, "a", "-- pleat: step 1\nCREATE TABLE a ();\n-- pleat: step 2\nSELECT pg_sleep(60 * (1 - count(*))) FROM pg_class WHERE relname = 'go';\n")
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	opts := w.options(grace(time.Second))
	result := make(chan error, 1)
	go func() { _, err := Run(ctx, opts); result <- err }()
	w.waitFor("SELECT count(*) > 0 FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()")
	cancel()
	if err := <-result; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	w.exec("CREATE TABLE go ()")
	w.mustApply()
	w.wantStates(map[string]history.Status{"1": "applied"})
	w.inOrder()
}

func TestTriggersOfPgrollTakeNoNote(t *testing.T) {
	w := newWorld(t)
	w.exec(`CREATE TABLE seen (tag text); CREATE FUNCTION note() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN
		IF current_setting('pgroll.no_inferred_migrations', TRUE) = 'TRUE' THEN RETURN; END IF;
		INSERT INTO public.seen VALUES (tg_tag); END $$`)
	w.exec("CREATE EVENT TRIGGER note ON ddl_command_end EXECUTE FUNCTION note()")
	w.put(1, "a", "CREATE TABLE a (); RESET ALL")
	w.put(2, "b", "CREATE TABLE b ()")
	w.mustApply()
	if got := w.ask("SELECT count(*)::text FROM seen"); got != "0" {
		t.Errorf("%s changes were recorded", got)
	}
}
