package rows

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/pleatdb/pleat/schema"
)

// close satisfies the foreign keys that were left open, removes rows whose keys lead nowhere, brings sequences behind the
// values that are there, and refreshes materialized views.
func (f *filler) close(ctx context.Context) error {
	for _, t := range f.s.tables {
		for _, k := range t.keys {
			if !k.late || t.foreign {
				continue
			}
			if err := f.transact(ctx, func() error { return f.connect(ctx, t, k) }); err != nil {
				return fmt.Errorf("satisfy %s of %s: %w", schema.Quote(k.name), t.id, err)
			}
		}
	}
	if err := f.transact(ctx, func() error { return f.s.prune(ctx, f.tx, true) }); err != nil {
		return err
	}
	if err := f.transact(ctx, func() error { return f.s.sequences(ctx, f.tx) }); err != nil {
		return err
	}
	if err := f.recount(ctx); err != nil {
		return err
	}
	f.report.Notes = append(f.report.Notes, Refresh(ctx, f.conn)...)
	if _, err := f.conn.Exec(ctx, "ANALYZE"); err != nil {
		return fmt.Errorf("analyze the rows: %w", err)
	}
	return nil
}

// recount corrects the report by what was removed again.
func (f *filler) recount(ctx context.Context) error {
	return f.transact(ctx, func() error {
		for i := range f.report.Tables {
			r := &f.report.Tables[i]
			at := slices.IndexFunc(f.s.tables, func(t *table) bool { return t.id == r.Table })
			if f.s.tables[at].foreign {
				continue
			}
			n, err := f.count(ctx, f.s.tables[at])
			if err != nil {
				return err
			}
			if n < r.Rows && n < int64(r.Wanted) {
				r.Reason = firstReason(r.Reason, "rows whose foreign keys led nowhere were removed")
			}
			r.Rows = n
		}
		return nil
	})
}

// connect gives the rows of a table their place in a ring: row k refers to row k of the other table, and in a table that refers to itself
// to row k/2, so that the rows form a tree. The first row refers to nothing, or to itself where it must refer to something.
func (f *filler) connect(ctx context.Context, t *table, k *foreignKey) error {
	sql := f.connection(t, k)
	if sql == "" {
		return nil
	}
	return f.savepoint(ctx, func() error {
		_, err := f.tx.Exec(ctx, sql, pgx.QueryExecModeExec)
		return err
	}, func(err error) {
		f.report.Notes = append(f.report.Notes, fmt.Sprintf("rows of %s do not use %s: %s", t.id.Path(), schema.Quote(k.name), refusal(err)))
	})
}

// connection is the UPDATE that connects; empty where other foreign keys decide about all columns.
func (f *filler) connection(t *table, k *foreignKey) string {
	var open, sets, own, refs, all []string
	where := []string{"u.ctid = c.id"}
	for i, c := range k.columns {
		mine, theirs := schema.Quote(c), schema.Quote(k.refs[i])
		all = append(all, theirs)
		if f.setByOther(t, k, c) {
			own, refs = append(own, mine), append(refs, theirs)
			where = append(where, "c."+mine+" = p."+theirs)
			continue
		}
		open, sets = append(open, c), append(sets, mine+" = p."+theirs)
	}
	if len(open) == 0 {
		return ""
	}
	ordered, index, rowOrder := strings.Join(all, ", "), "c.n % p.c", "ctid"
	if k.to == t.root || k.to == t.oid {
		rowOrder, index = ordered, "GREATEST((c.n - 1) / 2, 0)" // a row must have the same number on both sides
		if t.single(open) {
			index = "GREATEST(c.n - 1, 0)"
		}
		if t.nullable(k.columns) {
			where = append(where, "c.n > 0")
		}
	}
	from := k.target
	if k.only {
		from = "ONLY " + from
	}
	c := "SELECT ctid AS id, " + strings.Join(append(own, "row_number() OVER ("+partitionBy(own)+" ORDER BY "+rowOrder+") - 1 AS n"), ", ") +
		" FROM ONLY " + t.name()
	p := "SELECT " + ordered + ", row_number() OVER (" + partitionBy(refs) + " ORDER BY " + ordered + ") - 1 AS n, count(*) OVER (" +
		partitionBy(refs) + ") AS c FROM " + from + " WHERE ROW(" + ordered + ") IS NOT NULL"
	return "UPDATE ONLY " + t.name() + " AS u SET " + strings.Join(sets, ", ") + " FROM (" + c + ") AS c, (" + p + ") AS p WHERE " +
		strings.Join(append(where, "p.n = "+index), " AND ")
}

func partitionBy(names []string) string {
	if len(names) == 0 {
		return ""
	}
	return "PARTITION BY " + strings.Join(names, ", ")
}

// setByOther reports whether another foreign key, or the primary key that the table's other keys are made of, decides about a column.
func (f *filler) setByOther(t *table, k *foreignKey, column string) bool {
	for _, other := range t.keys {
		if other != k && !other.late && slices.Contains(other.columns, column) {
			return true
		}
	}
	return false
}

// prune deletes rows whose foreign keys lead nowhere, until none is left: foreign keys rest while rows are made.
// invalid looks at those too that are NOT VALID.
func (s *structure) prune(ctx context.Context, tx pgx.Tx, invalid bool) error {
	for range 1000 {
		var gone int64
		for _, t := range s.tables {
			for _, k := range t.keys {
				if t.foreign || !k.valid && !invalid {
					continue
				}
				var found bool
				err := tx.QueryRow(ctx, "SELECT EXISTS (SELECT 1 FROM ONLY "+t.name()+" AS t WHERE "+k.dangling()+")", pgx.QueryExecModeExec).Scan(&found)
				if err == nil && !found {
					continue // a table that publishes deletes may refuse even one of no row
				}
				var tag pgconn.CommandTag
				if err == nil {
					tag, err = tx.Exec(ctx, "DELETE FROM ONLY "+t.name()+" AS t WHERE "+k.dangling(), pgx.QueryExecModeExec)
				}
				if err != nil {
					return fmt.Errorf("verify %s of %s: %w", schema.Quote(k.name), t.id, err)
				}
				gone += tag.RowsAffected()
			}
		}
		if gone == 0 {
			return nil
		}
	}
	return errors.New("verify the foreign keys: removing rows does not come to an end")
}

// dangling is the condition on t of a row whose key leads nowhere.
func (k *foreignKey) dangling() string {
	var set, unset, same []string
	for i, c := range k.columns {
		set = append(set, "t."+schema.Quote(c)+" IS NOT NULL")
		unset = append(unset, "t."+schema.Quote(c)+" IS NULL")
		same = append(same, "r."+schema.Quote(k.refs[i])+" = t."+schema.Quote(c))
	}
	from := k.target
	if k.only {
		from = "ONLY " + from
	}
	absent := "(" + strings.Join(set, " AND ") + " AND NOT EXISTS (SELECT 1 FROM " + from + " AS r WHERE " + strings.Join(same, " AND ") + "))"
	if !k.full || len(k.columns) == 1 {
		return absent
	}
	return absent + " OR ((" + strings.Join(set, " OR ") + ") AND (" + strings.Join(unset, " OR ") + "))"
}

// sequences brings the sequence of each column behind its highest value.
func (s *structure) sequences(ctx context.Context, tx pgx.Tx) error {
	for _, t := range s.tables {
		for _, c := range t.columns {
			if c.sequence == "" || s.types[c.typ] == nil || s.types[c.typ].category != "N" {
				continue
			}
			_, err := tx.Exec(ctx, fmt.Sprintf(`SELECT pg_catalog.setval(%s, LEAST(m.top, q.seqmax))
				FROM (SELECT max(%s)::bigint AS top FROM %s) AS m, pg_catalog.pg_sequence q
				WHERE q.seqrelid = %[1]s::regclass AND m.top >= q.seqmin AND q.seqincrement > 0`,
				schema.Literal(c.sequence), schema.Quote(c.name), t.name()), pgx.QueryExecModeExec)
			if err != nil {
				return fmt.Errorf("set the sequence of %s.%s: %w", t.id.Path(), schema.Quote(c.name), err)
			}
		}
	}
	return nil
}

// Refresh computes the materialized views anew, in the order in which they need each other as far as one is found, and returns a note for
// each that the server refuses.
func Refresh(ctx context.Context, conn *pgx.Conn) (notes []string) {
	rows, err := conn.Query(ctx, `SELECT n.nspname::text, c.relname::text FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
		WHERE c.relkind = 'm' ORDER BY c.oid`, pgx.QueryExecModeExec)
	var names []string
	if err == nil {
		names, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (string, error) {
			var namespace, name string
			err := row.Scan(&namespace, &name)
			return schema.Qualified(namespace, name), err
		})
	}
	if err != nil {
		return []string{"materialized views could not be listed: " + err.Error()}
	}
	for _, name := range names {
		if _, err := conn.Exec(ctx, "REFRESH MATERIALIZED VIEW "+name); err != nil {
			var pg *pgconn.PgError
			if errors.As(err, &pg) {
				notes = append(notes, fmt.Sprintf("materialized view %s could not be refreshed: %s", name, refusal(err)))
			}
		}
	}
	return notes
}
