package review

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/pleatdb/pleat/history/foreign"
	"github.com/pleatdb/pleat/inspect/shadow"
	"github.com/pleatdb/pleat/schema"
)

// Measure runs the files on a throw-away server and keeps what each statement did there. live is the state before them;
// with nil, the files of a directory are run from the first one on an empty database. What cannot be run is not measured, and
// [Set.Measured] says why.
func (s *Set) Measure(ctx context.Context, on *shadow.Shadow, live *schema.Catalog) error {
	s.measuredOn = fmt.Sprintf("PostgreSQL %s", on.Version())
	for _, d := range s.Dirs {
		var scripts []shadow.Script
		var places [][]place
		for i := range d.Files {
			if f := &d.Files[i]; (!f.Context || live == nil) && !summary(d.Files, i) {
				more, at := scriptsOf(f)
				scripts, places = append(scripts, more...), append(places, at...)
			}
		}
		effects, err := on.Trace(ctx, live, scripts)
		for i, list := range effects {
			for j := range list {
				s.effects[places[i][j]] = &effects[i][j]
			}
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		var refused *shadow.ObjectError
		switch {
		case errors.As(err, &refused):
			s.unmeasured = append(s.unmeasured, fmt.Sprintf("%s: measuring ended at a statement that fails: %s", d.Path, refused))
		case err != nil:
			return err
		}
	}
	return nil
}

// summary reports whether a file is a baseline of migrations that are there themselves: one of the two runs.
func summary(files []foreign.File, i int) bool {
	return files[i].Kind == foreign.Baseline && slices.ContainsFunc(files, func(f foreign.File) bool {
		return f.Kind == foreign.Versioned && (f.Version == files[i].Version || slices.IndexFunc(files, func(g foreign.File) bool { return g.Path == f.Path }) < i)
	})
}

// Measured says on what was measured, empty for nothing, and what was not, and why.
func (s *Set) Measured() (on string, missing []string) { return s.measuredOn, s.unmeasured }

// scriptsOf gives the way up of a migration as scripts, with the places of their statements. A file with a placeholder
// cannot be run.
func scriptsOf(f *foreign.File) (out []shadow.Script, places [][]place) {
	if len(f.Up.Placeholders) > 0 {
		return nil, nil
	}
	for _, u := range f.Up.Units {
		script := shadow.Script{File: f.Path, Step: u.Step, Transactional: u.Transactional || u.OneMessage || u.Batched}
		var at []place
		for _, stmt := range u.Statements {
			script.SQL = append(script.SQL, stmt.SQL)
			at = append(at, place{f.Up.Path, stmt.Line, stmt.Column})
		}
		out, places = append(out, script), append(places, at)
	}
	return out, places
}
