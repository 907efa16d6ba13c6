package legacy

import (
	"crypto/sha1"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"
)

// sha1Hex is the SHA-1 of a text in lower-case hexadecimal.
func sha1Hex(text []byte) string {
	sum := sha1.Sum(text)
	return hex.EncodeToString(sum[:])
}

// rowText is a column of the row of an entry.
func rowText(e *Entry, column string) string {
	var fields map[string]any
	if e.Row == nil || json.Unmarshal(e.Row, &fields) != nil {
		return ""
	}
	text, _ := fields[column].(string)
	return text
}

// sqitchLog turns events into entries.
type sqitchLog struct {
	h *History
	// deployed are the rows of what is deployed, by ID.
	deployed map[string]Row
	// tags are the tags of a change, by its ID.
	tags map[string][]string
	// last is the last entry about a change, by its ID; ids are those of the entries.
	last map[string]int
	ids  []string
}

func newSqitchLog(h *History, changes, tags []Row) *sqitchLog {
	l := &sqitchLog{h: h, deployed: map[string]Row{}, tags: map[string][]string{}, last: map[string]int{}}
	for _, r := range changes {
		l.deployed[r.Text("change_id")] = r
	}
	for _, r := range tags {
		id := r.Text("change_id")
		l.tags[id] = append(l.tags[id], r.Text("tag"))
	}
	return l
}

// event makes an entry of an event.
func (l *sqitchLog) event(r Row) {
	e := sqitchEntry(r)
	switch kind := r.Text("event"); kind {
	case "deploy":
		e.State = Applied
	case "revert":
		e.State = Undone
	case "fail":
		e.State = Failed
	case "merge":
		l.h.Markers = append(l.h.Markers, Marker{"a merge: no script ran", r.Raw()})
		return
	default:
		l.h.Markers = append(l.h.Markers, Marker{"of a kind that is not known", r.Raw()})
		l.h.problem(UnknownKind, e.Name, "look at the row: nothing of Sqitch up to registry 1.1 writes it", "there is an event %q of %s", kind, e.Name)
		return
	}
	l.add(e, r)
}

// add appends an entry.
func (l *sqitchLog) add(e Entry, r Row) {
	id := r.Text("change_id")
	if e.Name == "" || id == "" {
		l.h.cannotRead(r, "it names no change")
		return
	}
	if planner := r.Text("planner_name"); planner != "" && planner != r.Text("committer_name") {
		e.Note = strings.TrimPrefix(e.Note+"; planned by "+planner, "; ")
	}
	l.last[id] = len(l.h.Entries)
	l.ids = append(l.ids, id)
	l.h.Entries = append(l.h.Entries, e)
}

// sqitchEntry is what the tables have in common.
func sqitchEntry(r Row) Entry {
	e := Entry{Key: r.Text("change"), Name: r.Text("change"), By: r.Text("committer_name"), Row: r.Raw()}
	if mail := r.Text("committer_email"); mail != "" {
		e.By = strings.TrimSpace(e.By + " <" + mail + ">")
	}
	e.AppliedAt, e.Local = r.Time("committed_at")
	return e
}

// complete holds the events against what is deployed, which counts.
func (l *sqitchLog) complete(changes []Row) {
	for _, r := range changes {
		id := r.Text("change_id")
		at, known := l.last[id]
		if !known || l.h.Entries[at].State != Applied {
			e := sqitchEntry(r)
			e.State, e.Note = Applied, "there is no event of it"
			l.add(e, r)
			if at, known = l.last[id]; !known {
				continue
			}
		}
		e := &l.h.Entries[at]
		e.Checksum = r.Text("script_hash")
		if tags := l.tags[id]; len(tags) > 0 {
			e.Note = strings.TrimPrefix(e.Note+"; tagged "+strings.Join(tags, ", "), "; ")
		}
	}
	for id, at := range l.last {
		if _, ok := l.deployed[id]; !ok && l.h.Entries[at].State == Applied {
			l.h.Entries[at].Superseded = true
			l.h.Entries[at].Note = "the log says that it was deployed, and it is no longer among the changes"
		}
	}
	l.rework()
}

// rework tells apart changes of one name that are deployed at once: all but the last carry the tag behind which they were reworked, as the
// names of their scripts do.
func (l *sqitchLog) rework() {
	open := map[string][]int{}
	for i := range l.h.Entries {
		if e := &l.h.Entries[i]; e.State == Applied && !e.Superseded && l.last[l.ids[i]] == i {
			open[e.Name] = append(open[e.Name], i)
		}
	}
	for _, at := range open {
		for _, i := range at[:len(at)-1] {
			l.h.Entries[i].Key += l.tagBehind(i)
		}
	}
	for i := range l.h.Entries {
		l.h.Entries[i].Key = l.h.Entries[l.last[l.ids[i]]].Key
	}
}

// tagBehind is the first tag of a deployed change from the entry on.
func (l *sqitchLog) tagBehind(i int) string {
	for n := i; n < len(l.ids); n++ {
		if tags := l.tags[l.ids[n]]; len(tags) > 0 && l.last[l.ids[n]] == n {
			return tags[0]
		}
	}
	return "@" + l.ids[i]
}

// failed finds failures that are the last word: nothing was deployed after them.
func (l *sqitchLog) failed() {
	deployed := -1
	names := map[string]int{}
	for i := range l.h.Entries {
		if l.h.Entries[i].State == Applied {
			deployed = i
		}
		names[l.h.Entries[i].Name] = i
	}
	for i := range l.h.Entries {
		e := &l.h.Entries[i]
		_, there := l.deployed[l.ids[i]]
		if e.State != Failed || there || names[e.Name] != i {
			continue
		}
		if i < deployed {
			e.Note = strings.TrimPrefix(e.Note+"; it failed, and other changes were deployed since", "; ")
			continue
		}
		l.h.problem(FailedMigration, e.Key, "look at what its script left behind, and run: sqitch deploy --to "+e.Name+
			" (or with --log-only where all of it is there)", "%s failed on %s, and was not deployed since", e.Name, e.AppliedAt.Format("2006-01-02"))
	}
	if slices.ContainsFunc(l.h.Entries, func(e Entry) bool { return e.Note == "there is no event of it" }) {
		l.h.note("some changes are deployed without an event that says so: their place in the order is not certain")
	}
}
