package legacy

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
)

// prisma reads _prisma_migrations of Prisma Migrate: a row for each attempt, of which those that failed are marked as rolled back before
// the next one.
type prisma struct{}

func (prisma) Tool() Tool { return Prisma }

// Keys is that of the lock of Prisma's schema engine.
func (prisma) Keys(*Database, *Source) []int64 { return []int64{72707369} }

// Find goes by the columns of attempts, which nobody else has.
func (prisma) Find(ctx context.Context, db *Database) ([]Source, error) {
	return db.sure(ctx, Prisma, "its columns migration_name, rolled_back_at and applied_steps_count", func(t *Table) bool {
		return t.Has("id", "checksum", "migration_name", "started_at", "finished_at", "rolled_back_at", "applied_steps_count")
	})
}

// Read takes the attempts in the order in which they began.
func (prisma) Read(ctx context.Context, q *Reader, h *History) error {
	rows, err := q.Rows(ctx)
	if err != nil {
		return err
	}
	slices.SortStableFunc(rows, byTime("started_at"))
	for _, r := range rows {
		if r.Text("migration_name") == "" {
			h.cannotRead(r, "it names no migration")
			continue
		}
		e := prismaEntry(r)
		if e.State == Failed {
			h.problem(FailedMigration, e.Key, "clean up what it left and run `prisma migrate resolve --rolled-back "+e.Key+
				"`, or complete it by hand and run `prisma migrate resolve --applied "+e.Key+"`; then import again",
				"%s was begun and is neither finished nor marked as rolled back%s", e.label(), firstLine(": ", r.Text("logs")))
		}
		h.Entries = append(h.Entries, e)
	}
	return nil
}

func prismaEntry(r Row) Entry {
	name := r.Text("migration_name")
	e := Entry{Key: name, Name: name, Checksum: r.Text("checksum"), State: Applied, Row: r.Raw()}
	e.Version, e.Name = versionAndName(name)
	start, local := r.Time("started_at")
	end, _ := r.Time("finished_at")
	steps, counted := r.Int("applied_steps_count")
	e.AppliedAt, e.Local = end, local
	if end.IsZero() {
		e.AppliedAt = start
	}
	switch {
	case r.Has("rolled_back_at"):
		e.State, e.Note = Undone, "an attempt that failed and was marked as rolled back at "+r.Text("rolled_back_at")
	case !r.Has("finished_at"):
		e.State = Failed
	case counted && steps == 0 && e.Version == "0":
		e.State, e.Note = Baseline, "marked as applied with `prisma migrate resolve --applied`, Prisma did not run it"
	case counted && steps == 0:
		e.Note = "marked as applied with `prisma migrate resolve --applied`, Prisma did not run it"
	case !start.IsZero() && !end.Before(start):
		took := end.Sub(start)
		e.Duration = &took
	}
	return e
}

// versionAndName divides 20240101120000_create_users; a name without leading digits is all name.
func versionAndName(text string) (version, name string) {
	digits, rest := digitsFirst(text)
	after, ok := strings.CutPrefix(rest, "_")
	switch {
	case digits == "" || rest != "" && !ok:
		return "", text
	case after == "":
		return digits, ""
	}
	return digits, after
}

// firstLine shows the beginning of a message that has many lines; nothing of an empty one.
func firstLine(before, text string) string {
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		if short := []rune(line); len(short) > 200 {
			line = string(short[:200]) + "…"
		}
		return before + line
	}
	return ""
}

// Files takes NAME/migration.sql of one directory, with a down.sql that somebody wrote by hand.
func (prisma) Files(d *Dir, h *History) (out []File, err error) {
	found := homes{}
	for _, rel := range d.Base(func(base string) bool { return base == "migration.sql" }) {
		dir := path.Dir(rel)
		if dir == "." || d.Has(dir+"/snapshot.json") { // the latter is Drizzle's
			continue
		}
		found[path.Dir(dir)] = append(found[path.Dir(dir)], rel)
	}
	recorded := h.recorded()
	home, paths := found.best(h, func(rel string) bool { return recorded[path.Base(path.Dir(rel))] })
	if err := h.prismaProvider(d, path.Join(home, "migration_lock.toml")); err != nil {
		return nil, err
	}
	for _, rel := range paths {
		f := File{Key: path.Base(path.Dir(rel)), Path: rel, SQL: &SQL{}}
		f.Version, f.Name = versionAndName(f.Key)
		if f.Text, err = d.Read(rel); err != nil {
			return nil, err
		}
		if f.SQL.Up, err = d.oneMessage(rel); err != nil {
			return nil, err
		}
		if back := path.Dir(rel) + "/down.sql"; d.Has(back) {
			if err := d.wayBack(&f, back); err != nil {
				return nil, err
			}
		}
		out = append(out, f)
	}
	slices.SortStableFunc(out, func(a, b File) int { return strings.Compare(a.Key, b.Key) })
	return out, nil
}

// prismaProvider says where the directory was made for another kind of database.
func (h *History) prismaProvider(d *Dir, rel string) error {
	if !d.Has(rel) {
		return nil
	}
	text, err := d.Read(rel)
	if err != nil {
		return err
	}
	for line := range strings.Lines(string(text)) {
		key, value, ok := strings.Cut(line, "=")
		provider := strings.Trim(strings.TrimSpace(value), `"'`)
		if ok && strings.TrimSpace(key) == "provider" && !slices.Contains([]string{"postgresql", "postgres", "cockroachdb"}, provider) {
			h.note(fmt.Sprintf("%s says that the migrations are for %q", rel, provider))
		}
	}
	return nil
}

// Verify accepts, as Prisma does, the text as it is and with either line ends, and sums of an old engine that left out leading zeros
// of bytes.
func (prisma) Verify(e *Entry, f *File, _ *History) (FileState, string) {
	if e.Checksum == "" {
		return FileUnverifiable, "Prisma recorded no checksum"
	}
	for _, text := range [][]byte{f.Text, bytes.ReplaceAll(f.Text, []byte("\r\n"), []byte("\n")), bytes.ReplaceAll(f.Text, []byte("\n"), []byte("\r\n"))} {
		sum := sha256.Sum256(text)
		if e.Checksum == hex.EncodeToString(sum[:]) || len(e.Checksum) < 64 && e.Checksum == unpadded(sum[:]) {
			return FileVerified, ""
		}
	}
	return FileMismatched, fmt.Sprintf("Prisma recorded %s, the file has %s", e.Checksum, sha256Hex(f.Text))
}

// unpadded is hexadecimal with one digit for bytes below 16.
func unpadded(sum []byte) string {
	var b strings.Builder
	for _, c := range sum {
		b.WriteString(strconv.FormatUint(uint64(c), 16))
	}
	return b.String()
}
