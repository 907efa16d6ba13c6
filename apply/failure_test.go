package apply

import (
	"errors"
	"strings"
	"testing"

	"github.com/pleatdb/pleat/history"
)

// three is a migration whose third step fails until there is a table called go; each step has a way back.
const three = "-- pleat: step 1\nCREATE TABLE a (id int);\n-- pleat: step 2\nCREATE TABLE b (id int);\n-- pleat: step 3\nSELECT 1 / count(*) FROM pg_class WHERE relname = 'go';\n" +
	"-- pleat: down\n-- pleat: undo 2\nDROP TABLE b;\n-- pleat: undo 1\nDROP TABLE a;\n"

func takingBack(o *Options) { o.OnFailure = Undo }

func TestUndoingOnFailureIsARunOfItsOwn(t *testing.T) {
	w := newWorld(t)
	w.put(1, "a", three)
	_, err := w.apply(takingBack)
	var step *StepError
	if !errors.As(err, &step) || step.StepsDone != 0 || !strings.Contains(step.Next, "its finished steps were undone (run ") {
		t.Fatalf("got %v", err)
	}
	if got := w.tables(); got != "" {
		t.Errorf("tables %s", got)
	}
	runs := "SELECT string_agg(kind || coalesce(' ' || (detail ->> 'command'), ''), ',' ORDER BY id) FROM pleat.log WHERE run = (SELECT run FROM pleat.log WHERE kind = 'run_started' ORDER BY id LIMIT 1 OFFSET "
	if got := w.ask(runs + "0)"); !strings.HasPrefix(got, "created,run_started apply,step_done,step_done,failed,run_failed") {
		t.Errorf("the first run: %s", got)
	}
	if got := w.ask(runs + "1)"); got != "run_started rollback,undo_done,undo_done,rolled_back,run_finished" {
		t.Errorf("the second run: %s", got)
	}
	if got := w.ask("SELECT (detail ->> 'cause') || ' ' || (detail ->> 'failed_run' = (SELECT run FROM pleat.log WHERE kind = 'run_failed'))::text FROM pleat.log WHERE kind = 'run_started' AND detail ? 'cause'"); got != "on_failure true" {
		t.Errorf("the cause: %s", got)
	}
	w.wantStates(map[string]history.Status{"1": "rolled_back"})
	w.exec("CREATE TABLE go ()")
	w.mustApply(takingBack)
	w.wantStates(map[string]history.Status{"1": "applied"})
	w.inOrder()
}

// TestUndoingThatIsCutOffIsResumed ends the way back at each of its rows; apply and rollback both know what to do then.
func TestUndoingThatIsCutOffIsResumed(t *testing.T) {
	for _, tc := range []struct {
		name, cut string
		state     history.Status
		tables    string
	}{
		{"before the first part", "undo_done' AND NEW.step = 2 AND '1' = '1", "failed", "a b"},
		{"between two parts", "undo_done' AND NEW.step = 1 AND '1' = '1", "partial", "a"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := newWorld(t)
			w.put(0, "first", "SELECT 1")
			w.mustApply()
			w.put(1, "a", three)
			w.dying(tc.cut, func() {
				if _, err := w.apply(takingBack, unreachable(w)); err == nil || !strings.Contains(err.Error(), "could not be undone") {
					t.Errorf("got %v", err)
				}
			})
			if got := w.tables(); got != tc.tables {
				t.Errorf("tables %s", got)
			}
			w.wantStates(map[string]history.Status{"": "applied", "1": tc.state})
			if _, err := w.rollback(Selection{}); err != nil {
				t.Fatal(err)
			}
			w.wantStates(map[string]history.Status{"": "applied", "1": "rolled_back"})
			if got := w.tables(); got != "" {
				t.Errorf("tables %s", got)
			}
			// The same once more, and forward: what was undone runs again, what was not does not.
			w.dying(tc.cut, func() {
				if _, err := w.apply(takingBack, unreachable(w)); err == nil {
					t.Error("the run did not notice")
				}
			})
			w.exec("CREATE TABLE go ()")
			w.mustApply()
			if got := w.tables(); got != "a b go" {
				t.Errorf("tables %s", got)
			}
			w.inOrder()
		})
	}
}

func TestTransactionsOfHandWrittenFiles(t *testing.T) {
	w := newWorld(t)
	w.exec("CREATE PROCEDURE commits() LANGUAGE plpgsql AS $$ BEGIN CREATE TABLE half (); COMMIT; CREATE TABLE whole (); END $$")
	w.put(1, "pair", "BEGIN;\nCREATE TABLE a (id int);\nLOCK TABLE a IN SHARE MODE;\nINSERT INTO a VALUES (1);\nCOMMIT;\n-- pleat: down\nBEGIN;\nDROP TABLE a;\nSELECT 1;\nEND;\n")
	w.mustApply()
	if got := w.ask("SELECT count(*)::text FROM a"); got != "1" {
		t.Errorf("%s rows", got)
	}
	if _, err := w.rollback(Selection{}); err != nil || w.tables() != "" {
		t.Errorf("tables %s: %v", w.tables(), err)
	}
	w.mustApply()
	for sql, state := range map[string]string{
		"SET TRANSACTION ISOLATION LEVEL SERIALIZABLE; SELECT 1": "25001",
		"DO $$ BEGIN CREATE TABLE half (); COMMIT; END $$":       "2D000",
		"CALL commits()": "2D000",
	} {
		w.put(2, "b", sql)
		_, err := w.apply()
		var step *StepError
		if !errors.As(err, &step) || step.SQLState != state || step.Line != 1 {
			t.Errorf("%s: got %v", sql, err)
		}
		if got := w.tables(); got != "a" {
			t.Errorf("%s: tables %s", sql, got)
		}
	}
	w.put(2, "b", "-- pleat: step 1\n-- pleat: no transaction\nCALL commits();\n")
	w.mustApply()
	if got := w.tables(); got != "a half whole" {
		t.Errorf("tables %s", got)
	}
}
