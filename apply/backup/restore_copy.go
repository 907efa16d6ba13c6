package backup

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/pleatdb/pleat/history"
	"github.com/pleatdb/pleat/schema"
)

// planTable chooses how one table comes back; nil where the backup holds no rows of it.
func (s *restoring) planTable(ctx context.Context, b *TableBackup, lock bool) (*TablePlan, error) {
	p := &TablePlan{Table: b.ID().Path(), From: "copy", backup: b, live: s.live(b)}
	switch {
	case b.Copy == nil || !s.entry.InDatabase:
		if len(b.Data) == 0 || s.entry.Dir == "" {
			return nil, nil
		}
		if p.From = "archive"; s.req.Into == "" {
			p.Why = "an archive is never restored over a table"
		}
		return p, s.beside(ctx, p)
	case s.req.Into != "":
	case p.live == nil:
		p.Why = "the table is not there; roll the migration back first to have its rows in their place"
	case len(b.Copy.Key) == 0:
		p.Why = "the table has no key that tells its rows apart"
	default:
		if err := s.w.describe(ctx, p.live); err != nil {
			return nil, err
		}
		p.Why = s.missing(p)
	}
	if err := s.verifyCopy(ctx, b); err != nil {
		return nil, err
	}
	if s.req.Into != "" || p.Why != "" {
		return p, s.beside(ctx, p)
	}
	if lock {
		if _, err := s.tx.Exec(ctx, "LOCK TABLE "+s.target(p)+" IN SHARE ROW EXCLUSIVE MODE"); err != nil {
			return nil, fmt.Errorf("lock %s: %w", p.Table, err)
		}
	}
	return p, s.inPlace(ctx, p)
}

// missing says which columns of the copy the table does not have.
func (s *restoring) missing(p *TablePlan) string {
	var gone []string
	for _, name := range slices.Concat(p.backup.Copy.Key, p.backup.Copy.Columns) {
		if p.live.column(name) == nil {
			gone = append(gone, schema.Quote(name))
		}
	}
	if len(gone) == 0 {
		return ""
	}
	return "the table has no column " + strings.Join(gone, ", ") + "; roll the migration back first to have the values in their place"
}

// verifyCopy compares a copy with what was registered when it was taken.
func (s *restoring) verifyCopy(ctx context.Context, b *TableBackup) error {
	rows, digest, err := digestRows(ctx, s.tx, "TABLE "+schema.Qualified(copySchema, b.Copy.Table))
	if err != nil {
		return fmt.Errorf("verify the copy of %s: %w", b.ID().Path(), err)
	}
	if rows != b.Copy.Rows || digest != b.Copy.Digest {
		return &Error{Doing: "verify the copy of " + b.ID().Path(), Reason: fmt.Sprintf("it has %d rows (%s), and had %d (%s) when it was taken", rows, digest, b.Copy.Rows, b.Copy.Digest),
			Next: "it must not be restored from"}
	}
	return nil
}

// target is the live table as a statement names it: without what inherits from it, but with its partitions.
func (s *restoring) target(p *TablePlan) string {
	name := schema.Qualified(p.backup.Schema, p.backup.Name)
	if p.live.kind == "p" {
		return name
	}
	return "ONLY " + name
}

// direct reports whether a column of the copy has the type that the table's column has now.
func (s *restoring) direct(p *TablePlan, name string) bool {
	now := p.live.column(name)
	i := slices.IndexFunc(p.backup.Columns, func(c Column) bool { return c.Name == name })
	return i >= 0 && now.Type == p.backup.Columns[i].Type && !now.foreign
}

// asText is a value by which two columns of whatever types are compared.
func asText(alias, name string) string {
	return alias + "." + schema.Quote(name) + `::pg_catalog.text COLLATE pg_catalog."C"`
}

// sameRow is the condition that a row of the copy, c, is that of the table, t.
func (s *restoring) sameRow(p *TablePlan) string {
	var out []string
	for _, k := range p.backup.Copy.Key {
		if s.direct(p, k) {
			out = append(out, "t."+schema.Quote(k)+" OPERATOR(pg_catalog.=) c."+schema.Quote(k))
		} else {
			out = append(out, asText("t", k)+" OPERATOR(pg_catalog.=) "+asText("c", k))
		}
	}
	return strings.Join(out, " AND ")
}

// settable are the columns that a statement may set.
func (s *restoring) settable(ctx context.Context, p *TablePlan, names []string) ([]string, error) {
	var always []string
	err := s.tx.QueryRow(ctx, `SELECT ARRAY (SELECT attname::pg_catalog.text FROM pg_catalog.pg_attribute
		WHERE attrelid = $1 AND attnum > 0 AND attidentity = 'a')`, p.live.oid).Scan(&always)
	if err != nil {
		return nil, fmt.Errorf("read the columns of %s: %w", p.Table, err)
	}
	var out []string
	for _, n := range names {
		if !p.live.column(n).Generated && !slices.Contains(always, n) {
			out = append(out, n)
		}
	}
	return out, nil
}

// value is the copy's value of a column as the table wants it. The type's length is left to the assignment, which refuses what does
// not fit where a cast would cut it.
func (s *restoring) value(ctx context.Context, p *TablePlan, name string) (string, error) {
	if s.direct(p, name) {
		return "c." + schema.Quote(name), nil
	}
	var bare string
	err := s.tx.QueryRow(ctx, `SELECT pg_catalog.format_type(atttypid, NULL) FROM pg_catalog.pg_attribute WHERE attrelid = $1 AND attname = $2`,
		p.live.oid, name).Scan(&bare)
	if err != nil {
		return "", fmt.Errorf("read the type of %s.%s: %w", p.Table, name, err)
	}
	return "CAST(c." + schema.Quote(name) + "::pg_catalog.text AS " + bare + ")", nil
}

// inPlace plans to put rows and values back into the table.
func (s *restoring) inPlace(ctx context.Context, p *TablePlan) error {
	columns, err := s.settable(ctx, p, p.backup.Copy.Columns)
	if err != nil {
		return err
	}
	p.Columns = columns
	copied := schema.Qualified(copySchema, p.backup.Copy.Table)
	same := s.sameRow(p)
	differs := "false"
	if len(columns) > 0 {
		var set, distinct []string
		for _, n := range columns {
			v, err := s.value(ctx, p, n)
			if err != nil {
				return err
			}
			set = append(set, schema.Quote(n)+" = "+v)
			distinct = append(distinct, asText("t", n)+" IS DISTINCT FROM "+asText("c", n))
		}
		differs = "(" + strings.Join(distinct, " OR ") + ")"
		p.SQL = append(p.SQL, "UPDATE "+s.target(p)+" AS t SET "+strings.Join(set, ", ")+" FROM "+copied+" AS c WHERE "+same+" AND "+differs)
	}
	if p.backup.Copy.Whole {
		insert, err := s.insert(ctx, p, copied, same)
		if err != nil {
			return err
		}
		p.SQL = append(p.SQL, insert)
	}
	return s.count(ctx, p, copied, same, differs)
}

func (s *restoring) insert(ctx context.Context, p *TablePlan, copied, same string) (string, error) {
	var names, values []string
	for _, n := range slices.Concat(p.backup.Copy.Key, p.backup.Copy.Columns) {
		if p.live.column(n).Generated {
			continue
		}
		v, err := s.value(ctx, p, n)
		if err != nil {
			return "", err
		}
		names, values = append(names, n), append(values, v)
	}
	return "INSERT INTO " + schema.Qualified(p.backup.Schema, p.backup.Name) + " (" + schema.QuoteAll(names) + ") OVERRIDING SYSTEM VALUE SELECT " +
		strings.Join(values, ", ") + " FROM " + copied + " AS c WHERE NOT EXISTS (SELECT FROM " + s.target(p) + " AS t WHERE " + same + ")", nil
}

// count says what would happen to how many rows.
func (s *restoring) count(ctx context.Context, p *TablePlan, copied, same, differs string) error {
	since, err := s.since(ctx)
	if err != nil {
		return err
	}
	var values, keys []string
	for _, n := range p.Columns {
		// A value that is null now is nothing to lose.
		values = append(values, "t."+schema.Quote(n)+" IS NOT NULL AND "+asText("t", n)+" IS DISTINCT FROM "+asText("c", n))
	}
	for _, k := range p.backup.Copy.Key {
		keys = append(keys, "t."+schema.Quote(k)+"::pg_catalog.text")
	}
	newer := "false"
	if len(values) > 0 {
		newer = "(" + strings.Join(values, " OR ") + ") AND pg_catalog.age(t.xmin) < " + since
	}
	var absent int64
	err = s.tx.QueryRow(ctx, "SELECT count(*) FILTER (WHERE t.tableoid IS NULL), count(*) FILTER (WHERE t.tableoid IS NOT NULL AND "+differs+"), "+
		"count(*) FILTER (WHERE t.tableoid IS NOT NULL AND NOT "+differs+"), count(*) FILTER (WHERE t.tableoid IS NOT NULL AND "+newer+"), "+
		"coalesce((pg_catalog.array_agg(pg_catalog.concat_ws(', ', "+strings.Join(keys, ", ")+")) FILTER (WHERE t.tableoid IS NOT NULL AND "+newer+"))[1:3], '{}') "+
		"FROM "+copied+" AS c LEFT JOIN "+s.target(p)+" AS t ON "+same).
		Scan(&absent, &p.Update, &p.Same, &p.Changed, &p.ChangedKeys)
	if err != nil {
		return fmt.Errorf("compare %s with its copy: %w", p.Table, err)
	}
	if p.backup.Copy.Whole {
		p.Insert = absent
	} else {
		p.Gone = absent
	}
	err = s.tx.QueryRow(ctx, "SELECT count(*) FROM "+s.target(p)+" AS t WHERE NOT EXISTS (SELECT FROM "+copied+" AS c WHERE "+same+")").Scan(&p.Later)
	if err != nil {
		return fmt.Errorf("compare %s with its copy: %w", p.Table, err)
	}
	return nil
}

// since is the age of the run's last row in the log, in transactions: what changed a row and is younger came after the run. Without such a row nothing is
// known, and every row that differs counts as changed since.
func (s *restoring) since(ctx context.Context) (string, error) {
	log := history.HomeOn(s.conn) + ".log" // a plain word
	var there bool
	err := s.tx.QueryRow(ctx, "SELECT pg_catalog.to_regclass($1) IS NOT NULL", log).Scan(&there)
	var age int64
	if err == nil && there {
		err = s.tx.QueryRow(ctx, "SELECT pg_catalog.age(xmin)::pg_catalog.int8 FROM "+log+" WHERE run = $1 ORDER BY id DESC LIMIT 1", s.entry.Run).Scan(&age)
		if err == nil {
			return fmt.Sprint(age), nil
		}
	}
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return "", fmt.Errorf("find the run in the log: %w", err)
	}
	return "2147483647", nil
}
