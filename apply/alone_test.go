package apply

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pleatdb/pleat/history"
	"github.com/pleatdb/pleat/history/migration"
	"github.com/pleatdb/pleat/schema"
)

// alone is a contract file that completes no expand: a plan that only takes away.
func alone(t *testing.T) *world {
	w := newWorld(t)
	ids := []schema.ID{{Kind: schema.KindTable, Schema: "public", Name: "a"}}
	w.exec("CREATE TABLE a (id int, c int)")
	m := &migration.Migration{Version: version(2), Name: "shrink", Phase: migration.Contract, Objects: ids, Before: w.fingerprint(ids)}
	m.Steps = []migration.Step{plain(1, "ALTER TABLE public.a DROP COLUMN c")}
	m.Down = []migration.Undo{undoing(1, "ALTER TABLE public.a ADD COLUMN c integer")}
	w.exec(m.Steps[0].Title)
	m.After = w.fingerprint(ids)
	w.exec("DROP TABLE a; CREATE TABLE a (id int, c int)")
	w.write(m)
	return w
}

// baseline records that everything up to a version counts as present.
func (w *world) baseline(version string) {
	w.t.Helper()
	s, err := open(w.t.Context(), ptr(w.options()))
	if err != nil {
		w.t.Fatal(err)
	}
	defer s.close()
	tgt, err := s.load(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	if err := newRunner(s, tgt, nil, nil).start(w.t.Context(), "import"); err != nil {
		w.t.Fatal(err)
	}
	if err := s.record(w.t.Context(), history.Event{Kind: history.Baseline, Version: version}); err != nil {
		w.t.Fatal(err)
	}
}

func TestAContractWithoutAnExpandAsksForEvidenceAlone(t *testing.T) {
	for name, prepare := range map[string]func(*world){
		"at first":         func(*world) {},
		"after a baseline": func(w *world) { w.baseline(version(1)) },
	} {
		for _, mode := range []ContractMode{Gated, Immediate} {
			t.Run(name+" "+string(mode), func(t *testing.T) {
				w := alone(t)
				prepare(w)
				asked := 0
				verdict := &Verdict{State: EvidenceInsufficient, Missing: []string{"nobody counts"}}
				with := func(o *Options) {
					o.Contract = mode
					o.Evidence = func(_ context.Context, m *migration.Migration) (*Verdict, error) {
						asked++
						if m.ContractOf != "" {
							t.Errorf("asked about the contract of %q", m.ContractOf)
						}
						return verdict, nil
					}
				}
				r := w.mustApply(with)
				wantHeld(t, r, HeldEvidence, "nobody counts")
				if len(r.Done) != 0 || asked != 1 {
					t.Errorf("did %v, asked %d times", done(r), asked)
				}
				for _, h := range r.Held {
					if strings.Contains(h.Reason, "expand") {
						t.Errorf("it has no expand: %s", h.Reason)
					}
				}
				verdict = &Verdict{State: EvidenceSafe}
				if diff := cmp.Diff([]string{"shrink"}, done(w.mustApply(with))); diff != "" {
					t.Error(diff)
				}
			})
		}
	}
}

func TestAContractWithoutAnExpandRunsWhereNobodyAsks(t *testing.T) {
	w := alone(t)
	if diff := cmp.Diff([]string{"shrink"}, done(w.mustApply(released("v1")))); diff != "" {
		t.Error(diff)
	}
	w.inOrder()
}
