package draft_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pleatdb/pleat/cmd/internal/draft"
	"github.com/pleatdb/pleat/inspect/pgtest"
	"github.com/pleatdb/pleat/inspect/shadow"
	"github.com/pleatdb/pleat/planner"
	"github.com/pleatdb/pleat/planner/testcase"
	"github.com/pleatdb/pleat/schema"
	"github.com/pleatdb/pleat/schema/hclfile"
	"github.com/pleatdb/pleat/schema/hclfile/eval"
)

var update = flag.Bool("update", false, "write the files proven.sql and reverse.err of the planner's cases anew")

// TestCases proves the planner's corpus on a real PostgreSQL: each case forth, which is the use "proof", and back, which
// is the use "reverse".
func TestCases(t *testing.T) {
	if testing.Short() {
		t.Skip("the corpus takes minutes on a real PostgreSQL")
	}
	server := pgtest.Server(t)
	cases, err := testcase.Load(filepath.Join("..", "..", "..", "planner", "testdata"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			if server.Major() < c.Major {
				t.Skipf("the case needs PostgreSQL %d, and this is %d", c.Major, server.Major())
			}
			t.Parallel()
			j := &journey{c: c, shadow: shadow.On(server), url: pgtest.URL(t)}
			judge(t, c, "proof", j.forth(t))
			if !t.Failed() {
				judge(t, c, "reverse", j.back(t))
			}
		})
	}
}

// judge holds what was found against what is known.
func judge(t *testing.T, c *testcase.Case, use, failure string) {
	t.Helper()
	switch reason, known := c.Known[use]; {
	case known && failure == "":
		t.Errorf("%s is known to fail (%s), but it passes: take the setting out", use, reason)
	case !known && failure != "":
		t.Errorf("%s: %s", use, failure)
	}
}

// journey is one database on its way through a case.
type journey struct {
	c      *testcase.Case
	shadow *shadow.Shadow
	url    string
	// blocked says that the way forth could not be gone, so that there is none back either.
	blocked, refusedForth bool
	oldDump               string
}

// forth builds the old state, fills it, and leads it to the new one, back, and there again.
func (j *journey) forth(t *testing.T) string {
	t.Helper()
	j.blocked = true
	if fault := j.build(t, j.url, load(t, j.c, "old.hcl")); fault != "" {
		return "build old: " + fault
	}
	j.oldDump = pgtest.Dump(t, j.url, "--no-owner", "--no-privileges")
	if seed, ok := j.c.File("seed.sql"); ok {
		pgtest.Exec(t, j.url, seed)
	}
	want := load(t, j.c, "new.hcl")
	d, err := j.draft(inspected(t, j.url), want)
	if fault, over := j.refused(t, "proven.err", "expected.err", err); over {
		return fault
	}
	if err != nil {
		return explain(err)
	}
	if fault := j.compareText(t, d); fault != "" {
		return fault
	}
	fresh := pgtest.URL(t)
	if fault := j.build(t, fresh, withoutIntent(load(t, j.c, "new.hcl"))); fault != "" {
		return "build new: " + fault
	}
	dump := pgtest.Dump(t, fresh, "--no-owner", "--no-privileges")
	if len(want.Removed) > 0 {
		dump = "" // what is kept without being managed is in one database alone
	}
	fault := j.travel(t, d, want, dump)
	if try, ok := j.c.File("try.sql"); ok && fault == "" {
		pgtest.Exec(t, j.url, "BEGIN;\n"+try+"\nROLLBACK;")
	}
	j.blocked = fault != ""
	return fault
}

// back leads the new state, with the rows that are in it by now, to the old one.
func (j *journey) back(t *testing.T) string {
	t.Helper()
	want := withoutIntent(load(t, j.c, "old.hcl"))
	want.Moves = reversedMoves(load(t, j.c, "new.hcl").Moves)
	if j.blocked {
		if !j.refusedForth {
			return "there is no way forth"
		}
		// What cannot be made of the old state may well be left for it.
		if fault := j.build(t, j.fresh(t), withoutIntent(load(t, j.c, "new.hcl"))); fault != "" {
			return "build new: " + fault
		}
	}
	d, err := j.draft(inspected(t, j.url), want)
	if fault, over := j.refused(t, "reverse.err", "", err); over {
		return fault
	}
	if err != nil {
		return explain(err)
	}
	return j.travel(t, d, want, j.oldDump)
}

// reversedMoves leads renames back. What is in a table is named by the name that the table has in the end.
func reversedMoves(moves []hclfile.Move) []hclfile.Move {
	out := slices.Clone(moves)
	slices.Reverse(out)
	for i := range out {
		out[i].From, out[i].To = out[i].To, out[i].From
	}
	for i := range out {
		for range out {
			for _, m := range out {
				for _, id := range []*schema.ID{&out[i].From, &out[i].To} {
					if m.From.Parent == "" && id.Parent == m.From.Name && id.Schema == m.From.Schema {
						id.Schema, id.Parent = m.To.Schema, m.To.Name
					}
				}
			}
		}
	}
	return out
}

// fresh goes on with another database.
func (j *journey) fresh(t *testing.T) string {
	t.Helper()
	j.url = pgtest.URL(t)
	return j.url
}

// refusalOf is the text of an error that refuses a change by name; empty for others.
func refusalOf(err error) string {
	var refused *planner.Unsupported
	if errors.As(err, &refused) {
		return refused.Error() + "\n"
	}
	return ""
}

// refused holds the refusal of a draft, or that there is none, against the file of that name, or the other one where there is
// none. It reports whether there is nothing more to do.
func (j *journey) refused(t *testing.T, name, otherwise string, err error) (fault string, over bool) {
	t.Helper()
	got := refusalOf(err)
	standard, _ := j.c.File(otherwise)
	if *update {
		if j.c.Set(name, got); got == standard {
			j.c.Set(name, "")
		}
		if err := j.c.Save(); err != nil {
			t.Fatal(err)
		}
	}
	want, ok := j.c.File(name)
	if !ok {
		want = standard
	}
	if diff := cmp.Diff(want, got); diff != "" {
		return "the refusal differs (-want +got; -update takes it over):\n" + diff, true
	}
	if j.blocked = got != ""; j.blocked {
		j.refusedForth = true
	}
	return "", got != ""
}

// build makes a state in an empty database by way of a draft.
func (j *journey) build(t *testing.T, url string, want *hclfile.Desired) string {
	t.Helper()
	d, err := j.draft(inspected(t, url), want)
	if err != nil {
		return explain(err)
	}
	if err := run(url, d.Plan.Steps, false); err != nil {
		return err.Error()
	}
	return differences(d.Desired, inspected(t, url))
}

// travel applies a draft, checks where it leads, takes it back, checks again, and applies it for good. An empty dump is not
// compared.
func (j *journey) travel(t *testing.T, d *draft.Draft, want *hclfile.Desired, dump string) string {
	t.Helper()
	before, rows := inspected(t, j.url), read(t, j.url)
	if err := run(j.url, d.Plan.Steps, false); err != nil {
		return "apply: " + err.Error()
	}
	after := inspected(t, j.url)
	if diff := differences(d.Desired, after); diff != "" {
		return "not what was wanted: " + diff
	}
	if diff := rows.lost(read(t, j.url), d, want, j.c.Changed, false); diff != "" {
		return "up: " + diff
	}
	if diff := dumpDiff(dump, pgtest.Dump(t, j.url, "--no-owner", "--no-privileges")); dump != "" && diff != "" {
		return "the dump is not that of a database built from nothing:\n" + diff
	}
	second, err := j.draft(after, want)
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
	if diff := rows.lost(read(t, j.url), d, want, j.c.Changed, true); diff != "" {
		return "down: " + diff
	}
	if err := run(j.url, d.Plan.Steps, false); err != nil {
		return "apply again: " + err.Error()
	}
	return ""
}

// compareText holds the plan against proven.sql, or expected.sql where there is none.
func (j *journey) compareText(t *testing.T, d *draft.Draft) string {
	t.Helper()
	got := testcase.Text(withoutOwners(d.Plan.Steps))
	expected, _ := j.c.File("expected.sql")
	if *update {
		if got == expected {
			j.c.Set("proven.sql", "")
		} else {
			j.c.Set("proven.sql", got)
		}
		if err := j.c.Save(); err != nil {
			t.Fatal(err)
		}
	}
	want, ok := j.c.File("proven.sql")
	if !ok {
		want = expected
	}
	if diff := cmp.Diff(want, got); diff != "" {
		return "the plan differs (-want +got; -update takes it over):\n" + diff
	}
	return ""
}

// withoutOwners leaves out who owns what: the superuser of the test, whose name is the machine's.
func withoutOwners(steps []planner.Step) []planner.Step {
	out := slices.Clone(steps)
	for i := range out {
		out[i].Up = slices.DeleteFunc(slices.Clone(out[i].Up), func(s planner.Statement) bool {
			return s.Object.Kind == schema.KindOwner
		})
	}
	return out
}

func (j *journey) draft(live *schema.Catalog, want *hclfile.Desired) (*draft.Draft, error) {
	return draft.New(context.Background(), draft.Request{
		Live: live, Desired: want, Shadow: j.shadow, Name: "case", Version: "20260101000000",
		Major: j.shadow.Major(), Renames: "drop",
	})
}

// explain adds the statement that the engine refused.
func explain(err error) string {
	var oe *shadow.ObjectError
	if errors.As(err, &oe) {
		return fmt.Sprintf("%v\n%s", err, oe.SQL)
	}
	return err.Error()
}

func load(t *testing.T, c *testcase.Case, name string) *hclfile.Desired {
	t.Helper()
	text, ok := c.File(name)
	if !ok {
		t.Fatalf("the case has no %s", name)
	}
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	out, diags := hclfile.Load([]string{path}, eval.Options{})
	if diags.HasErrors() {
		t.Fatal(strings.ReplaceAll(diags.Error(), path, name))
	}
	return out
}

// withoutIntent takes the renames out, which mean nothing where there is nothing to rename.
func withoutIntent(d *hclfile.Desired) *hclfile.Desired {
	d.Moves, d.Removed = nil, nil
	return d
}
