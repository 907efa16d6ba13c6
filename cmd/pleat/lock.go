package main

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/spf13/cobra"

	"github.com/pleatdb/pleat/apply"
	"github.com/pleatdb/pleat/cmd/internal/view"
)

func newLockCmd(a *app) *cobra.Command {
	lock := &cobra.Command{
		Use:   "lock",
		Short: "Look at the lock that keeps two runs apart",
		Long: `The lock lives in the session of the run that holds it and ends with it.

Example: pleat lock status` + exitCodes,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	var o shared
	status := &cobra.Command{
		Use:   "status",
		Short: "Say who holds the lock",
		Long: `lock status says which session holds the lock of this database and scope, if any.

Example: pleat lock status --json` + exitCodes,
		Args: cobra.NoArgs,
		RunE: a.action(&o, func(ctx context.Context, v *view.View, _ []string) error { return runLockStatus(ctx, a, v, o) }),
	}
	o.addFlags(status.Flags())
	lock.AddCommand(status)
	return lock
}

// holders finds the sessions that hold an advisory lock by its key of 64 bits, whose halves pg_locks shows apart
// (objsubid 1 marks such a key; PostgreSQL 13 to 18).
const holders = `SELECT l.pid, COALESCE(a.usename::pg_catalog.text, ''), COALESCE(a.application_name, ''),
	COALESCE(pg_catalog.host(a.client_addr), ''), a.backend_start
	FROM pg_catalog.pg_locks l LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
	WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
	AND l.database = (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database())
	AND ((l.classid::pg_catalog.int8 << 32) | l.objid::pg_catalog.int8) = $1 ORDER BY l.pid`

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
	rows, err := conn.Query(ctx, holders, apply.LockKey(p.database(), p.scope))
	if err != nil {
		return fmt.Errorf("read the locks: %w", err)
	}
	doc := &view.Lock{Database: p.database(), Holders: []view.Holder{}}
	doc.Holders, err = pgx.AppendRows(doc.Holders, rows, func(row pgx.CollectableRow) (h view.Holder, err error) {
		var since *time.Time
		err = row.Scan(&h.PID, &h.User, &h.Application, &h.Client, &since)
		if since != nil {
			utc := since.UTC()
			h.Since = &utc
		}
		return h, err
	})
	if err != nil {
		return fmt.Errorf("read the locks: %w", err)
	}
	doc.Held = len(doc.Holders) > 0
	return v.Show(doc)
}
