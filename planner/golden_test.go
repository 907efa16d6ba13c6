package planner_test

import (
	"errors"
	"flag"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pleatdb/pleat/planner"
	"github.com/pleatdb/pleat/planner/testcase"
	"github.com/pleatdb/pleat/schema"
	"github.com/pleatdb/pleat/schema/hclfile"
)

var update = flag.Bool("update", false, "write the expected files of testdata anew")

// TestGolden plans each case from its files alone, without a database.
func TestGolden(t *testing.T) {
	for _, c := range corpus(t) {
		t.Run(c.Name, func(t *testing.T) {
			failure := golden(t, c)
			switch reason, known := c.Known["golden"]; {
			case known && failure == "":
				t.Errorf("known to fail (%s), but it passes: take the setting out", reason)
			case !known && failure != "":
				t.Error(failure)
			}
		})
	}
}

func corpus(t *testing.T) []*testcase.Case {
	t.Helper()
	cases, err := testcase.Load("testdata")
	if err != nil {
		t.Fatal(err)
	}
	return cases
}

// golden says how the plan of a case is not what it should be; empty where all is well.
func golden(t *testing.T, c *testcase.Case) string {
	t.Helper()
	from, to := desired(t, c, "old.hcl"), desired(t, c, "new.hcl")
	got, refusal, err := upText(from.Catalog, to, c.Major)
	if err != nil {
		return err.Error()
	}
	if *update {
		c.Set("expected.sql", got)
		c.Set("expected.err", refusal)
		if err := c.Save(); err != nil {
			t.Fatal(err)
		}
	}
	want, _ := c.File("expected.sql")
	wantRefusal, _ := c.File("expected.err")
	if diff := cmp.Diff(wantRefusal+want, refusal+got); diff != "" {
		return "the plan differs (-want +got; -update takes it over):\n" + diff
	}
	if again, _, _ := upText(from.Catalog, to, c.Major); again != got {
		return "planned twice, the text differs:\n" + cmp.Diff(got, again)
	}
	return stays(t, c, to.Catalog) + stays(t, c, from.Catalog)
}

// stays says what a plan from a state to itself does, which is nothing.
func stays(t *testing.T, c *testcase.Case, state *schema.Catalog) string {
	t.Helper()
	plan, err := planner.New(state, state.Clone(), planner.Options{Major: c.Major})
	if err != nil {
		return "a state does not lead to itself: " + err.Error()
	}
	if !plan.Empty() {
		return "the plan from a state to itself is not empty:\n" + testcase.Text(plan.Steps)
	}
	return ""
}

// upText is the way up, declared renames first. What follows a rename is known to a shadow only, so that there is
// nothing behind it here.
func upText(from *schema.Catalog, to *hclfile.Desired, major int) (text, refusal string, err error) {
	moves := make([]planner.Move, len(to.Moves))
	for i, m := range to.Moves {
		moves[i] = planner.Move{From: m.From, To: m.To}
	}
	moved, err := planner.Moves(from, to.Catalog, moves)
	if err != nil {
		return "", err.Error() + "\n", nil
	}
	if len(moved.Up) > 0 {
		return testcase.Text([]planner.Step{{Up: moved.Up}}), "", nil
	}
	for _, removed := range to.Removed {
		if !removed.Destroy {
			keep(from, to.Catalog, removed.ID)
		}
	}
	casts := map[schema.ID]string{}
	for id, convert := range to.Converts {
		casts[id] = convert.Using
	}
	plan, err := planner.New(from, to.Catalog, planner.Options{Major: major, Up: planner.Findings{Casts: casts}})
	var refused *planner.Unsupported
	if errors.As(err, &refused) {
		return "", err.Error() + "\n", nil
	}
	if err != nil {
		return "", "", err
	}
	return testcase.Text(plan.Steps), "", nil
}

// keep leaves in place what is no longer managed.
func keep(from, to *schema.Catalog, id schema.ID) {
	for _, other := range from.IDs() {
		target := other
		if other.Kind.IsAttachment() {
			target = other.Target()
		}
		if owner, ok := from.Owner(target); target == id || ok && owner == id {
			to.Put(from, other)
		}
	}
}
