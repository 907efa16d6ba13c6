package legacy

import (
	"fmt"
	"math"
	"path"
	"strings"
	"time"
)

// longest is the longest duration that can be rounded up to milliseconds.
const longest = math.MaxInt64 - time.Millisecond

// identify fills in what readers may leave out.
func (h *History) identify() {
	for i := range h.Entries {
		e := &h.Entries[i]
		e.Order = i + 1
		if e.Key == "" {
			e.Key = e.Version
		}
		if e.Duration != nil && (*e.Duration < 0 || *e.Duration > longest) {
			e.Duration = nil
			e.remark("its duration is none that a run can have, and not taken over: a clock was set, or the tool did not come to record it")
		}
	}
}

// settle finds out which entries are in effect: for each migration the last that says that it ran, unless a later one took it back.
func (h *History) settle() {
	last := map[string]int{}
	for i := range h.Entries {
		e := &h.Entries[i]
		e.InEffect = false
		before, known := last[e.Key]
		switch e.State {
		case Applied, Repeatable, Inferred, Baseline:
			if known && h.Entries[before].InEffect {
				h.again(&h.Entries[before], e)
			}
			e.InEffect = !e.Superseded
			last[e.Key] = i
		case Undone:
			if known {
				h.Entries[before].InEffect = false
			}
		}
	}
}

// again decides about a migration that ran once more without having been taken back.
func (h *History) again(before, now *Entry) {
	before.InEffect = false
	if now.State == Repeatable || before.State == Baseline || before.Superseded {
		before.Superseded = true
		return
	}
	h.problem(DuplicateVersion, now.Key, "remove one of the rows with the tool, or by hand after looking at what it says",
		"%s is recorded twice, and nothing says that it was taken back in between", now.label())
}

// label names an entry for people.
func (e *Entry) label() string {
	switch {
	case e.Version == "":
		return e.Name
	case e.Name == "" || e.Name == e.Version:
		return e.Version
	}
	return e.Version + " " + e.Name
}

// identifyFiles fills in the keys, and refuses two files with one.
func (h *History) identifyFiles() {
	paths := map[string]string{}
	for i := range h.Files {
		f := &h.Files[i]
		if f.Key == "" {
			f.Key = f.Version
		}
		if other, ok := paths[f.Key]; ok {
			h.problem(DuplicateVersion, f.Key, "rename or remove one of them", "%s and %s have the same version %s", other, f.Path, f.Key)
			continue
		}
		paths[f.Key] = f.Path
	}
}

// match holds every entry against its file.
func (h *History) match(i Importer, d *Dir) error {
	files := make(map[string]*File, len(h.Files))
	for n := range h.Files {
		if f := &h.Files[n]; files[f.Key] == nil {
			files[f.Key] = f
		}
	}
	for n := range h.Entries {
		e := &h.Entries[n]
		f := files[e.Key]
		if f != nil {
			if err := e.take(f, d); err != nil {
				return err
			}
		}
		h.verify(i, e, f)
	}
	return nil
}

// verify decides what is known of an entry's file.
func (h *History) verify(i Importer, e *Entry, f *File) {
	m := &e.File
	switch {
	case m.State != "":
	case !h.HasDir:
		m.State, m.Reason = FileUnverifiable, "no directory was given"
	case f == nil && e.State == Baseline:
		m.State, m.Reason = FileUnverifiable, "a baseline needs no file"
	case f == nil && !e.InEffect:
		m.State, m.Reason = FileMissing, "it is not in effect"
	case f == nil:
		m.State, m.Reason = FileMissing, "no file of the directory is its own"
	case e.Superseded:
		m.State, m.Reason = FileUnverifiable, "a later run took its place"
	case !e.InEffect:
		m.State, m.Reason = FileUnverifiable, "it is not in effect"
	default:
		m.State, m.Reason = i.Verify(e, f, h)
	}
	if !e.InEffect {
		return
	}
	switch {
	case m.State == FileMissing:
		h.problem(MissingFile, e.Key, "bring the file back, or let it pass: --accept missing_file --reason …", "the file of %s is missing", e.label())
	case m.State == FileMismatched && e.State != Repeatable:
		h.problem(Mismatch, e.Key, "bring back the file that ran, or let it pass: --accept mismatch --reason …",
			"%s is not the file that ran as %s: %s", m.Path, e.label(), m.Reason)
	}
}

// take notes the file of an entry with our own checksums, and its name where the tool recorded none.
func (e *Entry) take(f *File, d *Dir) (err error) {
	if e.Name == "" {
		e.Name = f.Name
	}
	e.File.Path = f.Path
	e.File.Parts, err = f.Parts(d)
	return err
}

// Parts are the files of a migration with our own checksums.
func (f *File) Parts(d *Dir) ([]Part, error) {
	out := []Part{{f.Path, d.checksum(f.Path, f.Text)}}
	for _, other := range f.Others {
		text, err := d.Read(other)
		if err != nil {
			return nil, err
		}
		out = append(out, Part{other, d.checksum(other, text)})
	}
	return out, nil
}

// findPending finds the files that have not run.
func (h *History) findPending() {
	in := map[string]*Entry{}
	for n := range h.Entries {
		if e := &h.Entries[n]; e.InEffect {
			in[e.Key] = e
		}
	}
	last := -1
	for n := range h.Files {
		if e := in[h.Files[n].Key]; e != nil && e.State != Baseline && !h.Files[n].Repeatable {
			last = n
		}
	}
	for n := range h.Files {
		f := &h.Files[n]
		e := in[f.Key]
		switch {
		case f.Settled != "":
			continue
		case e == nil && h.InOrder && n < last && !f.Repeatable:
			h.problem(Gap, f.Key, "run it with the tool or remove it, or let it pass: --accept gap --reason … makes it a pending migration of pleat",
				"%s has not run, and %s, which comes after it, has: the tool would pass over it, or stop at it", f.Path, h.Files[last].Path)
		case e != nil && (!f.Repeatable || e.File.State != FileMismatched):
			continue
		}
		h.Pending = append(h.Pending, *f)
		if f.SQL == nil {
			h.problem(PendingCode, f.Key, fmt.Sprintf("run it with %s first, or let it pass: --accept pending_code --reason …", h.Source.Tool),
				"%s has not run, and it is %s, which only %s can run", f.Path, f.Code, h.Source.Tool)
		}
	}
}

// stem is the base name without its last ending.
func stem(rel string) string {
	base := path.Base(rel)
	return strings.TrimSuffix(base, path.Ext(base))
}
