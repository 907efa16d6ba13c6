package shadow

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pleatdb/pleat/inspect/pgtest"
	"github.com/pleatdb/pleat/planner"
	"github.com/pleatdb/pleat/schema"
)

// texts are the statements of a step that a test writes by hand.
func texts(sql ...string) []planner.Statement {
	out := make([]planner.Statement, len(sql))
	for i, s := range sql {
		out[i] = planner.Statement{SQL: s, Object: schema.ID{Kind: schema.KindTable, Schema: "public", Name: "t"}}
	}
	return out
}

// states reads two databases that differ by the given statements.
func states(t *testing.T, setup, change string) (from, to *schema.Catalog) {
	t.Helper()
	before, after := pgtest.URL(t), pgtest.URL(t)
	pgtest.Exec(t, before, setup)
	pgtest.Exec(t, after, setup+";"+change)
	return inspectURL(t, before), inspectURL(t, after)
}

func changes(from, to *schema.Catalog) []planner.Change {
	p, err := planner.New(from, to, planner.Options{})
	if err != nil {
		panic(err)
	}
	return p.Changes
}

const proofSetup = "CREATE TABLE public.t (id int PRIMARY KEY, a text)"

// phased replaces a column in five steps of every mode.
func phased() []planner.Step {
	return []planner.Step{
		{Title: "add", Up: texts("ALTER TABLE public.t ADD COLUMN b text"), Down: texts("ALTER TABLE public.t DROP COLUMN b")},
		{
			Title: "fill", Mode: planner.Batched, Up: texts("UPDATE public.t SET b = a WHERE b IS NULL"),
			Checks: []planner.Check{{Message: "a is too long", SQL: "SELECT id FROM public.t WHERE length(a) > 9"}},
		},
		{
			Title: "index", Mode: planner.Outside, Up: texts("CREATE INDEX CONCURRENTLY t_b ON public.t (b)"),
			DownMode: planner.Outside, Down: texts("DROP INDEX CONCURRENTLY public.t_b"),
		},
		{
			Title: "drop", Phase: planner.Contract, Up: texts("ALTER TABLE public.t DROP COLUMN a"),
			Down: texts("ALTER TABLE public.t ADD COLUMN a text", "UPDATE public.t SET a = b"),
		},
	}
}

func prove(t *testing.T, change string, steps []planner.Step) (*Proof, *planner.Plan, error) {
	t.Helper()
	from, to := states(t, proofSetup, change)
	plan := &planner.Plan{Steps: steps, Changes: changes(from, to)}
	proof, err := testShadow(t).Prove(context.Background(), from, to, plan)
	return proof, plan, err
}

const phasedChange = "ALTER TABLE public.t ADD b text; CREATE INDEX t_b ON public.t (b); ALTER TABLE public.t DROP a"

func TestProveModesAndPhases(t *testing.T) {
	proof, plan, err := prove(t, phasedChange, phased())
	if err != nil {
		t.Fatal(err)
	}
	var effects []string
	for _, step := range plan.Steps {
		for _, e := range step.Effects {
			effects = append(effects, effectText(e))
		}
	}
	if diff := cmp.Diff([]string{
		"t: ACCESS EXCLUSIVE",
		"t: ROW EXCLUSIVE, t_pkey: ROW EXCLUSIVE",
		"t: SHARE UPDATE EXCLUSIVE; scans t; builds t_b",
		"t: ACCESS EXCLUSIVE",
	}, effects); diff != "" {
		t.Errorf("effects (-want +got):\n%s", diff)
	}
	if proof.Before == proof.Middle || proof.Middle == proof.After || proof.After == "" {
		t.Errorf("the fingerprints do not differ: %+v", proof)
	}
	steps := phased()[:3]
	proof, _, err = prove(t, "ALTER TABLE public.t ADD b text; CREATE INDEX t_b ON public.t (b)", steps)
	if err != nil {
		t.Fatal(err)
	}
	if proof.Middle != proof.After {
		t.Errorf("without a contract step the middle %s is not the end %s", proof.Middle, proof.After)
	}
}

func TestProveRefuses(t *testing.T) {
	for name, tc := range map[string]struct {
		spoil func(steps []planner.Step)
		want  string
		down  bool
	}{
		"a check that does not parse": {
			spoil: func(s []planner.Step) { s[1].Checks[0].SQL = "SELECT nothing FROM public.t" },
			want:  `column "nothing" does not exist`,
		},
		"a check that finds a row": {
			spoil: func(s []planner.Step) { s[1].Checks[0].SQL = "SELECT count(*) FROM public.t" },
			want:  `the check "a is too long" finds a row where there are none`,
		},
		"a check that writes": {
			spoil: func(s []planner.Step) { s[1].Checks[0].SQL = "INSERT INTO public.t VALUES (1) RETURNING id" },
			want:  "read-only transaction",
		},
		"a statement that cannot be in a transaction": {
			spoil: func(s []planner.Step) { s[2].Mode = planner.Transaction },
			want:  "cannot run inside a transaction block",
		},
		"an undo that fails": {
			spoil: func(s []planner.Step) { s[3].Down = texts("ALTER TABLE public.t ADD COLUMN nothing nothing") },
			want:  `type "nothing" does not exist`, down: true,
		},
		"an undo of the contract that does too little": {
			spoil: func(s []planner.Step) {
				s[3].Down, s[0].Down = nil, append(s[0].Down, texts("ALTER TABLE public.t ADD COLUMN a text")...)
			},
			want: "down from contract to expand",
		},
		"an undo that needs a later one": {
			spoil: func(s []planner.Step) {
				s[2].Down = append(s[2].Down, texts("ALTER TABLE public.t DROP COLUMN b")...)
				s[0].Down = nil
			},
			want: "down after step 1 of 4",
		},
	} {
		t.Run(name, func(t *testing.T) {
			steps := phased()
			tc.spoil(steps)
			_, _, err := prove(t, phasedChange, steps)
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Fatalf("got %v, want %q", err, tc.want)
			}
			if oe := (*ObjectError)(nil); errors.As(err, &oe) && oe.Down != tc.down {
				t.Errorf("the error says down = %v", oe.Down)
			}
		})
	}
}

func TestCuts(t *testing.T) {
	steps := func(n int, mode planner.Mode) []planner.Step {
		out := make([]planner.Step, n)
		out[n-1].Mode = mode
		return out
	}
	for _, tc := range []struct {
		steps []planner.Step
		want  []int
	}{
		{steps(1, planner.Outside), nil},
		{steps(5, planner.Transaction), nil},
		{steps(5, planner.Outside), []int{1, 2, 3, 4}},
		{steps(14, planner.Batched), []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}},
		{steps(40, planner.Batched), []int{1, 4, 7, 10, 14, 17, 20, 23, 27, 30, 33, 36}},
	} {
		if diff := cmp.Diff(tc.want, cuts(tc.steps)); diff != "" {
			t.Errorf("%d steps: %s", len(tc.steps), diff)
		}
	}
}
