package apply

import (
	"context"
	"errors"
	"slices"

	"github.com/pleatdb/pleat/history"
	"github.com/pleatdb/pleat/schema"
)

// Verification is what [Verify] found.
type Verification struct {
	// Problems are *history.ChainError, *ChecksumError, *migration.IntegrityError and *Refused; none means that all is in order.
	Problems []error
	// Compared is set when the database was compared with what the last run left, and Drift is how it differs. It is not where no run
	// left anything, and where the log was tampered with, as that says nothing then.
	Compared bool
	Drift    []ObjectDiff
	// Interrupted is set when steps ran after the snapshot was taken, so that differences may be their work.
	Interrupted bool
	// Warnings are about what is no part of the project, such as the directory of a tool that came before.
	Warnings []string
	// Legacy is how many files of an imported history were compared.
	Legacy int
	// Head is the digest of the newest row: noted elsewhere, it is a witness of the whole log.
	Head   string
	Length int64
}

// Verify checks the log's chain, the texts and snapshots that it keeps, the files against both pleat.sum and what was
// applied, and the database against what the last run left. A witness is the digest of a row as somebody noted it earlier: where the log does not have it
// any more, all of it was written anew, which the chain alone cannot tell; empty for none. It writes nothing and takes no lock. The
// error says that it could not look; what it found is in the result.
func Verify(ctx context.Context, opts Options, witness string) (*Verification, error) {
	opts.DryRun = true
	if err := opts.check(true); err != nil {
		return nil, err
	}
	s, err := open(ctx, &opts)
	if err != nil {
		return nil, err
	}
	defer s.close()
	v := &Verification{}
	found := func(err error) error {
		var chain *history.ChainError
		if errors.As(err, &chain) {
			v.Problems = append(v.Problems, err)
			return nil
		}
		return err
	}
	if err := errors.Join(found(s.log.Verify(ctx)), found(s.log.VerifySnapshots(ctx))); err != nil {
		return nil, unreadable(err)
	}
	entries, err := s.log.Entries(ctx, 0)
	if err != nil {
		return nil, err
	}
	t := &target{entries: entries, state: history.StateOf(entries)}
	if witness != "" && !slices.ContainsFunc(entries, func(e history.Entry) bool { return e.Digest == witness }) {
		v.Problems = append(v.Problems, &history.ChainError{Reason: "no row has the digest " + witness + ", which was its newest when it was noted"})
	}
	v.Head, v.Length = t.state.Head, t.state.Length
	if err := opts.Dir.Validate(); err != nil {
		v.Problems = append(v.Problems, err)
	}
	if err := s.compareFiles(ctx, t); err != nil {
		v.Problems = append(v.Problems, parts(err)...)
	}
	v.Warnings = t.beside
	if t.legacy != nil {
		v.Legacy = t.legacy.Compared
	}
	for _, w := range t.warnings {
		v.Problems = append(v.Problems, &Refused{Code: "file", Reason: w, Next: "bring the file back"})
	}
	return v, s.verifyLive(ctx, t, v)
}

// verifyLive compares the database with the snapshot of the last run.
func (s *session) verifyLive(ctx context.Context, t *target, v *Verification) error {
	tampered := slices.ContainsFunc(v.Problems, func(err error) bool { var chain *history.ChainError; return errors.As(err, &chain) })
	if t.state.Snapshot == "" || tampered {
		return nil
	}
	snapshot, err := s.log.Snapshot(ctx, t.state.Snapshot)
	if err != nil {
		return err
	}
	live, err := s.opts.Inspect(ctx, s.conn)
	if err != nil {
		return err
	}
	if s.opts.Narrow != nil {
		snapshot = s.opts.Narrow(snapshot)
	}
	v.Compared, v.Interrupted, v.Drift = true, t.interrupted(), Compare(snapshot, live)
	return nil
}

// parts takes a joined error apart; any other error is its only part.
func parts(err error) []error {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		return joined.Unwrap()
	}
	return []error{err}
}

// DriftReport is how the live state differs from what the last run left.
type DriftReport struct {
	// Snapshot is the catalog that the last run left, and At the row that names it; nil where there is none.
	Snapshot *schema.Catalog
	At       *history.Entry
	Live     *schema.Catalog
	// Objects are the differences; none where there is no snapshot.
	Objects []ObjectDiff
	// Interrupted is set when steps ran after the snapshot was taken, so that differences may be their work.
	Interrupted bool
}

// Drift compares the live state with the snapshot of the last run. It writes nothing and takes no lock.
func Drift(ctx context.Context, opts Options) (*DriftReport, error) {
	opts.DryRun = true
	if err := opts.check(false); err != nil {
		return nil, err
	}
	s, err := open(ctx, &opts)
	if err != nil {
		return nil, err
	}
	defer s.close()
	entries, err := s.log.Verified(ctx)
	if err != nil {
		return nil, unreadable(err)
	}
	report := &DriftReport{Interrupted: (&target{entries: entries}).interrupted()}
	if report.Snapshot, report.At, err = s.log.LatestSnapshot(ctx); err != nil {
		return nil, err
	}
	if report.Live, err = opts.Inspect(ctx, s.conn); err != nil {
		return nil, err
	}
	if report.Snapshot != nil {
		report.Objects = Compare(report.Snapshot, report.Live)
	}
	return report, nil
}
