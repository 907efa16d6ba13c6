package apply

import (
	"context"
	"strings"
	"testing"
)

func TestWhatChangesDuringARunIsSeen(t *testing.T) {
	w := newWorld(t)
	w.generate(1, "a", "", objectsOf("a"), tableOf("a"))
	r := w.mustApply(func(o *Options) {
		o.Observer = ObserverFunc(func(e Event) {
			if _, ok := e.(StepDone); ok {
				w.exec("CREATE TABLE meanwhile ()")
			}
		})
	})
	if len(r.Drift) == 0 || r.Drift[0].Name != "meanwhile" {
		t.Errorf("drift %v", r.Drift)
	}
	if got := w.ask("SELECT detail ->> 'objects' FROM pleat.log WHERE kind = 'drift_seen'"); !strings.Contains(got, "table public.meanwhile") {
		t.Error(got)
	}
	w.inOrder()
}

// TestARunsOwnWorkIsNoDrift is about what no plan names: owners of what is made, and what a file makes for a time, which a run that goes on
// in its midst finds there.
func TestARunsOwnWorkIsNoDrift(t *testing.T) {
	w := newWorld(t)
	w.generate(1, "a", "", "table public.a", tableOf("a"))
	if r := w.mustApply(); len(r.Drift) != 0 {
		t.Errorf("drift %v", r.Drift)
	}
	proof, noProof := "ALTER TABLE public.a ADD CONSTRAINT proof CHECK (id > 0) NOT VALID", "ALTER TABLE public.a DROP CONSTRAINT proof"
	w.generate(2, "b", "", "table public.a; table public.b", change{up: proof, down: noProof}, tableOf("b"), change{up: noProof, down: proof})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	stop := ObserverFunc(func(e Event) {
		if s, ok := e.(StepDone); ok && s.Step == 1 {
			cancel()
		}
	})
	if _, err := Run(ctx, w.options(func(o *Options) { o.Observer = stop })); err == nil {
		t.Error("the run was not stopped")
	}
	if r := w.mustApply(); len(r.Drift) != 0 || len(r.Done) != 1 || r.Done[0].Steps != 2 {
		t.Errorf("drift %v, done %+v", r.Drift, r.Done)
	}
	if got := w.ask("SELECT count(*)::text FROM pleat.log WHERE kind = 'drift_seen'"); got != "0" {
		t.Errorf("drift was seen %s times", got)
	}
	w.inOrder()
}

func TestAWayBackThatDoesNotLeadBackIsNamed(t *testing.T) {
	w := newWorld(t)
	w.put(1, "a", "CREATE TABLE a (id int);\n-- pleat: down\nDROP TABLE a;")
	w.mustApply()
	w.put(2, "b", "CREATE TABLE b (id int);\nALTER TABLE a ADD COLUMN b int;\n-- pleat: down\nDROP TABLE b;")
	w.mustApply()
	w.exec("CREATE TABLE drifted ()")
	r, err := w.rollback(Selection{})
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Warnings) != 1 || !strings.Contains(r.Warnings[0], "table public.a differs") || strings.Contains(r.Warnings[0], "drifted") {
		t.Errorf("warnings %q", r.Warnings)
	}
	// Before the first there was no snapshot to compare with.
	if r, err = w.rollback(Selection{}); err != nil || len(r.Warnings) != 0 {
		t.Errorf("warnings %q, %v", r.Warnings, err)
	}
	w.inOrder()
}
