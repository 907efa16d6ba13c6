package apply

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/pleatdb/pleat/history"
	"github.com/pleatdb/pleat/history/migration"
)

// contracting is a database with an expand that ran and a contract that is pending.
func contracting(t *testing.T) *world {
	w := newWorld(t)
	w.exec("CREATE TABLE a (id integer)")
	w.generate(1, "grow", migration.Expand, objectsOf("a"), change{up: "ALTER TABLE public.a ADD COLUMN b integer", down: "ALTER TABLE public.a DROP COLUMN b"})
	w.exec("ALTER TABLE a ADD COLUMN b integer")
	w.generate(2, "shrink", migration.Contract, objectsOf("a"), change{up: "ALTER TABLE public.a DROP COLUMN id", down: "ALTER TABLE public.a ADD COLUMN id integer", loses: []string{"id"}})
	w.exec("ALTER TABLE a DROP COLUMN b")
	return w
}

// judged lets every contract file have the same verdict.
func judged(v *Verdict) func(*Options) {
	return func(o *Options) {
		o.Evidence = func(context.Context, *migration.Migration) (*Verdict, error) { return v, nil }
	}
}

func overridden(reason string) func(*Options) {
	return func(o *Options) { o.OverrideEvidence = reason }
}

// kinds are the kinds of the events about evidence.
func (w *world) evidence() (out []history.Entry) {
	entries, err := history.Open(w.conn()).Verified(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	for _, e := range entries {
		if strings.HasPrefix(string(e.Kind), "evidence") {
			out = append(out, e)
		}
	}
	return out
}

func TestEvidenceOpensTheGate(t *testing.T) {
	used := &Verdict{State: EvidenceUsed, Checked: time.Now(), Uses: []Use{
		{Query: "SELECT id\n\tFROM a", Role: "app", Calls: 7, Source: "statements", Reason: "column \"id\" does not exist"}, {Query: "b", Source: "view"},
	}}
	missing := &Verdict{State: EvidenceInsufficient, Checked: time.Now(), Missing: []string{"pg_stat_statements is not there"}}
	safe := &Verdict{State: EvidenceSafe, Checked: time.Now()}
	for _, tc := range []struct {
		name    string
		verdict *Verdict
		held    string
	}{
		{"used", used, "what it takes away is still used by statements: SELECT id FROM a (role app), and 1 more; see all of it with pleat ready, change what uses it, or take the responsibility: --override-evidence REASON"},
		{"insufficient", missing, "there is not enough evidence that nothing uses what it takes away: pg_stat_statements is not there; see what is missing with pleat ready, or take the responsibility: --override-evidence REASON"},
		{"nothing known", &Verdict{State: EvidenceInsufficient}, "there is not enough evidence that nothing uses what it takes away; see what is missing with pleat ready, or take the responsibility: --override-evidence REASON"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := contracting(t)
			if r := w.mustApply(judged(tc.verdict)); len(r.Held) != 1 || !strings.Contains(r.Held[0].Reason, "this very run") {
				t.Fatalf("held %+v", r.Held)
			}
			r := w.mustApply(judged(tc.verdict))
			if len(r.Done) != 0 || len(r.Held) != 1 {
				t.Fatalf("done %v, held %+v", done(r), r.Held)
			}
			if diff := cmp.Diff(tc.held, r.Held[0].Reason); diff != "" {
				t.Error(diff)
			}
			_, err := w.apply(judged(tc.verdict), func(o *Options) { o.To = version(2) })
			var gate *GateClosed
			if !errors.As(err, &gate) {
				t.Fatalf("got %v", err)
			}
			if diff := cmp.Diff([]string{"shrink"}, done(w.mustApply(judged(tc.verdict), overridden("the code is gone since May")))); diff != "" {
				t.Error(diff)
			}
			events := w.evidence()
			if len(events) != 1 || events[0].Kind != history.EvidenceOverridden || events[0].Detail["reason"] != "the code is gone since May" || events[0].Version != version(2) {
				t.Errorf("recorded %+v", events)
			}
		})
	}
	t.Run("safe", func(t *testing.T) {
		w := contracting(t)
		w.mustApply(judged(safe))
		if diff := cmp.Diff([]string{"shrink"}, done(w.mustApply(judged(safe)))); diff != "" {
			t.Error(diff)
		}
		if events := w.evidence(); len(events) != 1 || events[0].Kind != history.EvidenceSafe {
			t.Errorf("recorded %+v", events)
		}
	})
	t.Run("at once", func(t *testing.T) {
		w := contracting(t)
		immediate := func(o *Options) { o.Contract = Immediate }
		r := w.mustApply(judged(safe), immediate)
		if diff := cmp.Diff([]string{"grow"}, done(r)); diff != "" || len(r.Held) != 1 || !strings.Contains(r.Held[0].Reason, "nothing can be known yet") {
			t.Errorf("%s; held %+v", diff, r.Held)
		}
	})
	t.Run("at once on somebody's word", func(t *testing.T) {
		w := contracting(t)
		immediate := func(o *Options) { o.Contract = Immediate }
		if diff := cmp.Diff([]string{"grow", "shrink"}, done(w.mustApply(judged(safe), immediate, overridden("empty")))); diff != "" {
			t.Error(diff)
		}
	})
	t.Run("safe a while ago", func(t *testing.T) {
		w := contracting(t)
		w.mustApply()
		answers := []*Verdict{{State: EvidenceSafe, Checked: time.Now().Add(-time.Hour)}, used}
		_, err := w.apply(func(o *Options) {
			o.Evidence = func(context.Context, *migration.Migration) (*Verdict, error) {
				v := answers[0]
				answers = answers[1:]
				return v, nil
			}
		})
		var gate *GateClosed
		if !errors.As(err, &gate) || gate.Held.Code != HeldEvidence || len(w.evidence()) != 0 {
			t.Errorf("got %v", err)
		}
		if diff := cmp.Diff([]string{"shrink"}, done(w.mustApply(judged(safe)))); diff != "" {
			t.Error(diff)
		}
	})
	t.Run("unknown", func(t *testing.T) {
		w := contracting(t)
		w.mustApply()
		broken := errors.New("no shadow")
		_, err := w.apply(func(o *Options) {
			o.Evidence = func(context.Context, *migration.Migration) (*Verdict, error) { return nil, broken }
		})
		if !errors.Is(err, broken) {
			t.Errorf("got %v", err)
		}
	})
}

func TestExpandsAreCounted(t *testing.T) {
	w := contracting(t)
	count := func(o *Options) {
		o.Count = func(context.Context) (map[string]any, error) { return map[string]any{"servers": []any{}}, nil }
	}
	w.mustApply(count)
	if events := w.evidence(); len(events) != 1 || events[0].Kind != history.EvidenceCounted || events[0].Version != version(1) {
		t.Errorf("recorded %+v", events)
	}
}

func TestExpandsGoOnUncounted(t *testing.T) {
	w := contracting(t)
	var told recorder
	w.mustApply(func(o *Options) {
		o.Observer = &told
		o.Count = func(context.Context) (map[string]any, error) { return nil, errors.New("no extension") }
	})
	if warned := seen[Warned](&told); len(warned) != 1 || !strings.Contains(warned[0].Message, "no extension") || len(w.evidence()) != 0 {
		t.Errorf("warned %v", warned)
	}
}

// TestOlderHistoryIsUpgradedByARun takes away what an older pleat did not make.
func TestOlderHistoryIsUpgradedByARun(t *testing.T) {
	w := contracting(t)
	w.mustApply()
	w.exec("DROP TABLE pleat.legacy_write; DROP FUNCTION pleat.note_write(text, text), pleat.record_write(text, text)")
	w.mustApply()
	w.exec("SELECT pleat.note_write('public.a', 'b')")
	entries, err := history.Open(w.conn()).Verified(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	upgraded := 0
	for _, e := range entries {
		if e.Kind == history.Upgraded {
			upgraded++
		}
	}
	if upgraded != 1 {
		t.Errorf("recorded %d times", upgraded)
	}
}

// TestWritersAreNotLockedOut runs as a role for which an administrator made the schema pleat.
func TestWritersAreNotLockedOut(t *testing.T) {
	w := newWorld(t)
	w.exec(`DROP ROLE IF EXISTS deployer_only; CREATE ROLE deployer_only; CREATE SCHEMA pleat; GRANT CREATE, USAGE ON SCHEMA pleat, public TO deployer_only`)
	w.put(1, "plain", "CREATE TABLE public.a (id integer);")
	as := func(o *Options) {
		connect := o.Connect
		o.Connect = func(ctx context.Context, purpose string) (*pgx.Conn, error) {
			conn, err := connect(ctx, purpose)
			if err == nil {
				_, err = conn.Exec(ctx, "SET ROLE deployer_only")
			}
			return conn, err
		}
	}
	w.mustApply(as)
	w.put(2, "noting", "CREATE FUNCTION public.f() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN PERFORM pleat.note_write('public.a', 'id'); RETURN NEW; END$$;")
	_, err := w.apply(as)
	var refused *Refused
	if !errors.As(err, &refused) || refused.Code != "privileges" || !strings.Contains(refused.Next, "GRANT USAGE ON SCHEMA pleat TO PUBLIC") {
		t.Fatalf("got %v", err)
	}
	w.exec("GRANT USAGE ON SCHEMA pleat TO PUBLIC")
	w.mustApply(as)
}
