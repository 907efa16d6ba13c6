package history

import "time"

// Legacy is a migration as the history of another tool has it.
type Legacy struct {
	Tool string
	// Source is the table of the history, as SQL writes it.
	Source string
	// Version is as the tool writes it, State one of the tool's words for it: applied, baseline, repeatable, inferred.
	Version, State string
	// AppliedAt is zero where the tool does not say; with Local its fields are those of a clock whose zone nobody knows.
	AppliedAt time.Time
	Local     bool
	// Path is the file that led up, below the directory of the tool; empty where there was none. Parts are all files of the migration.
	Path  string
	Parts []LegacyPart
	// Converted is set where the migration has a file of pleat's own in the place of the tool's.
	Converted bool
}

// LegacyPart is a file of another tool: its path below the tool's directory, and its checksum as those of pleat's files.
type LegacyPart struct{ Path, Checksum string }

// present reports whether an imported migration is in effect.
func (e *Entry) present() bool {
	in, said := e.Detail["in_effect"].(bool)
	return in || !said
}

// legacy reads what an [Imported] event says; nil where it names no tool.
func (e *Entry) legacy() *Legacy {
	if e.text("tool") == "" {
		return nil
	}
	l := &Legacy{
		Tool: e.text("tool"), Source: e.text("source"), Version: e.text("version"), State: e.text("state"), Converted: e.flag("converted"),
	}
	at := e.text("applied_at")
	if t, err := time.Parse(time.RFC3339Nano, at); err == nil {
		l.AppliedAt = t.UTC()
	} else if t, err := time.Parse(LocalTime, at); err == nil {
		l.AppliedAt, l.Local = t, true
	}
	file, _ := e.Detail["file"].(map[string]any)
	l.Path, _ = file["path"].(string)
	l.Parts = partsOf(file["parts"])
	return l
}

// partsOf reads a list of files with their checksums.
func partsOf(list any) (out []LegacyPart) {
	items, _ := list.([]any)
	for _, item := range items {
		p, _ := item.(map[string]any)
		path, _ := p["path"].(string)
		checksum, _ := p["checksum"].(string)
		if path != "" {
			out = append(out, LegacyPart{path, checksum})
		}
	}
	return out
}

// settledFiles reads what an [ImportSummary] says of files that no entry is about.
func (e *Entry) settledFiles() *Record {
	parts := partsOf(e.Detail["settled"])
	if parts == nil {
		return nil
	}
	return &Record{Status: StatusImported, Run: e.Run, Actor: e.Actor, At: e.At, Seq: e.ID, Legacy: &Legacy{Tool: e.text("tool"), Parts: parts}}
}

// LocalTime is how detail.applied_at is written where the zone is not known; where it is, the form is RFC 3339.
const LocalTime = "2006-01-02T15:04:05.999999999"

// Applied says when the other tool ran it, for people; empty where nobody knows.
func (l *Legacy) Applied() string {
	switch {
	case l.AppliedAt.IsZero():
		return ""
	case l.Local:
		return l.AppliedAt.Format("2006-01-02T15:04:05") + " (zone unknown)"
	}
	return l.AppliedAt.UTC().Format(time.RFC3339)
}

// Import is the newest import that counts: the row that closes it, and what came after it.
type Import struct {
	Summary *Entry
	After   []Entry
}

// LastImport finds the newest import that was not undone; nil where there is none. A baseline counts as one.
func LastImport(entries []Entry) *Import {
	for i := len(entries) - 1; i >= 0; i-- {
		switch entries[i].Kind {
		case ImportUndone:
			return nil
		case ImportSummary, Baseline:
			return &Import{&entries[i], entries[i+1:]}
		}
	}
	return nil
}

// BuiltOn is the first thing that happened to the database since; nil where nothing did.
func (i *Import) BuiltOn() *Entry {
	for n := range i.After {
		if e := &i.After[n]; !beside(e.Kind) {
			return e
		}
	}
	return nil
}

// Unused reports whether a log has nothing that counts: its last import was undone, and nothing happened since.
func Unused(entries []Entry) bool {
	for i := len(entries) - 1; i >= 0; i-- {
		if e := &entries[i]; e.Kind == ImportUndone {
			return true
		} else if !beside(e.Kind) {
			return false
		}
	}
	return false
}

// beside reports whether events of a kind are about the log itself and not about the database.
func beside(k Kind) bool {
	return k == LockTakenOver || k == Upgraded || k == FileMasked || k == Frozen
}
