package view

import (
	"fmt"
	"strings"
	"time"

	"github.com/pleatdb/pleat/apply/backup"
)

// Restorable is the failure of a run that took a backup first.
type Restorable struct {
	Err error
	// Command shows the way back.
	Command string
}

// Error is the error's own text; the command stands below it.
func (e *Restorable) Error() string { return e.Err.Error() }

// Unwrap gives the error.
func (e *Restorable) Unwrap() error { return e.Err }

// NewBackups is the list of backups of a database.
func NewBackups(database, dir string, entries []backup.Entry, partial []string) *Backups {
	d := &Backups{Database: database, Directory: dir, Backups: []BackupEntry{}, Unfinished: append([]string{}, partial...)}
	for _, e := range entries {
		one := BackupEntry{
			Run: e.Run, Taken: e.Taken.UTC(), Before: e.Command, Versions: append([]string{}, e.Versions...), Tables: []string{},
			Path: e.Dir, InDatabase: e.InDatabase, LSN: e.LSN, NotCovered: append([]string{}, e.NotCovered...),
		}
		for _, t := range e.Tables {
			if t.Copy != nil || len(t.Data) > 0 {
				one.Tables = append(one.Tables, t.ID().Path())
			}
		}
		for _, f := range e.Files {
			one.Bytes += f.Size
		}
		if e.Point != nil {
			one.RestorePoint = e.Point.Name
		}
		d.Backups = append(d.Backups, one)
	}
	return d
}

func (d *Backups) text(p *page) {
	if len(d.Backups) == 0 {
		p.linef("%s has no backup, neither in %s nor in the database.", databaseName(d.Database), d.Directory)
	} else {
		rows := [][]string{{"run", "taken", "before", "tables", "where"}}
		for _, b := range d.Backups {
			rows = append(rows, []string{b.Run, b.Taken.Format(time.RFC3339), strings.TrimSpace(b.Before + " " + strings.Join(b.Versions, " ")), strings.Join(b.Tables, ", "), b.where()})
		}
		p.table("", rows)
	}
	for _, dir := range d.Unfinished {
		p.styledf(yellow, "not a backup: %s was not completed; unless a run is at work on it now, delete it", dir)
	}
}

func (b BackupEntry) where() string {
	var out []string
	if b.Path != "" {
		out = append(out, b.Path)
	}
	if b.InDatabase {
		out = append(out, "the database")
	}
	return strings.Join(out, ", ")
}

// NewRestore is what a restore would do, or did.
func NewRestore(database string, plan *backup.Plan, dry bool) *Restore {
	d := &Restore{Database: database, Run: plan.Run, DryRun: dry, Path: plan.Dir, Tables: []RestoredTable{}, ByHand: append([]string{}, plan.Notes...),
		NotCovered: append([]string{}, plan.NotCovered...)}
	for _, t := range plan.Tables {
		d.Tables = append(d.Tables, RestoredTable{
			Table: t.Table, From: t.From, Into: t.Into, Reason: t.Why, Updated: t.Update, Inserted: t.Insert, Same: t.Same, Gone: t.Gone, Later: t.Later,
			ChangedSince: t.Changed, ChangedKeys: append([]string{}, t.ChangedKeys...), Statements: append([]string{}, t.SQL...),
		})
	}
	return d
}

// PreviewRestore shows what would come back before somebody is asked.
func (v *View) PreviewRestore(d *Restore) { v.say(d.text) }

func (d *Restore) text(p *page) {
	if len(d.Tables) == 0 {
		p.linef("The backup of run %s holds no rows to put back.", d.Run)
	}
	for _, t := range d.Tables {
		t.text(p, d.DryRun)
	}
	for _, text := range d.ByHand {
		p.linef("by hand: %s", text)
	}
	for _, text := range d.NotCovered {
		p.styledf(yellow, "not in the backup: %s", text)
	}
}

func (t RestoredTable) text(p *page, dry bool) {
	verb := "Restored"
	if dry {
		verb = "Would restore"
	}
	if t.Into != "" {
		p.styledf(bold, "%s %s into %s: %s", verb, t.Table, t.Into, plural(int(t.Inserted), "row"))
	} else {
		p.styledf(bold, "%s %s: %s changed back, %s added, %d as they were", verb, t.Table, plural(int(t.Updated), "row"), plural(int(t.Inserted), "row"), t.Same)
	}
	if t.Reason != "" {
		p.linef("  %s", t.Reason)
	}
	if t.ChangedSince > 0 {
		p.styledf(yellow, "  %s changed after the run, the first with the key %s", plural(int(t.ChangedSince), "row"), strings.Join(t.ChangedKeys, "; "))
	}
	if t.Gone > 0 {
		p.styledf(yellow, "  %s deleted since; the backup holds only some of their columns", plural(int(t.Gone), "row"))
	}
	if t.Later > 0 {
		p.linef("  %s that came later stay", plural(int(t.Later), "row"))
	}
	if dry {
		for _, sql := range t.Statements {
			p.linef("    %s;", strings.ReplaceAll(sql, "\n", "\n    "))
		}
		if t.From == "archive" {
			p.linef("    %s", fmt.Sprintf("COPY %s FROM the archive;", t.Into))
		}
	}
}
