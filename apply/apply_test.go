package apply

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/pleatdb/pleat/history"
	"github.com/pleatdb/pleat/history/migration"
	"github.com/pleatdb/pleat/inspect"
	"github.com/pleatdb/pleat/inspect/pgtest"
	"github.com/pleatdb/pleat/schema"
)

// world is a fresh database and a directory of migrations for it.
type world struct {
	t   *testing.T
	url string
	dir string
}

func newWorld(t *testing.T) *world {
	t.Helper()
	t.Parallel()
	return &world{t, pgtest.URL(t), t.TempDir()}
}

// put writes a migration with version n and brings pleat.sum up to date.
func (w *world) put(n int, name, text string) {
	w.t.Helper()
	if err := os.WriteFile(filepath.Join(w.dir, w.file(n, name)), []byte(text), 0o644); err != nil {
		w.t.Fatal(err)
	}
	if err := migration.Rehash(w.dir); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) file(n int, name string) string { return version(n) + "_" + name + ".sql" }

func version(n int) string { return fmt.Sprintf("202611200000%02d", n) }

func (w *world) remove(n int, name string) {
	w.t.Helper()
	if err := os.Remove(filepath.Join(w.dir, w.file(n, name))); err != nil {
		w.t.Fatal(err)
	}
	if err := migration.Rehash(w.dir); err != nil {
		w.t.Fatal(err)
	}
}

// recorder collects what an Observer is told.
type recorder struct {
	mu     sync.Mutex
	events []Event
	on     func(Event)
}

func (r *recorder) Observe(e Event) {
	r.mu.Lock()
	r.events = append(r.events, e)
	on := r.on
	r.mu.Unlock()
	if on != nil {
		on(e)
	}
}

// seen finds the events of one type.
func seen[E Event](r *recorder) (out []E) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, e := range r.events {
		if typed, ok := e.(E); ok {
			out = append(out, typed)
		}
	}
	return out
}

func connectTo(url string) func(context.Context, string) (*pgx.Conn, error) {
	return func(ctx context.Context, purpose string) (*pgx.Conn, error) {
		config, err := pgx.ParseConfig(url)
		if err != nil {
			return nil, err
		}
		config.OnNotice = HandleNotice
		config.RuntimeParams["application_name"] = "pleat test " + purpose
		return pgx.ConnectConfig(ctx, config)
	}
}

func live(ctx context.Context, conn *pgx.Conn) (*schema.Catalog, error) {
	return inspect.Inspect(ctx, conn, inspect.Options{})
}

// options are those of a run in the world; change adjusts them.
func (w *world) options(change ...func(*Options)) Options {
	w.t.Helper()
	d, err := migration.ReadDir(w.dir)
	if err != nil {
		w.t.Fatal(err)
	}
	o := Options{Connect: connectTo(w.url), Inspect: live, Dir: d, LockWait: time.Minute, LockBudget: time.Millisecond, Tool: "test"}
	for _, c := range change {
		c(&o)
	}
	return o
}

func (w *world) apply(change ...func(*Options)) (*Result, error) {
	w.t.Helper()
	return Run(w.t.Context(), w.options(change...))
}

func (w *world) mustApply(change ...func(*Options)) *Result {
	w.t.Helper()
	r, err := w.apply(change...)
	if err != nil {
		w.t.Fatal(err)
	}
	return r
}

func (w *world) rollback(sel Selection, change ...func(*Options)) (*Result, error) {
	w.t.Helper()
	return Rollback(w.t.Context(), w.options(change...), sel)
}

// conn is a connection of the test's own.
func (w *world) conn() *pgx.Conn {
	w.t.Helper()
	c, err := pgx.Connect(w.t.Context(), w.url)
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { _ = c.Close(context.Background()) })
	return c
}

func (w *world) exec(sql string) {
	w.t.Helper()
	pgtest.Exec(w.t, w.url, sql)
}

// ask reads one text value.
func (w *world) ask(sql string) string {
	w.t.Helper()
	c := w.conn()
	defer func() { _ = c.Close(w.t.Context()) }()
	var out string
	if err := c.QueryRow(w.t.Context(), sql).Scan(&out); err != nil {
		w.t.Fatal(err)
	}
	return out
}

// states are the statuses in the log by number of version.
func (w *world) states() map[string]history.Status {
	w.t.Helper()
	c := w.conn()
	defer func() { _ = c.Close(w.t.Context()) }()
	state, err := history.Open(c).State(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	out := map[string]history.Status{}
	for _, r := range state.Records {
		out[strings.TrimLeft(strings.TrimPrefix(r.Version, "20261120"), "0")] = r.Status
	}
	return out
}

func (w *world) wantStates(want map[string]history.Status) {
	w.t.Helper()
	if diff := cmp.Diff(want, w.states()); diff != "" {
		w.t.Errorf("states (-want +got):\n%s", diff)
	}
}

// inOrder fails the test unless history, files and snapshots verify.
func (w *world) inOrder() {
	w.t.Helper()
	v, err := Verify(w.t.Context(), w.options(), "")
	if err != nil {
		w.t.Fatal(err)
	}
	for _, p := range v.Problems {
		w.t.Error(p)
	}
}

func names(ms []*migration.Migration) (out []string) {
	for _, m := range ms {
		out = append(out, m.Name)
	}
	return out
}

func done(r *Result) (out []string) {
	for _, o := range r.Done {
		out = append(out, o.Migration.Name)
	}
	return out
}

// wantRefused checks the code of a refusal and a part of its text.
func wantRefused(t *testing.T, err error, code, text string) {
	t.Helper()
	var refused *Refused
	if !errors.As(err, &refused) || refused.Code != code || !strings.Contains(err.Error(), text) {
		t.Errorf("got  %v\nwant refused %s: %s", err, code, text)
	}
}

func TestApplyRunsWhatIsPendingOnce(t *testing.T) {
	w := newWorld(t)
	w.put(1, "a", "CREATE TABLE a (id int);\n-- pleat: down\nDROP TABLE a;\n")
	w.put(2, "b", "CREATE TABLE b (id int); CREATE INDEX CONCURRENTLY b_id ON b (id); INSERT INTO b VALUES (1);")
	rec := &recorder{}
	r := w.mustApply(func(o *Options) { o.Observer = rec; o.Release = "v1"; o.Scope = []string{"public"} })
	if diff := cmp.Diff([]string{"a", "b"}, done(r)); diff != "" {
		t.Error(diff)
	}
	w.wantStates(map[string]history.Status{"1": "applied", "2": "applied"})
	if got := w.ask("SELECT string_agg(kind || coalesce(' ' || step, ''), ', ' ORDER BY id) FROM pleat.log"); got !=
		"created, run_started, step_done 1, applied, step_done 1, step_started 2, step_done 2, step_done 3, applied, run_finished" {
		t.Error(got)
	}
	if got := w.ask("SELECT string_agg(DISTINCT run || release || tool, ',') FROM pleat.log"); got != r.Run+"v1test" {
		t.Error(got)
	}
	if n := len(seen[StepDone](rec)); n != 4 || len(seen[Finished](rec)) != 1 || len(seen[RunStarted](rec)) != 1 {
		t.Errorf("%d steps done", n)
	}
	if r := w.mustApply(); len(r.Done) != 0 || r.Run != "" {
		t.Errorf("a second run did %v", done(r))
	}
	w.inOrder()
}

func TestNoticesReachTheObserver(t *testing.T) {
	w := newWorld(t)
	w.put(1, "a", "DO $$ BEGIN RAISE NOTICE 'hello'; END $$")
	rec := &recorder{}
	w.mustApply(func(o *Options) { o.Observer = rec })
	for _, n := range seen[Noticed](rec) {
		if n.Message == "hello" {
			return
		}
	}
	t.Errorf("notices: %v", seen[Noticed](rec))
}

func TestDryRunWritesNothing(t *testing.T) {
	w := newWorld(t)
	w.exec("CREATE TABLE old (id int, email text); INSERT INTO old SELECT i, NULL FROM generate_series(1, 5) i")
	w.put(1, "a", "-- pleat: check rows without an email\nSELECT id FROM old WHERE email IS NULL;\nALTER TABLE old ALTER email SET NOT NULL")
	w.put(2, "b", "-- pleat: check later\nSELECT * FROM later;\nCREATE TABLE later ()")
	before := pgtest.Dump(t, w.url)
	rec := &recorder{}
	r := w.mustApply(func(o *Options) { o.DryRun = true; o.Observer = rec })
	if diff := cmp.Diff([]string{"a", "b"}, names(r.Pending)); diff != "" {
		t.Error(diff)
	}
	if len(r.Checks) != 1 || r.Checks[0].Count != 5 || strings.Join(r.Checks[0].Rows, "") != "(1)(2)(3)" {
		t.Errorf("checks %+v", r.Checks)
	}
	if c := seen[Checked](rec); len(c) != 2 || !c[1].Later {
		t.Errorf("checked %+v", c)
	}
	if diff := cmp.Diff(before, pgtest.Dump(t, w.url)); diff != "" {
		t.Error(diff)
	}
	_, err := w.apply()
	var checks *CheckError
	if !errors.As(err, &checks) || !strings.Contains(err.Error(), "rows without an email: 5 rows, such as (1), (2), (3)") {
		t.Errorf("got %v", err)
	}
	if diff := cmp.Diff(before, pgtest.Dump(t, w.url)); diff != "" {
		t.Errorf("a refused run wrote:\n%s", diff)
	}
}

func TestToStopsThere(t *testing.T) {
	w := newWorld(t)
	w.put(1, "a", "CREATE TABLE a ()")
	w.put(2, "b", "CREATE TABLE b ()")
	if r := w.mustApply(func(o *Options) { o.To = version(1) }); len(r.Done) != 1 {
		t.Errorf("did %v", done(r))
	}
	_, err := w.apply(func(o *Options) { o.To = version(7) })
	wantRefused(t, err, "version", "there is no migration "+version(7))
}

func TestAFailureInTheMiddleSaysEverything(t *testing.T) {
	w := newWorld(t)
	w.put(1, "a", "-- pleat: up\n-- pleat: step 1 first\nCREATE TABLE a ();\n-- pleat: step 2 second\nCREATE TABLE b ();\nSELECT 1,\n  nope;\n"+
		"-- pleat: step 3 third\nCREATE TABLE c ();\n-- pleat: down\n-- pleat: undo 2\nDROP TABLE b;\n-- pleat: undo 1\nDROP TABLE a;\n")
	w.put(2, "d", "CREATE TABLE d ()")
	_, err := w.apply()
	var step *StepError
	if !errors.As(err, &step) {
		t.Fatalf("got %v", err)
	}
	want := w.file(1, "a") + `: step 2 (second) failed: ERROR: column "nope" does not exist (SQLSTATE 42703)
  ` + w.file(1, "a") + `:7:3
    nope;
    ^
1 of 3 steps of this file are in the database; 1 later files were not begun
mend step 2 or what stands in its way, and run again: pleat apply goes on there; or take the finished steps back: pleat rollback --steps 1`
	if got := err.Error(); got != strings.Replace(want, "    nope;\n    ^", "    nope\n    ^", 1) {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
	w.wantStates(map[string]history.Status{"1": "failed"})
	if got := w.ask("SELECT string_agg(relname, ' ' ORDER BY 1) FROM pg_class WHERE relnamespace = 'public'::regnamespace"); got != "a" {
		t.Errorf("tables %s", got)
	}
	// The finished step must stay as it ran; the one that failed can be mended.
	w.put(1, "a", "-- pleat: up\n-- pleat: step 1 first\nCREATE TABLE changed ();\n-- pleat: step 2 second\nCREATE TABLE b ();")
	_, err = w.apply()
	var edited *ChecksumError
	if !errors.As(err, &edited) || !strings.Contains(err.Error(), "-CREATE TABLE a ();\n+CREATE TABLE changed ();") {
		t.Errorf("got %v", err)
	}
	w.put(1, "a", "-- pleat: up\n-- pleat: step 1 first\nCREATE TABLE a ();\n-- pleat: step 2 second\nCREATE TABLE b ();\n-- pleat: step 3 third\nCREATE TABLE c ();")
	r := w.mustApply()
	if r.Done[0].Steps != 2 || len(r.Done) != 2 {
		t.Errorf("done %+v", r.Done)
	}
	w.wantStates(map[string]history.Status{"1": "applied", "2": "applied"})
	w.inOrder()
}

func TestOnFailureRollbackUndoesTheFinishedSteps(t *testing.T) {
	w := newWorld(t)
	w.put(1, "a", "-- pleat: up\n-- pleat: step 1\nCREATE TABLE a ();\n-- pleat: step 2\nCREATE TABLE b ();\n-- pleat: step 3\nSELECT nope;\n"+
		"-- pleat: down\n-- pleat: undo 2\nDROP TABLE b;\n-- pleat: undo 1\nDROP TABLE a;\n")
	_, err := w.apply(func(o *Options) { o.OnFailure = Undo })
	var step *StepError
	if !errors.As(err, &step) || step.StepsDone != 0 || !strings.Contains(err.Error(), "its finished steps were undone") {
		t.Errorf("got %v", err)
	}
	w.wantStates(map[string]history.Status{"1": "rolled_back"})
	if got := w.ask("SELECT count(*)::text FROM pg_class WHERE relnamespace = 'public'::regnamespace"); got != "0" {
		t.Errorf("%s relations are left", got)
	}
	w.inOrder()
}

func TestEditedAndDeletedFiles(t *testing.T) {
	w := newWorld(t)
	w.put(1, "a", "CREATE TABLE a ();\n")
	w.put(2, "b", "CREATE TABLE b ();\n")
	w.mustApply()
	w.remove(1, "a")
	rec := &recorder{}
	if r := w.mustApply(func(o *Options) { o.Observer = rec }); len(r.Warnings) != 1 || len(seen[Warned](rec)) != 1 {
		t.Errorf("warnings %v", r.Warnings)
	}
	v, err := Verify(t.Context(), w.options(), "")
	if err != nil || len(v.Problems) != 1 || !strings.Contains(v.Problems[0].Error(), "its file is gone") {
		t.Errorf("problems %v, %v", v, err)
	}
	w.put(2, "b", "CREATE TABLE b (id int);\n")
	_, err = w.apply()
	var edited *ChecksumError
	if !errors.As(err, &edited) || !strings.Contains(err.Error(), "-CREATE TABLE b ();\n+CREATE TABLE b (id int);") {
		t.Errorf("got %v", err)
	}
	if v, err := Verify(t.Context(), w.options(), ""); err != nil || len(v.Problems) != 2 {
		t.Errorf("problems %v, %v", v, err)
	}
	// Without a rehash the directory itself gives it away.
	if err := os.WriteFile(filepath.Join(w.dir, w.file(2, "b")), []byte("CREATE TABLE c ();"), 0o644); err != nil {
		t.Fatal(err)
	}
	_, err = w.apply()
	var integrity *migration.IntegrityError
	if !errors.As(err, &integrity) {
		t.Errorf("got %v", err)
	}
}

func TestAnOlderPendingFileIsRefused(t *testing.T) {
	w := newWorld(t)
	w.put(2, "b", "CREATE TABLE b ()")
	w.mustApply()
	w.put(1, "a", "CREATE TABLE a ()")
	_, err := w.apply()
	wantRefused(t, err, "order", w.file(1, "a")+" is older than "+version(2))
	if s, err := Status(t.Context(), w.options()); err != nil || len(s.Problems) != 1 {
		t.Errorf("status %+v, %v", s, err)
	}
	w.mustApply(func(o *Options) { o.AllowOutOfOrder = true })
	w.wantStates(map[string]history.Status{"1": "applied", "2": "applied"})
}

func TestATamperedLogStopsTheRun(t *testing.T) {
	w := newWorld(t)
	w.put(1, "a", "CREATE TABLE a ()")
	w.mustApply()
	w.exec("ALTER TABLE pleat.log DISABLE TRIGGER append_only; UPDATE pleat.log SET actor = 'x' WHERE id = 3; ALTER TABLE pleat.log ENABLE ALWAYS TRIGGER append_only")
	w.put(2, "b", "CREATE TABLE b ()")
	_, err := w.apply()
	var chain *history.ChainError
	if !errors.As(err, &chain) || chain.ID != 3 {
		t.Errorf("got %v", err)
	}
	if v, err := Verify(t.Context(), w.options(), ""); err != nil || len(v.Problems) == 0 {
		t.Errorf("verify %v, %v", v, err)
	}
	if s, err := Status(t.Context(), w.options()); err != nil || len(s.Problems) != 1 || len(s.Pending) != 1 {
		t.Errorf("status %+v, %v", s, err)
	}
}

func TestARoleWithoutRightsIsToldSo(t *testing.T) {
	w := newWorld(t)
	role := "nobody_" + filepath.Base(w.url[:strings.IndexAny(w.url+"?", "?")])
	w.exec("CREATE ROLE " + schema.Quote(role) + " LOGIN")
	t.Cleanup(func() { w.exec("DROP OWNED BY " + schema.Quote(role) + "; DROP ROLE " + schema.Quote(role)) })
	w.put(1, "a", "CREATE TABLE a ()")
	as := func(o *Options) {
		o.Connect = func(ctx context.Context, purpose string) (*pgx.Conn, error) {
			conn, err := connectTo(w.url)(ctx, purpose)
			if err == nil {
				_, err = conn.Exec(ctx, "SET ROLE "+schema.Quote(role))
			}
			return conn, err
		}
	}
	_, err := w.apply(as)
	wantRefused(t, err, "privileges", "this role may not write the history")
	w.mustApply()
	w.put(2, "b", "CREATE TABLE b ()")
	_, err = w.apply(as)
	wantRefused(t, err, "privileges", "this role may not read the history")
	w.exec("GRANT USAGE ON SCHEMA pleat TO " + schema.Quote(role) + "; GRANT SELECT ON ALL TABLES IN SCHEMA pleat TO " + schema.Quote(role))
	_, err = w.apply(as)
	wantRefused(t, err, "privileges", "this role may not write the history")
	w.exec("GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA pleat TO " + schema.Quote(role) + "; GRANT CREATE ON SCHEMA public TO " + schema.Quote(role))
	w.mustApply(as)
	if got := w.ask("SELECT string_agg(DISTINCT actor, ',') FROM pleat.log WHERE version = '" + version(2) + "' AND session_actor <> actor"); got != role {
		t.Errorf("actor %s", got)
	}
	w.inOrder()
}
