package history

import (
	"context"
	_ "embed" // the tables
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/pleatdb/pleat/history/migration"
)

//go:embed schema.sql
var tables string

const namespace = `CREATE SCHEMA pleat;
COMMENT ON SCHEMA pleat IS 'The history of this database''s schema, kept by pleat. Rows are only ever added.';
`

// Format is the version of the tables that this pleat writes. It refuses to read a newer one.
const Format = 1

// ErrOccupied reports a schema called pleat that belongs to somebody else.
var ErrOccupied = errors.New("the schema \"pleat\" exists and holds something that is not pleat's history")

// exec is how everything here is sent: prepared without a name, so that neither a pooler nor a
// changed table can invalidate it, and with binary results, which no setting of the session changes.
const exec = pgx.QueryExecModeDescribeExec

// Log reads and writes the history of the database that a connection is to.
type Log struct {
	conn  session
	guard func(ctx context.Context) error
}

// Open gives access to the history. It sends nothing yet.
func Open(conn *pgx.Conn) *Log { return &Log{conn: session{conn, homeOf(conn)}} }

// Exists reports whether there is a history at all. It needs no privilege.
func (l *Log) Exists(ctx context.Context) (bool, error) {
	var exists bool
	err := l.conn.QueryRow(ctx, `
		SELECT EXISTS (SELECT 1 FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
			WHERE n.nspname = 'pleat' AND c.relname = 'log')`, exec).Scan(&exists)
	if err != nil {
		return false, fmt.Errorf("look for the history: %w", err)
	}
	return exists, nil
}

// Create sets up the history and records that it did. The schema pleat is made where it is absent; where an
// administrator made it for a role that may not create schemas, it is used as it is. It is an error when the history exists.
func (l *Log) Create(ctx context.Context, tx pgx.Tx, e Event) error {
	tx = l.within(tx)
	var present, occupied bool
	err := tx.QueryRow(ctx, `
		SELECT EXISTS (SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = 'pleat'),
			EXISTS (SELECT 1 FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
				WHERE n.nspname = 'pleat')
			OR EXISTS (SELECT 1 FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
				WHERE n.nspname = 'pleat')`, exec).Scan(&present, &occupied)
	if err != nil {
		return fmt.Errorf("create history: %w", err)
	}
	if occupied {
		return fmt.Errorf("create history: %w", ErrOccupied)
	}
	script := tables + stateView + legacyWrite + lockTable
	if !present {
		script = namespace + script
	}
	if _, err := tx.Conn().PgConn().Exec(ctx, l.conn.in(script)).ReadAll(); err != nil {
		return fmt.Errorf("create history: %w", err)
	}
	e.Kind, e.Detail = Created, map[string]any{"format": Format}
	_, err = l.Append(ctx, tx, e)
	return err
}

// Append records an event in the caller's transaction, which should end soon: until then nobody else can append.
func (l *Log) Append(ctx context.Context, tx pgx.Tx, e Event) (Entry, error) {
	tx = l.within(tx)
	fail := func(err error) (Entry, error) {
		return Entry{}, fmt.Errorf("record %q in the history: %w", e.Kind, err)
	}
	row, err := l.next(ctx, tx)
	if err != nil {
		return fail(err)
	}
	row.Event = clean(e)
	if row.Digest, err = row.digest(); err != nil {
		return fail(err)
	}
	detail, err := canonicalJSON(row.Detail)
	if err != nil {
		return fail(err)
	}
	_, err = tx.Exec(ctx, `
		INSERT INTO pleat.log (id, at, kind, run, version, name, phase, step, part, parts, checksum, release, actor, session_actor,
			host, os_user, pid, application, tool, duration_ms, sqlstate, snapshot, detail, previous, digest)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23::text::jsonb, $24, $25)`,
		exec, row.ID, row.At, string(row.Kind), row.Run, null(row.Version), null(row.Name), null(string(row.Phase)),
		null(row.Step), null(row.Part), null(row.Parts), null(row.Checksum), null(row.Release), row.Actor, row.SessionActor,
		null(row.Client.Host), null(row.Client.User), null(row.Client.PID), null(row.Client.Application), null(row.Tool),
		null(milliseconds(row.Duration)), null(row.SQLState), null(row.Snapshot), null(detail), row.Previous, row.Digest)
	if err != nil {
		return fail(err)
	}
	return row, nil
}

// next locks the log, lets the guard look, and gives the row that comes next, without its event and digest.
func (l *Log) next(ctx context.Context, tx pgx.Tx) (row Entry, err error) {
	if _, err := tx.Exec(ctx, "LOCK TABLE pleat.log IN SHARE ROW EXCLUSIVE MODE", pgx.QueryExecModeExec); err != nil {
		return row, err
	}
	if l.guard != nil {
		if err := l.guard(ctx); err != nil {
			return row, err
		}
	}
	err = tx.QueryRow(ctx, `
		SELECT coalesce(l.id, 0) + 1, coalesce(l.digest, $1), pg_catalog.clock_timestamp(), current_user::text, session_user::text
		FROM (VALUES (1)) AS one LEFT JOIN (SELECT id, digest FROM pleat.log ORDER BY id DESC LIMIT 1) l ON true`, exec, genesis).
		Scan(&row.ID, &row.Previous, &row.At, &row.Actor, &row.SessionActor)
	row.At = row.At.UTC()
	return row, err
}

// Entries reads all events after the given ID in order; none where there is no history.
func (l *Log) Entries(ctx context.Context, after int64) ([]Entry, error) {
	if exists, err := l.Exists(ctx); err != nil || !exists {
		return nil, err
	}
	rows, err := l.conn.Query(ctx, `
		SELECT id, at, kind, run, coalesce(version, ''), coalesce(name, ''), coalesce(phase, ''), coalesce(step, 0), coalesce(part, 0),
			coalesce(parts, 0), coalesce(checksum, ''), coalesce(release, ''), actor, session_actor, coalesce(host, ''),
			coalesce(os_user, ''), coalesce(pid, 0), coalesce(application, ''), coalesce(tool, ''), coalesce(duration_ms, 0),
			coalesce(sqlstate, ''), coalesce(snapshot, ''), coalesce(detail::text, ''), previous, digest
		FROM pleat.log WHERE id > $1 ORDER BY id`, exec, after)
	if err != nil {
		return nil, fmt.Errorf("read history: %w", err)
	}
	entries, err := pgx.CollectRows(rows, scanEntry)
	if err != nil {
		return nil, fmt.Errorf("read history: %w", err)
	}
	if len(entries) > 0 && entries[0].Kind == Created {
		if format := entries[0].number("format"); format > Format {
			return nil, fmt.Errorf("read history: its tables have format %d, this pleat knows %d: use a newer pleat", format, Format)
		}
	}
	return entries, nil
}

func scanEntry(row pgx.CollectableRow) (Entry, error) {
	var e Entry
	var detail string
	var ms int64
	err := row.Scan(&e.ID, &e.At, &e.Kind, &e.Run, &e.Version, &e.Name, &e.Phase, &e.Step, &e.Part, &e.Parts, &e.Checksum,
		&e.Release, &e.Actor, &e.SessionActor, &e.Client.Host, &e.Client.User, &e.Client.PID, &e.Client.Application, &e.Tool, &ms,
		&e.SQLState, &e.Snapshot, &detail, &e.Previous, &e.Digest)
	if err != nil {
		return e, err
	}
	e.At, e.Duration = e.At.UTC(), time.Duration(ms)*time.Millisecond
	if detail != "" {
		e.Detail, err = decodeDetail(detail)
	}
	return e, err
}

// number reads an integer of the detail; 0 when it is not there.
func (e *Entry) number(key string) int64 {
	n, ok := e.Detail[key].(json.Number)
	if !ok {
		return 0
	}
	i, err := n.Int64()
	if err != nil {
		return 0
	}
	return i
}

// clean makes an event storable: text without zero bytes and broken UTF-8, whole milliseconds.
func clean(e Event) Event {
	for _, s := range []*string{
		&e.Run, &e.Version, &e.Name, &e.Checksum, &e.Release, &e.Client.Host, &e.Client.User, &e.Client.Application,
		&e.Tool, &e.SQLState, &e.Snapshot,
	} {
		*s = cleanText(*s)
	}
	e.Kind, e.Phase = Kind(cleanText(string(e.Kind))), migration.Phase(cleanText(string(e.Phase)))
	e.Duration = time.Duration(milliseconds(e.Duration)) * time.Millisecond
	return e
}

func cleanText(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
}

// milliseconds rounds up. What is below zero counts as nothing, and what does not fit is the longest that does: the log's digests are over what
// is read back.
func milliseconds(d time.Duration) int64 {
	if d <= 0 {
		return 0
	}
	return min(int64((d-1)/time.Millisecond)+1, math.MaxInt64/int64(time.Millisecond))
}

// null turns a zero value into SQL's null.
func null[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}
