package apply

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pleatdb/pleat/history/migration"
	"github.com/pleatdb/pleat/schema"
)

// write adds a generated migration.
func (w *world) write(m *migration.Migration) {
	w.t.Helper()
	m.Generated, m.HasDown, m.Proven = true, true, "in a test"
	if _, err := migration.Write(w.dir, m); err != nil {
		w.t.Fatal(err)
	}
}

func plain(number int, sql string) migration.Step {
	return migration.Step{Number: number, Title: sql, Statements: []migration.Statement{{SQL: sql}}}
}

func undoing(number int, sql string) migration.Undo {
	return migration.Undo{Step: number, Part: 1, Parts: 1, Statements: []migration.Statement{{SQL: sql}}}
}

// filling is a database with an expand that holds a step in batches, and the contract of it.
func filling(t *testing.T) *world {
	w := newWorld(t)
	w.exec("CREATE TABLE a (id int PRIMARY KEY, c int); INSERT INTO a SELECT i, i FROM generate_series(1, 50) i")
	ids := []schema.ID{{Kind: schema.KindTable, Schema: "public", Name: "a"}}
	expand := &migration.Migration{Version: version(1), Name: "grow", Phase: migration.Expand, Objects: ids, Before: w.fingerprint(ids)}
	fill := plain(2, "UPDATE public.a SET d = c WHERE d IS NULL")
	fill.Batch = &migration.Batch{Table: "public.a"}
	expand.Steps = []migration.Step{plain(1, "ALTER TABLE public.a ADD COLUMN d integer"), fill}
	expand.Down = []migration.Undo{undoing(1, "ALTER TABLE public.a DROP COLUMN d")}
	w.exec(expand.Steps[0].Title)
	expand.After = w.fingerprint(ids)
	contract := &migration.Migration{Version: version(2), Name: "shrink", Phase: migration.Contract, ContractOf: version(1), Objects: ids, Before: expand.After}
	contract.Steps = []migration.Step{plain(1, "ALTER TABLE public.a DROP COLUMN c")}
	contract.Down = []migration.Undo{undoing(1, "ALTER TABLE public.a ADD COLUMN c integer")}
	w.exec(contract.Steps[0].Title)
	contract.After = w.fingerprint(ids)
	w.exec("DROP TABLE a; CREATE TABLE a (id int PRIMARY KEY, c int); INSERT INTO a SELECT i, i FROM generate_series(1, 50) i")
	w.write(expand)
	w.write(contract)
	return w
}

func immediate(o *Options) { o.Contract = Immediate }

func released(label string) func(*Options) { return func(o *Options) { o.Release = label } }

// wantHeld checks the codes and reasons of what a run held.
func wantHeld(t *testing.T, r *Result, code, reason string) {
	t.Helper()
	if len(r.Held) != 1 || r.Held[0].Code != code || !strings.Contains(r.Held[0].Reason, reason) {
		t.Errorf("held %+v, want %s: %s", r.Held, code, reason)
	}
}

func TestAContractWaitsForItsBackfillInAnyCase(t *testing.T) {
	w := filling(t)
	r := w.mustApply(released("v1"))
	wantHeld(t, r, HeldSameRun, "its expand "+version(1)+" runs in this very run")
	wantHeld(t, w.mustApply(released("v1")), HeldSameRelease, `applied under the same release "v1"`)
	w.exec("CREATE TABLE kept AS SELECT * FROM pleat.backfill")
	for _, tc := range []struct{ spoil, reason string }{
		{"UPDATE pleat.backfill SET done_at = NULL, rows = 7", "step 2 of its expand " + version(1) + "_grow.expand.sql is not complete: 7 rows of public.a are changed so far"},
		{"UPDATE pleat.backfill SET proof = NULL", "is not complete"},
		{"DELETE FROM pleat.backfill", "nothing proves that step 2 of its expand " + version(1) + "_grow.expand.sql went through all rows of public.a"},
	} {
		w.exec(tc.spoil)
		for _, change := range []func(*Options){released("v2"), immediate} {
			r := w.mustApply(change)
			if len(r.Done) != 0 {
				t.Errorf("%s: did %v", tc.spoil, done(r))
			}
			wantHeld(t, r, HeldBackfill, tc.reason)
		}
		_, err := w.apply(released("v2"), func(o *Options) { o.To = version(2) })
		var gate *GateClosed
		if !errors.As(err, &gate) || !strings.Contains(err.Error(), "let apply end the step in batches first") {
			t.Errorf("got %v", err)
		}
		o, err := Status(t.Context(), w.options())
		if err != nil || len(o.Held) != 1 || o.Held[0].Code != HeldBackfill {
			t.Errorf("status %+v, %v", o, err)
		}
		w.exec("DELETE FROM pleat.backfill; INSERT INTO pleat.backfill SELECT * FROM kept")
	}
	w.exec("DROP TABLE kept")
	if diff := cmp.Diff([]string{"shrink"}, done(w.mustApply(released("v2")))); diff != "" {
		t.Error(diff)
	}
	if got := w.ask("SELECT bool_and(d = id)::text FROM a"); got != "true" {
		t.Error("rows are wrong")
	}
	w.inOrder()
}

func TestContractsAtOnceFollowTheirBackfill(t *testing.T) {
	w := filling(t)
	if diff := cmp.Diff([]string{"grow", "shrink"}, done(w.mustApply(immediate))); diff != "" {
		t.Error(diff)
	}
	w.inOrder()
}

func TestAContractWithoutItsExpandIsHeld(t *testing.T) {
	for _, mode := range []ContractMode{Gated, Immediate} {
		t.Run(string(mode), func(t *testing.T) {
			w := filling(t)
			if err := os.Remove(filepath.Join(w.dir, version(1)+"_grow.expand.sql")); err != nil {
				t.Fatal(err)
			}
			if err := migration.Rehash(w.dir); err != nil {
				t.Fatal(err)
			}
			wantHeld(t, w.mustApply(func(o *Options) { o.Contract = mode }), HeldNotApplied, "its expand "+version(1)+" is not applied")
		})
	}
}

// beside is an expand that ran, its contract, and a later file that was planned beside the contract: each may go first. A file after
// that was planned after both without being beside, so that it stands behind the contract.
func beside(t *testing.T) *world {
	w := newWorld(t)
	ids := []schema.ID{{Kind: schema.KindTable, Schema: "public", Name: "a"}}
	at := func(sql string) string {
		if sql != "" {
			w.exec(sql)
		}
		return w.fingerprint(ids)
	}
	const grow, shrink, more = "ALTER TABLE public.a ADD COLUMN d integer", "ALTER TABLE public.a DROP COLUMN c", "ALTER TABLE public.a ADD COLUMN e integer"
	w.exec("CREATE TABLE a (id int, c int)")
	s0, s1 := at(""), at(grow)
	then := migration.Scope{Before: at(more), After: at(shrink)}
	first := migration.Scope{Before: at("ALTER TABLE public.a DROP COLUMN e"), After: at(more)}
	w.exec("DROP TABLE a; CREATE TABLE a (id int, c int)")
	w.write(&migration.Migration{Version: version(1), Name: "grow", Phase: migration.Expand, Objects: ids, Before: s0, After: s1,
		Steps: []migration.Step{plain(1, grow)}, Down: []migration.Undo{undoing(1, "ALTER TABLE public.a DROP COLUMN d")}})
	w.write(&migration.Migration{Version: version(2), Name: "shrink", Phase: migration.Contract, ContractOf: version(1), Objects: ids, Before: s1, After: first.Before,
		Steps: []migration.Step{plain(1, shrink)}, Down: []migration.Undo{undoing(1, "ALTER TABLE public.a ADD COLUMN c integer")}})
	w.write(&migration.Migration{Version: version(3), Name: "more", Objects: ids, Before: s1, After: then.Before,
		Beside: []migration.Beside{{Contract: version(2), First: first, Then: then}},
		Steps:  []migration.Step{plain(1, more)}, Down: []migration.Undo{undoing(1, "ALTER TABLE public.a DROP COLUMN e")}})
	return w
}

func TestAddingIsNotHeldUpByAPendingContract(t *testing.T) {
	w := beside(t)
	r := w.mustApply()
	if diff := cmp.Diff([]string{"grow", "more"}, done(r)); diff != "" {
		t.Error(diff)
	}
	wantHeld(t, r, HeldSameRun, "")
	if diff := cmp.Diff([]string{"shrink"}, done(w.mustApply())); diff != "" {
		t.Error(diff)
	}
	w.inOrder()
	// The way back of the contract leads to where it began, and so does that of the file beside it.
	r, err := w.rollback(Selection{To: version(1)})
	if err != nil || len(r.Done) != 2 || r.Done[0].Migration.Name != "shrink" {
		t.Errorf("got %+v, %v", r, err)
	}
	if diff := cmp.Diff([]string{"shrink", "more"}, done(w.mustApply())); diff != "" {
		t.Error(diff)
	}
	w.inOrder()
}

func TestAContractMayGoBeforeAFileBesideIt(t *testing.T) {
	w := beside(t)
	if diff := cmp.Diff([]string{"grow", "shrink", "more"}, done(w.mustApply(immediate))); diff != "" {
		t.Error(diff)
	}
	w.inOrder()
	r, err := w.rollback(Selection{Steps: 1})
	if err != nil || len(r.Done) != 1 || r.Done[0].Migration.Name != "more" {
		t.Errorf("got %+v, %v", r, err)
	}
	if diff := cmp.Diff([]string{"more"}, done(w.mustApply())); diff != "" {
		t.Error(diff)
	}
	w.inOrder()
}

func TestAFileBesideAContractStillSeesDrift(t *testing.T) {
	w := beside(t)
	w.mustApply(func(o *Options) { o.To = version(1) })
	w.exec("ALTER TABLE a ADD COLUMN odd integer")
	_, err := w.apply(immediate)
	var drift *DriftError
	if !errors.As(err, &drift) {
		t.Errorf("got %v", err)
	}
}

func TestAFileThatIsNotBesideStandsBehind(t *testing.T) {
	w := beside(t)
	m := &migration.Migration{Version: version(4), Name: "last", Before: "x", After: "y", Objects: []schema.ID{{Kind: schema.KindTable, Schema: "public", Name: "a"}},
		Steps: []migration.Step{plain(1, "SELECT 1")}}
	w.write(m)
	r := w.mustApply()
	if len(r.Held) != 2 || r.Held[1].Code != HeldBehind || r.Held[1].Reason != "it touches objects of "+version(2)+"_shrink.contract.sql, which is held" {
		t.Errorf("held %+v", r.Held)
	}
}
