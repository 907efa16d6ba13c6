package apply

import (
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
