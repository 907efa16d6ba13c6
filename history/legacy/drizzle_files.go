package legacy

import (
	"encoding/json"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pleatdb/pleat/history/foreign"
	"github.com/pleatdb/pleat/history/migration"
)

const (
	drizzleJournal = "meta/_journal.json"
	drizzleBreak   = "--> statement-breakpoint"
)

// drizzleFile is what is known of a migration beside its file: when it was generated, in milliseconds.
type drizzleFile struct {
	tag  string
	rel  string
	when int64
}

// journal is meta/_journal.json up to v0.
type journal struct {
	Entries []struct {
		Idx  int             `json:"idx"`
		When json.RawMessage `json:"when"`
		Tag  string          `json:"tag"`
	} `json:"entries"`
}

// Files takes TAG.sql in the order of the journal, or NAME/migration.sql in the order of names.
func (drizzle) Files(d *Dir, h *History) ([]File, error) {
	listed, err := d.drizzleListed(h)
	if err != nil {
		return nil, err
	}
	var out []File
	for _, l := range listed {
		if !d.Has(l.rel) {
			continue
		}
		f, err := d.drizzleFile(l)
		if err != nil {
			return nil, err
		}
		out = append(out, f)
	}
	h.drizzleMatch(listed, out)
	recorded := h.recorded()
	for _, l := range listed {
		if !d.Has(l.rel) && !recorded[l.tag] {
			h.problem(MissingFile, l.tag, "bring it back, or take it out of the journal", "the journal names %s, and there is no such file", l.rel)
		}
	}
	h.drizzleGaps(out)
	return out, nil
}

func (d *Dir) drizzleFile(l drizzleFile) (File, error) {
	text, err := d.Read(l.rel)
	if err != nil {
		return File{}, err
	}
	f := File{Key: l.tag, Path: l.rel, Text: text, Extra: l}
	f.Version, f.Name = versionAndName(l.tag)
	f.SQL = &SQL{Up: foreign.CutAt(filepath.Join(d.Root, filepath.FromSlash(l.rel)), text, drizzleBreak, foreign.Wrapped)}
	return f, nil
}

// drizzleListed are the migrations of one directory in the order in which Drizzle takes them, those included whose file is gone.
func (d *Dir) drizzleListed(h *History) (out []drizzleFile, err error) {
	found := homes{}
	all := map[string][]drizzleFile{}
	for _, rel := range d.Paths {
		dir := path.Dir(rel)
		switch {
		case rel == drizzleJournal || strings.HasSuffix(rel, "/"+drizzleJournal):
			home := path.Dir(dir)
			listed, ok, err := d.journal(rel)
			if err != nil {
				return nil, err
			}
			if !ok {
				h.problem(Unreadable, "", "mend it, as after a merge", "%s cannot be read as Drizzle's journal", rel)
			}
			all[home] = append(all[home], listed...)
		case path.Base(rel) == "migration.sql" && dir != ".":
			if when, ok := folderTime(path.Base(dir)); ok {
				all[path.Dir(dir)] = append(all[path.Dir(dir)], drizzleFile{path.Base(dir), rel, when})
			}
		}
	}
	whens, names := map[string]bool{}, h.recorded()
	for i := range h.Entries {
		whens[generatedOf(&h.Entries[i])] = true
	}
	known := map[string]bool{}
	for home, listed := range all {
		for _, l := range listed {
			found[home] = append(found[home], l.rel)
			known[l.rel] = whens[strconv.FormatInt(l.when, 10)] || names[l.tag]
		}
	}
	home, _ := found.best(h, func(rel string) bool { return known[rel] })
	out = all[home]
	d.unlisted(h, home, out)
	return out, nil
}

// unlisted says which SQL files Drizzle does not know of.
func (d *Dir) unlisted(h *History, home string, listed []drizzleFile) {
	if !d.Has(path.Join(home, drizzleJournal)) {
		return
	}
	for _, rel := range d.Paths {
		if path.Dir(rel) == home && path.Ext(rel) == ".sql" && !slices.ContainsFunc(listed, func(l drizzleFile) bool { return l.rel == rel }) {
			h.note(rel + " is not in Drizzle's journal, so that Drizzle does not run it; it was left out")
		}
	}
}

// journal reads a journal; ok is false where it is none.
func (d *Dir) journal(rel string) (out []drizzleFile, ok bool, err error) {
	text, err := d.Read(rel)
	if err != nil {
		return nil, false, err
	}
	var j journal
	if err := json.Unmarshal(migration.Normalize(text), &j); err != nil {
		return nil, false, nil
	}
	ok = true
	for _, e := range j.Entries {
		when, err := strconv.ParseFloat(string(e.When), 64) // JavaScript knows no other numbers
		ok = ok && err == nil && e.Tag != "" && !strings.ContainsAny(e.Tag, `/\`)
		if ok {
			out = append(out, drizzleFile{e.Tag, path.Join(path.Dir(path.Dir(rel)), e.Tag+".sql"), int64(when)})
		}
	}
	return out, ok, nil
}

// folderTime is the time in a folder's name, as v1 makes it: 20240101120000_name.
func folderTime(name string) (ms int64, ok bool) {
	digits, _ := digitsFirst(name)
	at, err := time.Parse("20060102150405", digits)
	return at.UnixMilli(), err == nil && len(digits) == 14
}

// drizzleMatch gives entries the key of their migration: by name, by time, and by hash where neither fits, since people set times in the
// journal by hand.
func (h *History) drizzleMatch(listed []drizzleFile, files []File) {
	sums, byHash := make(map[string]string, len(files)), make(map[string]string, len(files))
	for i := range files {
		sum := sha256Hex(files[i].Text)
		sums[files[i].Key], byHash[sum] = sum, files[i].Key
	}
	byTag, byTime := map[string]bool{}, map[string][]string{}
	for _, l := range listed {
		byTag[l.tag] = true
		at := strconv.FormatInt(l.when, 10)
		byTime[at] = append(byTime[at], l.tag)
	}
	taken := h.recorded()
	for i := range h.Entries {
		e := &h.Entries[i]
		if byTag[e.Key] {
			continue
		}
		at, tag := generatedOf(e), ""
		for _, t := range byTime[at] {
			if tag == "" || sums[t] == e.Checksum {
				tag = t
			}
		}
		if same := byHash[e.Checksum]; tag == "" && same != "" && !taken[same] {
			tag = same
			e.remark("the row has the time " + at + " and its file another one; the hash says that it is the file")
		}
		if tag != "" {
			taken[tag] = true
			e.Key = tag
			e.Version, e.Name = versionAndName(tag)
		}
	}
}

// generatedOf is created_at of an entry's row as text.
func generatedOf(e *Entry) string {
	var row struct {
		At json.Number `json:"created_at"`
	}
	if !rowInto(e.Row, &row) {
		return ""
	}
	return row.At.String()
}

// rowInto decodes an entry's row.
func rowInto(raw json.RawMessage, into any) bool { return json.Unmarshal(raw, into) == nil }

// remark adds to an entry's note.
func (e *Entry) remark(text string) {
	switch {
	case text == "":
	case e.Note == "":
		e.Note = text
	default:
		e.Note += "; " + text
	}
}
