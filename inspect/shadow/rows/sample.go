package rows

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/pleatdb/pleat/schema"
)

// mostSampled bounds how many rows a sample takes of one table, those that others refer to included.
const mostSampled = 1_000_000

// Sample copies up to Options.Rows rows of every table of one database, and the rows that they refer to, into another with the same
// structure, whose tables are empty. It reads in one read-only transaction with a stable snapshot; rows pass through memory
// alone. Tables that the role may not read are reported by name, and so are rows that had to be left out because what
// they refer to could not be read.
func Sample(ctx context.Context, from, to *pgx.Conn, opts Options) (*Report, error) {
	if opts.Rows <= 0 {
		opts.Rows = 1000
	}
	tx, err := from.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
	if err != nil {
		return nil, fmt.Errorf("read a sample: %w", err)
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }()
	for _, sql := range plainText {
		_, err := tx.Exec(ctx, "SET LOCAL "+sql)
		if err == nil {
			_, err = to.Exec(ctx, "SET "+sql)
		}
		if err != nil {
			return nil, fmt.Errorf("prepare a sample: %w", err)
		}
	}
	source, err := read(ctx, from)
	if err != nil {
		return nil, err
	}
	target, err := read(ctx, to)
	if err != nil {
		return nil, err
	}
	s := &sample{tx: tx, source: source, opts: opts, chosen: map[uint32]map[string]bool{}, unread: map[uint32]string{}}
	if err := s.choose(ctx); err != nil {
		return nil, err
	}
	return s.copy(ctx, to, target)
}

// plainText makes values read the same on both sides; of the source only within the transaction.
var plainText = []string{
	"search_path = pg_catalog, pg_temp", "DateStyle = ISO, YMD", "IntervalStyle = postgres", "extra_float_digits = 1",
	"bytea_output = hex", "TimeZone = UTC", "lc_monetary = 'C'", "xmloption = content",
}

// sample is which rows are chosen, by the place where they lie: no key is needed, and the snapshot keeps them there.
type sample struct {
	tx     pgx.Tx
	source *structure
	opts   Options
	// chosen are the ctids by table.
	chosen map[uint32]map[string]bool
	// unread says why a table cannot be read.
	unread map[uint32]string
}

// choose takes the first rows of each table, and then whatever the chosen rows refer to until nothing is missing.
func (s *sample) choose(ctx context.Context) error {
	fresh := map[uint32][]string{}
	for _, t := range s.source.tables {
		want := s.opts.Rows
		if own, ok := s.opts.Count[t.id]; ok {
			want = own
		}
		sql := fmt.Sprintf("SELECT ctid::text FROM ONLY %s LIMIT %d", t.name(), want)
		if t.foreign {
			s.unread[t.oid] = "it is a foreign table: its rows are elsewhere"
			continue
		}
		places, err := s.places(ctx, t, sql)
		if err != nil {
			return err
		}
		fresh[t.oid] = s.take(t.oid, places)
	}
	for len(fresh) > 0 {
		next := map[uint32][]string{}
		for _, t := range s.source.tables {
			if len(fresh[t.oid]) == 0 {
				continue
			}
			for _, k := range t.keys {
				if err := s.follow(ctx, t, k, fresh[t.oid], next); err != nil {
					return err
				}
			}
		}
		fresh = next
	}
	return nil
}

// places runs a query for ctids. A table that the role may not read is noted.
func (s *sample) places(ctx context.Context, t *table, sql string) (out []string, err error) {
	err = s.guarded(ctx, t.oid, func() error {
		rows, err := s.tx.Query(ctx, sql, pgx.QueryExecModeExec)
		if err != nil {
			return err
		}
		out, err = pgx.CollectRows(rows, pgx.RowTo[string])
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("choose rows of %s: %w", t.id, err)
	}
	return out, nil
}

// guarded runs work in a savepoint and notes that a table cannot be read.
func (s *sample) guarded(ctx context.Context, oid uint32, work func() error) error {
	if _, err := s.tx.Exec(ctx, "SAVEPOINT pleat_sample"); err != nil {
		return err
	}
	err := work()
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.Code == "42501" {
		s.unread[oid] = "this role may not read it: " + pg.Message
		_, err = s.tx.Exec(ctx, "ROLLBACK TO SAVEPOINT pleat_sample")
		return err
	}
	if err != nil {
		return err
	}
	_, err = s.tx.Exec(ctx, "RELEASE SAVEPOINT pleat_sample")
	return err
}

// take adds rows and returns those that are new.
func (s *sample) take(oid uint32, places []string) (fresh []string) {
	if s.chosen[oid] == nil {
		s.chosen[oid] = map[string]bool{}
	}
	for _, p := range places {
		if !s.chosen[oid][p] {
			s.chosen[oid][p] = true
			fresh = append(fresh, p)
		}
	}
	return fresh
}

// follow takes the rows that others refer to by a foreign key. Where a partition holds them, the row itself says in which.
func (s *sample) follow(ctx context.Context, t *table, k *foreignKey, from []string, next map[uint32][]string) error {
	var same []string
	for i, c := range k.columns {
		same = append(same, "r."+schema.Quote(k.refs[i])+" = t."+schema.Quote(c))
	}
	target := k.target
	if k.only {
		target = "ONLY " + target
	}
	for len(from) > 0 {
		piece := from[:min(len(from), 10_000)]
		from = from[len(piece):]
		err := s.guarded(ctx, k.to, func() error {
			rows, err := s.tx.Query(ctx, "SELECT DISTINCT r.tableoid, r.ctid::text FROM ONLY "+t.name()+" AS t JOIN "+target+" AS r ON "+
				strings.Join(same, " AND ")+" WHERE t.ctid = ANY ($1::text[]::tid[])", pgx.QueryExecModeExec, piece)
			if err != nil {
				return err
			}
			var oid uint32
			var place string
			_, err = pgx.ForEachRow(rows, []any{&oid, &place}, func() error {
				next[oid] = append(next[oid], s.take(oid, []string{place})...)
				if len(s.chosen[oid]) > mostSampled {
					return fmt.Errorf("more than %d rows of %s are referred to", mostSampled, k.target)
				}
				return nil
			})
			return err
		})
		if err != nil {
			return fmt.Errorf("follow %s of %s: %w", schema.Quote(k.name), t.id, err)
		}
	}
	for oid, places := range next {
		if len(places) == 0 {
			delete(next, oid)
		}
	}
	return nil
}

// copy sends the chosen rows over, while triggers and foreign keys of the copy rest.
func (s *sample) copy(ctx context.Context, to *pgx.Conn, target *structure) (*Report, error) {
	f := &filler{conn: to, opts: s.opts, s: target, report: &Report{}}
	byID := map[schema.ID]*table{}
	for _, t := range target.tables {
		byID[t.id] = t
	}
	err := f.transact(ctx, func() error {
		restore, err := f.suspend(ctx)
		if err != nil {
			return err
		}
		for _, t := range s.source.tables {
			filled := Filled{Table: t.id, Wanted: len(s.chosen[t.oid]), Reason: s.unread[t.oid]}
			there := byID[t.id]
			switch {
			case there == nil:
				filled.Reason = "the copy has no such table"
			case filled.Reason != "":
				filled.Wanted = s.opts.Rows // it is not known to be empty
			default:
				n, err := s.send(ctx, to, t, there)
				if err != nil {
					return fmt.Errorf("copy rows of %s: %w", t.id, withoutValues(err))
				}
				filled.Rows = n
			}
			f.report.Tables = append(f.report.Tables, filled)
		}
		if err := target.prune(ctx, f.tx, false); err != nil {
			return err
		}
		if err := restore(); err != nil {
			return err
		}
		return target.sequences(ctx, f.tx)
	})
	if err != nil {
		return nil, err
	}
	if err := f.recount(ctx); err != nil {
		return nil, err
	}
	f.report.Notes = append(f.report.Notes, Refresh(ctx, to)...)
	_, err = to.Exec(ctx, "ANALYZE")
	return f.report, err
}

// send streams the rows of one table.
func (s *sample) send(ctx context.Context, to *pgx.Conn, t, there *table) (int64, error) {
	if len(s.chosen[t.oid]) == 0 {
		return 0, nil
	}
	var names []string
	for _, c := range t.columns {
		if c.generated == "" && there.has(c.name) {
			names = append(names, c.name)
		}
	}
	places := make([]string, 0, len(s.chosen[t.oid]))
	for p := range s.chosen[t.oid] {
		places = append(places, p)
	}
	slices.Sort(places)
	var total int64
	for len(places) > 0 {
		piece := places[:min(len(places), 10_000)]
		places = places[len(piece):]
		// COPY takes no parameters. A ctid is two numbers that the server wrote; it is quoted as any literal all the same.
		array := schema.Literal(`{"` + strings.Join(piece, `","`) + `"}`)
		out := "COPY (SELECT " + schema.QuoteAll(names) + " FROM ONLY " + t.name() + " WHERE ctid = ANY (" + array + "::tid[])) TO STDOUT"
		in := "COPY " + there.name() + " (" + schema.QuoteAll(names) + ") FROM STDIN"
		n, err := Pipe(ctx, s.tx.Conn(), to, out, in)
		if err != nil {
			return total, err
		}
		total += n
	}
	return total, nil
}

func (t *table) has(name string) bool {
	for _, c := range t.columns {
		if c.name == name {
			return c.generated == ""
		}
	}
	return false
}

// Pipe connects COPY TO of one session with COPY FROM of another, and returns how many rows went through.
func Pipe(ctx context.Context, from, to *pgx.Conn, out, in string) (int64, error) {
	reader, writer := io.Pipe()
	sent := make(chan error, 1)
	go func() {
		_, err := from.PgConn().CopyTo(ctx, writer, out)
		_ = writer.CloseWithError(err)
		sent <- err
	}()
	tag, err := to.PgConn().CopyFrom(ctx, reader, in)
	_ = reader.CloseWithError(err)
	if sendErr := <-sent; sendErr != nil && err == nil {
		err = sendErr
	}
	return tag.RowsAffected(), err
}

// withoutValues is an error of COPY without what it quotes of a row.
func withoutValues(err error) error {
	var pg *pgconn.PgError
	if !errors.As(err, &pg) {
		return err
	}
	what := conditionName(pg.Code)
	if pg.ConstraintName != "" {
		what += " (" + schema.Quote(pg.ConstraintName) + ")"
	}
	return errors.New(what)
}

// suspend takes away the checks that rows which were there before need not fit (NOT VALID), since COPY would hold the rows to them.
// The returned function brings them back as they were.
func (f *filler) suspend(ctx context.Context) (restore func() error, err error) {
	rows, err := f.tx.Query(ctx, `SELECT c.conrelid::regclass::text, c.conname::text, pg_catalog.pg_get_constraintdef(c.oid)
		FROM pg_catalog.pg_constraint c WHERE c.contype = 'c' AND c.conrelid <> 0 AND NOT c.convalidated AND c.coninhcount = 0`, pgx.QueryExecModeExec)
	if err != nil {
		return nil, err
	}
	type check struct{ table, name, def string }
	all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (c check, err error) { return c, row.Scan(&c.table, &c.name, &c.def) })
	if err != nil {
		return nil, err
	}
	for _, c := range all {
		if _, err := f.tx.Exec(ctx, "ALTER TABLE "+c.table+" DROP CONSTRAINT "+schema.Quote(c.name)); err != nil {
			return nil, err
		}
	}
	return func() error {
		for _, c := range all {
			if _, err := f.tx.Exec(ctx, "ALTER TABLE "+c.table+" ADD CONSTRAINT "+schema.Quote(c.name)+" "+c.def); err != nil {
				return err
			}
		}
		return nil
	}, nil
}
