package apply

import (
	"context"
	"errors"
	"fmt"

	"github.com/pleatdb/pleat/history"
	"github.com/pleatdb/pleat/history/migration"
	"github.com/pleatdb/pleat/schema"
)

// Commands that change a database, as [Upcoming] and the log name them.
const (
	CommandApply    = "apply"
	CommandRollback = "rollback"
	CommandRedo     = "redo"
)

// Upcoming is a run that holds the lock, has been checked, and has changed nothing but its own log.
type Upcoming struct {
	Run     string // ID in the log
	Command string
	// Migrations are those that will run, in their order; on the way back those that will be undone.
	Migrations []*migration.Migration
	// Live is the catalog as it is. It must not be changed.
	Live *schema.Catalog
}

// Preparation is something that must have been done before a run's first step, a backup for example. What it gives is recorded; its
// error ends the run before anything was changed. It uses connections of its own.
type Preparation func(ctx context.Context, u Upcoming) ([]history.Event, error)

// prepare does what must have been done before the first step.
func (r *runner) prepare(ctx context.Context, command string, migrations []*migration.Migration) error {
	asked, cancel := promptly(ctx)
	defer cancel()
	for _, p := range r.opts.Prepare {
		events, err := p(asked, Upcoming{Run: r.run, Command: command, Migrations: migrations, Live: r.target.live})
		if err == nil && len(events) > 0 {
			err = r.record(ctx, events...)
		}
		if err == nil {
			continue
		}
		err = interrupted(ctx, fmt.Errorf("prepare the run: %w", err))
		return errors.Join(err, r.failed(ctx, err))
	}
	return nil
}
