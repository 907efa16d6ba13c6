package legacy

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// sqitch reads the registry of Sqitch: changes holds what is deployed, events all that happened. One registry may serve several projects.
type sqitch struct{}

func (sqitch) Tool() Tool { return Sqitch }

// Keys is that of the lock that Sqitch holds while it deploys or reverts.
func (sqitch) Keys(*Database, *Source) []int64 { return []int64{75474063} }

// sqitchTables are those of a registry beside changes.
var sqitchTables = []string{"dependencies", "events", "projects", "releases", "tags"}

// Find takes each project of a registry. What is deployed and what happened have nearly the same columns.
func (sqitch) Find(ctx context.Context, db *Database) (out []Source, err error) {
	for i := range db.Tables {
		t := &db.Tables[i]
		if !t.Has("change_id", "change", "project", "committed_at "+times, "committer_name", "planned_at", "planner_name", "planner_email") || t.Column("event") != nil || t.Column("tag") != nil {
			continue
		}
		found, err := db.sqitchProjects(ctx, t)
		if err != nil {
			return nil, err
		}
		out = append(out, found...)
	}
	return out, nil
}

// sqitchProjects divides a registry. Its rows are what happened, which may be more than what is deployed.
func (db *Database) sqitchProjects(ctx context.Context, t *Table) (out []Source, err error) {
	s, err := db.source(ctx, t, Sqitch, Sure, "its columns change_id, committed_at and planner_name")
	if err != nil {
		return nil, err
	}
	s.OwnSchema = true
	for i := range db.Tables {
		switch o := &db.Tables[i]; {
		case o.Schema != t.Schema || o.Table == t.Table:
		case slices.Contains(sqitchTables, o.Table):
			s.Beside = append(s.Beside, o.Name)
		default:
			s.OwnSchema = false
		}
	}
	counts := map[string]int64{}
	for _, name := range []string{t.Table, "events", "projects"} {
		o := db.Lookup(t.Schema, name)
		if o == nil || !o.Has("project") {
			continue
		}
		rows, err := readRows(ctx, db.tx, o.Name, 0)
		if err != nil {
			return nil, err
		}
		here := map[string]int64{}
		for _, r := range rows {
			if r.Text("project") != "" {
				here[r.Text("project")]++
			}
		}
		for project, n := range here {
			if name == "projects" {
				n = 0
			}
			counts[project] = max(counts[project], n)
		}
	}
	for project, n := range counts {
		p := s
		p.Project, p.Rows = project, n
		out = append(out, p)
	}
	slices.SortFunc(out, func(a, b Source) int { return strings.Compare(a.Project, b.Project) })
	if len(out) == 0 {
		return []Source{s}, nil
	}
	return out, nil
}

// Read takes the events, and completes them by what is deployed.
func (sqitch) Read(ctx context.Context, q *Reader, h *History) error {
	changes, err := q.sqitchRows(ctx, q.Source.Table)
	if err != nil {
		return err
	}
	events, err := q.sqitchRows(ctx, "events")
	if err != nil {
		return err
	}
	tags, err := q.sqitchRows(ctx, "tags")
	if err != nil {
		return err
	}
	if q.Source.Layout, err = q.sqitchRelease(ctx); err != nil {
		return err
	}
	l := newSqitchLog(h, changes, tags)
	for _, r := range events {
		l.event(r)
	}
	l.complete(changes)
	l.failed()
	return nil
}

// sqitchRows reads the rows of the project in one of the tables, in the order in which they were committed.
func (q *Reader) sqitchRows(ctx context.Context, table string) ([]Row, error) {
	rows, err := q.RowsOf(ctx, q.Source.Schema, table)
	rows = slices.DeleteFunc(rows, func(r Row) bool {
		return q.Source.Project != "" && r.Text("project") != "" && r.Text("project") != q.Source.Project
	})
	slices.SortStableFunc(rows, byTime("committed_at"))
	return rows, err
}

// sqitchRelease is the release of the registry's tables: 1.0 brought the checksums, before it there was no table of releases.
func (q *Reader) sqitchRelease(ctx context.Context) (string, error) {
	rows, err := q.RowsOf(ctx, q.Source.Schema, "releases")
	newest := "0"
	for _, r := range rows {
		if v := r.Text("version"); compareDotted(v, newest) > 0 {
			newest = v
		}
	}
	return newest, err
}

// Verify holds the script that deploys against its checksum: the SHA-1 of its bytes.
func (sqitch) Verify(e *Entry, f *File, _ *History) (FileState, string) {
	switch {
	case e.Checksum == "":
		return FileUnverifiable, "Sqitch recorded no checksum"
	case e.Checksum == rowText(e, "change_id"):
		return FileUnverifiable, "it was deployed before Sqitch recorded checksums"
	}
	if sum := sha1Hex(f.Text); sum != e.Checksum {
		return FileMismatched, fmt.Sprintf("its SHA-1 is %s, and %s was recorded", sum, e.Checksum)
	}
	return FileVerified, ""
}

// Infer holds the plan against what is deployed.
func (sqitch) Infer(h *History) {
	if !h.HasDir || len(h.Files) == 0 {
		return
	}
	h.InOrder = true
	plan := map[string]*sqitchChange{}
	for i := range h.Files {
		if c, ok := h.Files[i].Extra.(*sqitchChange); ok {
			plan[c.id], plan[c.former] = c, c
		}
	}
	open := map[string]int{}
	for i := range h.Entries {
		e := &h.Entries[i]
		c := plan[rowText(e, "change_id")]
		if c == nil {
			c = h.sqitchNamed(e.Name, open[e.Name])
		}
		if c != nil {
			e.Key = c.key
		}
		switch e.State {
		case Applied:
			open[e.Name]++
		case Undone:
			open[e.Name] = max(open[e.Name]-1, 0)
		}
	}
	h.sqitchProve(plan)
}

// sqitchNamed finds the n-th change of a name in the plan.
func (h *History) sqitchNamed(name string, n int) *sqitchChange {
	for i := range h.Files {
		c, ok := h.Files[i].Extra.(*sqitchChange)
		if !ok || c.name != name {
			continue
		}
		if n == 0 {
			return c
		}
		n--
	}
	return nil
}

// sqitchProve compares the IDs that the plan gives with those that were deployed. Each holds that of the change before it, so that the
// first that differs is where the plan was edited.
func (h *History) sqitchProve(plan map[string]*sqitchChange) {
	h.settle()
	proven := 0
	for i := range h.Entries {
		e := &h.Entries[i]
		id := rowText(e, "change_id")
		switch {
		case !e.InEffect || id == "":
			continue
		case plan[id] != nil:
			proven++
			continue
		}
		f := h.File(e.Key)
		if f == nil {
			return // it is not in the plan at all: a missing file
		}
		c, _ := f.Extra.(*sqitchChange)
		if h.Source.Layout == "0" {
			h.note(fmt.Sprintf("the plan gives %s another ID (%s) than the database has (%s): this registry is from before Sqitch 1.0", e.Name, c.id, id))
			return
		}
		h.problem(Mismatch, e.Key, "bring back the plan that was deployed, or let it pass: --accept mismatch --reason …",
			"the plan is not the one that was deployed: it gives %s the ID %s, and the database has %s", e.Name, c.id, id)
		return
	}
	if proven > 0 {
		h.note(fmt.Sprintf("the IDs of %d changes prove that the plan is the one that was deployed", proven))
	}
}
