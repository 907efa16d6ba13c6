package rehearse

import (
	"fmt"
	"strings"
	"time"

	"github.com/pleatdb/pleat/apply"
	"github.com/pleatdb/pleat/history/migration"
	"github.com/pleatdb/pleat/inspect/shadow/rows"
)

// Passage is one way through the files.
type Passage string

// The passages, in the order in which they are made.
const (
	Up    Passage = "up"
	Down  Passage = "down"
	Again Passage = "again"
)

// Result is what a rehearsal found.
type Result struct {
	// Version is that of the server with the copy, such as 15.18, and Where a description of the server.
	Version, Where string
	Source         Source
	// Rows is how many rows a table were asked for; 0 where the source has none or its own.
	Rows int
	// Files are the pending files in their order; none when nothing is pending.
	Files []*File
	// Checks are the preflight checks that found rows on the target.
	Checks []apply.Checked
	// Tables is what each table of the copy holds; nil for a clone.
	Tables []rows.Filled
	// Reasons are why the rehearsal failed; none when it passed.
	Reasons []Reason
	Notes   []string
	// When it began.
	When time.Time
}

// Passed reports whether nothing speaks against the files.
func (r *Result) Passed() bool { return len(r.Reasons) == 0 }

// File is one migration on the copy.
type File struct {
	Migration *migration.Migration
	// Passages are those that were completed.
	Passages []Passage
	// Steps are all that ran, in the order in which they ran.
	Steps []Step
}

// Step is one step on one passage.
type Step struct {
	Passage Passage
	// Number is 0 for a way back that is not divided by step.
	Number   int
	Title    string
	Batched  bool
	Duration time.Duration
	// Lock is the strongest-held lock: the one of the longest time. Its Held is 0 where none was seen.
	Lock Lock
}

// Lock is a lock that keeps writers, or readers too, from a table.
type Lock struct {
	Relation string // qualified
	Mode     string // such as ACCESS EXCLUSIVE
	Held     time.Duration
}

// Reason is something that speaks against the files.
type Reason struct {
	// Code is "check", "target", "up", "down", "again", "rows", "state", "max-step" or "max-lock".
	Code string
	// File and Step say where; empty and 0 where it concerns all.
	File    string
	Step    int
	Message string
}

// file finds the record of a migration.
func (r *Result) file(version string) *File {
	for _, f := range r.Files {
		if f.Migration.Version == version {
			return f
		}
	}
	return nil
}

func (r *Result) fail(code, file string, step int, format string, args ...any) {
	r.Reasons = append(r.Reasons, Reason{code, file, step, fmt.Sprintf(format, args...)})
}

func (r *Result) notef(format string, args ...any) {
	r.Notes = append(r.Notes, fmt.Sprintf(format, args...))
}

// Line says on one line how it went with a file, as its head keeps it.
func (r *Result) Line(f *File) string {
	var took, lock time.Duration
	steps := 0
	for _, s := range f.Steps {
		if s.Passage != Up {
			continue
		}
		steps++
		took += s.Duration
		lock = max(lock, s.Lock.Held)
	}
	with := map[Source]string{
		Generate: fmt.Sprintf("with %d rows a table", r.Rows), Sample: fmt.Sprintf("with a sample of %d rows a table", r.Rows),
		None: "without rows", Clone: "on a clone",
	}[r.Source]
	plural := "s"
	if steps == 1 {
		plural = ""
	}
	return fmt.Sprintf("%s on PostgreSQL %s %s: %d step%s, %.1f s, longest lock %.2f s", r.When.UTC().Format(time.DateOnly), r.Version, with,
		steps, plural, took.Seconds(), lock.Seconds())
}

// Attach writes into the head of each rehearsed file how it went, and pleat.sum anew. A file of which the target's log knows anything is
// left alone: its checksum is in the log. It does nothing unless the rehearsal passed, and returns the names of the files.
func Attach(d *migration.Dir, r *Result, known func(version string) bool) ([]string, error) {
	if !r.Passed() {
		return nil, nil
	}
	lines := map[string]string{}
	var names []string
	for _, f := range r.Files {
		if known(f.Migration.Version) || len(f.Passages) == 0 {
			continue
		}
		lines[f.Migration.File()] = r.Line(f)
		names = append(names, f.Migration.File())
	}
	if len(names) == 0 {
		return nil, nil
	}
	return names, d.Rehearsed(lines)
}

// oneLine keeps messages of servers on one line.
func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }
