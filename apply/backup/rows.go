package backup

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

// measure refuses, or leaves out, what is larger than wished, by what the catalogs estimate. What the estimate missed is found when
// the copy is there.
func (b *taking) measure(ctx context.Context) error {
	if !b.Settings.Rows && !b.Settings.Dump {
		return nil
	}
	var errs []error
	kept := b.reach.touches[:0]
	for _, o := range b.reach.touches {
		reason, err := b.tooLarge(ctx, o)
		if err != nil {
			return err
		}
		if reason == "" {
			kept = append(kept, o)
			continue
		}
		errs = append(errs, b.leaveOut(o, reason))
	}
	b.reach.touches = kept
	return errors.Join(errs...)
}

// leaveOut takes a table that is too large out of the backup, or says why that is not wished.
func (b *taking) leaveOut(o *touch, reason string) error {
	if !b.Settings.SkipTooLarge {
		return &Error{Doing: "back up " + o.String(), Reason: reason,
			Next: "raise max_size or max_rows, write too_large = \"skip\", or say why not: --no-backup REASON"}
	}
	b.manifest.NotCovered = append(b.manifest.NotCovered, o.String()+": "+reason)
	b.manifest.Tables = slices.DeleteFunc(b.manifest.Tables, func(t TableBackup) bool { return t.OID == o.oid })
	return nil
}

// tooLarge estimates what is to be kept of a table; an empty reason is that it fits.
func (b *taking) tooLarge(ctx context.Context, o *touch) (reason string, err error) {
	var oids []uint32
	for _, leaf := range o.leaves() {
		oids = append(oids, leaf.oid)
	}
	var size, rows, width int64
	err = b.tx.QueryRow(ctx, `SELECT coalesce(sum(pg_catalog.pg_table_size(c.oid)), 0)::pg_catalog.int8, coalesce(sum(greatest(c.reltuples, 0)), 0)::pg_catalog.int8,
		(SELECT coalesce(sum(s.avg_width), 0) FROM pg_catalog.pg_stats s WHERE s.schemaname = $2 AND s.tablename = $3 AND s.attname = ANY ($4))::pg_catalog.int8
		FROM pg_catalog.pg_class c WHERE c.oid = ANY ($1)`, oids, o.namespace, o.name, b.keptColumns(o)).Scan(&size, &rows, &width)
	if err != nil {
		return "", fmt.Errorf("estimate the size of %s: %w", o, err)
	}
	if !b.Settings.Dump {
		if !o.whole && len(o.changed) == 0 {
			return "", nil
		}
		// A row of a copy has 28 bytes besides its values (header and line pointer).
		if narrow := rows * (width + 28); !o.whole && width > 0 && narrow < size {
			size = narrow
		}
	}
	return b.beyondLimits(size, rows), nil
}

func (b *taking) beyondLimits(size, rows int64) string {
	switch {
	case size > b.Settings.MaxSize:
		return fmt.Sprintf("its copy has about %d bytes, and max_size is %d", size, b.Settings.MaxSize)
	case b.Settings.MaxRows > 0 && rows > b.Settings.MaxRows:
		return fmt.Sprintf("it has about %d rows, and max_rows is %d", rows, b.Settings.MaxRows)
	}
	return ""
}

// keptColumns are the columns that a copy of the table has: all of them where whole rows go, or where nothing else tells the rows apart.
func (b *taking) keptColumns(o *touch) []string {
	out := slices.Clone(o.key)
	for _, c := range o.columns {
		if (o.whole || len(o.key) == 0 || slices.Contains(o.changed, c.Name)) && !slices.Contains(out, c.Name) {
			out = append(out, c.Name)
		}
	}
	return out
}

// copyRows copies what the run overwrites of each table.
func (b *taking) copyRows(ctx context.Context) error {
	if !b.Settings.Rows {
		return nil
	}
	for i, o := range slices.Clone(b.reach.touches) {
		if !o.whole && len(o.changed) == 0 {
			continue
		}
		b.Progress("copying the rows of " + o.String())
		c, reason, err := b.copyTable(ctx, o, fmt.Sprintf("%s_%d", b.u.Run, i+1))
		if err != nil {
			return copyError(o, err)
		}
		if reason != "" {
			if err := b.leaveOut(o, reason); err != nil {
				return err
			}
			continue
		}
		at := slices.IndexFunc(b.manifest.Tables, func(t TableBackup) bool { return t.OID == o.oid })
		b.manifest.Tables[at].Copy = c
		if err := registerCopy(ctx, b.tx, b.manifest, &b.manifest.Tables[at]); err != nil {
			return err
		}
		b.copied = true
	}
	return nil
}

func copyError(o *touch, err error) error {
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.Code == "42501" {
		return &Error{Doing: "copy the rows of " + o.String(), Reason: pg.Message, Err: nil,
			Next: "allow it with GRANT SELECT ON " + schema.Qualified(o.namespace, o.name) + ", or connect as the table's owner"}
	}
	return fmt.Errorf("copy the rows of %s: %w", o, err)
}

// copyTable makes the copy of one table and compares it with the table, by number and by hash. A reason says that it is too large; the
// copy is gone then.
func (b *taking) copyTable(ctx context.Context, o *touch, name string) (*Copy, string, error) {
	c := &Copy{Table: name, Key: slices.Clone(o.key), Columns: []string{}, Whole: o.whole || len(o.key) == 0}
	var list []string
	for _, column := range b.keptColumns(o) {
		list = append(list, copied(o.column(column)))
		if !slices.Contains(o.key, column) {
			c.Columns = append(c.Columns, column)
		}
	}
	if c.Key == nil {
		c.Key = []string{}
	}
	source := schema.Qualified(o.namespace, o.name)
	if o.kind != "p" {
		source = "ONLY " + source
	}
	source = "SELECT " + strings.Join(list, ", ") + " FROM " + source
	target := schema.Qualified(copySchema, name)
	if _, err := b.tx.Exec(ctx, "SAVEPOINT copy"); err != nil {
		return nil, "", err
	}
	if _, err := b.tx.Exec(ctx, "CREATE TABLE "+target+" AS "+source); err != nil {
		return nil, "", err
	}
	var size int64
	if err := b.tx.QueryRow(ctx, "SELECT pg_catalog.pg_table_size($1::pg_catalog.text::pg_catalog.regclass)", target).Scan(&size); err != nil {
		return nil, "", err
	}
	var err error
	if c.Rows, c.Digest, err = digestRows(ctx, b.tx, "TABLE "+target); err != nil {
		return nil, "", err
	}
	if reason := b.beyondLimits(size, c.Rows); reason != "" {
		_, err := b.tx.Exec(ctx, "ROLLBACK TO SAVEPOINT copy")
		return nil, reason, err
	}
	rows, digest, err := digestRows(ctx, b.tx, source)
	if err == nil && (rows != c.Rows || digest != c.Digest) {
		err = &Error{Doing: "read the copy back", Reason: fmt.Sprintf("it has %d rows (%s), and the table %d (%s)", c.Rows, c.Digest, rows, digest)}
	}
	if err != nil {
		return nil, "", err
	}
	_, err = b.tx.Exec(ctx, "RELEASE SAVEPOINT copy")
	return c, "", errors.Join(err, ownerOnly(ctx, b.tx, "TABLE", target))
}

// copied is the expression that copies a column: as it is, or as text where its type or collation is not PostgreSQL's own.
func copied(c *Column) string {
	name := schema.Quote(c.Name)
	switch {
	case c.foreign:
		return name + `::pg_catalog.text COLLATE pg_catalog."C" AS ` + name
	case c.collated:
		return name + ` COLLATE pg_catalog."C" AS ` + name
	}
	return name
}

// digestRows counts the rows of a query and sums up their hashes, which does not depend on their order.
func digestRows(ctx context.Context, tx pgx.Tx, query string) (rows int64, digest string, err error) {
	err = tx.QueryRow(ctx, `SELECT pg_catalog.count(*), coalesce(pg_catalog.sum(pg_catalog.hashtextextended((q.*)::pg_catalog.text, 0)::pg_catalog.numeric), 0)::pg_catalog.text
		FROM (`+query+`) AS q`).Scan(&rows, &digest)
	return rows, digest, err
}
