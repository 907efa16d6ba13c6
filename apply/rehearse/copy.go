package rehearse

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/pleatdb/pleat/apply"
	"github.com/pleatdb/pleat/inspect"
	"github.com/pleatdb/pleat/inspect/shadow/rows"
	"github.com/pleatdb/pleat/schema"
)

// copied is the database that is rehearsed on.
type copied struct {
	connect func(ctx context.Context, purpose string) (*pgx.Conn, error)
	close   func()
}

// copy makes the copy, with rows and history.
func (r *rehearsal) copy(ctx context.Context, target *pgx.Conn) (*copied, error) {
	live, err := inspect.Inspect(ctx, target, inspect.Options{})
	if err != nil {
		return nil, err
	}
	var number int
	if err := target.QueryRow(ctx, "SELECT pg_catalog.current_setting('server_version_num')::int").Scan(&number); err != nil {
		return nil, fmt.Errorf("read the server's version: %w", err)
	}
	s, err := r.opts.Shadow(ctx, number/10000)
	if err != nil {
		return nil, err
	}
	r.opts.progress("building a copy of the structure on " + s.Describe())
	built, err := s.Copy(ctx, live)
	if err != nil {
		_ = s.Close()
		return nil, err
	}
	r.result.Version, r.result.Where = s.Version(), s.Describe()
	c := &copied{connect: connector(built.URL), close: func() {
		built.Close()
		_ = s.Close() // a server that does not end is swept by the next start
	}}
	if err := r.furnish(ctx, target, c); err != nil {
		c.close()
		return nil, err
	}
	return c, nil
}

// connector opens sessions of the shadow's superuser, with the settings that a session of the command has.
func connector(url string) func(context.Context, string) (*pgx.Conn, error) {
	return func(ctx context.Context, purpose string) (*pgx.Conn, error) {
		config, err := pgx.ParseConfig(url)
		if err != nil {
			return nil, fmt.Errorf("connect to the copy: %w", err)
		}
		config.RuntimeParams["application_name"] = "pleat rehearse " + purpose
		config.OnNotice = func(c *pgconn.PgConn, n *pgconn.Notice) { apply.HandleNotice(c, n) }
		conn, err := pgx.ConnectConfig(ctx, config)
		if err != nil {
			return nil, fmt.Errorf("connect to the copy: %w", err)
		}
		return conn, nil
	}
}

// furnish gives the copy its rows, and the history as it is on the target.
func (r *rehearsal) furnish(ctx context.Context, target *pgx.Conn, c *copied) error {
	conn, err := c.connect(ctx, "rows")
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	var report *rows.Report
	opts := rows.Options{Rows: r.opts.Rows, Seed: r.opts.Seed}
	switch r.opts.Source {
	case Generate:
		r.opts.progress(fmt.Sprintf("making %d rows a table", r.opts.Rows))
		if opts.Nulls, err = nulls(ctx, target); err != nil {
			return err
		}
		report, err = rows.Fill(ctx, conn, opts)
	case Sample:
		r.opts.progress(fmt.Sprintf("copying a sample of %d rows a table", r.opts.Rows))
		report, err = rows.Sample(ctx, target, conn, opts)
	}
	if err != nil {
		return err
	}
	if report != nil {
		r.result.Rows, r.result.Tables = r.opts.Rows, report.Tables
		r.result.Notes = append(r.result.Notes, report.Notes...)
	}
	if err := copyHistory(ctx, target, conn); err != nil {
		return err
	}
	return r.likeness(ctx, target, conn)
}

// likeness notes what of the target is not on the copy, or is another there.
func (r *rehearsal) likeness(ctx context.Context, target, conn *pgx.Conn) error {
	there, err := r.opts.Inspect(ctx, target)
	if err != nil {
		return err
	}
	here, err := r.opts.Inspect(ctx, conn)
	if err != nil {
		return err
	}
	const shown = 10
	differences := apply.Compare(there, here)
	for _, d := range differences[:min(len(differences), shown)] {
		switch {
		case d.Gone:
			r.result.notef("the copy is without %s", d.ID)
		case d.New:
			r.result.notef("the copy has %s, which the target has not", d.ID)
		default:
			r.result.notef("on the copy, %s is not the same", d.ID)
		}
	}
	if n := len(differences) - shown; n > 0 {
		r.result.notef("the copy differs from the target in %d more objects", n)
	}
	return nil
}

// nulls reads how often columns are NULL on the target, as its statistics say. A table that was never analyzed, or that the role may not
// read, has none.
func nulls(ctx context.Context, target *pgx.Conn) (map[schema.ID]float64, error) {
	found, err := target.Query(ctx, `SELECT schemaname::text, tablename::text, attname::text, null_frac::float8 FROM pg_catalog.pg_stats
		WHERE null_frac > 0 AND NOT inherited AND schemaname !~ '^pg_'`, pgx.QueryExecModeExec)
	if err != nil {
		return nil, fmt.Errorf("read statistics: %w", err)
	}
	out := map[schema.ID]float64{}
	var namespace, table, column string
	var share float64
	_, err = pgx.ForEachRow(found, []any{&namespace, &table, &column, &share}, func() error {
		out[schema.ColumnID(schema.ID{Kind: schema.KindTable, Schema: namespace, Name: table}, column)] = share
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read statistics: %w", err)
	}
	return out, nil
}

// clone uses a database that the user names, after making sure that it is not the target.
func (r *rehearsal) clone(ctx context.Context, target *pgx.Conn) (*copied, error) {
	conn, err := r.opts.Clone(ctx, "clone")
	if err != nil {
		return nil, err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	there, err := identify(ctx, target)
	if err != nil {
		return nil, err
	}
	here, err := identify(ctx, conn)
	if err != nil {
		return nil, err
	}
	if here.same(there) {
		return nil, errors.New("rehearse: the clone is the target itself: the same server (by its system identifier and start) and the same database")
	}
	r.result.Version, r.result.Where = conn.PgConn().ParameterStatus("server_version"), "PostgreSQL "+conn.PgConn().ParameterStatus("server_version")+" (the clone, database "+schema.Quote(here.database)+")"
	return &copied{connect: r.opts.Clone, close: func() {}}, nil
}

// identity tells one database of one running server from all others. A clone that was made from a backup of the files has the same system
// identifier, but another start.
type identity struct {
	system   int64
	database string
	start    time.Time
}

func (i identity) same(o identity) bool {
	return i.system == o.system && i.database == o.database && i.start.Equal(o.start)
}

func identify(ctx context.Context, conn *pgx.Conn) (i identity, err error) {
	err = conn.QueryRow(ctx, `SELECT (SELECT system_identifier FROM pg_catalog.pg_control_system()), pg_catalog.current_database()::text,
		pg_catalog.pg_postmaster_start_time()`).Scan(&i.system, &i.database, &i.start)
	if err != nil {
		return i, fmt.Errorf("identify the server: %w", err)
	}
	return i, nil
}
