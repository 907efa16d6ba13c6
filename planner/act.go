package planner

import (
	"github.com/pleatdb/pleat/schema"
)

// action is a node of the graph: statements that are executed together.
type action struct {
	id schema.ID
	// verb is create or drop; empty for alter.
	verb string
	sql  []string
	// makes lists what exists in its new state once the action is done.
	makes []schema.ID
	// drops lists whose old state ends with the action: what needs it must have gone before.
	drops []schema.ID
	// leaves lists what stops needing, with the action, what it needed before.
	leaves []schema.ID
	// loses lists what is destroyed together with the data in it.
	loses []schema.ID
	// wants lists what has to be made before although nothing that the action makes depends on it.
	wants []schema.ID
	// precedes lists what must not end before the action.
	precedes []schema.ID
	// frees lists names, as connectNames has them, that end with the action although what drops lists does not.
	frees []schema.ID
	// vacates and occupies name the partitioned table of which the action gives up or takes bounds.
	vacates, occupies schema.ID
	// after are edges to single actions.
	after []*action
	// clause is the form of the action inside CREATE TABLE or CREATE DOMAIN, where it has one.
	clause string
	// table is the new table or domain into whose creation the clause could be folded.
	table schema.ID
	// late actions come as late as possible.
	late bool
}

// kindRules is how one kind of object is created, dropped and altered. Tables have more to them: table.go.
type kindRules struct {
	create func(p *planning, o schema.Object) []string
	drop   func(p *planning, o schema.Object) []string
	// replaces reports whether the object has to be dropped and created; nil means always.
	replaces func(p *planning, from, to schema.Object) bool
	// alter changes the object in place; what it returns must cover every field that differs.
	alter func(p *planning, from, to schema.Object) ([]string, error)
	// remakes says that alter makes the object anew even if nothing of it differs.
	remakes bool
	// data says that dropping the object loses rows or values.
	data bool
}

var rules map[schema.Kind]kindRules

func init() { // a composite literal would refer to itself: the functions look rules up
	rules = map[schema.Kind]kindRules{
		schema.KindSchema:       namespaceRules,
		schema.KindExtension:    extensionRules,
		schema.KindEnum:         enumRules,
		schema.KindDomain:       domainRules,
		schema.KindDomainCheck:  domainCheckRules,
		schema.KindComposite:    compositeRules,
		schema.KindSequence:     sequenceRules,
		schema.KindTable:        {data: true},
		schema.KindDefault:      defaultRules,
		schema.KindPrimaryKey:   primaryKeyRules,
		schema.KindUnique:       uniqueRules,
		schema.KindExclude:      excludeRules,
		schema.KindCheck:        checkRules,
		schema.KindForeignKey:   foreignKeyRules,
		schema.KindIndex:        indexRules,
		schema.KindView:         viewRules,
		schema.KindMaterialized: materializedRules,
		schema.KindFunction:     functionRules,
		schema.KindProcedure:    procedureRules,
		schema.KindTrigger:      triggerRules,
		schema.KindPolicy:       policyRules,
		schema.KindRule:         ruleRules,
		schema.KindComment:      commentRules,
		schema.KindOwner:        ownerRules,
		schema.KindGrant:        grantRules,
	}
}

// act turns the decided changes into actions.
func (p *planning) act() error {
	for _, id := range p.changedIDs() {
		c := p.changes[id]
		if id.Kind == schema.KindUnmanaged {
			return &Unsupported{id, "pleat does not manage it and cannot change it"}
		}
		if (c.mode == drop || c.mode == replace) && p.impliedDrop(id) {
			if c.mode == replace {
				p.add(p.creation(id, c.To))
			}
			continue
		}
		if err := p.actOn(id, c); err != nil {
			return err
		}
	}
	p.serveSequences()
	return nil
}

func (p *planning) actOn(id schema.ID, c *change) error {
	switch {
	case id.Kind == schema.KindTable:
		return p.actOnTable(id, c)
	case c.mode == replace && id.Kind.IsType() && p.swaps(id):
		return p.swapType(id, c)
	}
	switch c.mode {
	case create:
		p.add(p.creation(id, c.To))
	case drop:
		p.add(p.removal(id, c.From))
	case replace:
		p.add(p.removal(id, c.From))
		a := p.add(p.creation(id, c.To))
		for _, gone := range c.awaits {
			a.wants = append(a.wants, endOf(gone))
		}
	case alter:
		sql, err := rules[id.Kind].alter(p, c.From, c.To)
		if err != nil {
			return err
		}
		a := &action{id: id, sql: sql, makes: []schema.ID{id}}
		if !id.Kind.IsAttachment() {
			a.leaves = []schema.ID{id}
		}
		if s, ok := c.From.(*schema.Sequence); ok && c.To.(*schema.Sequence).OwnedBy == nil {
			a.precedes = ownersOf(p.from, s)
		}
		p.add(a)
	}
	return nil
}

func (p *planning) add(a *action) *action {
	p.actions = append(p.actions, a)
	return a
}

func (p *planning) creation(id schema.ID, o schema.Object) *action {
	a := &action{id: id, verb: "create", sql: rules[id.Kind].create(p, o), makes: append(p.to.Columns(id), id)}
	p.offerClause(a, o)
	return a
}

func (p *planning) removal(id schema.ID, o schema.Object) *action {
	ids := append(p.from.Columns(id), id)
	a := &action{id: id, verb: "drop", sql: rules[id.Kind].drop(p, o), drops: ids, leaves: ids}
	if rules[id.Kind].data && p.to.Get(id) == nil {
		a.loses = []schema.ID{id}
	}
	return a
}

// impliedDrop reports whether the engine drops the object together with another one that the plan drops, and
// remembers whose action that is.
func (p *planning) impliedDrop(id schema.ID) bool {
	for _, host := range p.hosts(id) {
		if p.ends(host) {
			if fk, ok := p.from.Get(id).(*schema.ForeignKey); ok && p.blocksTarget(fk) {
				return false
			}
			p.aliases[host] = append(p.aliases[host], id)
			return true
		}
	}
	return false
}

// hosts lists the objects with which PostgreSQL drops id.
func (p *planning) hosts(id schema.ID) []schema.ID {
	var out []schema.ID
	if id.Kind.IsAttachment() {
		out = append(out, id.Target())
	}
	if id.Kind == schema.KindDefault {
		out = append(out, columnOf(id))
	}
	if owner, ok := p.from.Owner(id); ok {
		out = append(out, owner)
	}
	if parent, ok := attachedParent(p.from, id); ok {
		out = append(out, parent)
	}
	if s, ok := p.from.Get(id).(*schema.Sequence); ok && s.OwnedBy != nil {
		out = append(out, s.OwnedBy.ID())
		if owner, ok := p.from.Owner(s.OwnedBy.ID()); ok {
			out = append(out, owner)
		}
	}
	return out
}

// ends reports whether the plan drops the object or column, for good or to create it again.
func (p *planning) ends(id schema.ID) bool {
	if id.Kind == schema.KindColumn {
		if c := p.columns[id]; c != nil && (c.mode == drop || c.mode == replace) {
			return true
		}
		owner, ok := p.from.Owner(id)
		return ok && p.ends(owner)
	}
	c := p.changes[id]
	return c != nil && (c.mode == drop || c.mode == replace)
}

// blocksTarget reports whether the foreign key stands in the way of another drop, so that it has to go by
// itself even though its own table goes: two tables that refer to each other.
func (p *planning) blocksTarget(fk *schema.ForeignKey) bool {
	for _, d := range p.from.DependsOn(fk.ID()) {
		if relation, _ := d.Relation(); d.Name != fk.Table && relation.Name != fk.Table && p.ends(d) {
			return true
		}
	}
	target := schema.ID{Kind: schema.KindTable, Schema: fk.RefTable.Schema, Name: fk.RefTable.Name}
	own := schema.ID{Kind: schema.KindTable, Schema: fk.Schema, Name: fk.Table}
	return target != own && p.ends(target)
}
