package legacy

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// atlas reads atlas_schema_revisions: a row per version, in a schema of its own or in that of the tables.
type atlas struct{}

func (atlas) Tool() Tool { return Atlas }

// Keys is the FNV-1 sum of "atlas_migrate_execute", the same in every database.
func (atlas) Keys(*Database, *Source) []int64 { return []int64{2686470616} }

// atlasCloud is the version of a row by which Atlas' service knows the database.
const atlasCloud = ".atlas_cloud_identifier"

// Find goes by the version of the tool beside the hash. Before types there was a column execution_state.
func (atlas) Find(ctx context.Context, db *Database) (out []Source, err error) {
	for i := range db.Tables {
		t := &db.Tables[i]
		if !t.Has("version", "hash", "executed_at", "execution_time", "operator_version") || !t.Has("applied", "total") && !t.Has("execution_state") {
			continue
		}
		s, err := db.source(ctx, t, Atlas, Sure, "its columns hash, execution_time and operator_version")
		if err != nil {
			return nil, err
		}
		if !t.Has("applied", "total") {
			s.Layout = "execution_state"
		}
		s.OwnSchema = t.Schema == "atlas_schema_revisions" &&
			!slices.ContainsFunc(db.Tables, func(o Table) bool { return o.Schema == t.Schema && o.Table != t.Table })
		out = append(out, s)
	}
	return out, nil
}

// Read takes rows by version, as Atlas does.
func (atlas) Read(ctx context.Context, q *Reader, h *History) error {
	rows, err := q.Rows(ctx)
	if err != nil {
		return err
	}
	slices.SortStableFunc(rows, byText("version"))
	h.InOrder = true
	latest := time.Time{}
	for _, r := range rows {
		switch r.Text("version") {
		case atlasCloud:
			h.Markers = append(h.Markers, Marker{"Atlas' service knows the database by it", r.Raw()})
			continue
		case "":
			h.cannotRead(r, "it has no version")
			continue
		}
		e := h.atlasEntry(r)
		if e.AppliedAt.Before(latest) {
			h.InOrder = false // files below the newest were run before, as --exec-order non-linear allows
		}
		latest = e.AppliedAt
		h.Entries = append(h.Entries, e)
	}
	return nil
}

// What the bits of the column type say.
const (
	atlasBaseline = 1
	atlasExecuted = 2
	atlasResolved = 4
)

func (h *History) atlasEntry(r Row) Entry {
	e := Entry{Version: r.Text("version"), Name: r.Text("description"), Checksum: r.Text("hash"), State: Applied, Row: r.Raw()}
	e.AppliedAt, e.Local = r.Time("executed_at")
	if ns, ok := r.Int("execution_time"); ok && ns > 0 {
		took := time.Duration(ns)
		e.Duration = &took
	}
	e.remark(r.Text("operator_version"))
	kind, typed := r.Int("type")
	if !typed {
		kind = atlasExecuted
	}
	switch kind {
	case atlasBaseline, atlasBaseline | atlasResolved:
		e.State = Baseline
	case atlasResolved:
		e.remark("marked as applied with `atlas migrate set`, Atlas did not run it")
	case atlasExecuted | atlasResolved:
		e.remark("it failed and was marked as applied with `atlas migrate set`")
	case atlasExecuted:
		h.atlasOutcome(r, &e)
	default:
		e.State = Failed
		h.problem(UnknownKind, e.Version, "look at the row with `atlas migrate status`, and set it right with `atlas migrate set`",
			"the revision %s has the type %d, which this reader does not know", e.label(), kind)
	}
	return e
}

// atlasOutcome looks whether an executed revision came to its end. Older tables say so in a word.
func (h *History) atlasOutcome(r Row, e *Entry) {
	applied, _ := r.Int("applied")
	total, _ := r.Int("total")
	done := fmt.Sprintf("%d of %d statements ran", applied, total)
	message := r.Text("error")
	partial, _ := r.Value("partial_hashes").([]any)
	state := r.Text("execution_state")
	const next = "mend the cause and run `atlas migrate apply` again, or complete it by hand and run `atlas migrate set VERSION`; then import again"
	switch {
	case message != "" || state == "error":
		e.State = Failed
		h.problem(FailedMigration, e.Version, strings.ReplaceAll(next, "VERSION", e.Version), "%s failed, %s%s", e.label(), done, firstLine(": ", message))
	case state == "ongoing", applied < total && (len(partial) > 0 || applied == 0):
		e.State = Failed
		h.problem(HalfApplied, e.Version, strings.ReplaceAll(next, "VERSION", e.Version), "%s was begun and not ended, %s", e.label(), done)
	case applied != total:
		e.remark("Atlas resumed it after a failed attempt, " + done + " by the count of the first one")
	}
}

// Verify compares the sum over the directory up to the file with the one in the row. Of several rows that differ only the first says
// something: its file, or one before it that has no row, was edited.
func (atlas) Verify(e *Entry, f *File, h *History) (FileState, string) {
	c := h.own.(*atlasChain)
	if e.Checksum == "" {
		return FileUnverifiable, "Atlas recorded no hash"
	}
	recorded := strings.TrimPrefix(e.Checksum, "h1:")
	mine := f.Extra.(*atlasFile)
	counted := mine.sum == recorded || c.sumThen(e, mine) == recorded
	if counted {
		return FileVerified, ""
	}
	switch {
	case h.atlasResumed(e):
		return FileUnverifiable, "Atlas resumed it after a failed attempt and kept the hash of the file as it was then"
	case mine.template:
		c.spoil("the template " + f.Path)
		return FileUnverifiable, "the file is a template, and the hash is over what Atlas made of it"
	case c.spoiled != "":
		return FileUnverifiable, "the hash is over the files before it too, and " + c.spoiled + " is among them"
	}
	if gone := c.goneBefore(e.Version); gone != "" {
		c.spoil("the file of " + gone + ", which is missing,")
		return FileUnverifiable, "the hash is over the files before it too, and " + c.spoiled + " was among them"
	}
	c.spoil(f.Path + ", which differs,")
	reason := "Atlas recorded h1:" + recorded + ", the files up to it have h1:" + mine.sum
	if c.unrecordedBefore(mine) {
		reason += "; it or a file before it that has no row was edited"
	}
	return FileMismatched, reason
}

// atlasResumed reports whether a good row counts another number of statements than ran.
func (h *History) atlasResumed(e *Entry) bool {
	var row struct {
		Applied, Total *int64
	}
	return rowInto(e.Row, &row) && row.Applied != nil && row.Total != nil && *row.Applied != *row.Total
}
