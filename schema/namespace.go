package schema

// Namespace is a schema of the database.
type Namespace struct {
	Name string
}

// ID implements [Object].
func (n *Namespace) ID() ID { return ID{Kind: KindSchema, Name: n.Name} }
func (*Namespace) object()  {}
