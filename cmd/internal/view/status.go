package view

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pleatdb/pleat/apply"
	"github.com/pleatdb/pleat/history"
	"github.com/pleatdb/pleat/history/migration"
	"github.com/pleatdb/pleat/schema"
)

// NewStatus joins what the log knows with what the directory holds, in the order of versions.
func NewStatus(database string, state *history.State, dir *migration.Dir) *Status {
	d := &Status{Database: database, Baseline: state.Baseline, Migrations: []StatusOfOne{}, Counts: map[string]int{}, Held: []Held{}, Trash: []Trash{}, Problems: []string{}}
	for i := range state.Records {
		d.Migrations = append(d.Migrations, recorded(&state.Records[i], dir))
	}
	for i := range dir.Files {
		f := &dir.Files[i]
		if state.Record(f.Version) != nil {
			continue
		}
		one := StatusOfOne{Version: f.Version, Name: f.Slug, Phase: string(f.Phase), State: "pending", File: f.Name}
		if state.Done(f.Version) {
			one.State = "baseline"
		}
		d.Migrations = append(d.Migrations, one)
	}
	slices.SortStableFunc(d.Migrations, inOrder)
	if err := dir.Validate(); err != nil {
		d.Problems = append(d.Problems, err.Error())
	}
	d.Pending = len(state.Pending(dir))
	d.UpToDate = len(d.Problems) == 0
	for _, m := range d.Migrations {
		d.Counts[m.State]++
		switch m.State {
		case "applied", "imported", "baseline":
			d.UpToDate = d.UpToDate && !m.Edited
		default:
			// What was rolled back and whose file is gone is not waited for.
			d.UpToDate = d.UpToDate && m.State == string(history.StatusRolledBack) && m.File == ""
		}
	}
	return d
}

// inOrder sorts by version; what was imported comes first, as it was taken over.
func inOrder(a, b StatusOfOne) int {
	imported := string(history.StatusImported)
	switch {
	case a.State == imported && b.State == imported:
		return 0
	case a.State == imported:
		return -1
	case b.State == imported:
		return 1
	}
	return strings.Compare(a.Version, b.Version)
}

// Edited adds the files of an imported history that were edited since.
func (d *Status) Edited(files *apply.LegacyFiles) {
	for i, f := range files.Edited {
		if i == entriesShown {
			d.Problems = append(d.Problems, fmt.Sprintf("%d more files of %s were edited since the import", len(files.Edited)-i, files.Tool))
			break
		}
		d.Problems = append(d.Problems, fmt.Sprintf("%s was edited since it was imported as what %s had applied", f.Path, files.Tool))
	}
	d.UpToDate = d.UpToDate && len(d.Problems) == 0
}

// Hold adds what the next run would leave out.
func (d *Status) Hold(held []apply.Held) { d.Held = append(d.Held, heldShapes(held)...) }

// Waste adds what is in the trash, each until its days of keep are over. Functions, triggers and schemas that belong to it are
// not listed.
func (d *Status) Waste(trash []schema.ID, keep time.Duration) {
	for _, id := range trash {
		date, _ := schema.Trashed(id)
		since, err := time.Parse("20060102", date)
		if err != nil || id.Kind != schema.KindTable && id.Kind != schema.KindColumn {
			continue
		}
		d.Trash = append(d.Trash, Trash{id.String(), since.Format(time.DateOnly), since.Add(keep).Format(time.DateOnly)})
	}
}

// recorded is one migration that the log knows.
func recorded(r *history.Record, dir *migration.Dir) StatusOfOne {
	at := r.At.UTC()
	out := StatusOfOne{
		Version: r.Version, Name: r.Name, Phase: string(r.Phase), State: string(r.Status), At: &at, By: r.Actor, Run: r.Run,
		Message: r.Message, SQLState: r.SQLState,
	}
	if l := r.Legacy; l != nil {
		out.Tool, out.File = l.Tool, l.Path
		out.AppliedAt, _ = AppliedAt(l.AppliedAt, l.Local)
	}
	if r.Status == history.StatusPartial || r.Status == history.StatusFailed {
		out.StepsDone = r.StepsDone
	}
	if f := dir.File(r.Version); f != nil {
		out.File = f.Name
		ours := r.Status == history.StatusApplied || r.Legacy != nil && r.Legacy.Converted
		out.Edited = ours && r.Checksum != "" && r.Checksum != f.Checksum
	}
	return out
}
