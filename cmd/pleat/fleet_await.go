package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/pleatdb/pleat/apply"
	"github.com/pleatdb/pleat/cmd/internal/fleet"
	"github.com/pleatdb/pleat/history"
	"github.com/pleatdb/pleat/history/migration"
)

// await waits until the canaries of another worker have, by their own logs, what would run on this worker's targets. A canary that
// failed since this command began, or that is not done in time, keeps the rest from starting.
func (x *expedition) await(ctx context.Context) error {
	const look = 2 * time.Second
	wanted, err := x.wanted(ctx)
	if err != nil || len(wanted) == 0 {
		return err
	}
	deadline := x.app.now().Add(x.rollout.Patience())
	for told := false; ; told = true {
		waiting, err := x.lagging(ctx, wanted)
		if err != nil || waiting == "" {
			return err
		}
		if !told {
			x.view.Progress(fmt.Sprintf("waiting for the canaries, which are another worker's: %s has migrations pending", waiting))
		}
		if x.app.now().After(deadline) {
			return fmt.Errorf("the canary %s was not done within %s", waiting, x.rollout.Patience())
		}
		timer := time.NewTimer(look)
		select {
		case <-ctx.Done():
			timer.Stop()
			return errors.New("it was interrupted while it waited for the canaries")
		case <-timer.C:
		}
	}
}

// wanted are the versions that would run on the first of this worker's targets that answers. Contract files that wait for evidence are
// not among them: nobody knows whether the canaries will get them.
func (x *expedition) wanted(ctx context.Context) (versions []string, err error) {
	for _, t := range x.rest {
		var q *project
		var overview *apply.Overview
		if q, overview, err = x.overview(ctx, t); err != nil {
			continue
		}
		w, err := q.witness()
		if err != nil {
			return nil, err
		}
		for _, m := range overview.Pending {
			if m.Phase != migration.Contract || !w.required {
				versions = append(versions, m.Version)
			}
		}
		w.close()
		return versions, nil
	}
	return nil, err
}

func (x *expedition) overview(ctx context.Context, t fleet.Target) (*project, *apply.Overview, error) {
	var result bytes.Buffer
	q, err := x.at(t, x.home, x.view.Of(&result, t.Name))
	if err != nil {
		return nil, nil, err
	}
	look, err := q.running(&runOptions{dryRun: true})
	if err != nil {
		return nil, nil, err
	}
	if look.Dir, err = q.directory(); err != nil {
		return nil, nil, err
	}
	look.Observer, look.Contract = nil, apply.ContractMode(q.env.Contract)
	overview, err := apply.Status(ctx, look)
	return q, overview, err
}

// lagging names a canary that lacks one of the versions; empty when none does.
func (x *expedition) lagging(ctx context.Context, wanted []string) (string, error) {
	for _, t := range x.foreign {
		_, overview, err := x.overview(ctx, t)
		if err != nil {
			return "", fmt.Errorf("look at the canary %s: %w", t.Name, err)
		}
		for _, version := range wanted {
			if r := overview.State.Record(version); r != nil && r.Status == history.StatusFailed && r.At.After(x.head.At) {
				return "", fmt.Errorf("on the canary %s, %s_%s failed: %s", t.Name, r.Version, r.Name, r.Message)
			}
			if !overview.State.Done(version) {
				return t.Name, nil
			}
		}
	}
	return "", nil
}
