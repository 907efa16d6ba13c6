package rows

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/pleatdb/pleat/schema"
	"github.com/pleatdb/pleat/schema/sqltext"
)

// domain finds values that a domain accepts.
func (f *filler) domain(ctx context.Context, t *typ) error {
	var hints []sqltext.Condition
	for below := t; below != nil && below.kind == "d"; below = f.s.types[below.base] {
		for _, c := range below.checks {
			hints = append(hints, sqltext.Conditions(c)...)
		}
	}
	var err error
	f.s.domains[t.oid], err = f.pool(ctx, wanted{typ: t.oid, mod: -1, format: t.format, hints: hints, column: "value", ofDomain: true})
	return err
}

// plan is how the rows of one table are made.
type plan struct {
	*table
	want int
	// pools are the values of columns that a condition is about.
	pools map[string]pool
	// joint are columns that stand in a condition together with others; they are varied independently.
	joint map[string]bool
	// reason is what is known to stand in the way.
	reason string
}

// plan looks at the conditions of a table and finds values for each that concerns one column.
func (f *filler) plan(ctx context.Context, t *table) (*plan, error) {
	p := &plan{table: t, pools: map[string]pool{}, joint: map[string]bool{}, want: f.want(t)}
	alone := map[string][]string{}
	hints := map[string][]sqltext.Condition{}
	for _, check := range p.conditions() {
		columns, _ := sqltext.ExprColumns(check)
		for _, h := range sqltext.Conditions(check) {
			hints[h.Column] = append(hints[h.Column], h)
		}
		if len(columns) == 1 {
			alone[columns[0]] = append(alone[columns[0]], check)
			continue
		}
		for _, c := range columns {
			p.joint[c] = true
		}
	}
	for column, more := range f.s.wishes(t) {
		hints[column] = append(hints[column], more...)
	}
	for _, c := range t.columns {
		t := f.s.types[c.typ]
		_, natural := f.s.natural(c.typ, c.mod, "1")
		if c.generated != "" || t == nil || natural && alone[c.name] == nil && hints[c.name] == nil {
			continue
		}
		found, err := f.pool(ctx, wanted{typ: c.typ, mod: c.mod, format: c.format, column: c.name, checks: alone[c.name], hints: hints[c.name]})
		if err != nil {
			return nil, err
		}
		if found.size == 0 && c.notNull {
			p.reason = fmt.Sprintf("no value of column %s (%s) is known that fits", schema.Quote(c.name), c.format)
		}
		p.pools[c.name] = found
	}
	return p, nil
}

// wishes are the conditions that tables which refer to this one have on their foreign keys' columns: a partition for the key 7 needs a
// row with the key 7 to refer to.
func (s *structure) wishes(t *table) map[string][]sqltext.Condition {
	out := map[string][]sqltext.Condition{}
	for _, other := range s.tables {
		for _, k := range other.keys {
			if k.to != t.oid && k.to != t.root || other.oid == t.oid {
				continue
			}
			for _, check := range other.conditions() {
				for _, h := range sqltext.Conditions(check) {
					if i := slices.Index(k.columns, h.Column); i >= 0 {
						h.Column = k.refs[i]
						out[h.Column] = append(out[h.Column], h)
					}
				}
			}
		}
	}
	return out
}

// conditions are the checks and, of a partition, its bound.
func (t *table) conditions() []string {
	all := t.checks
	if t.bound != "" {
		all = append([]string{t.bound}, t.checks...)
	}
	var out []string
	for _, c := range all {
		out = append(out, sqltext.Conjuncts(c)...)
	}
	return out
}

// want is how many rows a table is to have.
func (f *filler) want(t *table) int {
	n := f.opts.Rows
	if own, ok := f.opts.Count[t.id]; ok {
		n = own
	}
	if t.oid == t.root {
		return n
	}
	siblings := 0
	for _, other := range f.s.tables {
		if other.root == t.root {
			siblings++
		}
	}
	return max(n/siblings, min(n, 10))
}

// value is the expression of a column that no foreign key fills. Round 0 takes values in their order; later rounds vary what
// conditions join.
func (f *filler) value(p *plan, c *column, round int) (string, bool) {
	number := "g.i"
	vary := round > 0 && p.joint[c.name]
	if vary {
		number = fmt.Sprintf("(1 + (pg_catalog.hashint8extended(g.i, %d) & 1048575) %% %d)", uint32(f.opts.Seed)+uint32(c.number), 2*max(p.want, 2))
	}
	var expr string
	var ok bool
	pool, pooled := p.pools[c.name]
	switch {
	case pooled:
		expr, ok = pool.pick(number), pool.size > 0
	default:
		expr, ok = f.s.natural(c.typ, c.mod, number)
	}
	if !ok {
		return cast("NULL", c.format), !c.notNull
	}
	expr = cast(expr, c.format)
	if c.notNull {
		return expr, true
	}
	address := schema.ColumnID(p.id, c.name)
	switch share := f.opts.Nulls[address]; {
	case vary:
		expr = fmt.Sprintf("CASE WHEN pg_catalog.hashint8extended(g.i, %d) & 1 = 0 THEN %s END", 1000+uint32(f.opts.Seed)+uint32(c.number), expr)
	case share >= 1:
		expr = cast("NULL", c.format)
	case share > 0:
		expr = fmt.Sprintf("CASE WHEN g.i %% %d <> 0 THEN %s END", every(share, p.want), expr)
	}
	return expr, true
}

// every says at which distance rows are NULL, so that a small share still shows among few rows.
func every(share float64, want int) int { return max(2, min(int(1/share), want/2)) }

// candidates is a query for rows from $1 to $2 that may fit, with the column pleat_i in front.
func (f *filler) candidates(p *plan, round int) string {
	exprs := map[string]string{}
	for _, c := range p.columns {
		if c.generated == "" {
			exprs[c.name], _ = f.value(p, c, round)
		}
	}
	joins := f.join(p, round, exprs)
	list := []string{"g.i AS pleat_i"}
	for _, c := range p.columns {
		if c.generated == "" {
			list = append(list, exprs[c.name]+" AS "+schema.Quote(c.name))
		}
	}
	query := "SELECT " + strings.Join(list, ", ") + " FROM generate_series($1::bigint, $2::bigint) AS g (i)" + joins
	var computed []string
	for _, c := range p.columns {
		if c.generated != "" {
			computed = append(computed, "("+c.generated+") AS "+schema.Quote(c.name))
		}
	}
	if len(computed) > 0 {
		query = "SELECT *, " + strings.Join(computed, ", ") + " FROM (" + query + " OFFSET 0) AS " + schema.Quote(p.id.Name)
	}
	return query
}

// insertable are the columns that are given a value.
func (t *table) insertable() (out []string) {
	for _, c := range t.columns {
		if c.generated == "" {
			out = append(out, c.name)
		}
	}
	return out
}

// filter keeps the candidates that all conditions let pass.
func (p *plan) filter() string {
	var all []string
	for _, c := range p.columns {
		if c.notNull {
			all = append(all, schema.Quote(c.name)+" IS NOT NULL")
		}
	}
	for _, check := range p.checks {
		all = append(all, "("+check+") IS NOT FALSE")
	}
	if p.bound != "" { // a partition's bound must be true
		all = append(all, "("+p.bound+")")
	}
	if len(all) == 0 {
		return "true"
	}
	return strings.Join(all, " AND ")
}

// single reports whether the columns hold a unique key of the table.
func (t *table) single(columns []string) bool {
	for _, u := range slices.Concat(t.immediate, t.unique) {
		if len(u) > 0 && !slices.ContainsFunc(u, func(c string) bool { return !slices.Contains(columns, c) }) {
			return true
		}
	}
	return false
}
