package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/pleatdb/pleat/cmd/internal/adopt"
	"github.com/pleatdb/pleat/cmd/internal/view"
	"github.com/pleatdb/pleat/history"
	"github.com/pleatdb/pleat/history/legacy"
	"github.com/pleatdb/pleat/history/migration"
	"github.com/pleatdb/pleat/inspect/shadow"
	"github.com/pleatdb/pleat/schema"
)

// adoption is the import of another tool's history, as far as it got.
type adoption struct {
	*takeover
	read   *legacy.History
	passed []legacy.Problem
	ignore []string
	major  int
	// shadow is nil where no file can be run on one.
	shadow *shadow.Shadow
	// converted are the files of pleat's own by the key of the legacy migration.
	converted map[string]conversion
	// path is what names without a schema meant to the tool; empty for the server's default.
	path []string
	// whole is set where all that is in effect was converted.
	whole   bool
	desired *schema.Catalog
	// files are those of the tool by key.
	files map[string]*legacy.File
	doc   *view.ImportedHistory
	// frozen are the tables that --freeze keeps the tool from.
	frozen []history.FrozenTable
}

// conversion is a legacy migration as one of pleat's.
type conversion struct {
	version, name, file string
	checksum            string
	text                []byte
	migration           *migration.Migration
	pending             bool
}

// history reads another tool's history, checks it, compares, and records it.
func (t *takeover) history(ctx context.Context) (*view.Import, error) {
	a := &adoption{takeover: t, converted: map[string]conversion{}}
	if t.o.freeze {
		var err error
		if a.frozen, err = freezable(&t.source); err != nil {
			return nil, err
		}
	}
	t.view.Progress(fmt.Sprintf("reading the history of %s in %s", t.source.Tool, &t.source))
	if err := a.judge(ctx); err != nil {
		return nil, err
	}
	a.mask()
	a.ignore = adopt.Ignore(&a.read.Source)
	for _, pattern := range adopt.Loose(&a.read.Source) {
		t.view.Note(fmt.Sprintf("the pattern %q, which leaves the tool's table alone, may match other names too: ? stands for any character", pattern))
	}
	var err error
	if a.major, err = t.inspectLive(ctx, a.ignore...); err != nil {
		return nil, err
	}
	a.doc = view.NewImportedHistory(a.read, t.o.legacy)
	a.doc.Accepted, a.doc.Reason = view.ImportProblems(a.passed), t.o.reason
	if err := a.compare(ctx); err != nil {
		return nil, err
	}
	doc := &view.Import{Database: t.database(), Objects: t.live.Len(), DryRun: t.o.dryRun, History: a.doc, Next: t.next(), Files: []string{}}
	files := newFiles{}
	if !t.o.logOnly {
		dir := ""
		if t.o.legacy != "" {
			dir = relativeTo(t.o.out, t.o.legacy)
		}
		if files, err = t.schemaFiles(a.desired, legacyProject(a.ignore, string(t.source.Tool), dir, a.whole), a.written()...); err != nil {
			return nil, err
		}
		doc.Files = files.paths(t.o.out)
	} else if err := a.watched(); err != nil {
		return nil, err
	}
	a.publish()
	if t.o.dryRun {
		return doc, nil
	}
	if err := a.record(ctx, files); err != nil {
		return nil, fmt.Errorf("record the import: %w", err)
	}
	return doc, t.write(files)
}

// judge reads the history and refuses it where something speaks against it that nobody let pass.
func (a *adoption) judge(ctx context.Context) (err error) {
	if a.read, err = legacy.Read(ctx, a.tx, a.source, a.dir); err != nil {
		return a.unreadable(ctx, err)
	}
	refused, passed := a.read.Judge(a.o.accepted)
	if len(refused) > 0 {
		a.mask()
		return &view.ImportRefusal{Problems: refused, History: view.NewImportedHistory(a.read, a.o.legacy)}
	}
	a.passed, a.files = passed, map[string]*legacy.File{}
	for i := range a.read.Files {
		a.files[a.read.Files[i].Key] = &a.read.Files[i]
	}
	if a.dir != nil && len(a.read.Files) == 0 && len(a.read.Entries) > 0 {
		a.view.Warn(fmt.Sprintf("no migration of %s was found in %s", a.source.Tool, a.o.legacy))
	}
	for i, acceptance := range a.o.accepted {
		matched := slices.ContainsFunc(passed, func(p legacy.Problem) bool {
			return p.Code == acceptance.Code && (acceptance.Key == "" || acceptance.Key == p.Key)
		})
		if !matched && !slices.Contains(a.o.accepted[:i], acceptance) && acceptance.Code != legacy.PendingCode {
			a.view.Warn(fmt.Sprintf("--accept %s let nothing pass: there is no such problem", a.o.accept[i]))
		}
	}
	return nil
}

// compare holds the database against what the files build, and works out what the new project consists of.
func (a *adoption) compare(ctx context.Context) error {
	runnable := slices.ContainsFunc(a.read.Files, func(f legacy.File) bool { return f.SQL != nil })
	alignment := &adopt.Alignment{}
	if runnable {
		server, err := a.shadowServer(ctx, a.major)
		if err != nil && len(a.read.Pending) > 0 {
			return fmt.Errorf("find out what the pending migrations make: %w", err)
		}
		if err != nil {
			alignment.Reason = err.Error()
		} else {
			defer func() { _ = server.Close() }() // a server that does not end is swept by the next start
			a.shadow = shadow.On(server)
		}
	}
	if alignment.Reason == "" {
		if runnable {
			a.view.Progress("comparing the database with what the files build")
		}
		var err error
		request := adopt.Request{History: a.read, Live: a.live, Shadow: a.shadow, Ignore: slices.Concat(a.env.Ignore, a.ignore), Schemas: a.scope}
		if alignment, err = adopt.Align(ctx, request); err != nil {
			return fmt.Errorf("compare the database with the files: %w", err)
		}
	}
	a.align(alignment)
	a.desired = a.live
	return a.convert(ctx)
}

// align adds the comparison to what is shown.
func (a *adoption) align(with *adopt.Alignment) {
	to := &a.doc.Alignment
	a.path = with.SearchPath
	to.Compared, to.Reason, to.Files, to.Notes = with.Compared, with.Reason, with.Files, with.Notes
	for _, d := range with.Differences {
		to.Differences = append(to.Differences, view.ImportedDifference{Object: d.Object, Kind: d.Kind, Detail: append([]string{}, d.Detail...)})
	}
}

// convert makes migrations of what is pending, and with --convert of all. For a project that is there, its own files are found again.
func (a *adoption) convert(ctx context.Context) error {
	if !a.read.HasDir {
		if a.o.convert {
			return &view.Refusal{Code: "usage", Message: "--convert needs the files of the tool: --legacy DIR"}
		}
		return nil
	}
	made, err := adopt.Convert(a.read, adopt.ConvertOptions{All: a.o.convert || a.o.logOnly, Now: a.app.now(), SearchPath: a.path, Accepted: a.o.accepted})
	var unfit *adopt.UnfitError
	if errors.As(err, &unfit) {
		return &view.ImportRefusal{Problems: unfit.Problems}
	}
	if err != nil {
		return fmt.Errorf("convert the migrations of %s: %w", a.source.Tool, err)
	}
	if a.o.logOnly {
		return a.recognise(made)
	}
	if a.shadow != nil {
		if a.desired, err = made.Desired(ctx, a.live, a.shadow); err != nil {
			return fmt.Errorf("find out what the pending migrations make: %w", err)
		}
	}
	a.doc.Notes, a.whole = append(a.doc.Notes, made.Notes...), made.Whole
	for _, c := range made.Files {
		text := migration.Format(c.Migration)
		a.converted[a.slot(c)] = conversion{c.Migration.Version, c.Migration.Name, c.Migration.File(), migration.Checksum(text), text, c.Migration, c.Pending}
	}
	return nil
}

// slot is where a conversion is kept: what runs again has two, one for what ran and one for what is to run.
func (a *adoption) slot(c adopt.Converted) string { return slot(c.Key, c.Pending) }

func slot(key string, pending bool) string {
	if pending {
		return "pending " + key
	}
	return "ran " + key
}

// recognise finds the files that an import into another database made of legacy migrations, by the line that says where they come from.
// What has not run here must be there as a file: else nothing would ever run it.
func (a *adoption) recognise(made *adopt.Conversion) error {
	dir, err := a.directory()
	if err != nil {
		return err
	}
	theirs := map[string]conversion{}
	for i := range dir.Files {
		f := &dir.Files[i]
		m, err := f.Parse()
		if err != nil {
			return err
		}
		if len(m.Steps) > 0 && len(m.Steps[0].Notes) > 0 {
			theirs[m.Steps[0].Notes[0]] = conversion{m.Version, m.Name, f.Name, f.Checksum, f.Text, m, false}
		}
	}
	var absent []legacy.Problem
	for _, c := range made.Files {
		own, ok := conversion{}, false
		if notes := c.Migration.Steps[0].Notes; len(notes) > 0 {
			own, ok = theirs[notes[0]]
		}
		if own.pending = c.Pending; ok {
			a.converted[a.slot(c)] = own
		} else if c.Pending {
			absent = append(absent, legacy.Problem{Code: "pending_files", Key: c.Key, Message: fmt.Sprintf("%s has not run here, and the project has no migration for it", c.Origin),
				Next: fmt.Sprintf("run it here with %s first, or remove it where it is not to run any more, and import then", a.source.Tool)})
		}
	}
	if len(absent) > 0 {
		return &view.ImportRefusal{Problems: absent}
	}
	return nil
}

// written are the migrations of the new project.
func (a *adoption) written() (out []*migration.Migration) {
	for _, c := range a.converted {
		out = append(out, c.migration)
	}
	return out
}

// watched says what the project that is there does not do.
func (a *adoption) watched() error {
	said, err := a.legacy()
	if err != nil {
		return err
	}
	if said.Dir == "" && a.o.legacy != "" {
		a.view.Warn(fmt.Sprintf("the project file has no block legacy { tool = %q dir = … }, so that edits of the files of %s would not be noticed", a.source.Tool, a.source.Tool))
	}
	for _, pattern := range a.ignore {
		if !slices.Contains(a.env.Ignore, pattern) {
			a.view.Warn(fmt.Sprintf("the project file does not ignore %q, so that a plan would drop it; write ignore = [%q]", pattern, pattern))
		}
	}
	return nil
}

// publish adds to what is shown what became of the entries and of the pending files.
func (a *adoption) publish() {
	for i := range a.doc.Entries {
		e := &a.doc.Entries[i]
		if c, ok := a.converted[slot(e.Key, false)]; ok && e.InEffect {
			e.Recorded = c.version
		}
	}
	for i := range a.doc.Pending {
		p := &a.doc.Pending[i]
		p.Migration = a.converted[slot(p.Key, true)].file
	}
	for _, t := range a.frozen {
		a.doc.Frozen = append(a.doc.Frozen, t.SQL())
	}
}
