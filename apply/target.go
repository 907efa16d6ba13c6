package apply

import (
	"context"
	"errors"
	"fmt"
	"slices"

	udiff "github.com/aymanbagabas/go-udiff"

	"github.com/pleatdb/pleat/history"
	"github.com/pleatdb/pleat/history/migration"
	"github.com/pleatdb/pleat/schema"
	"github.com/pleatdb/pleat/schema/sqltext"
)

// target is what is known of the database before a run: its verified history and its live state.
type target struct {
	exists  bool // whether there is a history
	entries []history.Entry
	state   *history.State
	// live is the catalog as it was last inspected.
	live *schema.Catalog
	// snapshot is what the last run left; nil when there was none or when a later run was interrupted.
	snapshot *schema.Catalog
	warnings []string
	// beside are warnings about what is no part of the project.
	beside []string
	// legacy is what was found of the files of an imported history; nil where nothing was looked at.
	legacy *LegacyFiles
	// fingerprintOf is [Options].Fingerprint.
	fingerprintOf func(live *schema.Catalog, ids []schema.ID) string
	// applied is what is in the database, in the order in which it went in.
	applied []applied
}

// load reads and verifies the history, compares the applied files with those in the directory, and inspects.
func (s *session) load(ctx context.Context) (*target, error) {
	t := &target{fingerprintOf: s.opts.Fingerprint}
	var err error
	if t.exists, err = s.log.Exists(ctx); err != nil {
		return nil, err
	}
	if t.entries, err = s.log.Verified(ctx); err != nil {
		return nil, unreadable(err)
	}
	t.state = history.StateOf(t.entries)
	if err := s.loadApplied(ctx, t); err != nil {
		return nil, err
	}
	if s.opts.Dir != nil {
		if err := s.opts.Dir.Validate(); err != nil {
			return nil, err
		}
		if err := s.compareFiles(ctx, t); err != nil {
			return nil, err
		}
	}
	t.warnings = append(t.warnings, t.beside...)
	if t.live, err = s.opts.Inspect(ctx, s.conn); err != nil {
		return nil, err
	}
	if t.state.Snapshot != "" && !t.interrupted() {
		t.snapshot, err = s.log.Snapshot(ctx, t.state.Snapshot)
	}
	return t, err
}

// fingerprint is that of objects as they were last inspected.
func (t *target) fingerprint(ids []schema.ID) string {
	if t.fingerprintOf != nil {
		return t.fingerprintOf(t.live, ids)
	}
	return t.live.FingerprintOf(ids)
}

// unreadable explains a history that the role may not read.
func unreadable(err error) error {
	if sqlState(err) != "42501" {
		return err
	}
	return &Refused{Code: "privileges", Reason: "this role may not read the history", Err: err,
		Next: "connect as the role that applied before, or grant it: GRANT USAGE ON SCHEMA pleat; GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA pleat (UPDATE lets it lock the log; the trigger refuses updates)"}
}

// interrupted reports whether anything changed after the newest snapshot, so that a comparison with it would show the
// interrupted run's own work.
func (t *target) interrupted() bool {
	for _, e := range slices.Backward(t.entries) {
		if e.Snapshot != "" {
			return false
		}
		if e.Kind == history.StepStarted || e.Kind == history.StepDone || e.Kind == history.UndoStarted || e.Kind == history.UndoDone {
			return true
		}
	}
	return false
}

// compareFiles holds every file that ran against the directory. A file that was edited is an error, one that is gone a
// warning, as its text is kept.
func (s *session) compareFiles(ctx context.Context, t *target) error {
	var errs []error
	for i := range t.state.Records {
		r := &t.state.Records[i]
		ran := r.Status == history.StatusApplied || r.StepsDone > 0 || r.UndoneParts > 0 || r.InDoubt != nil || converted(r)
		if !ran || r.Checksum == "" || r.Status == history.StatusImported && !converted(r) {
			continue
		}
		f := s.opts.Dir.File(r.Version)
		switch {
		case f == nil && renamedTo(s.opts.Dir, t, r) != nil:
			errs = append(errs, &Refused{Code: "renamed", Reason: fmt.Sprintf("%s has the text of %s_%s, which is applied and whose file is gone",
				renamedTo(s.opts.Dir, t, r).Name, r.Version, r.Name), Next: "give the file its old name again, as it would be applied a second time"})
		case f == nil:
			t.warnings = append(t.warnings, fmt.Sprintf("%s_%s was applied but its file is gone; its text is kept in the log", r.Version, r.Name))
		case f.Checksum != r.Checksum:
			errs = append(errs, s.edited(ctx, r, f))
		case f.Slug != r.Name:
			t.warnings = append(t.warnings, fmt.Sprintf("%s was applied as %s_%s", f.Name, r.Version, r.Name))
		}
	}
	return errors.Join(append(errs, s.compareLegacy(ctx, t)...)...)
}

// converted reports whether a migration was imported and has a file of pleat's own since.
func converted(r *history.Record) bool {
	return r.Status == history.StatusImported && r.Legacy != nil && r.Legacy.Converted
}

// renamedTo finds a file that nobody ran and that has the text of one that ran; nil when there is none.
func renamedTo(d *migration.Dir, t *target, r *history.Record) *migration.File {
	for i := range d.Files {
		if f := &d.Files[i]; f.Checksum == r.Checksum && t.state.Record(f.Version) == nil {
			return f
		}
	}
	return nil
}

// edited decides about a file that is not as it ran: nil when the steps that ran are the same, so that what failed
// after them can be mended.
func (s *session) edited(ctx context.Context, r *history.Record, f *migration.File) error {
	name, text, ok, err := s.log.File(ctx, r.Checksum)
	if err != nil {
		return err
	}
	if ok && r.Status != history.StatusApplied && r.Status != history.StatusImported && r.UndoneParts == 0 && sameStart(name, text, f, r) {
		return nil
	}
	e := &ChecksumError{File: f.Name, Version: r.Version, At: r.At, Actor: r.Actor}
	if ok {
		e.Diff = udiff.Unified("applied/"+name, f.Name, sqltext.MaskSecrets(string(text)), sqltext.MaskSecrets(string(f.Text)))
	}
	return e
}

// sameStart reports whether two texts of one migration have the same steps up to the last that ran or may have run.
func sameStart(name string, text []byte, f *migration.File, r *history.Record) bool {
	ran, err := migration.Parse(name, text)
	if err != nil {
		return false
	}
	now, err := f.Parse()
	if err != nil {
		return false
	}
	n := r.StepsDone
	if r.InDoubt != nil && !r.InDoubt.Refused {
		n = max(n, r.InDoubt.Step)
	}
	if n > len(ran.Steps) || n > len(now.Steps) {
		return false
	}
	for i := range n {
		if !sameStatements(ran.Steps[i].Statements, now.Steps[i].Statements) {
			return false
		}
	}
	return true
}
