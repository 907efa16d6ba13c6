package adopt

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pleatdb/pleat/history/legacy"
	"github.com/pleatdb/pleat/history/migration"
)

// ConvertOptions say what is converted.
type ConvertOptions struct {
	// All converts the files in effect too, not only the pending ones.
	All bool
	// Now is the time of the import. Versions do not follow from it.
	Now time.Time
	// Newest is the newest version of the directory into which the files go; empty for a new one.
	Newest string
	// SearchPath is what names without a schema meant to the tool ([Alignment.SearchPath]); empty for the server's default.
	SearchPath []string
	// Accepted is what a person let pass: with [legacy.PendingCode], pending files that cannot be converted stay where they are.
	Accepted []legacy.Accepted
}

// Conversion is what became of the files.
type Conversion struct {
	// Files are in the order of their versions.
	Files []Converted
	// Notes name what stays where it is, and what was lost on the way.
	Notes []string
	// Whole is set where all that is in effect was converted: the files alone lead from an empty database to what the tool made.
	Whole bool
	// again are the keys of what is in effect in another text than the pending one.
	again map[string]bool
}

// Converted is a legacy file as a migration.
type Converted struct {
	// Key is that of the entry and of the legacy file.
	Key       string
	Migration *migration.Migration
	// Pending is set for what has not run, or runs again.
	Pending bool
	// Origin is the path of the legacy file.
	Origin string
}

// UnfitError lists pending files that are plain SQL and cannot be migrations of pleat's all the same.
type UnfitError struct{ Problems []legacy.Problem }

func (e *UnfitError) Error() string {
	var list []string
	for i := range e.Problems {
		list = append(list, e.Problems[i].Error())
	}
	return strings.Join(list, "; ")
}

// Unwrap gives the problems one by one.
func (e *UnfitError) Unwrap() (out []error) {
	for i := range e.Problems {
		out = append(out, &e.Problems[i])
	}
	return out
}

// Convert makes migrations of legacy files: of the pending ones, and with [ConvertOptions].All of those in effect. What is in effect and
// cannot be converted stays with its tool and is named in a note; where a pending one cannot be, the error is an [*UnfitError].
func Convert(h *legacy.History, o ConvertOptions) (*Conversion, error) {
	c := &converter{history: h, options: o, out: &Conversion{again: map[string]bool{}}}
	versions, err := c.versions()
	if err != nil {
		return nil, err
	}
	var all []ran
	if o.All {
		all = sequence(h)
		for _, r := range all {
			c.effective(r, versions)
		}
		for i := range h.Entries {
			if e := &h.Entries[i]; e.InEffect && unrun(e) {
				c.note("%s was marked as ran and did not run, so that there is nothing to convert", label(e))
			}
		}
	}
	for i := range h.Pending {
		c.pending(&h.Pending[i], versions)
	}
	if len(c.unfit) > 0 {
		return nil, &UnfitError{c.unfit}
	}
	made := map[string]bool{}
	for i := range c.out.Files {
		made[c.out.Files[i].Key] = true
	}
	c.out.Whole = o.All && !slices.ContainsFunc(all, func(r ran) bool { return !made[r.key] })
	slices.SortStableFunc(c.out.Files, func(a, b Converted) int { return strings.Compare(a.Migration.Version, b.Migration.Version) })
	return c.out, nil
}

type converter struct {
	history *legacy.History
	options ConvertOptions
	out     *Conversion
	unfit   []legacy.Problem
}

func (c *converter) note(format string, args ...any) {
	c.out.Notes = append(c.out.Notes, fmt.Sprintf(format, args...))
}

// effective converts a file that is in effect.
func (c *converter) effective(r ran, versions *versions) {
	stays := func(f *legacy.File, why string) {
		c.note("%s is not converted and stays with %s: %s", f.Path, c.history.Source.Tool, why)
	}
	switch {
	case r.file == nil:
		c.note("%s, so that there is nothing to convert", r.gone)
		return
	case r.changed:
		c.note("%s is not converted as it ran: its text is another one now, which is to run", r.file.Path)
		c.out.again[r.key] = true
		return
	case r.file.Settled != "" && !c.recorded(r.key):
		stays(r.file, r.file.Settled)
		return
	}
	if why := unfit(r.file); why != "" {
		stays(r.file, why)
		return
	}
	if m, err := c.migration(r.file, versions.of(r.file)); err != nil {
		stays(r.file, said(err))
	} else {
		c.add(r.file, m, false)
	}
}

// recorded reports whether an entry in effect is about a key.
func (c *converter) recorded(key string) bool {
	return slices.ContainsFunc(c.history.Entries, func(e legacy.Entry) bool { return e.InEffect && e.Key == key })
}

// pending converts a file that has not run.
func (c *converter) pending(f *legacy.File, versions *versions) {
	why := unfit(f)
	var m *migration.Migration
	if why == "" {
		version, err := versions.next(f)
		if err == nil {
			m, err = c.migration(f, version)
		}
		if err != nil {
			why = said(err)
		}
	}
	switch {
	case why == "":
		c.add(f, m, true)
	case f.SQL == nil || c.accepted(f.Key):
		c.note("%s has not run and stays with %s, which alone can run it: %s", f.Path, c.history.Source.Tool, why)
	default:
		c.unfit = append(c.unfit, legacy.Problem{Code: legacy.PendingCode, Key: f.Key,
			Message: fmt.Sprintf("%s has not run, and it cannot be a migration of pleat's: %s", f.Path, why),
			Next:    fmt.Sprintf("run it with %s first, or mend the file, or let it stay there: --accept pending_code --reason …", c.history.Source.Tool)})
	}
}

func (c *converter) accepted(key string) bool {
	return slices.ContainsFunc(c.options.Accepted, func(a legacy.Accepted) bool {
		return a.Code == legacy.PendingCode && (a.Key == "" || a.Key == key)
	})
}

func (c *converter) add(f *legacy.File, m *migration.Migration, pending bool) {
	c.out.Files = append(c.out.Files, Converted{Key: f.Key, Migration: m, Pending: pending, Origin: f.Path})
}

// said is what the reader of pleat's files says of a text, without its place in a file that nobody has seen.
func said(err error) string {
	var list migration.SyntaxErrors
	if errors.As(err, &list) && len(list) > 0 {
		if text := strings.TrimSpace(list[0].Source); text != "" {
			return fmt.Sprintf("%s (%s)", list[0].Summary, text)
		}
		return list[0].Summary
	}
	return err.Error()
}
