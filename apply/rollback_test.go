package apply

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pleatdb/pleat/history"
	"github.com/pleatdb/pleat/history/migration"
	"github.com/pleatdb/pleat/schema"
)

// change is one step of a generated migration in a test.
type change struct {
	up, down string
	outside  bool
	loses    []string
}

// generate writes a migration as the planner would: proven by running it there and back, with the fingerprints on the way.
func (w *world) generate(n int, name string, phase migration.Phase, objects string, changes ...change) *migration.Migration {
	w.t.Helper()
	m := &migration.Migration{Version: version(n), Name: name, Phase: phase, Generated: true, HasDown: true, Proven: "in a test"}
	if phase == migration.Contract {
		m.ContractOf = version(n - 1)
	}
	for o := range strings.SplitSeq(objects, ";") {
		id, err := schema.ParseID(strings.TrimSpace(o))
		if err != nil {
			w.t.Fatal(err)
		}
		m.Objects = append(m.Objects, id)
	}
	m.Before = w.fingerprint(m.Objects)
	for i, c := range changes {
		m.Steps = append(m.Steps, migration.Step{Number: i + 1, Title: c.up, NoTransaction: c.outside, Statements: []migration.Statement{{SQL: c.up}}})
		w.exec(c.up)
	}
	m.After = w.fingerprint(m.Objects)
	for i := len(changes) - 1; i >= 0; i-- {
		m.Down = append(m.Down, migration.Undo{Step: i + 1, Loses: changes[i].loses, Statements: []migration.Statement{{SQL: changes[i].down}}})
		w.exec(changes[i].down)
	}
	if _, err := migration.Write(w.dir, m); err != nil {
		w.t.Fatal(err)
	}
	return m
}

func (w *world) fingerprint(ids []schema.ID) string {
	w.t.Helper()
	c := w.conn()
	defer func() { _ = c.Close(w.t.Context()) }()
	catalog, err := live(w.t.Context(), c)
	if err != nil {
		w.t.Fatal(err)
	}
	return catalog.FingerprintOf(ids)
}

func (w *world) tables() string {
	w.t.Helper()
	return w.ask("SELECT coalesce(string_agg(relname, ' ' ORDER BY relname), '') FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'i', 'v')")
}

func tableOf(name string) change {
	return change{up: "CREATE TABLE public." + name + " (id integer)", down: "DROP TABLE public." + name}
}

func objectsOf(name string) string { return "table public." + name + "; owner on table public." + name }

func TestAGeneratedMigrationIsHeldAgainstItsScope(t *testing.T) {
	w := newWorld(t)
	w.generate(1, "a", "", objectsOf("a"), tableOf("a"))
	w.mustApply()
	w.generate(2, "b", "", objectsOf("a"), change{up: "ALTER TABLE public.a ADD COLUMN b integer", down: "ALTER TABLE public.a DROP COLUMN b"})
	w.exec("ALTER TABLE a ADD COLUMN sneaked text")
	rows := w.ask("SELECT count(*)::text FROM pleat.log")
	_, err := w.apply()
	var drift *DriftError
	if !errors.As(err, &drift) || !drift.Known || len(drift.Objects) != 1 || !strings.Contains(err.Error(), "sneaked") {
		t.Errorf("got %v", err)
	}
	if got := w.ask("SELECT count(*)::text FROM pleat.log"); got != rows {
		t.Error("the refusal was written")
	}
	w.exec("ALTER TABLE a DROP COLUMN sneaked")
	w.mustApply()
	w.wantStates(map[string]history.Status{"1": "applied", "2": "applied"})
	// The way back is held against what the migration left, too.
	w.exec("ALTER TABLE a ALTER b SET NOT NULL")
	if _, err := w.rollback(Selection{}); !errors.As(err, &drift) || !drift.Back {
		t.Errorf("got %v", err)
	}
	w.exec("ALTER TABLE a ALTER b DROP NOT NULL")
	if _, err := w.rollback(Selection{Steps: 2}); err != nil {
		t.Error(err)
	}
	if got := w.tables(); got != "" {
		t.Errorf("left: %s", got)
	}
	w.inOrder()
}

func TestAMigrationThatDoesNotEndAsPlannedIsNotApplied(t *testing.T) {
	w := newWorld(t)
	m := w.generate(1, "a", "", objectsOf("a"), tableOf("a"))
	w.remove(1, "a")
	m.After = strings.Repeat("0", 64)
	if _, err := migration.Write(w.dir, m); err != nil {
		t.Fatal(err)
	}
	_, err := w.apply()
	var drift *DriftError
	if !errors.As(err, &drift) || !drift.After {
		t.Errorf("got %v", err)
	}
	w.wantStates(map[string]history.Status{"1": "failed"})
	if _, err := w.rollback(Selection{}); err != nil {
		t.Error(err)
	}
	w.wantStates(map[string]history.Status{"1": "rolled_back"})
	w.inOrder()
}

func TestDriftOutsideOfTheScopeIsReportedAndRecorded(t *testing.T) {
	w := newWorld(t)
	w.generate(1, "a", "", objectsOf("a"), tableOf("a"))
	w.mustApply()
	w.generate(2, "b", "", objectsOf("b"), tableOf("b"))
	w.exec("CREATE TABLE foreign_one ()")
	report, err := Drift(t.Context(), w.options())
	if err != nil || len(report.Objects) == 0 || !report.Objects[0].New || report.At == nil {
		t.Errorf("drift %+v, %v", report, err)
	}
	rec := &recorder{}
	r := w.mustApply(func(o *Options) { o.Observer = rec })
	if len(r.Drift) == 0 || r.Drift[0].Name != "foreign_one" || len(seen[DriftSeen](rec)) != 1 {
		t.Errorf("drift %v", r.Drift)
	}
	if got := w.ask("SELECT detail ->> 'objects' FROM pleat.log WHERE kind = 'drift_seen'"); !strings.Contains(got, "table public.foreign_one") {
		t.Error(got)
	}
	if report, err := Drift(t.Context(), w.options()); err != nil || len(report.Objects) != 0 {
		t.Errorf("drift %+v, %v", report, err)
	}
}

func TestContractsWaitForTheirExpand(t *testing.T) {
	build := func(t *testing.T) *world {
		w := newWorld(t)
		w.exec("CREATE TABLE a (id integer)")
		w.generate(1, "grow", migration.Expand, objectsOf("a"), change{up: "ALTER TABLE public.a ADD COLUMN b integer", down: "ALTER TABLE public.a DROP COLUMN b"})
		w.exec("ALTER TABLE a ADD COLUMN b integer")
		w.generate(2, "shrink", migration.Contract, objectsOf("a"), change{up: "ALTER TABLE public.a DROP COLUMN id", down: "ALTER TABLE public.a ADD COLUMN id integer", loses: []string{"id"}})
		w.exec("ALTER TABLE a DROP COLUMN b")
		w.generate(3, "other", "", objectsOf("c"), tableOf("c"))
		return w
	}
	t.Run("not in the same run", func(t *testing.T) {
		w := build(t)
		r := w.mustApply()
		if diff := cmp.Diff([]string{"grow", "other"}, done(r)); diff != "" {
			t.Error(diff)
		}
		if len(r.Held) != 1 || r.Held[0].Reason != "its expand "+version(1)+" runs in this very run" {
			t.Errorf("held %+v", r.Held)
		}
		if diff := cmp.Diff([]string{"shrink"}, done(w.mustApply())); diff != "" {
			t.Error(diff)
		}
		w.inOrder()
	})
	t.Run("not under the same release", func(t *testing.T) {
		w := build(t)
		label := func(l string) func(*Options) { return func(o *Options) { o.Release = l } }
		w.mustApply(label("v1"))
		if r := w.mustApply(label("v1")); len(r.Done) != 0 || len(r.Held) != 1 || !strings.Contains(r.Held[0].Reason, `under the same release "v1"`) {
			t.Errorf("done %v, held %+v", done(r), r.Held)
		}
		_, err := w.apply(label("v1"), func(o *Options) { o.To = version(2) })
		var gate *GateClosed
		if !errors.As(err, &gate) {
			t.Errorf("got %v", err)
		}
		if r := w.mustApply(label("v2")); len(r.Done) != 1 {
			t.Errorf("done %v", done(r))
		}
	})
	t.Run("unless it is to be immediate", func(t *testing.T) {
		w := build(t)
		if r := w.mustApply(func(o *Options) { o.Contract = Immediate }); len(r.Done) != 3 {
			t.Errorf("done %v", done(r))
		}
	})
	t.Run("and hold what stands on them", func(t *testing.T) {
		w := build(t)
		w.exec("ALTER TABLE a ADD COLUMN b integer; ALTER TABLE a DROP COLUMN id")
		w.generate(4, "more", "", objectsOf("a"), change{up: "ALTER TABLE public.a ADD COLUMN d integer", down: "ALTER TABLE public.a DROP COLUMN d"})
		w.exec("ALTER TABLE a ADD COLUMN id integer; ALTER TABLE a DROP COLUMN b")
		w.exec("DROP TABLE a; CREATE TABLE a (id integer)")
		r := w.mustApply()
		if len(r.Held) != 2 || !strings.Contains(r.Held[1].Reason, "touches objects of") {
			t.Errorf("held %+v", r.Held)
		}
	})
}

func TestRollbackGoesByTheLog(t *testing.T) {
	build := func(t *testing.T) (*world, string) {
		w := newWorld(t)
		w.generate(1, "a", "", objectsOf("a"), tableOf("a"))
		w.generate(3, "c", "", objectsOf("c"), tableOf("c"))
		w.mustApply()
		w.generate(2, "b", "", objectsOf("b"), tableOf("b"))
		r := w.mustApply(func(o *Options) { o.AllowOutOfOrder = true })
		return w, r.Run
	}
	for _, tc := range []struct {
		name string
		sel  Selection
		want []string
		left string
	}{
		{"the newest in the log", Selection{}, []string{"b"}, "a c"},
		{"two", Selection{Steps: 2}, []string{"b", "c"}, "a"},
		{"to a version", Selection{To: version(1)}, []string{"b", "c"}, "a"},
		{"to the last of the log", Selection{To: version(2)}, nil, "a b c"},
		{"all", Selection{To: "0"}, []string{"b", "c", "a"}, ""},
		{"one that nobody stands on", Selection{Version: version(1)}, []string{"a"}, "b c"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w, _ := build(t)
			dry, err := w.rollback(tc.sel, func(o *Options) { o.DryRun = true })
			if err != nil || w.tables() != "a b c" {
				t.Fatalf("%v, %s", err, w.tables())
			}
			if diff := cmp.Diff(tc.want, names(dry.Pending)); diff != "" {
				t.Error(diff)
			}
			r, err := w.rollback(tc.sel)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, done(r)); diff != "" {
				t.Error(diff)
			}
			if got := w.tables(); got != tc.left {
				t.Errorf("left %q", got)
			}
			w.inOrder()
			w.mustApply()
			if got := w.tables(); got != "a b c" {
				t.Errorf("after another apply: %q", got)
			}
		})
	}
	t.Run("a run", func(t *testing.T) {
		w, run := build(t)
		if r, err := w.rollback(Selection{Run: run}); err != nil || len(r.Done) != 1 || w.tables() != "a c" {
			t.Errorf("%v, %v, %s", r, err, w.tables())
		}
	})
}

func TestRollbackRefusesWhatItCannotDo(t *testing.T) {
	w := newWorld(t)
	w.generate(1, "a", "", objectsOf("a"), change{up: "CREATE TABLE public.a (id integer)", down: "DROP TABLE public.a", loses: []string{"table public.a with its rows"}})
	w.exec("CREATE TABLE a (id integer)")
	w.generate(2, "i", "", "index public.a.a_id", change{up: "CREATE INDEX a_id ON public.a (id)", down: "DROP INDEX public.a_id"})
	w.generate(3, "v", "", "view public.v; owner on view public.v", change{up: "CREATE VIEW public.v AS SELECT id FROM public.a", down: "DROP VIEW public.v"})
	w.exec("DROP TABLE a")
	w.mustApply()
	_, err := w.rollback(Selection{Version: version(1), AcceptDataLoss: true})
	wantRefused(t, err, "later", version(3)+"_v went in later")
	_, err = w.rollback(Selection{To: "0"})
	wantRefused(t, err, "data_loss", "the way back loses: table public.a with its rows")
	if _, err := w.rollback(Selection{Version: version(2)}); err != nil {
		t.Error(err)
	}
	w.mustApply()
	w.put(4, "hand", "CREATE TABLE h (); -- nothing leads back")
	w.mustApply()
	_, err = w.rollback(Selection{})
	wantRefused(t, err, "forward_only", "the file has no way back")
	_, err = w.rollback(Selection{Version: version(3)})
	wantRefused(t, err, "later", "hand went in later")
	_, err = w.rollback(Selection{Steps: 9})
	wantRefused(t, err, "steps", "9 migrations are asked for, 4 are applied")
	_, err = w.rollback(Selection{To: version(9)})
	wantRefused(t, err, "version", "is not applied")
	_, err = w.rollback(Selection{Steps: 1, To: "0"})
	wantRefused(t, err, "selection", "it is not clear")
}

func TestBaselineAndImportedEntriesAreForwardOnly(t *testing.T) {
	w := newWorld(t)
	w.put(1, "a", "CREATE TABLE never ()")
	w.put(2, "b", "CREATE TABLE b ()\n-- pleat: down\nDROP TABLE b")
	s, err := open(t.Context(), ptr(w.options()))
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	tgt, err := s.load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	r := newRunner(s, tgt, nil, nil)
	if err := r.start(t.Context(), "import"); err != nil {
		t.Fatal(err)
	}
	if err := s.record(t.Context(), history.Event{Kind: history.Imported, Version: "0001_users"}, history.Event{Kind: history.Baseline, Version: version(1)}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"b"}, done(w.mustApply())); diff != "" {
		t.Error(diff)
	}
	_, err = w.rollback(Selection{To: "0"})
	wantRefused(t, err, "forward_only", "it is the baseline")
	wantRefused(t, err, "forward_only", "it is the baseline, what was there before pleat; roll back to it: pleat rollback --to "+version(1))
	_, err = w.rollback(Selection{Version: "0001_users"})
	wantRefused(t, err, "forward_only", "another tool applied it")
	if _, err := w.rollback(Selection{To: version(1)}); err != nil || w.tables() != "" {
		t.Errorf("%v, %s", err, w.tables())
	}
}

func TestAFailedWayBackGoesOnWhereItStopped(t *testing.T) {
	w := newWorld(t)
	w.put(1, "a", "CREATE TABLE a (id int); CREATE TABLE b ();\n-- pleat: down\nDROP TABLE b; DROP INDEX CONCURRENTLY a_id; DROP TABLE a")
	w.mustApply()
	_, err := w.rollback(Selection{})
	var step *StepError
	if !errors.As(err, &step) || !step.Back || step.SQLState != "42704" {
		t.Errorf("got %v", err)
	}
	w.wantStates(map[string]history.Status{"1": "partial"})
	_, err = w.apply()
	wantRefused(t, err, "rollback", "is in the middle of its way back")
	w.exec("CREATE INDEX a_id ON a (id)")
	if _, err := w.rollback(Selection{}); err != nil {
		t.Fatal(err)
	}
	if got := w.tables(); got != "" {
		t.Errorf("left %q", got)
	}
	w.wantStates(map[string]history.Status{"1": "rolled_back"})
	w.inOrder()
}

func TestRollbackOfAPartOfAMigration(t *testing.T) {
	w := newWorld(t)
	w.put(1, "a", "-- pleat: step 1\nCREATE TABLE a ();\n-- pleat: step 2\nCREATE TABLE b ();\n-- pleat: step 3\nSELECT nope;\n"+
		"-- pleat: down\n-- pleat: undo 3\nSELECT 'never';\n-- pleat: undo 2\nDROP TABLE b;\n-- pleat: undo 1\nDROP TABLE a;\n")
	if _, err := w.apply(); err == nil {
		t.Fatal("it did not fail")
	}
	r, err := w.rollback(Selection{})
	if err != nil || r.Done[0].Steps != 2 || w.tables() != "" {
		t.Errorf("%v, %v, %s", r, err, w.tables())
	}
	w.put(2, "b", "CREATE TABLE c (id int); CREATE INDEX CONCURRENTLY i ON c (id); SELECT nope;\n-- pleat: down\nDROP TABLE c")
	w.remove(1, "a")
	if _, err := w.apply(); err == nil {
		t.Fatal("it did not fail")
	}
	_, err = w.rollback(Selection{})
	wantRefused(t, err, "partial", "2 of 3 steps")
}

func TestRedo(t *testing.T) {
	w := newWorld(t)
	w.generate(1, "a", "", objectsOf("a"), tableOf("a"))
	w.generate(2, "b", "", objectsOf("b"), tableOf("b"))
	w.mustApply()
	w.exec("INSERT INTO a VALUES (1); INSERT INTO b VALUES (1)")
	r, err := Redo(t.Context(), w.options(), Selection{Steps: 2})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"a", "b"}, done(r)); diff != "" {
		t.Error(diff)
	}
	if got := w.ask("SELECT (SELECT count(*) FROM a) || ' ' || (SELECT count(*) FROM b)"); got != "0 0" {
		t.Error(got)
	}
	w.wantStates(map[string]history.Status{"1": "applied", "2": "applied"})
	w.inOrder()
	w.remove(2, "b")
	_, err = Redo(t.Context(), w.options(), Selection{})
	wantRefused(t, err, "file", "is gone")
}

func ptr[T any](v T) *T { return &v }
