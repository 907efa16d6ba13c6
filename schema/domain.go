package schema

// Domain is a type with a base type, a default and constraints. Its checks are objects of their own.
type Domain struct {
	Schema string
	Name   string
	// Type is the base type as format_type prints it.
	Type string
	// Collation is the qualified, quoted name of a collation that is not the base type's own; usually empty.
	Collation string
	NotNull   bool
	// Default is an expression; empty means none.
	Default string
}

// ID implements [Object].
func (d *Domain) ID() ID { return ID{Kind: KindDomain, Schema: d.Schema, Name: d.Name} }
func (*Domain) object()  {}

// DomainCheck is a CHECK constraint of a domain.
type DomainCheck struct {
	Schema string
	Domain string
	Name   string
	// Expr is the condition on VALUE, without the word CHECK and its parentheses.
	Expr     string
	NotValid bool
}

// ID implements [Object].
func (c *DomainCheck) ID() ID {
	return ID{Kind: KindDomainCheck, Schema: c.Schema, Parent: c.Domain, Name: c.Name}
}
func (*DomainCheck) object() {}
