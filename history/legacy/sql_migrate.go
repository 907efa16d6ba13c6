package legacy

import (
	"cmp"
	"context"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/pleatdb/pleat/history/foreign"
)

// sqlMigrate reads gorp_migrations of sql-migrate: a row with the file's name for each migration, removed when it is taken back. Newer
// versions add a checksum.
type sqlMigrate struct{ unlocked }

func (sqlMigrate) Tool() Tool { return SQLMigrate }

// Find takes tables of an identity and a time: by the name that the tool gives, else by identities that are names of numbered SQL files.
func (sqlMigrate) Find(ctx context.Context, db *Database) ([]Source, error) {
	return db.weigh(ctx, func(t *Table) (suspect, bool) {
		return suspect{tool: SQLMigrate, usual: t.Table == "gorp_migrations", form: sqlMigrateForm,
				why: "its columns id and applied_at, and names of files in it"},
			t.Within([]string{"id " + texts, "applied_at " + times}, []string{"checksum " + texts})
	})
}

func sqlMigrateForm(r Row) form {
	id := r.Text("id")
	switch {
	case id == "":
		return silent
	case digits(id) > 0 && strings.HasSuffix(id, ".sql"):
		return marked
	}
	return fit(strings.HasSuffix(id, ".sql"))
}

// compareIDs is the tool's order: by the number in front, then by the whole, and those without a number last.
func compareIDs(a, b string) int {
	x, _ := digitsFirst(a)
	y, _ := digitsFirst(b)
	switch {
	case (x == "") != (y == ""):
		return cmp.Compare(len(y), len(x))
	default:
		return cmp.Or(compareNumbers(x, y), strings.Compare(a, b))
	}
}

// Read takes rows in the tool's order.
func (sqlMigrate) Read(ctx context.Context, q *Reader, h *History) error {
	rows, err := q.Rows(ctx)
	if err != nil {
		return err
	}
	slices.SortStableFunc(rows, func(a, b Row) int { return compareIDs(a.Text("id"), b.Text("id")) })
	var newest time.Time
	for _, r := range rows {
		id := r.Text("id")
		if id == "" {
			h.cannotRead(r, "it has no id")
			continue
		}
		e := Entry{Key: id, Checksum: r.Text("checksum"), State: Applied, Row: r.Raw()}
		e.Version, e.Name = idParts(id)
		e.AppliedAt, e.Local = r.Time("applied_at")
		if !e.AppliedAt.IsZero() && e.AppliedAt.Before(newest) {
			e.Note = "it ran after ones with higher numbers"
			h.note(fmt.Sprintf("%s ran after migrations with higher numbers", id))
		}
		if e.AppliedAt.After(newest) {
			newest = e.AppliedAt
		}
		h.Entries = append(h.Entries, e)
	}
	return nil
}

// idParts divides 20240101-create_users.sql into its number and its name.
func idParts(id string) (version, name string) {
	version, name = digitsFirst(strings.TrimSuffix(id, ".sql"))
	return version, strings.TrimLeft(name, "_-.")
}

// Files takes all SQL files of a directory that has the tool's markers.
func (sqlMigrate) Files(d *Dir, h *History) (out []File, err error) {
	all := d.besides(d.Base(func(base string) bool { return path.Ext(base) == ".sql" }), marksOf("+migrate "))
	for _, rel := range h.homeOf(all, path.Base) {
		f, err := d.markedFile(rel, foreign.SQLMigrate)
		if err != nil {
			return nil, err
		}
		f.Key = path.Base(rel)
		f.Version, f.Name = idParts(f.Key)
		out = append(out, f)
	}
	slices.SortStableFunc(out, func(a, b File) int { return cmp.Or(compareIDs(a.Key, b.Key), strings.Compare(a.Path, b.Path)) })
	return out, nil
}

// Verify makes SHA-256 of the file as it is, which rows of newer versions have.
func (sqlMigrate) Verify(e *Entry, f *File, _ *History) (FileState, string) {
	switch got := sha256Hex(f.Text); {
	case e.Checksum == "":
		return FileUnverifiable, "the row has no checksum"
	case got != e.Checksum:
		return FileMismatched, "its SHA-256 is " + got + ", and " + e.Checksum + " was recorded"
	}
	return FileVerified, ""
}
