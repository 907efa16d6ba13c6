package legacy

import (
	"slices"
	"strings"
)

// History is all that was read of one source and its directory.
type History struct {
	Source  Source
	Entries []Entry
	Markers []Marker
	// HasDir reports whether a directory was given. Files are the tool's migrations in it, in its order.
	HasDir bool
	Files  []File
	// Pending are the files that have not run, or have to run again, in the order in which they would.
	Pending  []File
	Problems []Problem
	// Notes are remarks for the user that are no problem.
	Notes []string
	// InOrder is set by readers where the tool passes over files that come before the last one that ran, or refuses to go on because of
	// them; such a file is a [Gap].
	InOrder bool
	// own is what a reader keeps for itself between its calls.
	own any
}

// File finds a file by its key; nil where there is none.
func (h *History) File(key string) *File {
	if i := slices.IndexFunc(h.Files, func(f File) bool { return f.Key == key }); i >= 0 {
		return &h.Files[i]
	}
	return nil
}

// problem adds one about a migration.
func (h *History) problem(code Code, key, next, format string, args ...any) {
	h.Problems = append(h.Problems, problemf(code, key, next, format, args...))
}

// note adds a remark for the user.
func (h *History) note(text string) { h.Notes = append(h.Notes, text) }

// Accepted is what a person let pass: a code, for all of that code or for the migration with a key.
type Accepted struct {
	Code Code
	Key  string
}

// ParseAccepted reads CODE or CODE:KEY.
func ParseAccepted(text string) Accepted {
	code, key, _ := strings.Cut(text, ":")
	return Accepted{Code(code), key}
}

// Judge divides the problems into those that still stand and those that a person accepted.
func (h *History) Judge(accepted []Accepted) (refused, passed []Problem) {
	for _, p := range h.Problems {
		ok := p.Code.Acceptable() && slices.ContainsFunc(accepted, func(a Accepted) bool {
			return a.Code == p.Code && (a.Key == "" || a.Key == p.Key)
		})
		if ok {
			passed = append(passed, p)
		} else {
			refused = append(refused, p)
		}
	}
	return refused, passed
}
