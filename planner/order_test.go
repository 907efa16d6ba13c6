package planner_test

import (
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/pleatdb/pleat/planner"
	"github.com/pleatdb/pleat/planner/testcase"
	"github.com/pleatdb/pleat/schema"
)

// ring is a catalog in which two functions need each other, which no engine would report.
func ring() (*schema.Catalog, []schema.ID) {
	c := schema.New()
	c.Add(&schema.Namespace{Name: "public"})
	var ids []schema.ID
	for _, name := range []string{"a", "b"} {
		f := &schema.Function{Returns: "integer"}
		f.Schema, f.Name, f.Language, f.Body = "public", name, "sql", "SELECT 1"
		c.Add(f)
		ids = append(ids, f.ID())
	}
	c.Depend(ids[0], ids[1])
	c.Depend(ids[1], ids[0])
	return c, ids
}

func TestCycleIsReported(t *testing.T) {
	c, ids := ring()
	_, err := planner.New(schema.New(), c, planner.Options{})
	if err == nil {
		t.Fatal("a cycle gave a plan")
	}
	for _, want := range []string{"cycle", "create " + ids[0].String(), "create " + ids[1].String()} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the error %q does not say %q", err, want)
		}
	}
}

func TestCycleIsBrokenForGuessedDependencies(t *testing.T) {
	c, ids := ring()
	statements, err := planner.Statements(schema.New(), c, planner.Options{Lenient: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range ids {
		if !slices.ContainsFunc(statements, func(s planner.Statement) bool { return s.Object == id }) {
			t.Errorf("nothing makes %s", id)
		}
	}
}

// TestAnyPairHasAnOrder plans between states that have nothing to do with each other but their names, which gives
// changes that no person would think of: a plan or a refusal by name, never a cycle, and always the same text.
func TestAnyPairHasAnOrder(t *testing.T) {
	states := allStates(t)
	r := rand.New(rand.NewPCG(1, 2))
	pairs := 1500
	if testing.Short() {
		pairs = 200
	}
	for range pairs {
		a, b := states[r.IntN(len(states))], states[r.IntN(len(states))]
		checkPair(t, a.name+" → "+b.name, a.catalog, b.catalog)
	}
}

// TestAnySubsetHasAnOrder plans between random parts of one state, each with all that it needs.
func TestAnySubsetHasAnOrder(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for _, s := range allStates(t) {
		for range 6 {
			checkPair(t, "parts of "+s.name, part(r, s.catalog), part(r, s.catalog))
		}
	}
}

func checkPair(t *testing.T, name string, from, to *schema.Catalog) {
	t.Helper()
	first, err := planner.New(from, to, planner.Options{Major: 17})
	var refused *planner.Unsupported
	if errors.As(err, &refused) {
		return
	}
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return
	}
	second, err := planner.New(from, to, planner.Options{Major: 17})
	if err != nil || testcase.Text(first.Steps) != testcase.Text(second.Steps) {
		t.Errorf("%s: planned twice, the text differs (%v)", name, err)
	}
}

type state struct {
	name    string
	catalog *schema.Catalog
}

func allStates(t *testing.T) []state {
	t.Helper()
	var out []state
	for _, c := range corpus(t) {
		for _, name := range []string{"old.hcl", "new.hcl"} {
			out = append(out, state{c.Name + "/" + name, desired(t, c, name).Catalog})
		}
	}
	return out
}

// part is about half of a catalog, closed under what is needed.
func part(r *rand.Rand, c *schema.Catalog) *schema.Catalog {
	kept := map[schema.ID]bool{}
	var keep func(id schema.ID)
	keep = func(id schema.ID) {
		if owner, ok := c.Owner(id); ok && c.Get(id) == nil {
			id = owner
		}
		if kept[id] || c.Get(id) == nil {
			return
		}
		kept[id] = true
		for _, need := range c.AllNeeds(id) {
			keep(need)
		}
		if parent, ok := attachedTo(c, id); ok {
			keep(parent)
		}
	}
	for _, id := range c.IDs() {
		if r.IntN(2) == 0 {
			keep(id)
		}
	}
	ids := make([]schema.ID, 0, len(kept))
	for _, id := range c.IDs() {
		if kept[id] {
			ids = append(ids, id)
		}
	}
	return c.Subset(ids)
}

// attachedTo is the key or index of the partitioned table that one of a partition is part of: neither is without the
// other.
func attachedTo(c *schema.Catalog, id schema.ID) (schema.ID, bool) {
	for _, d := range c.DependsOn(id) {
		if d.Kind == id.Kind && d.Parent != id.Parent && d.Kind.IsConstraint() || d.Kind == schema.KindIndex && id.Kind == d.Kind {
			return d, true
		}
	}
	return schema.ID{}, false
}
