package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/pleatdb/pleat/cmd/internal/config"
	"github.com/pleatdb/pleat/cmd/internal/review"
	"github.com/pleatdb/pleat/history"
	"github.com/pleatdb/pleat/inspect"
	"github.com/pleatdb/pleat/planner"
	"github.com/pleatdb/pleat/planner/cost"
	"github.com/pleatdb/pleat/planner/lint"
	"github.com/pleatdb/pleat/schema"
)

// consult asks the database, where one is named, what the files will meet there. One that was named on the command line must
// answer; another one is done without.
func (p *project) consult(ctx context.Context, o *lintOptions, paths []string, set *review.Set, options *lint.Options) error {
	named := o.url != "" || o.env != "" && !p.env.URL.Empty()
	if !named && p.env.URL.Empty() && p.app.getenv("PLEAT_URL") == "" {
		return nil
	}
	if p.runsCommand() {
		p.view.Note("the database is not asked, since a command would have to be run for its password and lint runs none; name it by --url")
		return nil
	}
	err := p.askTarget(ctx, o, paths, set, options)
	if err != nil && !named && ctx.Err() == nil {
		p.view.Warn(fmt.Sprintf("the database is not asked for the sizes of its tables: %v", err))
		p.target = nil
		return nil
	}
	return err
}

func (p *project) askTarget(ctx context.Context, o *lintOptions, paths []string, set *review.Set, options *lint.Options) error {
	conn, err := p.connect(ctx, "lint")
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	if options.Server, err = serverOf(ctx, conn); err != nil {
		return err
	}
	if options.Major == 0 {
		options.Major = options.Server.Version / 10000
	}
	if err := weigh(ctx, conn, options); err != nil {
		return err
	}
	if len(paths) == 0 {
		p.leaveOutApplied(ctx, conn, set)
	}
	if !begins(o, paths, set) {
		return nil
	}
	options.Catalog, err = p.inspect(ctx, conn)
	return err
}

// weigh reads how large tables are, and so how long the work of a statement will take.
func weigh(ctx context.Context, conn *pgx.Conn, options *lint.Options) error {
	read, err := inspect.Sizes(ctx, conn, inspect.Options{})
	if err != nil {
		return err
	}
	sizes := map[schema.ID]cost.Size{}
	options.Sizes = map[schema.ID]int64{}
	for id, size := range read {
		sizes[id] = cost.Size(size)
		options.Sizes[id] = size.Bytes + size.Indexes
	}
	options.Cost = func(e planner.Effect) (string, time.Duration) {
		c := cost.Of(e, sizes, cost.Rates{})
		if c.Bytes == 0 { // a change of the catalogs alone, empty tables, or tables that are not there
			return "", c.Duration
		}
		return c.Text, c.Duration
	}
	return nil
}

// begins reports whether the files are to run on the database as it is now: those of the project that are not applied, those
// that a branch adds, and single files. A whole directory of another tool has run there already, nobody knows how far.
func begins(o *lintOptions, paths []string, set *review.Set) bool {
	if len(paths) == 0 || o.base != "" {
		return true
	}
	for _, d := range set.Dirs {
		if len(d.Files) > 1 && !d.Files[0].Context {
			return false
		}
	}
	return true
}

// leaveOutApplied says nothing of migrations that the log has already. Without a right to read the log, all count.
func (p *project) leaveOutApplied(ctx context.Context, conn *pgx.Conn, set *review.Set) {
	state, err := history.Open(conn).State(ctx)
	if err != nil {
		p.view.Warn(fmt.Sprintf("which migrations are applied cannot be read, so all of them are looked at: %v", err))
		return
	}
	if n := set.Forget(p.migrations, state.Done); n > 0 {
		p.view.Note(fmt.Sprintf("left out because they are applied: %d; pleat lint %s looks at all of them", n, p.migrations))
	}
}

// serverOf reads what is known of a running server, and who holds locks for long.
func serverOf(ctx context.Context, conn *pgx.Conn) (*lint.Server, error) {
	s := &lint.Server{}
	var patience int64
	err := conn.QueryRow(ctx, `SELECT pg_catalog.current_setting('server_version_num')::pg_catalog.int4,
		(SELECT setting::pg_catalog.int8 FROM pg_catalog.pg_settings WHERE name = 'deadlock_timeout')`).Scan(&s.Version, &patience)
	if err != nil {
		return nil, fmt.Errorf("read the server's settings: %w", err)
	}
	s.DeadlockTimeout = time.Duration(patience) * time.Millisecond
	rows, err := conn.Query(ctx, `SELECT n.nspname::pg_catalog.text, c.relname::pg_catalog.text, a.pid,
		coalesce(a.application_name, ''), coalesce(a.usename::pg_catalog.text, ''), (extract(epoch FROM pg_catalog.now() - a.xact_start))::pg_catalog.int8
		FROM pg_catalog.pg_locks l
		JOIN pg_catalog.pg_stat_activity a USING (pid)
		JOIN pg_catalog.pg_class c ON c.oid = l.relation
		JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
		WHERE l.locktype = 'relation' AND l.granted AND c.relkind IN ('r', 'p') AND n.nspname NOT IN ('pg_catalog', 'information_schema')
		AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())
		AND a.pid <> pg_catalog.pg_backend_pid() AND a.xact_start < pg_catalog.now() - '1 minute'::pg_catalog.interval
		GROUP BY 1, 2, 3, 4, 5, a.xact_start ORDER BY a.xact_start, 1, 2`)
	if err != nil {
		return nil, fmt.Errorf("read open transactions: %w", err)
	}
	s.Blockers, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (b lint.Blocker, err error) {
		var pid int32
		var seconds int64
		var application, user string
		b.On.Kind = schema.KindTable
		err = row.Scan(&b.On.Schema, &b.On.Name, &pid, &application, &user, &seconds)
		b.Who = fmt.Sprintf("pid %d (app %s, user %s), open for %s", pid, application, user, time.Duration(seconds)*time.Second)
		return b, err
	})
	if err != nil {
		return nil, fmt.Errorf("read open transactions: %w", err)
	}
	return s, nil
}

// policyOf gives the linter what the project file says. Findings that are off are left out by [withoutOff].
func policyOf(l *config.Lint) lint.Policy {
	p := lint.Policy{
		AdditiveOnly: l.AdditiveOnly, ForeignKeyIndex: l.RequireForeignKeyIndex, Qualified: l.Qualified, MaxLock: l.MaxLock, Forbidden: l.Forbid,
		Severity: map[string]lint.Severity{},
	}
	if l.MaxLockTime != nil {
		p.MaxDuration = *l.MaxLockTime
	}
	for _, n := range l.Naming {
		p.Naming = append(p.Naming, lint.Naming{Kind: n.Kind, Match: n.Match, Message: n.Message})
	}
	for code, severity := range l.Severity {
		p.Severity[code] = lint.Severity(severity)
	}
	return p
}

// withoutOff leaves out the findings that the project file turned off.
func withoutOff(found []review.Found) []review.Found {
	return slices.DeleteFunc(found, func(f review.Found) bool { return f.Severity == config.Off })
}
