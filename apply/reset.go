package apply

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/pleatdb/pleat/history"
	"github.com/pleatdb/pleat/schema"
)

// CommandReset drops everything that is managed; see [Reset].
const CommandReset = "reset"

// Reset drops what drop names for the live state, in one transaction and under the lock, and records that nothing before it counts any
// more. Afterwards every file of the directory is pending. It is refused where the log holds what no file could build again. A dry run
// returns the statements and runs none. It is for databases whose contents nobody needs: the caller makes sure.
func Reset(ctx context.Context, opts Options, drop func(live *schema.Catalog) ([]string, error)) (statements []string, err error) {
	if err := opts.check(true); err != nil {
		return nil, err
	}
	err = within(ctx, &opts, func(ctx context.Context, s *session, t *target) error {
		if err := rebuildable(&opts, t); err != nil {
			return err
		}
		if statements, err = drop(t.live); err != nil || opts.DryRun {
			return err
		}
		r := newRunner(s, t, nil, nil)
		if err := r.start(ctx, CommandReset); err != nil {
			return err
		}
		if err := r.empty(ctx, statements); err != nil {
			return errors.Join(err, r.failed(ctx, err))
		}
		r.stale = true
		if err := r.refresh(ctx); err != nil {
			return err
		}
		r.atFirst = r.target.live
		return r.finish(ctx)
	})
	return statements, err
}

// rebuildable refuses to drop what was there before pleat, as far as no file builds it.
func rebuildable(opts *Options, t *target) error {
	for i := range t.state.Records {
		r := &t.state.Records[i]
		if (r.Status == history.StatusBaseline || r.Status == history.StatusImported) && opts.Dir.File(r.Version) == nil {
			return &Refused{Code: "reset", Reason: fmt.Sprintf("%s is from before pleat and has no file, so that it could not be built again", label(r)),
				Next: "make the database anew by other means, or write a migration that builds it"}
		}
	}
	return nil
}

// empty runs the statements together with the row that says so.
func (r *runner) empty(ctx context.Context, statements []string) error {
	return pgx.BeginFunc(ctx, r.conn, func(tx pgx.Tx) error {
		if err := r.set(ctx, true, setting{"search_path", ""}, setting{"lock_timeout", "30s"}); err != nil {
			return err
		}
		for _, sql := range statements {
			if _, err := r.exec(ctx, sql); err != nil {
				return fmt.Errorf("%s: %w", sql, err)
			}
		}
		_, err := r.log.Reset(ctx, tx, r.event(history.Event{Detail: map[string]any{"statements": len(statements)}}))
		return err
	})
}
