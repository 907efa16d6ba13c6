package legacy

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/pleatdb/pleat/schema"
)

// bytebase reads migration_history of Bytebase before version 1.15: one table for all databases of a server, in a database of its own. A
// source is the part of one application's database; the statements are in the rows.
type bytebase struct{ codeOnly }

func (bytebase) Tool() Tool { return Bytebase }

// Find takes a table with Bytebase's columns, as one source for each database that its rows name.
func (bytebase) Find(ctx context.Context, db *Database) (out []Source, err error) {
	for i := range db.Tables {
		t := &db.Tables[i]
		if !t.Has("namespace", "sequence", "type", "version", "description", "statement", "schema", "schema_prev", "release_version", "issue_id") {
			continue
		}
		some, err := db.bytebaseProjects(ctx, t)
		if err != nil {
			return nil, err
		}
		out = append(out, some...)
	}
	return out, nil
}

func (db *Database) bytebaseProjects(ctx context.Context, t *Table) (out []Source, err error) {
	all, err := db.source(ctx, t, Bytebase, Sure, "its columns namespace, sequence, statement and schema_prev")
	if err != nil || all.Rows == 0 {
		return []Source{all}, err
	}
	rows, err := db.tx.Query(ctx, `SELECT coalesce(t.namespace::text, ''), count(*) FROM ONLY `+schema.Qualified(t.Schema, t.Table)+` AS t
GROUP BY 1 ORDER BY 1`, exec)
	if err != nil {
		return nil, unreadable(t.Name, err)
	}
	defer rows.Close()
	for rows.Next() {
		s := all
		if err := rows.Scan(&s.Project, &s.Rows); err != nil {
			return nil, unreadable(t.Name, err)
		}
		out = append(out, s)
	}
	if err := rows.Err(); err != nil {
		return nil, unreadable(t.Name, err)
	}
	return out, nil
}

// Read takes the project's rows by sequence.
func (bytebase) Read(ctx context.Context, q *Reader, h *History) error {
	rows, err := q.Rows(ctx)
	if err != nil {
		return err
	}
	slices.SortStableFunc(rows, byInt("sequence"))
	for _, r := range rows {
		if r.Text("namespace") == h.Source.Project {
			h.bytebaseRow(r)
		}
	}
	if project := h.Source.Project; project != "" && project != q.Database.Name {
		h.note(fmt.Sprintf("the rows are about the database %s, and this is %s: where that is not the same one, copy the table there "+
			"(pg_dump --table %s) and import it there", project, q.Database.Name, &h.Source))
	}
	return nil
}

// bytebaseKinds are the types of rows. Data are statements that a person ran as a change of data.
var bytebaseKinds = map[string]State{"MIGRATE": Applied, "MIGRATE_SDL": Applied, "MIGRATE_GHOST": Applied, "DATA": Applied, "BRANCH": Applied, "BASELINE": Baseline}

func (h *History) bytebaseRow(r Row) {
	e := Entry{Version: r.Text("version"), Name: r.Text("description"), By: r.Text("created_by"), Row: r.Raw()}
	if seconds, ok := r.Int("created_ts"); ok {
		e.AppliedAt = time.Unix(seconds, 0).UTC()
	}
	if n, ok := r.Int("execution_duration_ns"); ok {
		duration := time.Duration(n)
		e.Duration = &duration
	}
	e.File = FileMatch{State: FileUnverifiable, Reason: "Bytebase keeps the statements in the row and no checksum"}
	state, known := bytebaseKinds[r.Text("type")]
	e.State = state
	switch status := r.Text("status"); {
	case e.Version == "":
		h.cannotRead(r, "it has no version")
		return
	case !known:
		h.unknownKind(r, r.Text("type"))
		return
	case status == "FAILED":
		e.State = Failed
		h.problem(FailedMigration, e.Version, "look how much of it took effect, end it or take it back by hand, run its task again or establish a baseline in Bytebase, and import again",
			"Bytebase recorded that %s failed", e.label())
	case status == "PENDING":
		e.State = Failed
		h.problem(HalfApplied, e.Version, "wait until Bytebase ended it; where it never will, look how much of it took effect, run its task again in Bytebase, and import again",
			"Bytebase recorded that %s was begun and not that it ended", e.label())
	case status != "DONE" && r.Has("status"):
		h.unknownKind(r, status)
		return
	}
	h.Entries = append(h.Entries, e)
}

// Files are none: what ran is in the rows.
func (bytebase) Files(*Dir, *History) ([]File, error) { return nil, nil }
