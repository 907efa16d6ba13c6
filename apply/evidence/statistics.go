package evidence

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/pleatdb/pleat/schema"
)

// asking is how everything is asked of the target: no cached statement, and binary results that no setting of the session changes.
const asking = pgx.QueryExecModeDescribeExec

// primary is how the server that is written to is called in the log and, left out, in messages.
const primary = "primary"

// entry is a line of pg_stat_statements.
type entry struct {
	query string
	role  string
	top   bool
	calls int64
	// key is what tells it apart from others: role, statement, and whether it was sent or ran inside a function.
	key string
	// since is when it was first counted (PostgreSQL 17); zero before.
	since time.Time
}

// counts are the statistics of one server.
type counts struct {
	name    string
	entries []entry
	// evicted counts how often entries were thrown out since reset, the last reset of everything; known is false before PostgreSQL 14.
	known   bool
	evicted int64
	reset   time.Time
	// from is from when on calls are counted.
	from time.Time
}

// on says of which server something is, for messages.
func (s *counts) on() string {
	if s.name == primary {
		return ""
	}
	return " of standby " + s.name
}

// statisticsError says why the statistics of a server cannot be had, and what helps.
type statisticsError struct{ text string }

func (e *statisticsError) Error() string { return e.text }

// place is where the extension is and what it can do.
type place struct {
	schema        string
	minor         int // of the extension's version 1.x
	major         int // of the server
	all           bool
	role          string
	track         string
	utility       string
	untrackedSome bool
}

// statistics reads the statements that a server counted in this database.
func statistics(ctx context.Context, conn *pgx.Conn, name string) (*counts, []string, error) {
	s := &counts{name: name}
	p, err := findStatistics(ctx, conn, s)
	if err != nil {
		return nil, nil, err
	}
	if err := s.readInfo(ctx, conn, p); err != nil {
		return nil, nil, err
	}
	if err := s.readEntries(ctx, conn, p); err != nil {
		return nil, nil, err
	}
	return s, s.doubts(p), nil
}

func findStatistics(ctx context.Context, conn *pgx.Conn, s *counts) (*place, error) {
	p := &place{}
	err := conn.QueryRow(ctx, `
		SELECT n.nspname::text, split_part(e.extversion, '.', 2)::int, current_setting('server_version_num')::int / 10000,
			pg_has_role(current_user, 'pg_read_all_stats', 'USAGE'), current_user::text,
			coalesce(current_setting('pg_stat_statements.track', true), ''),
			coalesce(current_setting('pg_stat_statements.track_utility', true), ''),
			EXISTS (SELECT FROM pg_db_role_setting r, unnest(r.setconfig) AS one WHERE one LIKE 'pg\_stat\_statements.track%'
				AND r.setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database())))
		FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'pg_stat_statements'`, asking).
		Scan(&p.schema, &p.minor, &p.major, &p.all, &p.role, &p.track, &p.utility, &p.untrackedSome)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return nil, &statisticsError{"nobody counts statements" + s.on() + ": put pg_stat_statements into shared_preload_libraries, restart, and CREATE EXTENSION pg_stat_statements in this database"}
	case err != nil:
		return nil, err
	}
	return p, nil
}

// readInfo reads how trustworthy the statistics are.
func (s *counts) readInfo(ctx context.Context, conn *pgx.Conn, p *place) error {
	if s.known = p.minor >= 9; !s.known {
		return nil
	}
	err := conn.QueryRow(ctx, "SELECT dealloc, stats_reset FROM "+schema.Qualified(p.schema, "pg_stat_statements_info"), asking).Scan(&s.evicted, &s.reset)
	return s.explain(err)
}

func (s *counts) readEntries(ctx context.Context, conn *pgx.Conn, p *place) error {
	top, since := "true", "NULL::timestamptz"
	if p.minor >= 9 {
		top = "toplevel"
	}
	if p.minor >= 11 {
		since = "stats_since"
	}
	rows, err := conn.Query(ctx, fmt.Sprintf(`
		SELECT coalesce(query, ''), coalesce(pg_get_userbyid(userid)::text, ''), %[1]s, calls,
			userid::text || ':' || coalesce(queryid::text, '') || ':' || (%[1]s)::text, %[2]s
		FROM %[3]s WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database()) ORDER BY calls DESC, 5`,
		top, since, schema.Qualified(p.schema, "pg_stat_statements")), asking)
	if err != nil {
		return s.explain(err)
	}
	s.entries, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (e entry, err error) {
		var since *time.Time
		if err = row.Scan(&e.query, &e.role, &e.top, &e.calls, &e.key, &since); since != nil {
			e.since = *since
		}
		return e, err
	})
	return s.explain(err)
}

// explain turns what the server says of statistics that are off into advice.
func (s *counts) explain(err error) error {
	var pg *pgconn.PgError
	switch {
	case !errors.As(err, &pg):
		return err
	case pg.Code == "55000": // object_not_in_prerequisite_state
		return &statisticsError{"nobody counts statements" + s.on() + ": pg_stat_statements is not in shared_preload_libraries; put it there and restart"}
	case pg.Code == "42501":
		return &statisticsError{"the counted statements" + s.on() + " cannot be read (" + pg.Message + "): grant this role the use of the extension's schema and the role pg_read_all_stats"}
	}
	return err
}

// doubts are reasons not to rely on what was read.
func (s *counts) doubts(p *place) (out []string) {
	if !p.all {
		out = append(out, fmt.Sprintf("statements%s that other roles ran are hidden from this one: GRANT pg_read_all_stats TO %s", s.on(), schema.Quote(p.role)))
	}
	switch {
	case p.track == "none":
		out = append(out, "statements"+s.on()+" are not counted: pg_stat_statements.track is none; set it to top or all")
	case p.utility == "off":
		out = append(out, "cursors, COPY and PREPARE"+s.on()+" are not counted: pg_stat_statements.track_utility is off; set it to on")
	}
	if p.untrackedSome {
		out = append(out, "some roles or this database have a setting of their own for pg_stat_statements.track"+s.on()+", so what they run may not be counted: RESET it (see \\drds in psql)")
	}
	if !s.known {
		why := "this version of pg_stat_statements does not tell when entries were thrown out or the statistics reset"
		if p.major >= 14 {
			why += ": ALTER EXTENSION pg_stat_statements UPDATE"
		} else {
			why += " (PostgreSQL 14 does), so what it shows can never be known to be all"
		}
		out = append(out, why)
	}
	for _, e := range s.entries {
		if e.query == "" || strings.HasPrefix(e.query, "<insufficient privilege>") {
			if p.all {
				out = append(out, "the text of a counted statement"+s.on()+" is lost (its file was cut or could not be written): SELECT pg_stat_statements_reset(), and wait for the window")
			}
			break
		}
	}
	return out
}

// serverSaid reports whether an error came from a server that is still there.
func serverSaid(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg)
}

// refusedBy reports whether the server refused for want of rights.
func refusedBy(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.Code == "42501"
}
