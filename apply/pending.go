package apply

import (
	"errors"
	"fmt"

	"github.com/pleatdb/pleat/history"
	"github.com/pleatdb/pleat/history/migration"
)

// unit is one pending migration with what the log knows of it.
type unit struct {
	*migration.Migration
	file   *migration.File
	record *history.Record // nil when the log knows nothing
}

// begun reports whether an earlier run left something of it in the database.
func (u *unit) begun() bool {
	return u.record != nil && u.record.Status != history.StatusRolledBack &&
		(u.record.StepsDone > 0 || u.record.InDoubt != nil || u.record.UndoneParts > 0)
}

// stepsDone is how many steps are in the database.
func (u *unit) stepsDone() int {
	if u.record == nil {
		return 0
	}
	return u.record.StepsDone
}

// pending lists what is to run, in order, after checking that it may.
func (s *session) pending(t *target) ([]*unit, error) {
	if err := s.knowsTo(t); err != nil {
		return nil, err
	}
	newest := t.state.Newest()
	for i := range t.state.Records {
		if r := &t.state.Records[i]; r.StepsDone > 0 && r.Status != history.StatusImported {
			newest = max(newest, r.Version)
		}
	}
	var out []*unit
	var errs []error
	for _, f := range t.state.Pending(s.opts.Dir) {
		if s.opts.To != "" && f.Version > s.opts.To {
			break
		}
		m, err := f.Parse()
		if err != nil {
			errs = append(errs, err)
			continue
		}
		s.conceal(f.Text)
		t.warnings = append(t.warnings, leaky(f)...)
		u := &unit{Migration: m, file: f, record: t.state.Record(f.Version)}
		errs = append(errs, s.admit(u, newest))
		out = append(out, u)
	}
	return out, errors.Join(errs...)
}

// knowsTo refuses a version that neither a file nor the log has.
func (s *session) knowsTo(t *target) error {
	if to := s.opts.To; to != "" && s.opts.Dir.File(to) == nil && t.state.Record(to) == nil {
		return &Refused{Code: "version", Reason: fmt.Sprintf("there is no migration %s", to), Next: "see: pleat status"}
	}
	return nil
}

// admit refuses a pending migration that cannot run as it is.
func (s *session) admit(u *unit, newest string) error {
	late := u.Version < newest && u.Phase != migration.Contract && u.record == nil
	if late && !s.opts.AllowOutOfOrder {
		return &Refused{Code: "order", Reason: fmt.Sprintf("%s is older than %s, which is applied", u.File(), newest),
			Next: "give it a new version (pleat new makes one), or apply it out of order on purpose"}
	}
	if u.record != nil && (u.record.UndoneParts > 0 || u.record.InDoubt != nil && u.record.InDoubt.Undo) {
		return &Refused{Code: "rollback", Reason: u.File() + " is in the middle of its way back", Next: "end it first: pleat rollback --steps 1"}
	}
	if u.record != nil && u.record.InDoubt != nil {
		doubt := u.record.InDoubt
		if doubt.Step > len(u.Steps) {
			return fmt.Errorf("%s has no step %d, which an interrupted run began", u.File(), doubt.Step)
		}
		if step := u.Steps[doubt.Step-1]; step.Batch == nil {
			return undecidable(u.Migration, step.Statements[0], doubt)
		}
	}
	return nil
}
