package apply

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	udiff "github.com/aymanbagabas/go-udiff"

	"github.com/pleatdb/pleat/history"
	"github.com/pleatdb/pleat/history/migration"
	"github.com/pleatdb/pleat/schema/sqltext"
)

// maxTold bounds how many files of another tool are told one by one.
const maxTold = 20

// LegacyFile is a file of the tool whose history was imported, and the first migration that it belongs to.
type LegacyFile struct {
	Path   string // as it is found from the working directory
	Record *history.Record
	now    []byte
	// main is set for the file whose checksum is the record's.
	main bool
}

// LegacyFiles is how the files of the tool whose history was imported compare with what they were then.
type LegacyFiles struct {
	Dir string
	// Tool is that of the newest import; empty where nothing with files was imported.
	Tool string
	// Gone is set where the directory is not there. Nothing else is known then.
	Gone            bool
	Edited, Missing []LegacyFile
	// Compared is how many files were looked at.
	Compared int
}

// CompareLegacy holds the files of an imported history against the checksums that the import took. Those that were converted are pleat's
// own files now and are not looked for. An error means that a file could not be read.
func CompareLegacy(state *history.State, dir string) (*LegacyFiles, error) {
	l := &LegacyFiles{Dir: dir}
	seen := map[string]bool{}
	records := make([]*history.Record, 0, len(state.Records)+1)
	for i := range state.Records {
		records = append(records, &state.Records[i])
	}
	if state.Settled != nil {
		records = append(records, state.Settled)
	}
	for _, r := range records {
		if r.Legacy == nil || r.Legacy.Converted || r.Status != history.StatusImported {
			continue
		}
		for _, part := range r.Legacy.Parts {
			if seen[part.Path] || !filepath.IsLocal(filepath.FromSlash(part.Path)) {
				continue
			}
			seen[part.Path], l.Tool = true, r.Legacy.Tool
			if l.Gone = l.Compared == 0 && !isDirectory(dir); l.Gone {
				return l, nil
			}
			if err := l.compare(r, part); err != nil {
				return nil, err
			}
		}
	}
	return l, nil
}

func isDirectory(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// compare looks at one file.
func (l *LegacyFiles) compare(r *history.Record, part history.LegacyPart) error {
	l.Compared++
	f := LegacyFile{Path: filepath.Join(l.Dir, filepath.FromSlash(part.Path)), Record: r, main: part.Checksum == r.Checksum}
	text, err := os.ReadFile(f.Path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		l.Missing = append(l.Missing, f)
	case err != nil:
		return fmt.Errorf("read the file of an imported migration: %w", err)
	case migration.Checksum(text) != part.Checksum:
		f.now = text
		l.Edited = append(l.Edited, f)
	}
	return nil
}

// Warnings say what is missing, each at most one line; empty for nothing.
func (l *LegacyFiles) Warnings() (out []string) {
	if l.Gone {
		out = append(out, fmt.Sprintf("the migrations of %s are not at %s, so that nobody knows whether they were edited since the import; say where they are in the block legacy of the project file, or remove it",
			l.Tool, l.Dir))
	}
	return append(out, l.missing()...)
}

func (l *LegacyFiles) missing() []string {
	if len(l.Missing) == 0 {
		return nil
	}
	text := l.Missing[0].Path + " is gone"
	if n := len(l.Missing); n > 1 {
		text = fmt.Sprintf("%s and %d more files are gone", l.Missing[0].Path, n-1)
	}
	return []string{text + ", which were imported with the history of " + l.Tool}
}

// compareLegacy refuses where a file of an imported migration was edited, and warns of those that are gone.
func (s *session) compareLegacy(ctx context.Context, t *target) []error {
	if s.opts.Legacy == "" {
		return nil
	}
	files, err := CompareLegacy(t.state, s.opts.Legacy)
	if err != nil {
		return []error{err}
	}
	if files.Gone {
		t.beside = append(t.beside, files.Warnings()...)
		return nil
	}
	t.warnings = append(t.warnings, files.missing()...)
	t.legacy = files
	var errs []error
	for i, f := range files.Edited {
		if i == maxTold {
			return append(errs, &Refused{Code: "legacy_files", Reason: fmt.Sprintf("%d more files of %s were edited since they were imported", len(files.Edited)-maxTold, files.Tool),
				Next: "bring back the directory as it was"})
		}
		errs = append(errs, s.editedLegacy(ctx, f))
	}
	return errs
}

// editedLegacy is the refusal of one edited file, with a diff where its text is kept.
func (s *session) editedLegacy(ctx context.Context, f LegacyFile) error {
	e := &ChecksumError{File: f.Path, Version: f.Record.Version, At: f.Record.At, Actor: f.Record.Actor, Tool: f.Record.Legacy.Tool}
	if !f.main {
		return e
	}
	name, text, ok, err := s.log.File(ctx, f.Record.Checksum)
	if err != nil {
		return err
	}
	if ok {
		e.Diff = udiff.Unified("imported/"+name, f.Path, sqltext.MaskSecrets(string(migration.Normalize(text))), sqltext.MaskSecrets(string(migration.Normalize(f.now))))
	}
	return e
}

// forwardOnly refuses to take back what another tool applied: the newest of it, and how many there are.
func forwardOnly(imported []*history.Record, own int) error {
	r := imported[0]
	what := fmt.Sprintf("%s cannot be rolled back: another tool applied it", imports(r))
	if l := r.Legacy; l != nil {
		what = fmt.Sprintf("%s cannot be rolled back: %s applied it", imports(r), l.Tool)
		if at := l.Applied(); at != "" {
			what += " at " + at
		}
		what += fmt.Sprintf(", before its history was imported on %s, and what was imported only goes forward, as no way back of it was ever proven", r.At.UTC().Format("2006-01-02"))
	}
	switch n := len(imported) - 1; {
	case n == 1:
		what += " (the same goes for one older than it)"
	case n > 1:
		what += fmt.Sprintf(" (the same goes for %d older ones)", n)
	}
	next := "write a new migration that does what is wanted: change the schema files, then pleat plan"
	switch {
	case own == 1:
		next += "; what pleat itself applied goes back with: pleat rollback --steps 1"
	case own > 1:
		next += fmt.Sprintf("; the %d migrations that pleat itself applied go back with: pleat rollback --steps %d", own, own)
	}
	return &Refused{Code: "forward_only", Reason: what, Next: next}
}

// imports names an imported migration for people: its version and its name, neither twice.
func imports(r *history.Record) string {
	version := r.Version
	if r.Legacy != nil && r.Legacy.Version != "" && !r.Legacy.Converted {
		version = r.Legacy.Version
	}
	switch {
	case r.Name == "" || r.Name == version || r.Name == r.Version:
		return version
	case len(r.Name) > len(version) && r.Name[:len(version)] == version:
		return r.Name
	}
	return version + " " + r.Name
}
