package migration

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"time"
)

// Rehash writes pleat.sum anew for the files as they are.
func Rehash(path string) error {
	d, err := ReadDir(path)
	if err != nil {
		return err
	}
	return writeFile(filepath.Join(path, SumFile), sum(d.Files))
}

// Write adds migrations to a directory, which it creates when it is absent, and brings pleat.sum up to date.
// It refuses a directory whose files do not match pleat.sum, as it would otherwise bless somebody's edit, and a
// migration that would not read back as it is. It returns the paths of the new files.
func Write(path string, ms ...*Migration) ([]string, error) {
	texts := make(map[string][]byte, len(ms))
	names := make([]string, 0, len(ms))
	for _, m := range ms {
		text := Format(m)
		if err := readsBack(m, text); err != nil {
			return nil, fmt.Errorf("write %s: %w", m.File(), err)
		}
		texts[m.File()] = text
		names = append(names, m.File())
	}
	return add(path, names, texts)
}

// New adds an empty hand-written migration called name and returns its path. Its version is now, or just after the
// newest file's.
func New(path, name string, now time.Time) (string, error) {
	slug, err := Slug(name)
	if err != nil {
		return "", err
	}
	d, err := ReadDir(path)
	if err != nil {
		return "", err
	}
	version, err := NextVersion(d.Newest(), now)
	if err != nil {
		return "", err
	}
	file := version + "_" + slug + ".sql"
	written, err := add(path, []string{file}, map[string][]byte{file: []byte(skeleton)})
	if err != nil {
		return "", err
	}
	return written[0], nil
}

const skeleton = `-- Write SQL here. It runs in one transaction, a statement that cannot (CREATE INDEX CONCURRENTLY) on its own.
-- To make it reversible, write a line "-- pleat: down" without the quotes, and the way back below it.

`

// add writes files, then pleat.sum. A crash in between leaves files that Validate calls added.
func add(path string, names []string, texts map[string][]byte) ([]string, error) {
	d, err := ReadDir(path)
	if err != nil {
		return nil, err
	}
	if err := d.Validate(); err != nil {
		return nil, err
	}
	for _, name := range names {
		version, _, _, err := ParseName(name)
		if err != nil {
			return nil, err
		}
		if f := d.File(version); f != nil {
			return nil, &NameError{name, "has the same version as " + f.Name, "plan again"}
		}
	}
	if err := os.MkdirAll(path, 0o755); err != nil {
		return nil, fmt.Errorf("create directory of migrations: %w", err)
	}
	out := make([]string, 0, len(names))
	for _, name := range names {
		full := filepath.Join(path, name)
		if err := writeFile(full, texts[name]); err != nil {
			return nil, err
		}
		out = append(out, full)
	}
	return out, Rehash(path)
}

// readsBack holds the promise that Parse is the inverse of Format, for this one migration.
func readsBack(m *Migration, text []byte) error {
	back, err := Parse(m.File(), text)
	if err != nil {
		return fmt.Errorf("the file would not read back: %w", err)
	}
	if a, b := withoutPositions(m), withoutPositions(back); !reflect.DeepEqual(a, b) {
		return fmt.Errorf("the file would not read back as it was planned, please report this: %w", firstDifference(a, b))
	}
	return nil
}

func firstDifference(a, b *Migration) error {
	va, vb := reflect.ValueOf(*a), reflect.ValueOf(*b)
	for i := range va.NumField() {
		x, y := va.Field(i).Interface(), vb.Field(i).Interface()
		if !reflect.DeepEqual(x, y) {
			return fmt.Errorf("%s: %s, read back as %s", strings.ToLower(va.Type().Field(i).Name),
				oneLine(fmt.Sprintf("%.300v", x)), oneLine(fmt.Sprintf("%.300v", y)))
		}
	}
	return fmt.Errorf("no field differs")
}

// withoutPositions copies a migration without the places in the file that it was read from.
func withoutPositions(m *Migration) *Migration {
	bare := func(in []Statement) []Statement {
		out := make([]Statement, len(in))
		for i, s := range in {
			out[i] = Statement{SQL: s.SQL}
		}
		return out
	}
	out := *m
	out.Allow, out.Steps, out.Down = nil, nil, nil
	for _, a := range m.Allow {
		a.Line = 0
		out.Allow = append(out.Allow, a)
	}
	for _, s := range m.Steps {
		s.Line, s.Statements = 0, bare(s.Statements)
		checks := s.Checks
		s.Checks = nil
		for _, c := range checks {
			s.Checks = append(s.Checks, Check{c.Message, Statement{SQL: c.Query.SQL}})
		}
		if s.Batch != nil {
			batch := *s.Batch
			batch.Line = 0
			s.Batch = &batch
		}
		out.Steps = append(out.Steps, s)
	}
	for _, u := range m.Down {
		if u.empty() {
			continue
		}
		// How one step's way back divides into transactions follows from its statements.
		if n := len(out.Down); n > 0 && out.Down[n-1].Step == u.Step {
			last := &out.Down[n-1]
			last.Statements = append(last.Statements, bare(u.Statements)...)
			last.Loses = append(last.Loses, u.Loses...)
			continue
		}
		out.Down = append(out.Down, Undo{Step: u.Step, Loses: slices.Clone(u.Loses), Statements: bare(u.Statements)})
	}
	return &out
}

// writeFile replaces a file as a whole or not at all, and survives a crash right after it returns.
func writeFile(path string, text []byte) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), ".pleat-*.tmp")
	if err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(path), err)
	}
	defer func() {
		if err != nil {
			_ = f.Close()
			_ = os.Remove(f.Name())
			err = fmt.Errorf("write %s: %w", filepath.Base(path), err)
		}
	}()
	if _, err = f.Write(text); err != nil {
		return err
	}
	if err = f.Chmod(0o644); err != nil {
		return err
	}
	if err = f.Sync(); err != nil {
		return err
	}
	if err = f.Close(); err != nil {
		return err
	}
	if err = os.Rename(f.Name(), path); err != nil {
		return err
	}
	if dir, openErr := os.Open(filepath.Dir(path)); openErr == nil {
		// Not every file system can sync a directory; the rename itself has happened.
		_ = dir.Sync()
		_ = dir.Close()
	}
	return nil
}
