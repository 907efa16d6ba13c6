package rows

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/pleatdb/pleat/schema"
)

// rounds are how many candidates are tried for each wanted row, round by round.
var rounds = []int{2, 8, 32, 100}

// mostCandidates bounds one round.
const mostCandidates = 100_000

// fill makes the rows of one table.
func (f *filler) fill(ctx context.Context, t *table) (Filled, error) {
	out := Filled{Table: t.id, Wanted: f.want(t)}
	if t.foreign {
		out.Reason = "it is a foreign table: its rows are elsewhere"
		return out, nil
	}
	if out.Wanted == 0 {
		return out, nil
	}
	err := f.transact(ctx, func() error {
		p, err := f.plan(ctx, t)
		if err != nil {
			return err
		}
		reason := p.reason
		if reason == "" {
			if reason, err = f.insert(ctx, p); err != nil {
				return err
			}
		}
		if out.Rows, err = f.count(ctx, t); err != nil {
			return err
		}
		if out.Rows < int64(out.Wanted) {
			out.Reason = firstReason(reason, f.orphan(t), "its constraints let no more of the rows pass that were tried")
		}
		return nil
	})
	return out, err
}

func firstReason(reasons ...string) string {
	for _, r := range reasons {
		if r != "" {
			return r
		}
	}
	return ""
}

// orphan names an empty table that the rows would have to refer to.
func (f *filler) orphan(t *table) string {
	for _, k := range t.keys {
		if !k.late && f.rows[k.to] == 0 && !t.nullable(k.columns) {
			return fmt.Sprintf("%s, which it refers to, has no row (%s)", k.target, schema.Quote(k.name))
		}
	}
	return ""
}

func (f *filler) count(ctx context.Context, t *table) (n int64, err error) {
	err = f.tx.QueryRow(ctx, "SELECT count(*) FROM ONLY "+t.name(), pgx.QueryExecModeExec).Scan(&n)
	return n, err
}

// insert tries candidates in bulk, round by round, and at last one by one. The reason is what the server said at last.
func (f *filler) insert(ctx context.Context, p *plan) (reason string, err error) {
	if f.orphan(p.table) != "" {
		return "", nil
	}
	next, have := int64(1), int64(0)
	for round, factor := range rounds {
		if have >= int64(p.want) {
			return "", nil
		}
		n := int64(min(factor*p.want+20, mostCandidates))
		reason = ""
		sql := f.bulk(p, round)
		err := f.savepoint(ctx, func() error {
			tag, err := f.tx.Exec(ctx, sql, pgx.QueryExecModeExec, next, next+n-1, int64(p.want)-have)
			have += tag.RowsAffected()
			return err
		}, func(err error) { reason = refusal(err) })
		if err != nil {
			return "", err
		}
		next += n
	}
	if have >= int64(p.want) || have > 0 && reason == "" {
		return "", nil
	}
	for round := range 2 {
		if reason, err = f.oneByOne(ctx, p, round, next, int64(p.want)-have); err != nil {
			return "", err
		}
		if have, err = f.count(ctx, p.table); err != nil || have > 0 {
			return reason, err
		}
	}
	return reason, nil
}

// bulk inserts those of the candidates from $1 to $2 that the conditions let pass, at most $3.
func (f *filler) bulk(p *plan, round int) string {
	names := p.insertable()
	columns := schema.QuoteAll(names)
	if len(names) == 0 {
		return "INSERT INTO " + p.name() + " SELECT FROM generate_series($1::bigint, $2::bigint) AS i LIMIT $3::bigint"
	}
	query := "SELECT * FROM (" + f.candidates(p, round) + " OFFSET 0) AS " + schema.Quote(p.id.Name) + " WHERE " + p.filter()
	query = p.distinct(query) // before the limit, which would otherwise be used up by rows that conflict
	conflict := " ON CONFLICT DO NOTHING"
	if len(p.unique) > 0 {
		conflict = "" // it refuses a table with any deferrable constraint (PostgreSQL 13 to 18)
	}
	return "INSERT INTO " + p.name() + " (" + columns + ") OVERRIDING SYSTEM VALUE SELECT " + columns + " FROM (" + query +
		") AS fitting ORDER BY pleat_i LIMIT $3::bigint" + conflict
}

// distinct keeps of the candidates the first with each key, and none whose key is in the table.
func (p *plan) distinct(query string) string {
	var numbers, keep []string
	for i, key := range append(append([][]string{}, p.unique...), p.immediate...) {
		if len(key) == 0 {
			continue
		}
		numbers = append(numbers, fmt.Sprintf("row_number() OVER (PARTITION BY %s ORDER BY pleat_i) AS pleat_u%d", schema.QuoteAll(key), i))
		var same, open []string
		for _, c := range key {
			same = append(same, "there."+schema.Quote(c)+" = keyed."+schema.Quote(c))
			open = append(open, "keyed."+schema.Quote(c)+" IS NULL")
		}
		keep = append(keep, fmt.Sprintf("(pleat_u%d = 1 OR %s) AND NOT EXISTS (SELECT 1 FROM %s AS there WHERE %s)", i,
			strings.Join(open, " OR "), p.name(), strings.Join(same, " AND ")))
	}
	if len(keep) == 0 {
		return query
	}
	return "SELECT * FROM (SELECT *, " + strings.Join(numbers, ", ") + " FROM (" + query + ") AS passed) AS keyed WHERE " + strings.Join(keep, " AND ")
}

// oneByOne lets the server judge each candidate alone: for conditions that raise errors, and for what no text of ours foresees.
func (f *filler) oneByOne(ctx context.Context, p *plan, round int, first, want int64) (reason string, err error) {
	columns := schema.QuoteAll(p.insertable())
	n := min(max(want*2, 200), 2000)
	make := "CREATE TEMPORARY TABLE pleat_candidate ON COMMIT DROP AS " + f.candidates(p, round)
	make = strings.NewReplacer("$1::bigint", fmt.Sprint(first), "$2::bigint", fmt.Sprint(first+n-1)).Replace(make)
	insert := "INSERT INTO " + p.name() + " (" + columns + ") OVERRIDING SYSTEM VALUE SELECT " + columns + " FROM pg_temp.pleat_candidate WHERE pleat_i = pleat_k"
	loop := fmt.Sprintf(`#variable_conflict use_column
DECLARE pleat_k bigint; pleat_made bigint := 0; pleat_why text := ''; pleat_name text;
BEGIN
	SET CONSTRAINTS ALL IMMEDIATE;
	FOR pleat_k IN SELECT pleat_i FROM pg_temp.pleat_candidate ORDER BY pleat_i LOOP
		BEGIN
			%s;
			pleat_made := pleat_made + 1;
			EXIT WHEN pleat_made >= %d;
		EXCEPTION WHEN OTHERS THEN
			GET STACKED DIAGNOSTICS pleat_name = CONSTRAINT_NAME;
			pleat_why := CASE WHEN pleat_name <> '' THEN 'not satisfied: ' || pleat_name ELSE SQLERRM END;
		END;
	END LOOP;
	PERFORM pg_catalog.set_config('pleat.reason', pleat_why, true);
END`, insert, want)
	err = f.savepoint(ctx, func() error {
		if _, err := f.tx.Exec(ctx, "DROP TABLE IF EXISTS pg_temp.pleat_candidate"); err != nil {
			return err
		}
		if _, err := f.tx.Exec(ctx, make, pgx.QueryExecModeExec); err != nil {
			return err
		}
		if _, err := f.tx.Exec(ctx, "DO "+schema.DollarQuote(loop), pgx.QueryExecModeExec); err != nil {
			return err
		}
		return f.tx.QueryRow(ctx, "SELECT pg_catalog.current_setting('pleat.reason')", pgx.QueryExecModeExec).Scan(&reason)
	}, func(err error) { reason = refusal(err) })
	return reason, err
}
