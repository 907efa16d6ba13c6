package apply

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pleatdb/pleat/schema"
)

// parameters are the values of a statement, as text: the server reads each as the type that its cast names.
type parameters []any

// add takes values in and gives back their casts.
func (p *parameters) add(key []keyColumn, values []string) []string {
	out := make([]string, len(values))
	for i, v := range values {
		*p = append(*p, v)
		out[i] = fmt.Sprintf("$%d::%s", len(*p), key[i].typ)
	}
	return out
}

// beyond is the condition that a row's key comes after a key, or up to and with it, in the order of the key's index. Operators
// are named with their schema: those of an extension's type are not found under an empty search_path, and the comparison that
// would be found in their place has another order.
func beyond(key []keyColumn, alias string, p *parameters, values []string, upto bool) string {
	op := func(c keyColumn) string {
		if upto {
			return c.upto
		}
		return c.after
	}
	refs, casts := references(key, alias), p.add(key, values)
	if len(key) == 1 {
		return refs[0] + " " + op(key[0]) + " " + casts[0]
	}
	same := !slices.ContainsFunc(key, func(c keyColumn) bool { return op(c) != op(key[0]) })
	if same {
		return "ROW(" + strings.Join(refs, ", ") + ") " + op(key[0]) + " ROW(" + strings.Join(casts, ", ") + ")"
	}
	return stepwise(key, refs, casts, op)
}

// stepwise compares column by column, for keys whose types have their operators in different schemas. What is equal is neither
// less nor more.
func stepwise(key []keyColumn, refs, casts []string, op func(keyColumn) string) string {
	last := len(key) - 1
	out := refs[last] + " " + op(key[last]) + " " + casts[last]
	for i := last - 1; i >= 0; i-- {
		more := casts[i] + " " + key[i].less + " " + refs[i]
		less := refs[i] + " " + key[i].less + " " + casts[i]
		strict := more
		if op(key[i]) == key[i].upto {
			strict = less
		}
		out = strict + " OR NOT (" + less + ") AND NOT (" + more + ") AND (" + out + ")"
	}
	return "(" + out + ")"
}

func references(key []keyColumn, alias string) []string {
	out := make([]string, len(key))
	for i, c := range key {
		out[i] = schema.Quote(alias) + "." + schema.Quote(c.name)
	}
	return out
}

// asText selects a key's values as their types print them.
func asText(key []keyColumn, alias string) string {
	refs := references(key, alias)
	for i := range refs {
		refs[i] = "pg_catalog.format('%s', " + refs[i] + ")"
	}
	return "ARRAY[" + strings.Join(refs, ", ") + "]"
}

// inOrder sorts by a key as its index does, or against it.
func inOrder(key []keyColumn, alias string, backwards bool) string {
	refs := references(key, alias)
	for i, c := range key {
		op := c.less
		if backwards {
			op = c.after
		}
		refs[i] += " USING " + op
	}
	return strings.Join(refs, ", ")
}

// highest selects the last key of a part.
func (p *part) highest() string {
	return "SELECT " + asText(p.key, "t") + " FROM ONLY " + p.sql() + " AS t ORDER BY " + inOrder(p.key, "t", true) + " LIMIT 1"
}

// extent is what one batch goes over: keys after From up to and with To, or pages from First up to but without End.
type extent struct {
	from, to   []string
	first, end int64
}

// keyed is the condition of an extent over keys. Where both ends have the same first columns, these are held equal: of a
// comparison of rows the planner estimates only the first column (PostgreSQL 13 to 18, selfuncs.c, rowcomparesel), and where that
// has few values it would take a batch for a large part of the table.
func (p *part) keyed(alias string, e extent, params *parameters) string {
	if len(e.from) == 0 {
		return beyond(p.key, alias, params, e.to, true)
	}
	var all []string
	same := 0
	for same < len(p.key)-1 && e.from[same] == e.to[same] {
		head := p.key[same : same+1]
		all = append(all, references(head, alias)[0]+" "+head[0].equal+" "+params.add(head, e.to[same:same+1])[0])
		same++
	}
	rest := p.key[same:]
	all = append(all, beyond(rest, alias, params, e.from[same:], false), beyond(rest, alias, params, e.to[same:], true))
	return strings.Join(all, " AND ")
}

// paged is the condition of an extent over pages. Before PostgreSQL 14 there is no scan of a range of tuple identifiers, so all
// that can be on the pages are listed: a page holds no more than one row for each 28 bytes (htup_details.h, MaxHeapTuplesPerPage).
func paged(alias string, e extent, version int) string {
	ctid := schema.Quote(alias) + ".ctid"
	if version >= 140000 {
		return fmt.Sprintf("%s >= '(%d,0)'::pg_catalog.tid AND %s < '(%d,0)'::pg_catalog.tid", ctid, e.first, ctid, e.end)
	}
	return fmt.Sprintf(`%s = ANY (ARRAY(SELECT pg_catalog.format('(%%s,%%s)', b, o)::pg_catalog.tid FROM pg_catalog.generate_series(%d, %d) b,
		pg_catalog.generate_series(1, pg_catalog.current_setting('block_size')::pg_catalog.int4 / 28) o))`, ctid, e.first, e.end-1)
}

// unmoved leaves out the rows that the step itself put where they are.
func unmoved(home, alias, version string, step, part int) string {
	a := schema.Quote(alias)
	return fmt.Sprintf(`NOT EXISTS (SELECT 1 FROM %s.backfill_moved m WHERE m.version = %s AND m.step = %d AND m.part = %d
		AND m.tid = %s.ctid AND m.xid = %s.xmin)`, schema.Quote(home), schema.Literal(version), step, part, a, a)
}

// noting runs a statement that returns the place of each row that it changed, and keeps those that will come by again: on a page
// from end on and before the bound. It gives how many rows were changed.
func noting(home, statement, version string, step, part int, end, bound int64) string {
	return fmt.Sprintf(`WITH changed (tid) AS (%s), noted AS (
		INSERT INTO %s.backfill_moved (version, step, part, tid, xid)
		SELECT %s, %d, %d, c.tid, (pg_catalog.txid_current() %% 4294967296)::pg_catalog.text::pg_catalog.xid FROM changed c
		WHERE c.tid >= '(%d,0)'::pg_catalog.tid AND c.tid < '(%d,0)'::pg_catalog.tid)
		SELECT pg_catalog.count(*) FROM changed`, statement, schema.Quote(home), schema.Literal(version), step, part, end, bound)
}
