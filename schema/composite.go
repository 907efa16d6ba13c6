package schema

// Composite is a free-standing row type.
type Composite struct {
	Schema string
	Name   string
	Fields []Field
}

// Field is an attribute of a composite type.
type Field struct {
	Name string
	Type string
	// Collation is the qualified, quoted name of a collation that is not the type's own; usually empty.
	Collation string
}

// ID implements [Object].
func (c *Composite) ID() ID { return ID{Kind: KindComposite, Schema: c.Schema, Name: c.Name} }
func (*Composite) object()  {}
