package main

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/pleatdb/pleat/apply"
	"github.com/pleatdb/pleat/cmd/internal/view"
	"github.com/pleatdb/pleat/history"
)

func newLockCmd(a *app) *cobra.Command {
	lock := &cobra.Command{
		Use:   "lock",
		Short: "Look at the lock that keeps two runs apart",
		Long: `The lock lives in the session of the run that holds it and ends with it. Where the server's advisory locks cannot be trusted
it is a lease, a row in pleat.lock that counts for 30 seconds after its last heartbeat.

Example: pleat lock status` + exitCodes,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	lock.AddCommand(newLockStatusCmd(a), newLockReleaseCmd(a))
	return lock
}

func newLockStatusCmd(a *app) *cobra.Command {
	var o shared
	c := &cobra.Command{
		Use:   "status",
		Short: "Say who holds the lock",
		Long: `lock status says which session holds the lock of this database and scope, what it runs and for whom, and who waits for it.

Example: pleat lock status --json` + exitCodes,
		Args: cobra.NoArgs,
		RunE: a.action(&o, func(ctx context.Context, v *view.View, _ []string) error { return runLockStatus(ctx, a, v, o) }),
	}
	o.addFlags(c.Flags())
	return c
}

func newLockReleaseCmd(a *app) *cobra.Command {
	var o shared
	c := &cobra.Command{
		Use:   "release [ID]",
		Short: "Release a lease that nobody keeps up",
		Long: `lock release ends a lease whose run gives no sign of life any more, and records it in the log. Whoever held it can commit nothing
from then on. A lock that is alive is refused. An advisory lock ends with its session and is never stale: to end one, end the
session. The next run takes over an expired lease by itself.

Example: pleat lock release` + exitCodes,
		Args: cobra.MaximumNArgs(1),
		RunE: a.action(&o, func(ctx context.Context, v *view.View, args []string) error {
			return runLockRelease(ctx, a, v, o, args)
		}),
	}
	o.addFlags(c.Flags())
	return c
}

func runLockStatus(ctx context.Context, a *app, v *view.View, o shared) error {
	p, err := a.withoutSchema(v, &o)
	if err != nil {
		return err
	}
	conn, err := p.connect(ctx, "lock")
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	state, err := apply.ReadLock(ctx, conn, p.scope)
	if err != nil {
		return err
	}
	doc := &view.Lock{Database: state.Database, Held: state.Held(), Form: state.Form(), Holders: []view.Holder{}, Queue: []view.Holder{}}
	for _, h := range state.Holders {
		doc.Holders = append(doc.Holders, lockHolder(h))
	}
	for _, h := range state.Queue {
		doc.Queue = append(doc.Queue, lockHolder(h))
	}
	if state.Row != nil && (len(state.Holders) == 0 || state.Holders[0].Label == nil) {
		doc.Last = lockLabel(state.Row)
	}
	return v.Show(doc)
}

func runLockRelease(ctx context.Context, a *app, v *view.View, o shared, args []string) error {
	p, err := a.withoutSchema(v, &o)
	if err != nil {
		return err
	}
	run, err := p.running(&runOptions{})
	if err != nil {
		return err
	}
	row, err := apply.ReleaseLock(ctx, run, firstOf(args...))
	if err != nil {
		return err
	}
	return v.Show(&view.LockRelease{Database: p.database(), Released: *lockLabel(row)})
}

func lockHolder(h apply.Holder) view.Holder {
	out := view.Holder{PID: h.PID, User: h.User, Application: h.Application, Client: h.Client, Since: instant(h.Since)}
	if h.Label != nil {
		out.Label = lockLabel(h.Label)
	}
	return out
}

func lockLabel(k *history.Lock) *view.LockLabel {
	l := &view.LockLabel{ID: k.ID, Form: k.Form, Run: k.Run, Operation: k.Operation, Who: k.Who(), Host: k.Client.Host, PID: k.Client.PID, Tool: k.Tool,
		Scope: k.Scope, Token: k.Token, Since: k.Since.UTC(), Heartbeat: k.Heartbeat.UTC(), HeartbeatSeconds: k.Age.Seconds()}
	if k.Form == history.LeaseLock {
		l.ExpiresSeconds = (k.Lifetime - k.Age).Seconds()
		l.Stale = !k.Released && !k.Live()
	}
	return l
}

// instant is a time as JSON has it; nil where nobody knows it.
func instant(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}
