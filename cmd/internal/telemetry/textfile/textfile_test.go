package textfile

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pleatdb/pleat/cmd/internal/event"
	"github.com/pleatdb/pleat/cmd/internal/view"
)

var begin = time.Unix(1_700_000_000, 0)

func write(t *testing.T, path, database string, events ...event.Event) {
	t.Helper()
	r := New(path, database, "prod", "", "1.0", begin)
	for _, e := range events {
		r.Tell(e)
	}
	if err := r.Write(); err != nil {
		t.Fatal(err)
	}
}

func content(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func goodRun() []event.Event {
	return []event.Event{
		{Type: event.TypeDriftSeen, Objects: []string{"table public.x"}},
		{Type: event.TypeRunStarted, Objects: []string{"1_a.sql", "2_b.sql"}},
		{Type: event.TypeStepRetried}, {Type: event.TypeStepDone, LockWaitMS: 1500},
		{Type: event.TypeMigrationDone, Milliseconds: 2500, Migration: &event.Migration{Version: "1", Name: "a", Phase: "expand"}},
		{Type: event.TypeMigrationDone, Migration: &event.Migration{Version: "2", Name: `b"\`}},
		{Type: event.TypeRunFinished, Time: begin.Add(4 * time.Second), Result: &view.Run{Held: []view.Held{{}}}},
	}
}

func TestWrite(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pleat.prom")
	write(t, path, "shop", goodRun()...)
	text := content(t, path)
	for _, line := range []string{
		`pleat_run_success{database="shop",environment="prod",target=""} 1`,
		`pleat_last_success_timestamp_seconds{database="shop",environment="prod",target=""} 1.700000004e+09`,
		`pleat_run_duration_seconds{database="shop",environment="prod",target=""} 4`,
		`pleat_run_migrations{database="shop",environment="prod",outcome="applied",target=""} 2`,
		`pleat_pending_migrations{database="shop",environment="prod",target=""} 0`,
		`pleat_held_migrations{database="shop",environment="prod",target=""} 1`,
		`pleat_run_lock_wait_seconds{database="shop",environment="prod",target=""} 1.5`,
		`pleat_run_retries{database="shop",environment="prod",target=""} 1`,
		`pleat_drift_objects{database="shop",environment="prod",target=""} 1`,
		`pleat_migration_duration_seconds{database="shop",environment="prod",migration="1_a",phase="expand",target=""} 2.5`,
		`migration="2_b\"\\"`,
	} {
		if !strings.Contains(text, line) {
			t.Errorf("no %s in\n%s", line, text)
		}
	}
	write(t, path, "other", event.Event{Type: event.TypeRunIdle, Time: begin})
	write(t, path, "shop", event.Event{Type: event.TypeRunFailed, Time: begin.Add(time.Hour)})
	text = content(t, path)
	for _, line := range []string{
		`pleat_run_success{database="shop",environment="prod",target=""} 0`,
		`pleat_last_success_timestamp_seconds{database="shop",environment="prod",target=""} 1.700000004e+09`,
		`pleat_run_success{database="other",environment="prod",target=""} 1`,
	} {
		if !strings.Contains(text, line) {
			t.Errorf("no %s in\n%s", line, text)
		}
	}
	if strings.Contains(text, `pleat_pending_migrations{database="shop"`) {
		t.Error("a run that could not begin says how many migrations are pending")
	}
}

func TestAtOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pleat.prom")
	var all sync.WaitGroup
	names := []string{"a", "b", "c", "d", "e", "f", "g", "h"}
	for _, name := range names {
		all.Go(func() { write(t, path, name, goodRun()...) })
	}
	all.Wait()
	for _, name := range names {
		if !strings.Contains(content(t, path), `pleat_run_success{database="`+name+`"`) {
			t.Errorf("the metrics of %s are lost", name)
		}
	}
}

func TestKeepsWhatIsNotItsOwn(t *testing.T) {
	for name, text := range map[string]string{"metrics": "node_load1 1\n", "no metrics": "table \"x\" {\n}\n"} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "x")
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			r := New(path, "shop", "", "", "1", begin)
			r.Tell(event.Event{Type: event.TypeRunIdle, Time: begin})
			if err := r.Write(); err == nil || content(t, path) != text {
				t.Errorf("got %v, and the file holds %q", err, content(t, path))
			}
		})
	}
}

func TestNothingEnded(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pleat.prom")
	write(t, path, "shop", event.Event{Type: event.TypeRunStarted})
	if _, err := os.Stat(path); err == nil {
		t.Error("metrics of a run that did not end")
	}
}
