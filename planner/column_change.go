package planner

import (
	"reflect"

	"github.com/pleatdb/pleat/schema"
)

// columnChange is what happens to one column of a table that exists on both sides.
type columnChange struct {
	id       schema.ID
	from, to *schema.Column
	// mode is create, drop, alter, or replace, which drops the column and adds it again at the end.
	mode mode
	// retype changes type or collation; swap does so although both read the same, because the type is rebuilt.
	retype, swap bool
}

// compareColumns decides what happens to each column that differs.
func (p *planning) compareColumns(from, to *schema.Table) error {
	for i := range from.Columns {
		before := &from.Columns[i]
		after := to.Column(before.Name)
		id := schema.ColumnID(from.ID(), before.Name)
		switch {
		case after == nil:
			p.columns[id] = &columnChange{id: id, from: before, mode: drop}
		case !reflect.DeepEqual(*before, *after):
			p.columns[id] = p.compareColumn(&columnChange{id: id, from: before, to: after, mode: alter})
		}
	}
	for i := range to.Columns {
		after := &to.Columns[i]
		if from.Column(after.Name) == nil {
			id := schema.ColumnID(to.ID(), after.Name)
			p.columns[id] = &columnChange{id: id, to: after, mode: create}
		}
	}
	return p.checkTable(from, to)
}

// compareColumn settles how a column that is on both sides is changed.
func (p *planning) compareColumn(c *columnChange) *columnChange {
	c.retype = c.from.Type != c.to.Type || c.from.Collation != c.to.Collation
	if c.to.Generated == nil {
		// DROP EXPRESSION exists for stored columns only (13 to 18).
		if c.from.Generated != nil && c.from.Generated.Virtual {
			c.mode = replace
		}
		return c
	}
	sameKind := c.from.Generated != nil && c.from.Generated.Virtual == c.to.Generated.Virtual
	sameExpr := sameKind && c.from.Generated.Expr == c.to.Generated.Expr
	// SET EXPRESSION came with PostgreSQL 17; a column never becomes generated in place.
	if !sameKind || !sameExpr && p.opts.Major < 17 {
		c.mode = replace
	}
	return c
}

// columnEndings lists the columns of an altered table whose state before ends.
func (p *planning) columnEndings(table schema.ID) []ending {
	var out []ending
	for _, id := range p.from.Columns(table) {
		c := p.columns[id]
		switch {
		case c == nil:
		case c.mode == drop:
			out = append(out, ending{id, gone})
		case c.mode == replace:
			out = append(out, ending{id, again})
		case c.retype || c.swap:
			out = append(out, ending{id, retyped})
		}
	}
	return out
}

// spreadToColumn decides what the end of e means for a column that needs it.
func (p *planning) spreadToColumn(e ending, x schema.ID) ([]ending, error) {
	owner, ok := p.from.Owner(x)
	if !ok || owner == e.id {
		return nil, nil // it shares the fate of its relation, which lists it among its endings
	}
	if owner.Kind != schema.KindTable {
		if e.event == gone && !p.to.Has(x) {
			return nil, nil
		}
		return p.spread(e, owner)
	}
	if !p.to.Has(x) || !p.to.Has(owner) {
		return nil, nil
	}
	c := p.columnChangeOf(owner, x)
	if c.mode == replace {
		return nil, nil
	}
	if c.to.Generated != nil && !(e.id.Kind.IsType() && e.event == again) {
		if e.event == gone && c.from.Generated != nil && c.from.Generated.Expr != c.to.Generated.Expr {
			return nil, nil
		}
		c.mode = replace
		return []ending{{x, again}}, nil
	}
	if e.event != again {
		return nil, nil
	}
	if !e.id.Kind.IsType() {
		return nil, &Unsupported{e.id, "it cannot be rebuilt, because " + x.String() + " depends on it"}
	}
	c.swap = true
	return []ending{{x, retyped}}, nil
}

// columnChangeOf finds or makes the change of a column, and that of its table.
func (p *planning) columnChangeOf(table, column schema.ID) *columnChange {
	if p.changes[table] == nil {
		p.changes[table] = &change{Change: Change{p.from.Get(table), p.to.Get(table)}, mode: alter}
	}
	if c := p.columns[column]; c != nil {
		return c
	}
	c := &columnChange{
		id:   column,
		from: p.from.Get(table).(*schema.Table).Column(column.Name),
		to:   p.to.Get(table).(*schema.Table).Column(column.Name),
		mode: alter,
	}
	p.columns[column] = c
	return c
}

// checkTable refuses what no ALTER TABLE can do.
func (p *planning) checkTable(from, to *schema.Table) error {
	if !reflect.DeepEqual(from.Partition, to.Partition) {
		return &Unsupported{from.ID(), "the partition key of a table cannot be changed; create a new table and move the rows"}
	}
	if from.AccessMethod != to.AccessMethod && p.opts.Major < 15 {
		return &Unsupported{from.ID(), "the access method of a table can be changed since PostgreSQL 15 only"}
	}
	return nil
}
