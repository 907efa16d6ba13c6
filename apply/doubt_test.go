package apply

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/pleatdb/pleat/history"
	"github.com/pleatdb/pleat/inspect/pgtest"
)

// outsiders are statements that run outside of a transaction, each with what must be so once it ran. shows is what the log says when it was
// settled by the catalogs; empty where it is repeated.
var outsiders = []struct{ name, before, sql, after, shows string }{
	{"build", "", `CREATE INDEX CONCURRENTLY "a""b" ON a (id)`, `SELECT indisvalid FROM pg_index WHERE indexrelid = '"a""b"'::regclass`, "is there, valid"},
	{"drop", "CREATE INDEX gone ON a (id)", "DROP INDEX CONCURRENTLY gone", "SELECT to_regclass('gone') IS NULL", "is gone"},
	{"reindex", "CREATE INDEX again ON a (id)", "REINDEX INDEX CONCURRENTLY again", "SELECT count(*) = 0 FROM pg_index WHERE NOT indisvalid", ""},
	{"reindex_schema", "CREATE SCHEMA s; CREATE TABLE s.t (id int PRIMARY KEY)", "REINDEX SCHEMA s", "SELECT true", ""},
	{"attach", "CREATE TABLE p1 (LIKE p)", "ALTER TABLE p ATTACH PARTITION p1 FOR VALUES FROM (0) TO (10)", "SELECT count(*) = 1 FROM pg_inherits WHERE inhrelid = 'p1'::regclass", "partition p1 of p is there"},
	{"detach", "CREATE TABLE p2 PARTITION OF p FOR VALUES FROM (10) TO (20)", "ALTER TABLE p DETACH PARTITION p2 CONCURRENTLY", "SELECT count(*) = 0 FROM pg_inherits WHERE inhrelid = 'p2'::regclass", "partition p2 of p is gone"},
	{"validate", "ALTER TABLE a ADD CONSTRAINT c CHECK (id < 100) NOT VALID", "ALTER TABLE a VALIDATE CONSTRAINT c", "SELECT convalidated FROM pg_constraint WHERE conname = 'c'", "validated constraint c of a is there"},
	{"value", "", "ALTER TYPE mood ADD VALUE 'it''s'", "SELECT count(*) = 1 FROM pg_enum WHERE enumlabel = 'it''s'", "enum value \"it's\" of mood is there"},
	{"column", "", "ALTER TABLE a ADD COLUMN extra int DEFAULT 1", "SELECT count(*) = 1 FROM pg_attribute WHERE attrelid = 'a'::regclass AND attname = 'extra'", "column extra of a is there"},
	{"table", "", "CREATE TABLE made (id int)", "SELECT to_regclass('made') IS NOT NULL", "relation made is there"},
	{"vacuum", "", "VACUUM a", "SELECT true", ""},
	{"refresh", "CREATE MATERIALIZED VIEW m AS SELECT id FROM a; CREATE UNIQUE INDEX ON m (id)", "REFRESH MATERIALIZED VIEW CONCURRENTLY m", "SELECT true", ""},
	{"system", "", "ALTER SYSTEM RESET work_mem", "SELECT true", ""},
	{"tablespace", "", "DROP TABLESPACE IF EXISTS nothing_here", "SELECT true", ""},
}

// unreachable is a run that gets one connection and no other.
func unreachable(w *world) func(*Options) {
	return func(o *Options) {
		o.regain = 1
		first := true
		o.Connect = func(ctx context.Context, purpose string) (*pgx.Conn, error) {
			if purpose == PurposeApply && !first {
				return nil, errors.New("the server cannot be reached")
			}
			first = first && purpose != PurposeApply
			return connectTo(w.url)(ctx, purpose)
		}
	}
}

// dying makes the server end the session as soon as the log is to get an event.
func (w *world) dying(kind string, run func()) {
	w.t.Helper()
	w.exec("CREATE FUNCTION public.die() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.kind = '" + kind + "' THEN PERFORM pg_terminate_backend(pg_backend_pid()); " +
		"PERFORM pg_sleep(10); END IF; RETURN NEW; END $$; CREATE TRIGGER die BEFORE INSERT ON pleat.log FOR EACH ROW EXECUTE FUNCTION public.die()")
	run()
	w.exec("DROP TRIGGER die ON pleat.log; DROP FUNCTION public.die()")
}

// TestEveryStatementOutsideOfATransactionIsSettled ends the run before and after each kind of statement.
func TestEveryStatementOutsideOfATransactionIsSettled(t *testing.T) {
	w := newWorld(t)
	w.put(0, "first", "CREATE TABLE a (id int); INSERT INTO a SELECT generate_series(1, 20); CREATE TYPE mood AS ENUM ('x'); CREATE TABLE p (id int) PARTITION BY RANGE (id)")
	w.mustApply()
	for i, o := range outsiders {
		if o.name == "detach" && pgtest.Server(t).Major() < 14 {
			continue // DETACH PARTITION CONCURRENTLY came with PostgreSQL 14
		}
		if o.before != "" {
			w.exec(o.before)
		}
		w.put(i+1, o.name, "-- pleat: step 1\n-- pleat: no transaction\n"+o.sql+";\n")
		to := func(opts *Options) { opts.To = version(i + 1) }
		// Before: the row that says that it begins is there, and the statement was not sent.
		if i%4 == 0 {
			if _, err := w.apply(to, w.losing(2, false)); err == nil {
				t.Fatalf("%s: the run did not notice", o.name)
			}
			if got := w.ask("SELECT kind FROM pleat.log ORDER BY id DESC LIMIT 1"); got != "step_started" {
				t.Fatalf("%s: the log ends in %s", o.name, got)
			}
		}
		// After: it ran, and the row that says so is not there.
		w.dying("step_done", func() {
			if _, err := w.apply(to, unreachable(w)); err == nil {
				t.Errorf("%s: the run did not notice", o.name)
			}
		})
		w.mustApply(to)
		if got := w.ask("SELECT (" + o.after + ")::text"); got != "true" {
			t.Errorf("%s: it has no effect", o.name)
		}
		evidence := w.ask("SELECT coalesce((SELECT detail ->> 'evidence' FROM pleat.log WHERE kind = 'step_done' ORDER BY id DESC LIMIT 1), '')")
		if !strings.Contains(evidence, o.shows) || (evidence == "") != (o.shows == "") {
			t.Errorf("%s: settled by %q, want %q", o.name, evidence, o.shows)
		}
	}
	w.inOrder()
}

// TestADetachingThatWasCancelledIsEnded is about the mark that an interrupted DETACH PARTITION CONCURRENTLY leaves.
func TestADetachingThatWasCancelledIsEnded(t *testing.T) {
	if pgtest.Server(t).Major() < 14 {
		t.Skip("DETACH PARTITION CONCURRENTLY came with PostgreSQL 14")
	}
	w := newWorld(t)
	w.put(0, "first", "CREATE TABLE p (id int) PARTITION BY RANGE (id); CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (10)")
	w.mustApply()
	w.put(1, "detach", "ALTER TABLE p DETACH PARTITION p1 CONCURRENTLY;")
	reader := w.conn()
	if _, err := reader.Exec(t.Context(), "BEGIN; SELECT * FROM p"); err != nil {
		t.Fatal(err)
	}
	result := make(chan error, 1)
	opts := w.options()
	go func() { _, err := Run(context.Background(), opts); result <- err }()
	const detaching = "FROM pg_stat_activity WHERE query LIKE 'ALTER TABLE p DETACH%' AND wait_event_type = 'Lock' AND datname = current_database()"
	w.waitFor("SELECT count(*) > 0 " + detaching)
	w.exec("SELECT pg_cancel_backend(pid) " + detaching)
	if err := <-result; err == nil {
		t.Fatal("the run did not notice")
	}
	if got := w.ask("SELECT inhdetachpending::text FROM pg_inherits WHERE inhrelid = 'p1'::regclass"); got != "true" {
		t.Fatalf("pending %s", got)
	}
	if _, err := reader.Exec(t.Context(), "ROLLBACK"); err != nil {
		t.Fatal(err)
	}
	w.mustApply()
	if got := w.ask("SELECT count(*)::text FROM pg_inherits WHERE inhrelid = 'p1'::regclass"); got != "0" {
		t.Error("it is still attached")
	}
	if got := w.ask("SELECT detail ->> 'evidence' FROM pleat.log WHERE kind = 'step_done' ORDER BY id DESC LIMIT 1"); !strings.Contains(got, "FINALIZE") {
		t.Errorf("settled by %q", got)
	}
	w.inOrder()
}

// riddled brings a database to where a step is in doubt: nobody can tell from outside whether rows came in by it.
func riddled(t *testing.T, ran bool) *world {
	w := newWorld(t)
	w.put(0, "first", "CREATE TABLE a (id int)")
	w.mustApply()
	w.put(1, "rows", "CREATE TABLE b ();\n-- pleat: down\nSELECT 1;")
	w.put(2, "riddle", "-- pleat: step 1\nCREATE TABLE c ();\n-- pleat: step 2\n-- pleat: no transaction\nINSERT INTO a VALUES (1);\n-- pleat: step 3\nCREATE TABLE d ();\n-- pleat: down\n"+
		"-- pleat: undo 3\nDROP TABLE d;\n-- pleat: undo 2\nDELETE FROM a;\n-- pleat: undo 1\nDROP TABLE c;\n")
	if ran {
		w.mustApply(func(o *Options) { o.To = version(1) })
		// The second step_done is that of the statement; the first shares a transaction with its step.
		w.exec("CREATE FUNCTION public.die() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.kind = 'step_done' AND NEW.step = 2 THEN PERFORM pg_terminate_backend(pg_backend_pid()); " +
			"PERFORM pg_sleep(10); END IF; RETURN NEW; END $$; CREATE TRIGGER die BEFORE INSERT ON pleat.log FOR EACH ROW EXECUTE FUNCTION public.die()")
		_, err := w.apply(unreachable(w))
		var step *StepError
		if !errors.As(err, &step) || !step.Unknown || step.Step != 2 {
			t.Fatalf("got %v", err)
		}
		w.exec("DROP TRIGGER die ON pleat.log; DROP FUNCTION public.die()")
		return w
	}
	if _, err := w.apply(w.losing(4, false)); err == nil {
		t.Fatal("the run did not notice")
	}
	return w
}

func TestWhatNobodyCanTellIsRefusedUntilAPersonSays(t *testing.T) {
	for _, ran := range []bool{true, false} {
		t.Run(fmt.Sprint(ran), func(t *testing.T) { resolveARiddle(t, ran) })
	}
}

func resolveARiddle(t *testing.T, ran bool) {
	w := riddled(t, ran)
	before := w.ask("SELECT count(*)::text FROM pleat.log")
	_, err := w.apply()
	wantRefused(t, err, "in_doubt", "INSERT INTO a")
	if !strings.Contains(err.Error(), "pleat resolve "+version(2)+" --step 2 --done") {
		t.Errorf("no command in %v", err)
	}
	_, err = w.rollback(Selection{})
	wantRefused(t, err, "in_doubt", "INSERT INTO a")
	if after := w.ask("SELECT count(*)::text FROM pleat.log"); after != before {
		t.Error("the refusal was written")
	}
	known, err := Resolve(t.Context(), w.options(func(o *Options) { o.DryRun = true }), Resolution{Version: version(2)})
	if err != nil || known.Step != 2 || known.Statement.SQL != "INSERT INTO a VALUES (1)" || known.Run == "" || known.Actor == "" {
		t.Errorf("known %+v, %v", known, err)
	}
	if after := w.ask("SELECT count(*)::text FROM pleat.log"); after != before {
		t.Error("looking was written")
	}
	known, err = Resolve(t.Context(), w.options(), Resolution{Version: version(2), Step: 2, Done: ran, Reason: "looked: it's so"})
	if err != nil || known.StepsDone != map[bool]int{true: 2, false: 1}[ran] {
		t.Errorf("known %+v, %v", known, err)
	}
	w.mustApply()
	if got := w.ask("SELECT count(*)::text FROM a"); got != "1" {
		t.Errorf("ran %v: %s rows", ran, got)
	}
	if got := w.ask("SELECT (detail ->> 'reason') || ' ' || (detail ->> 'outcome') FROM pleat.log WHERE kind = 'resolved'"); got != "looked: it's so "+map[bool]string{true: "done", false: "not_done"}[ran] {
		t.Errorf("resolved %s", got)
	}
	w.wantStates(map[string]history.Status{"": "applied", "1": "applied", "2": "applied"})
	w.inOrder()
	if _, err := w.rollback(Selection{}); err != nil {
		t.Error(err)
	}
}

func TestResolveRefuses(t *testing.T) {
	w := riddled(t, true)
	for _, tc := range []struct {
		r    Resolution
		code string
		part string
	}{
		{Resolution{Version: version(2), Step: 2, Done: true}, "reason", "--reason"},
		{Resolution{Version: version(2), Step: 1, Done: true, Reason: "x"}, "not_in_doubt", "step 2 is"},
		{Resolution{Version: version(1), Reason: "x"}, "not_in_doubt", "nothing"},
		{Resolution{Version: "7", Reason: "x"}, "version", "no migration 7"},
	} {
		_, err := Resolve(t.Context(), w.options(), tc.r)
		wantRefused(t, err, tc.code, tc.part)
	}
	if got := w.ask("SELECT count(*)::text FROM pleat.log WHERE kind = 'resolved'"); got != "0" {
		t.Errorf("%s were resolved", got)
	}
}

func TestWhatTheMachineCanSettleIsNotForAPerson(t *testing.T) {
	w := newWorld(t)
	w.put(1, "a", "CREATE TABLE a (id int)")
	w.mustApply()
	w.put(2, "b", "CREATE INDEX CONCURRENTLY a_id ON a (id)")
	if _, err := w.apply(w.losing(2, false)); err == nil {
		t.Fatal("the run did not notice")
	}
	_, err := Resolve(t.Context(), w.options(), Resolution{Version: version(2), Done: true, Reason: "x"})
	wantRefused(t, err, "settled", "pleat apply")
}

func TestAWayBackInDoubtIsSettledByAPerson(t *testing.T) {
	w := newWorld(t)
	w.exec("CREATE TABLE a (id int)")
	w.put(1, "a", "-- pleat: step 1\nINSERT INTO a VALUES (1);\n-- pleat: step 2\nCREATE TABLE b ();\n-- pleat: down\n-- pleat: undo 2\nDROP TABLE b;\n-- pleat: undo 1\n-- pleat: no transaction\nDELETE FROM a;\n")
	w.mustApply()
	w.dying("undo_done' AND NEW.step = 1 AND '1' = '1", func() {
		_, err := w.rollback(Selection{}, unreachable(w))
		var step *StepError
		if !errors.As(err, &step) || !step.Unknown {
			t.Fatalf("got %v", err)
		}
	})
	_, err := w.rollback(Selection{})
	wantRefused(t, err, "in_doubt", "DELETE FROM a")
	if !strings.Contains(err.Error(), "pleat resolve "+version(1)+" --step 1") {
		t.Errorf("no command in %v", err)
	}
	known, err := Resolve(t.Context(), w.options(), Resolution{Version: version(1), Done: true, Reason: "no rows"})
	if err != nil || !known.Back || known.StepsDone != 0 {
		t.Errorf("known %+v, %v", known, err)
	}
	// Nothing of it is left, so that it is applied again.
	if got := w.tables(); got != "a" {
		t.Errorf("tables %s", got)
	}
	w.mustApply()
	if got := w.ask("SELECT count(*)::text FROM a"); got != "1" {
		t.Errorf("%s rows", got)
	}
	w.inOrder()
}
