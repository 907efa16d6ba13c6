package planner

import (
	"slices"
	"strings"

	"github.com/pleatdb/pleat/schema"
)

// folded is what was merged into a CREATE TABLE or CREATE DOMAIN.
type folded struct {
	defaults map[string]string
	clauses  []string
}

func (f *folded) columnDefault(column string) string {
	if f == nil {
		return ""
	}
	return f.defaults[column]
}

// offerClause marks a new default or constraint as one that a CREATE TABLE could take in.
func (p *planning) offerClause(a *action, o schema.Object) {
	owner, ok := p.to.Owner(a.id)
	if c, isCheck := o.(*schema.DomainCheck); isCheck && ok && p.from.Get(owner) == nil && !c.NotValid {
		a.clause, a.table = domainCheckClause(c), owner
		return
	}
	if d, isDefault := o.(*schema.Default); isDefault && ok && p.fillsColumn(d) {
		a.clause, a.table = d.Expr, columnOf(a.id)
		return
	}
	if !ok || owner.Kind != schema.KindTable || p.from.Get(owner) != nil || len(a.sql) != 1 {
		return
	}
	t := p.to.Get(owner).(*schema.Table)
	switch c := o.(type) {
	case *schema.Default:
		if column := t.Column(c.Column); column == nil || column.Inherited {
			return
		}
		a.clause = c.Expr
	case *schema.PrimaryKey:
		a.clause = primaryKeyClause(c)
	case *schema.Unique:
		a.clause = uniqueClause(c)
	case *schema.Exclude:
		a.clause = excludeClause(c)
	case *schema.Check:
		if c.NotValid {
			return
		}
		a.clause = checkClause(c)
	default:
		return
	}
	isKey := a.id.Kind == schema.KindPrimaryKey || a.id.Kind == schema.KindUnique
	if isKey && (t.PartitionOf != nil || t.Partition != nil) {
		return // keys of partitions are made before their parent's, in an order of their own
	}
	if a.id.Kind == schema.KindUnique && p.merges(o.(*schema.Unique)) {
		return
	}
	a.table = owner
}

// fillsColumn reports whether the default belongs to a column that is added to a table with rows, which only a default
// inside ADD COLUMN gives a value. There it descends to partitions and children, so that each of them must have one.
func (p *planning) fillsColumn(d *schema.Default) bool {
	id := columnOf(d.ID())
	c := p.columns[id]
	if c == nil || c.mode != create && c.mode != replace || c.to.Generated != nil || c.to.Inherited {
		return false
	}
	owner, _ := p.to.Owner(id)
	for _, child := range childrenOf(p.to, owner) {
		below := d.ID()
		below.Schema, below.Parent = child.Schema, child.Name
		if !p.to.Has(below) {
			return false
		}
	}
	return true
}

// merges reports whether CREATE TABLE would silently drop the constraint as a repetition of another key over the same
// columns, which ALTER TABLE does not do (transformIndexConstraints in parse_utilcmd.c, 13 to 18).
func (p *planning) merges(u *schema.Unique) bool {
	for id, c := range p.changes {
		if id.Schema != u.Schema || id.Parent != u.Table || id.Name == u.Name {
			continue
		}
		switch other := c.To.(type) {
		case *schema.PrimaryKey:
			if slices.Equal(other.Columns, u.Columns) {
				return true
			}
		case *schema.Unique:
			if slices.Equal(other.Columns, u.Columns) {
				return true
			}
		}
	}
	return false
}

// fold merges defaults and constraints into the CREATE TABLE or ADD COLUMN that precedes them, where nothing that
// they need comes between. The result is what a person would write.
func (p *planning) fold() {
	position := map[schema.ID]int{}
	made := map[schema.ID]int{}
	for i, a := range p.actions {
		hosts := a.id.Kind == schema.KindTable || a.id.Kind == schema.KindDomain || a.id.Kind == schema.KindColumn
		if hosts && a.verb == "create" && len(a.sql) > 0 {
			position[a.id] = i
		}
		for _, id := range a.makes {
			made[id] = i
		}
	}
	merged := map[schema.ID]*folded{}
	var rest []*action
	for _, a := range p.actions {
		at, ok := position[a.table]
		if a.clause == "" || !ok || p.waitsPast(a, made, at) {
			rest = append(rest, a)
			continue
		}
		f := merged[a.table]
		if f == nil {
			f = &folded{defaults: map[string]string{}}
			merged[a.table] = f
		}
		if a.id.Kind == schema.KindDefault {
			f.defaults[a.id.Name] = a.clause
		} else {
			f.clauses = append(f.clauses, a.clause)
		}
	}
	for id, f := range merged {
		sql := &p.actions[position[id]].sql[0]
		switch id.Kind {
		case schema.KindDomain:
			*sql += strings.Join(append([]string{""}, f.clauses...), "\n    ")
		case schema.KindColumn:
			owner, _ := p.to.Owner(id)
			*sql = addColumn(p.to.Get(owner).(*schema.Table), p.columns[id].to, f.columnDefault(id.Name))
		default:
			*sql = p.tableDefinition(p.to.Get(id).(*schema.Table), f)
		}
	}
	p.actions = rest
}

// waitsPast reports whether the action needs something that is made only after the position.
func (p *planning) waitsPast(a *action, made map[schema.ID]int, at int) bool {
	if len(a.after) > 0 {
		return true
	}
	for _, id := range a.makes {
		for _, need := range needs(p.to, id) {
			if i, ok := made[need]; ok && i > at {
				return true
			}
		}
	}
	return false
}
