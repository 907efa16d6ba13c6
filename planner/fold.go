package planner

import "github.com/pleatdb/pleat/schema"

// folded is what was merged into a CREATE TABLE.
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
	if t.PartitionOf != nil && a.id.Kind != schema.KindDefault && a.id.Kind != schema.KindCheck {
		return // keys of partitions are made before their parent's, in an order of their own
	}
	a.table = owner
}

// fold merges defaults and constraints into the CREATE TABLE that precedes them, where nothing that they
// need comes between. The result is what a person would write.
func (p *planning) fold() {
	position := map[schema.ID]int{}
	made := map[schema.ID]int{}
	for i, a := range p.actions {
		if a.id.Kind == schema.KindTable && len(a.makes) > 0 && p.changes[a.id] != nil && p.changes[a.id].mode == create && a.drops == nil && contains(a.makes, a.id) {
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
		p.actions[position[id]].sql[0] = p.tableDefinition(p.to.Get(id).(*schema.Table), f)
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

func contains(ids []schema.ID, id schema.ID) bool {
	for _, x := range ids {
		if x == id {
			return true
		}
	}
	return false
}
