package rows

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/pleatdb/pleat/schema"
)

// join takes the values of foreign keys from the rows that they lead to: exprs is changed for their columns, and the joins are
// returned. Keys of many columns come first, since they decide about those that they share with others.
func (f *filler) join(p *plan, round int, exprs map[string]string) string {
	keys := slices.Clone(p.keys)
	slices.SortStableFunc(keys, func(a, b *foreignKey) int { return cmp.Compare(len(b.columns), len(a.columns)) })
	set := map[string]bool{}
	var joins strings.Builder
	stride := int64(1)
	for i, k := range keys {
		fresh := slices.DeleteFunc(slices.Clone(k.columns), func(c string) bool { return set[c] })
		if len(fresh) == 0 {
			continue
		}
		count := f.rows[k.to]
		if k.late || count == 0 {
			if p.nullable(fresh) && (k.late || count == 0) {
				for _, c := range fresh {
					exprs[c] = cast("NULL", p.byName(c).format)
				}
			}
			continue
		}
		alias := fmt.Sprintf("p%d", i)
		index := fmt.Sprintf("((g.i - 1) + (g.i - 1) / %d) %% ", stride)
		if stride == 1 {
			index = "(g.i - 1) % "
		}
		if round > 0 {
			index = fmt.Sprintf("(pg_catalog.hashint8extended(g.i, %d) & 2147483647) %% ", uint32(f.opts.Seed)+uint32(round*100+i))
		}
		joins.WriteString(source(k, alias, index, count, set, exprs))
		stride = min(stride*min(count, 1<<20), 1<<40)
		for j, c := range k.columns {
			if !set[c] {
				exprs[c] = f.sometimes(p, p.byName(c), round, i, alias+"."+schema.Quote(fmt.Sprintf("r%d", j)))
			}
			set[c] = true
		}
	}
	return joins.String()
}

// source joins one row of the target. Columns that another key has set restrict the choice.
func source(k *foreignKey, alias, index string, count int64, set map[string]bool, exprs map[string]string) string {
	from := k.target
	if k.only {
		from = "ONLY " + from
	}
	var list, order, shared, present []string
	for j, ref := range k.refs {
		list = append(list, fmt.Sprintf("t.%s AS r%d", schema.Quote(ref), j))
		order = append(order, "t."+schema.Quote(ref))
		present = append(present, "t."+schema.Quote(ref)+" IS NOT NULL")
		if set[k.columns[j]] {
			shared = append(shared, "t."+schema.Quote(ref)+" = "+exprs[k.columns[j]])
		}
	}
	numbered := "SELECT " + strings.Join(list, ", ") + ", row_number() OVER (ORDER BY " + strings.Join(order, ", ") +
		") - 1 AS n, count(*) OVER () AS c FROM " + from + " AS t WHERE " + strings.Join(append(present, shared...), " AND ")
	if len(shared) > 0 {
		return fmt.Sprintf(" LEFT JOIN LATERAL (SELECT s.* FROM (%s) AS s WHERE s.n = %s s.c) AS %s ON true", numbered, index, alias)
	}
	return fmt.Sprintf(" LEFT JOIN (%s OFFSET 0) AS %s ON %[2]s.n = %s %d", numbered, alias, index, count)
}

// sometimes leaves a foreign key open where a condition joins it with others, as one that wants exactly one of two does.
func (f *filler) sometimes(p *plan, c *column, round, key int, expr string) string {
	if c.notNull {
		return expr
	}
	if round > 0 && p.joint[c.name] {
		return fmt.Sprintf("CASE WHEN pg_catalog.hashint8extended(g.i, %d) & 1 = 0 THEN %s END", 5000+uint32(round*100+key), expr)
	}
	if share := f.opts.Nulls[schema.ColumnID(p.id, c.name)]; share >= 1 {
		return cast("NULL", c.format)
	} else if share > 0 {
		return fmt.Sprintf("CASE WHEN g.i %% %d <> 0 THEN %s END", every(share, p.want), expr)
	}
	return expr
}

func (t *table) byName(name string) *column {
	i := slices.IndexFunc(t.columns, func(c *column) bool { return c.name == name })
	return t.columns[i]
}
