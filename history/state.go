package history

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/pleatdb/pleat/history/migration"
)

// Status is what the log says about one migration.
type Status string

// The states of a migration.
const (
	StatusApplied    Status = "applied"
	StatusPartial    Status = "partial"     // a run was interrupted: some steps are done, or one is in doubt
	StatusFailed     Status = "failed"      // a run stopped at an error; finished steps stay
	StatusRolledBack Status = "rolled_back" // undone; runs again when its file is still there
	StatusImported   Status = "imported"    // another tool applied it: forward-only
	StatusBaseline   Status = "baseline"    // the version up to which everything counts as present
)

// Record is one migration as the log knows it.
type Record struct {
	Version, Name string
	Phase         migration.Phase
	Status        Status
	Checksum      string // of the file that ran
	Run           string // of the last event that decided the status
	Release       string
	Actor         string
	At            time.Time
	// Seq is the ID of the first event since the migration was last untouched: the order in which migrations went in.
	Seq int64
	// StepsDone is how many steps are in the database, counted from the first.
	StepsDone int
	// UndoneParts is how many parts of the way back of step UndoneStep (0 for a way back that is not divided by step)
	// are done, without it being complete.
	UndoneStep, UndoneParts int
	InDoubt                 *InDoubt
	// SQLState and Message are those of the last failure; empty once the migration moved on.
	SQLState, Message string
	// Legacy is what the other tool's history says; nil unless the migration was imported
	// and its tool is known.
	Legacy *Legacy
}

// InDoubt is a statement outside of a transaction that began and of which no end is recorded.
type InDoubt struct {
	Undo       bool // it belongs to the way back
	Step, Part int
	At         time.Time
	// Refused reports whether the server answered with an error; otherwise the answer never came.
	Refused bool
	// Existed reports whether what the statement was to create was there before it began.
	Existed bool
}

// State is everything that follows from the log.
type State struct {
	// Records are in the order in which the migrations went in.
	Records []Record
	// Baseline is the highest baseline version; empty when there is none.
	Baseline string
	// Settled stands for the files of another tool that no imported migration is about, as a baseline made them unnecessary: its
	// Legacy.Parts. Nil where there are none.
	Settled *Record
	// Snapshot is the fingerprint that the newest row with one names.
	Snapshot string
	// Head is the digest of the newest row: a witness of the whole log. Length is the number of rows.
	Head   string
	Length int64

	index map[string]int // of Records, by version
}

// State reads the log and computes what follows from it; the zero State where there is no history.
func (l *Log) State(ctx context.Context) (*State, error) {
	entries, err := l.Entries(ctx, 0)
	if err != nil {
		return nil, err
	}
	return StateOf(entries), nil
}

// StateOf computes the state from a complete log.
func StateOf(entries []Entry) *State {
	s := &State{index: map[string]int{}}
	for i := range entries {
		e := &entries[i]
		s.Head, s.Length = e.Digest, e.ID
		if e.Snapshot != "" {
			s.Snapshot = e.Snapshot
		}
		if e.Kind == Reset || e.Kind == ImportUndone {
			s.Records, s.Baseline, s.Settled, s.index = nil, "", nil, map[string]int{}
		}
		if e.Kind == ImportSummary {
			s.Settled = e.settledFiles()
		}
		if e.Kind == ImportUndone {
			s.Snapshot = ""
		}
		if e.Version != "" {
			s.take(e)
		}
	}
	slices.SortStableFunc(s.Records, func(a, b Record) int { return cmp.Compare(a.Seq, b.Seq) })
	for i := range s.Records {
		s.index[s.Records[i].Version] = i
	}
	return s
}

// take lets one event about a migration act on its record.
func (s *State) take(e *Entry) {
	if e.Kind == Imported && !e.present() {
		return
	}
	i, ok := s.index[e.Version]
	if !ok {
		if !Decides(e.Kind) {
			return
		}
		s.Records = append(s.Records, Record{Version: e.Version, Seq: e.ID})
		i = len(s.Records) - 1
		s.index[e.Version] = i
	}
	r := &s.Records[i]
	switch e.Kind {
	case StepFailed, UndoFailed:
		if r.InDoubt != nil {
			r.InDoubt.Refused = true
		}
	case RollbackFailed:
		r.SQLState, r.Message = e.SQLState, e.text("message")
	}
	if !Decides(e.Kind) {
		return
	}
	r.follow(e)
	if e.Kind == Baseline {
		s.Baseline = max(s.Baseline, e.Version)
	}
}

// follow applies an event that decides the status.
func (r *Record) follow(e *Entry) {
	if r.Status == StatusRolledBack {
		*r = Record{Version: r.Version, Seq: e.ID}
	}
	r.Name, r.Phase, r.Run, r.Release, r.Actor, r.At = e.Name, e.Phase, e.Run, e.Release, e.Actor, e.At
	if e.Checksum != "" {
		r.Checksum = e.Checksum
	}
	r.SQLState, r.Message = "", ""
	switch e.settled() {
	case StepStarted:
		r.Status, r.InDoubt = StatusPartial, &InDoubt{Step: e.Step, At: e.At, Existed: e.flag("existed")}
	case StepDone:
		r.Status, r.InDoubt, r.StepsDone, r.UndoneStep, r.UndoneParts = StatusPartial, nil, e.Step, 0, 0
	case UndoStarted:
		r.Status, r.InDoubt = StatusPartial, &InDoubt{Undo: true, Step: e.Step, Part: e.Part, At: e.At, Existed: e.flag("existed")}
	case UndoDone:
		r.Status, r.InDoubt, r.UndoneStep, r.UndoneParts = StatusPartial, nil, e.Step, e.Part
		if e.Part == e.Parts {
			// Steps above it have no way back of their own; the log of step 0 is that of the whole file.
			r.StepsDone, r.UndoneStep, r.UndoneParts = max(e.Step-1, 0), 0, 0
		}
	case Applied:
		r.Status, r.InDoubt = StatusApplied, nil
	case Failed:
		r.Status, r.SQLState, r.Message = StatusFailed, e.SQLState, e.text("message")
	case RolledBack:
		r.Status, r.InDoubt, r.StepsDone, r.UndoneStep, r.UndoneParts = StatusRolledBack, nil, 0, 0, 0
	case Resolved:
		// It had no effect: everything stands as before it began.
		r.Status, r.InDoubt = StatusPartial, nil
	case Imported:
		r.Status, r.Legacy = StatusImported, e.legacy()
	case Baseline:
		r.Status = StatusBaseline
	}
}

// settled is the kind of the event, and of a person's word that a step had its effect the kind that the step's own end has.
func (e *Entry) settled() Kind {
	if e.Kind != Resolved || e.text("outcome") != ResolvedDone {
		return e.Kind
	}
	if e.flag("undo") {
		return UndoDone
	}
	return StepDone
}

// Decides reports whether events of a kind make up the state of a migration.
func Decides(k Kind) bool {
	switch k {
	case StepStarted, StepDone, Applied, Failed, UndoStarted, UndoDone, RolledBack, Baseline, Imported, Resolved:
		return true
	}
	return false
}

func (e *Entry) flag(key string) bool {
	b, _ := e.Detail[key].(bool)
	return b
}

func (e *Entry) text(key string) string {
	s, _ := e.Detail[key].(string)
	return s
}

// Record finds what the log knows of a version; nil when it knows nothing.
func (s *State) Record(version string) *Record {
	if i, ok := s.index[version]; ok {
		return &s.Records[i]
	}
	return nil
}

// Done reports whether a version needs no run: applied, imported, or not above the baseline.
func (s *State) Done(version string) bool {
	if version <= s.Baseline {
		return true
	}
	r := s.Record(version)
	return r != nil && (r.Status == StatusApplied || r.Status == StatusImported)
}

// Pending lists the files that need a run, in the order of their versions. A partially applied one is pending.
func (s *State) Pending(d *migration.Dir) []*migration.File {
	var out []*migration.File
	for i := range d.Files {
		if !s.Done(d.Files[i].Version) {
			out = append(out, &d.Files[i])
		}
	}
	return out
}

// Newest is the highest version that is applied, imported or a baseline; empty when there is none. Versions of other tools count
// where they have the form of pleat's own: others do not compare.
func (s *State) Newest() string {
	newest := s.Baseline
	for i := range s.Records {
		r := &s.Records[i]
		if r.Status == StatusApplied || r.Status == StatusImported && migration.CheckVersion(r.Version) == nil {
			newest = max(newest, r.Version)
		}
	}
	return newest
}
