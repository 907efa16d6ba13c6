package apply

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/pleatdb/pleat/history"
	"github.com/pleatdb/pleat/schema"
)

// meanwhile lists what changed during the run although none of its migrations touches it. Next to a hand-written migration, which may
// touch anything, nothing can be told.
func (r *runner) meanwhile() []schema.ID {
	ours, halfway := map[schema.ID]bool{}, map[schema.ID]bool{}
	for _, o := range r.result.Done {
		if !o.Migration.Bounded() {
			return nil
		}
		for _, id := range o.Migration.Objects {
			ours[id] = true
			if o.Steps < len(o.Migration.Steps) {
				halfway[relationOf(id)] = true
			}
		}
	}
	var out []schema.ID
	for _, d := range Compare(r.atFirst, r.target.live) {
		// An owner comes and goes with what it owns, and no plan names it.
		attached := ours[d.ID.Target()] && (d.New || d.Gone)
		// What a migration makes for a time, such as a proof, or an index that its partitions lack, was there when a run that goes on in
		// its midst began.
		passing := d.Gone && d.ID.Parent != "" && halfway[relationOf(d.ID)]
		if !ours[d.ID] && !attached && !passing {
			out = append(out, d.ID)
		}
	}
	return out
}

// relationOf is the table or view that an object is or belongs to; what belongs to none is a relation of its own here.
func relationOf(id schema.ID) schema.ID {
	return schema.ID{Kind: schema.KindTable, Schema: id.Schema, Name: cmp.Or(id.Parent, id.Name)}
}

// checkWhole is the drift check over everything after a run. What it finds is recorded and reported; the migrations themselves were held
// against their own scopes before.
func (r *runner) checkWhole(ctx context.Context) error {
	found := r.meanwhile()
	if len(found) == 0 {
		return nil
	}
	r.result.Drift = append(r.result.Drift, found...)
	r.opts.observe(DriftSeen{found})
	return r.record(ctx, history.Event{Kind: history.DriftSeen, Detail: map[string]any{"objects": idNames(found), "during": true}})
}

func idNames(ids []schema.ID) []string {
	out := make([]string, len(ids))
	for i, id := range ids {
		out[i] = id.String()
	}
	return out
}

// checkBack compares the database after a way back with the snapshot that was taken before what is undone now went in. A generated migration
// was held against its scope already; of a hand-written one only this tells whether its way back led back. Nothing can be told where
// something else went in between, or drifted.
func (r *runner) checkBack(ctx context.Context, backs []*back) error {
	if !slices.ContainsFunc(backs, func(b *back) bool { return !b.Bounded() }) {
		return nil
	}
	fingerprint := snapshotBefore(r.target.entries, backs)
	if fingerprint == "" || fingerprint == r.target.live.Fingerprint() {
		return nil
	}
	before, err := r.log.Snapshot(ctx, fingerprint)
	if err != nil {
		return err
	}
	differ := r.exceptDrift(Compare(before, r.target.live))
	if len(differ) == 0 {
		return nil
	}
	files := make([]string, len(backs))
	for i, b := range backs {
		files[i] = b.File()
	}
	lines := make([]string, len(differ))
	for i, d := range differ {
		lines[i] = "\n  " + d.String()
	}
	warning := fmt.Sprintf("the way back of %s ran, but the database is not what it was before:%s", strings.Join(files, ", "), strings.Join(lines, ""))
	r.result.Warnings = append(r.result.Warnings, warning)
	r.opts.observe(Warned{warning})
	ids := make([]schema.ID, len(differ))
	for i, d := range differ {
		ids[i] = d.ID
	}
	return r.record(ctx, history.Event{Kind: history.DriftSeen, Detail: map[string]any{"objects": idNames(ids), "back": true}})
}

// exceptDrift leaves out what was not as the last run left it when this one began.
func (r *runner) exceptDrift(differ []ObjectDiff) []ObjectDiff {
	if r.target.snapshot == nil {
		return differ
	}
	drifted := map[schema.ID]bool{}
	for _, d := range Compare(r.target.snapshot, r.atFirst) {
		drifted[d.ID] = true
	}
	return slices.DeleteFunc(differ, func(d ObjectDiff) bool { return drifted[d.ID] })
}

// snapshotBefore is the fingerprint of the newest snapshot that holds nothing of what is undone, where everything that went in after it and is
// still there is undone; empty where there is none, or where something drifted since.
func snapshotBefore(entries []history.Entry, backs []*back) string {
	undone := map[string]bool{}
	first := int64(0)
	for _, b := range backs {
		undone[b.Version] = true
		if first == 0 || b.record.Seq < first {
			first = b.record.Seq
		}
	}
	fingerprint, drifted := "", false
	other := map[string]bool{}
	for i := range entries {
		e := &entries[i]
		switch {
		case e.Snapshot != "" && e.ID < first:
			fingerprint, drifted = e.Snapshot, false
			clear(other)
		case e.Kind == history.DriftSeen:
			drifted = true
		case e.Version == "" || undone[e.Version] || !history.Decides(e.Kind):
		case e.Kind == history.RolledBack:
			delete(other, e.Version)
		default:
			other[e.Version] = true
		}
	}
	if len(other) > 0 || drifted {
		return ""
	}
	return fingerprint
}
