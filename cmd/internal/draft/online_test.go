package draft_test

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pleatdb/pleat/cmd/internal/draft"
	"github.com/pleatdb/pleat/inspect/pgtest"
	"github.com/pleatdb/pleat/inspect/shadow"
	"github.com/pleatdb/pleat/planner"
	"github.com/pleatdb/pleat/planner/testcase"
	"github.com/pleatdb/pleat/schema"
	"github.com/pleatdb/pleat/schema/hclfile"
)

// TestOnline takes the planner's corpus through the two phases: rows that are there survive, the end is what was wanted, the
// second plan is empty, and the way back leads back.
func TestOnline(t *testing.T) {
	if testing.Short() {
		t.Skip("the corpus takes minutes on a real PostgreSQL")
	}
	server := pgtest.Server(t)
	var cases []*testcase.Case
	for _, dir := range []string{"testdata", filepath.Join("online", "testdata")} {
		more, err := testcase.Load(filepath.Join("..", "..", "..", "planner", dir))
		if err != nil {
			t.Fatal(err)
		}
		cases = append(cases, more...)
	}
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			if server.Major() < c.Major {
				t.Skipf("the case needs PostgreSQL %d, and this is %d", c.Major, server.Major())
			}
			if _, refused := c.File("expected.err"); refused {
				t.Skip("the planner refuses the case")
			}
			t.Parallel()
			j := &journey{c: c, shadow: shadow.On(server), url: pgtest.URL(t)}
			if fault := j.online(t); fault != "" {
				t.Error(fault)
			}
		})
	}
}

// online leads the old state to the new one in phases, and back.
func (j *journey) online(t *testing.T) string {
	t.Helper()
	if fault := j.build(t, j.url, load(t, j.c, "old.hcl")); fault != "" {
		return "build old: " + fault
	}
	if seed, ok := j.c.File("seed.sql"); ok {
		pgtest.Exec(t, j.url, seed)
	}
	want := load(t, j.c, "new.hcl")
	before, rows := inspected(t, j.url), read(t, j.url)
	d, err := j.onlineDraft(before, want)
	if refusalOf(err) != "" {
		return ""
	}
	if err != nil {
		return explain(err)
	}
	if !slices.ContainsFunc(d.Plan.Steps, func(s planner.Step) bool { return s.Phase == planner.Contract || s.Mode != planner.Transaction }) {
		return "" // proven, and one transaction after the other as in TestCases
	}
	if err := run(j.url, d.Plan.Steps, false); err != nil {
		return "apply: " + err.Error()
	}
	after := inspected(t, j.url)
	if diff := differences(d.Desired, after); diff != "" {
		return "not what was wanted: " + diff
	}
	if diff := rows.left(read(t, j.url), d.Desired, nil); diff != "" && len(want.Moves) == 0 && len(j.c.Changed) == 0 {
		return "up: " + diff
	}
	second, err := j.onlineDraft(after, want)
	if err != nil {
		return "second plan: " + explain(err)
	}
	if !second.Plan.Empty() {
		return "the second plan is not empty:\n" + testcase.Text(second.Plan.Steps)
	}
	if err := run(j.url, d.Plan.Steps, true); err != nil {
		return "take back: " + err.Error()
	}
	if diff := differences(before, inspected(t, j.url)); diff != "" {
		return "the way back does not lead back: " + diff
	}
	if diff := rows.left(read(t, j.url), before, announced(d.Plan.Steps)); diff != "" && len(j.c.Changed) == 0 {
		return "down: " + diff
	}
	return ""
}

func (j *journey) onlineDraft(live *schema.Catalog, want *hclfile.Desired) (*draft.Draft, error) {
	return draft.New(context.Background(), draft.Request{
		Live: live, Desired: want, Shadow: j.shadow, Name: "case", Version: "20260101000000",
		Major: j.shadow.Major(), Renames: "drop", Online: true,
	})
}

// left lists what a column that stays as it is held before and does not hold now, in whatever order its rows are. What goes is in
// the trash.
func (c *contents) left(now *contents, desired *schema.Catalog, announced map[schema.ID]bool) string {
	var out []string
	for _, id := range c.catalog.IDs() {
		before, _ := c.catalog.Get(id).(*schema.Table)
		after, stays := desired.Get(id).(*schema.Table)
		if before == nil || !stays || before.Partition != nil || after.Partition != nil {
			continue
		}
		for _, column := range c.catalog.Columns(id) {
			if announced[id] || announced[column] || c.inheritsLoss(column, announced) {
				continue
			}
			if to := after.Column(column.Name); to == nil || to.Generated != nil || to.Type != before.Column(column.Name).Type {
				continue
			}
			was, is := slices.Sorted(slices.Values(c.values[column])), slices.Sorted(slices.Values(now.values[column]))
			if !slices.Equal(was, is) {
				out = append(out, fmt.Sprintf("%s held %v and holds %v", column, was, is))
			}
		}
	}
	return strings.Join(out, "\n")
}

// announced lists what a plan says that it destroys.
func announced(steps []planner.Step) map[schema.ID]bool {
	out := map[schema.ID]bool{}
	for _, step := range steps {
		for _, id := range step.Loses {
			out[id] = true
		}
	}
	return out
}
