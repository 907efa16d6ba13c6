package apply

import (
	"context"
	"errors"

	"github.com/pleatdb/pleat/history"
	"github.com/pleatdb/pleat/schema"
)

// Verification is what [Verify] found.
type Verification struct {
	// Problems are *history.ChainError, *ChecksumError, *migration.IntegrityError and *Refused; none means that all is in order.
	Problems []error
	// Head is the digest of the newest row: noted elsewhere, it is a witness of the whole log.
	Head   string
	Length int64
}

// Verify checks the log's chain, the texts and snapshots that it keeps, and the files against both pleat.sum and what was
// applied. It writes nothing and takes no lock. The error says that it could not look; what it found is in the result.
func Verify(ctx context.Context, opts Options) (*Verification, error) {
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
	t := &target{state: history.StateOf(entries)}
	v.Head, v.Length = t.state.Head, t.state.Length
	if err := opts.Dir.Validate(); err != nil {
		v.Problems = append(v.Problems, err)
	}
	if err := s.compareFiles(ctx, t); err != nil {
		v.Problems = append(v.Problems, parts(err)...)
	}
	for _, w := range t.warnings {
		v.Problems = append(v.Problems, &Refused{Code: "file", Reason: w, Next: "bring the file back"})
	}
	return v, nil
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
