package adopt

import (
	"context"
	"errors"
	"fmt"

	"github.com/pleatdb/pleat/inspect/shadow"
	"github.com/pleatdb/pleat/schema"
)

// attempts replays the files until what they build is what is there: in the order in which they ran under the most likely search path, in the
// order of the directory where that is refused, and under other paths. The error means that the shadow failed.
func (a *aligner) attempts(ctx context.Context) error {
	if err := a.attempt(ctx, a.home(), ""); err != nil {
		return err
	}
	if a.refused != nil { // what ran again later may have been needed before
		ran := a.ran
		a.ran = inFileOrder(a.History, a.ran)
		if err := a.attempt(ctx, a.home(), "the files were run in the order of the directory, since "+a.refused.File+" does not run in that of the history"); err != nil {
			return err
		}
		if a.best == nil {
			a.ran = ran
		}
	}
	for _, path := range a.otherPaths() {
		if a.best != nil && len(a.best.Differences) == 0 {
			break
		}
		note := fmt.Sprintf("names without a schema were read as names of %s first, since that fits the database best", schema.Quote(path[0]))
		if err := a.attempt(ctx, path, note); err != nil {
			return err
		}
	}
	return nil
}

// attempt keeps what was built where it is better than what there is.
func (a *aligner) attempt(ctx context.Context, path []string, note string) error {
	built, err := a.build(ctx, path)
	var refused *shadow.ScriptError
	switch {
	case errors.As(err, &refused):
		if a.refused == nil {
			a.refused = refused
		}
		return nil
	case err != nil:
		return err
	case a.best == nil || len(built.Differences) < len(a.best.Differences):
		if note != "" {
			built.Notes = append(built.Notes, note)
		}
		a.best = built
	}
	return nil
}

// home is the search path under which the tool most likely ran: the schema of its table first, where that holds more than the table.
func (a *aligner) home() []string {
	s := &a.History.Source
	if s.OwnSchema || s.Schema == "public" || !a.holds(s.Schema) {
		return nil
	}
	return []string{s.Schema, "public"}
}

// holds reports whether the live state has relations in a schema.
func (a *aligner) holds(name string) bool {
	for _, id := range a.Live.IDs() {
		if id.Schema == name && (id.Kind.IsRelation() || id.Kind.IsRoutine()) {
			return true
		}
	}
	return false
}

// otherPaths are the further schemas that names without one may have meant: a role or database may have a search path of its own.
func (a *aligner) otherPaths() (out [][]string) {
	const most = 4
	home := a.home()
	if home != nil {
		out = append(out, []string{"public"})
	}
	for _, id := range a.Live.IDs() {
		if id.Kind != schema.KindSchema || id.Name == "public" || home != nil && id.Name == home[0] || !a.holds(id.Name) {
			continue
		}
		if len(out) < most {
			out = append(out, []string{id.Name, "public"})
		}
	}
	return out
}
