package adopt

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/pleatdb/pleat/history/legacy"
	"github.com/pleatdb/pleat/inspect"
	"github.com/pleatdb/pleat/inspect/shadow"
	"github.com/pleatdb/pleat/schema"
	"github.com/pleatdb/pleat/schema/sqltext"
)

// Request is what an alignment is made from.
type Request struct {
	History *legacy.History
	// Live is the state of the database without what Ignore leaves out.
	Live   *schema.Catalog
	Shadow *shadow.Shadow
	// Ignore are the patterns with which Live was read; Schemas are those that were read, nil for all.
	Ignore, Schemas []string
}

// Alignment is how the live state differs from what the legacy files build.
type Alignment struct {
	// Compared is false where the files cannot be run, and Reason says why.
	Compared bool
	Reason   string
	// Files is how many were run.
	Files       int
	Differences []Difference
	// SearchPath is what names without a schema meant to the tool: what fits the database best, or without a comparison what its table says. Empty
	// is the server's default.
	SearchPath []string
	// Notes say what was left out of the comparison.
	Notes []string
}

// Align compares the live state with what the imported files build. The error means that the shadow failed; files that cannot be run
// are the alignment's reason.
func Align(ctx context.Context, r Request) (*Alignment, error) {
	a := &aligner{Request: r, ran: sequence(r.History)}
	if reason := a.incomparable(); reason != "" {
		return &Alignment{Reason: reason, SearchPath: a.home()}, nil
	}
	empty, err := r.Shadow.Empty(ctx)
	if err != nil {
		return nil, err
	}
	a.empty = empty
	if err := a.attempts(ctx); err != nil {
		return nil, err
	}
	if a.best == nil {
		return &Alignment{Reason: explained(a.refused), SearchPath: a.home()}, nil
	}
	if slices.Equal(a.best.SearchPath, []string{"public"}) {
		a.best.SearchPath = nil
	}
	return a.best, nil
}

// explained makes a reason of what the engine says of a file.
func explained(refused *shadow.ScriptError) string {
	text := refused.Err.Error()
	var pg *pgconn.PgError
	if errors.As(refused, &pg) {
		text = fmt.Sprintf("%s (%s)", pg.Message, pg.Code)
	}
	return fmt.Sprintf("%s does not run on an empty database: %s", refused.File, text)
}

type aligner struct {
	Request
	ran   []ran
	empty *schema.Catalog
	// best is what fits best so far, refused the first refusal of the engine.
	best    *Alignment
	refused *shadow.ScriptError
	// made are the schemas and extensions that the files make; nil until somebody asks.
	made map[schema.ID]bool
	// laid is what was laid in because the files do not run without it; nil until that is known.
	laid *schema.Catalog
}

// incomparable says why nothing can be compared; empty where the files can be tried.
func (a *aligner) incomparable() string {
	if !a.History.HasDir {
		return "no directory with the files was given"
	}
	if len(a.ran) == 0 {
		return "nothing is in effect"
	}
	for _, r := range a.ran {
		if r.file == nil {
			return r.gone
		}
		if why := unfit(r.file); why != "" {
			return r.file.Path + " cannot be run here: " + why
		}
	}
	return ""
}

// build replays the files under a search path and compares.
func (a *aligner) build(ctx context.Context, path []string) (*Alignment, error) {
	steady, changed := a.scripts()
	out := &Alignment{Compared: true, Files: len(a.ran), SearchPath: path}
	built, given, err := a.replay(ctx, path, slices.Concat(steady, changed))
	if err != nil && len(changed) == 0 {
		return nil, err
	}
	skip := map[schema.ID]bool{}
	if len(changed) > 0 {
		before, laid, alone := a.replay(ctx, path, steady)
		if alone != nil {
			return nil, alone
		}
		if err != nil { // what has not run yet may be what the new text needs
			built, given = before, laid
			a.named(changed, skip)
		}
		for _, id := range differing(a.comparable(before, laid), a.comparable(built, given)) {
			skip[id] = true
		}
	}
	for _, r := range a.ran {
		if r.changed {
			out.Files--
			out.Notes = append(out.Notes, r.file.Path+" was changed since it ran and runs again; what it makes is not compared")
		}
	}
	out.Differences = Differences(without(a.comparable(built, given), skip), without(a.comparable(a.Live, nil), skip))
	return out, nil
}

// named marks the live objects that scripts make, by the names in their text.
func (a *aligner) named(scripts []shadow.Script, mark map[schema.ID]bool) {
	for _, script := range scripts {
		for _, sql := range script.SQL {
			for _, t := range sqltext.Touched(sql).Objects {
				for _, id := range a.Live.IDs() {
					if t.Name != "" && (t.Schema == "" || t.Schema == id.Schema) && (id.Name == t.Name || id.Parent == t.Name) {
						mark[id] = true
					}
				}
			}
		}
	}
}

// replay runs scripts on what there must be before them.
func (a *aligner) replay(ctx context.Context, path []string, scripts []shadow.Script) (built, given *schema.Catalog, err error) {
	ground := shadow.Ground{Roles: a.Live, SearchPath: path, Read: inspect.Options{Ignore: a.Ignore}}
	needed := a.needed(path)
	if a.laid != nil {
		needed = a.laid
	}
	ground.Given = needed
	built, err = a.Shadow.Build(ctx, ground, scripts)
	var script *shadow.ScriptError
	if !errors.As(err, &script) || a.laid != nil {
		return built, needed, err
	}
	all := a.unmade(needed)
	if all.Len() == needed.Len() {
		return nil, nil, err
	}
	ground.Given = all
	built, second := a.Shadow.Build(ctx, ground, scripts)
	if second != nil {
		return nil, nil, second
	}
	a.laid = all
	return built, all, nil
}
