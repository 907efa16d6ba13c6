package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/spf13/cobra"

	"github.com/pleatdb/pleat/cmd/internal/view"
	"github.com/pleatdb/pleat/history"
)

func newWaitCmd(a *app) *cobra.Command {
	var o shared
	var version string
	var timeout time.Duration
	c := &cobra.Command{
		Use:   "wait",
		Short: "Wait until a migration is applied",
		Long: `wait returns once the log says that a migration is applied, so that an application starts on the schema that it needs. It changes
nothing, waits through a database that cannot be reached, and gives up after a time.

Example: pleat wait --version 20261120153000 --timeout 5m` + exitCodes,
		Args: cobra.NoArgs,
		RunE: a.action(&o, func(ctx context.Context, v *view.View, _ []string) error {
			return runWait(ctx, a, v, o, version, timeout)
		}),
	}
	o.addFlags(c.Flags())
	c.Flags().StringVar(&version, "version", "", "version of the migration, or its file's name")
	c.Flags().DurationVar(&timeout, "timeout", 5*time.Minute, "longest time to wait; 0 looks once")
	return c
}

func runWait(ctx context.Context, a *app, v *view.View, o shared, version string, timeout time.Duration) error {
	version, _, _ = strings.Cut(version, "_")
	if version == "" {
		return &view.Refusal{Code: "usage", Message: "it is not clear what to wait for", Next: "add --version VERSION"}
	}
	p, err := a.withoutSchema(v, &o)
	if err != nil {
		return err
	}
	if _, err := p.resolve(); err != nil {
		return err
	}
	w := &waiting{project: p, version: version}
	defer w.close()
	begin := a.now()
	for {
		done, err := w.look(ctx)
		waited := a.now().Sub(begin)
		switch {
		case err != nil && (w.final(err) || ctx.Err() != nil):
			return err
		case done:
			return v.Show(&view.Waited{Database: p.database(), Migration: version, State: w.state, Milliseconds: waited.Milliseconds()})
		case waited >= timeout:
			return w.gaveUp(timeout, err)
		}
		w.tell(err)
		if err := pause(ctx, min(time.Second/2+rand.N(time.Second), timeout-waited)); err != nil {
			return err
		}
	}
}

// waiting looks again and again, on one connection as long as that lasts.
type waiting struct {
	*project
	version string
	conn    *pgx.Conn
	entries []history.Entry
	state   string
	told    string
}

func (w *waiting) close() {
	if w.conn != nil {
		_ = w.conn.Close(context.Background()) // nothing is lost with it
		w.conn, w.entries = nil, nil
	}
}

// look reads what is new in the log.
func (w *waiting) look(ctx context.Context) (done bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	if w.conn == nil {
		if w.conn, err = w.connect(ctx, "wait"); err != nil {
			return false, err
		}
	}
	after := int64(0)
	if len(w.entries) > 0 {
		after = w.entries[len(w.entries)-1].ID
	}
	more, err := history.Open(w.conn).Entries(ctx, after)
	if err != nil {
		w.close()
		return false, err
	}
	w.entries = append(w.entries, more...)
	state := history.StateOf(w.entries)
	w.state = "unknown"
	if r := state.Record(w.version); r != nil {
		w.state = string(r.Status)
	} else if state.Done(w.version) {
		w.state = string(history.StatusBaseline)
	}
	return state.Done(w.version), nil
}

// final reports whether waiting cannot mend an error: the server was there and answered that this role, database or password will not do.
func (w *waiting) final(err error) bool {
	var pg *pgconn.PgError
	if !errors.As(err, &pg) {
		return false
	}
	// Invalid authorization, no such database, and insufficient privilege or an unknown name.
	return slices.ContainsFunc([]string{"28", "3D", "42"}, func(class string) bool { return strings.HasPrefix(pg.Code, class) })
}

// tell says what is waited for, when it changes.
func (w *waiting) tell(err error) {
	text := fmt.Sprintf("waiting for migration %s, which is %s", w.version, w.said())
	if err != nil {
		text = "waiting for the database: " + err.Error()
	}
	if text != w.told {
		w.told = text
		w.view.Progress(text)
	}
}

func (w *waiting) said() string {
	if w.state == "" || w.state == "unknown" {
		return "not in the log yet"
	}
	return strings.ReplaceAll(w.state, "_", " ")
}

func (w *waiting) gaveUp(after time.Duration, err error) error {
	if err != nil {
		return fmt.Errorf("wait for migration %s: gave up after %s: %w", w.version, after, err)
	}
	return &view.Refusal{Code: "timeout", Message: fmt.Sprintf("migration %s is %s after %s", w.version, w.said(), after), Next: "see: pleat status"}
}

// pause waits, or returns the context's error.
func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
