package planner

import (
	"strconv"

	"github.com/pleatdb/pleat/schema"
)

var sequenceRules = kindRules{
	create: func(_ *planning, o schema.Object) []string {
		s := o.(*schema.Sequence)
		sql := "CREATE SEQUENCE "
		if s.Unlogged {
			sql = "CREATE UNLOGGED SEQUENCE "
		}
		sql += s.ID().SQL()
		if s.Type != "bigint" {
			sql += " AS " + s.Type
		}
		return []string{sql + sequenceOptions(numbersOf(s), s.Type)}
	},
	drop: func(_ *planning, o schema.Object) []string {
		return []string{"DROP SEQUENCE " + o.ID().SQL()}
	},
	replaces: func(*planning, schema.Object, schema.Object) bool { return false },
	alter:    alterSequence,
	data:     true,
}

// numbers are what sequences and identity columns have in common.
type numbers struct {
	start, increment, min, max, cache int64
	cycle                             bool
}

func numbersOf(s *schema.Sequence) numbers {
	return numbers{s.Start, s.Increment, s.Min, s.Max, s.Cache, s.Cycle}
}

func identityNumbers(i *schema.Identity) numbers {
	return numbers{i.Start, i.Increment, i.Min, i.Max, i.Cache, i.Cycle}
}

// defaults are the numbers of a sequence of the type of which only the increment is given (CREATE SEQUENCE,
// 13 to 18).
func (n numbers) defaults(typ string) numbers {
	max := map[string]int64{"smallint": 1<<15 - 1, "integer": 1<<31 - 1}[typ]
	if max == 0 {
		max = 1<<63 - 1
	}
	d := numbers{increment: n.increment, min: 1, max: max, cache: 1}
	if n.increment < 0 {
		d.min, d.max = -max-1, -1
	}
	d.start = n.min
	if n.increment < 0 {
		d.start = n.max
	}
	return d
}

// sequenceOptions writes what is not the default of a new sequence, with leading spaces.
func sequenceOptions(n numbers, typ string) string {
	d := n.defaults(typ)
	sql := ""
	option := func(word string, value, normal int64) {
		if value != normal {
			sql += " " + word + " " + strconv.FormatInt(value, 10)
		}
	}
	option("INCREMENT BY", n.increment, 1)
	option("MINVALUE", n.min, d.min)
	option("MAXVALUE", n.max, d.max)
	option("START WITH", n.start, d.start)
	option("CACHE", n.cache, d.cache)
	if n.cycle {
		sql += " CYCLE"
	}
	return sql
}

// sequenceChanges writes the options that differ, each behind the prefix, which ends in a space.
func sequenceChanges(prefix string, from, to numbers) string {
	sql := ""
	option := func(word string, was, is int64) {
		if was != is {
			sql += prefix + word + " " + strconv.FormatInt(is, 10)
		}
	}
	option("INCREMENT BY", from.increment, to.increment)
	option("MINVALUE", from.min, to.min)
	option("MAXVALUE", from.max, to.max)
	option("START WITH", from.start, to.start)
	option("CACHE", from.cache, to.cache)
	switch {
	case from.cycle == to.cycle:
	case to.cycle:
		sql += prefix + "CYCLE"
	default:
		sql += prefix + "NO CYCLE"
	}
	return sql
}

func alterSequence(_ *planning, before, after schema.Object) ([]string, error) {
	from, to := before.(*schema.Sequence), after.(*schema.Sequence)
	prefix := "ALTER SEQUENCE " + to.ID().SQL()
	var out []string
	options := sequenceChanges(" ", numbersOf(from), numbersOf(to))
	if from.Type != to.Type {
		options = " AS " + to.Type + options
	}
	if options != "" {
		out = append(append(out, clampSequence(from, to)...), prefix+options)
	}
	if from.Unlogged != to.Unlogged {
		word := " SET LOGGED"
		if to.Unlogged {
			word = " SET UNLOGGED"
		}
		out = append(out, prefix+word)
	}
	if from.OwnedBy != nil && to.OwnedBy == nil {
		out = append(out, prefix+" OWNED BY NONE")
	}
	return out, nil
}

// clampSequence moves the current value inside narrower bounds first, which ALTER SEQUENCE otherwise refuses. A value inside
// them stays as it is.
func clampSequence(from, to *schema.Sequence) []string {
	value := "last_value"
	if to.Min > from.Min {
		value = "GREATEST(" + value + ", " + strconv.FormatInt(to.Min, 10) + ")"
	}
	if to.Max < from.Max {
		value = "LEAST(" + value + ", " + strconv.FormatInt(to.Max, 10) + ")"
	}
	if value == "last_value" {
		return nil
	}
	name := to.ID().SQL()
	return []string{"SELECT pg_catalog.setval(" + schema.Literal(name) + ", " + value + ", is_called) FROM " + name}
}

// serveSequences gives sequences to the columns that own them, once both exist.
func (p *planning) serveSequences() {
	for _, id := range p.changedIDs() {
		c := p.changes[id]
		to, ok := c.To.(*schema.Sequence)
		if !ok || to.OwnedBy == nil {
			continue
		}
		from, _ := c.From.(*schema.Sequence)
		if from != nil && from.OwnedBy != nil && *from.OwnedBy == *to.OwnedBy {
			continue
		}
		sql := []string{"ALTER SEQUENCE " + id.SQL() + " OWNED BY " + columnSQL(*to.OwnedBy)}
		owner, _ := p.to.Owner(to.OwnedBy.ID())
		if t, ok := p.to.Get(owner).(*schema.Table); ok && c.From == nil && p.from.Has(to.OwnedBy.ID()) && !p.ends(to.OwnedBy.ID()) && t.Schema == to.Schema {
			sql = append(sql, passRows(t, to.OwnedBy.Column, to.Name, numbersOf(to))...)
		}
		p.add(&action{
			id:       id,
			sql:      sql,
			wants:    []schema.ID{id, to.OwnedBy.ID()},
			precedes: ownersOf(p.from, from),
		})
	}
}

// passRows lets a new sequence go on behind the values that the rows of its column have already.
func passRows(t *schema.Table, column, sequence string, n numbers) []string {
	c := t.Column(column)
	if sequence == "" || c == nil || c.Type != "smallint" && c.Type != "integer" && c.Type != "bigint" {
		return nil
	}
	furthest, reached := "max("+schema.Quote(column)+")", " >= "
	if n.increment < 0 {
		furthest, reached = "min("+schema.Quote(column)+")", " <= "
	}
	return []string{"SELECT pg_catalog.setval(" + schema.Literal(schema.Qualified(t.Schema, sequence)) + ", " + furthest + ") FROM " +
		t.ID().SQL() + " HAVING " + furthest + reached + strconv.FormatInt(n.start, 10) +
		" AND " + furthest + " BETWEEN " + strconv.FormatInt(n.min, 10) + " AND " + strconv.FormatInt(n.max, 10)}
}

// ownersOf lists the column that owns a sequence and its table: with either the engine drops the sequence.
func ownersOf(c *schema.Catalog, s *schema.Sequence) []schema.ID {
	if s == nil || s.OwnedBy == nil {
		return nil
	}
	column := s.OwnedBy.ID()
	owner, _ := c.Owner(column)
	return []schema.ID{column, owner}
}

func columnSQL(r schema.ColumnRef) string {
	return schema.Qualified(r.Schema, r.Table) + "." + schema.Quote(r.Column)
}
