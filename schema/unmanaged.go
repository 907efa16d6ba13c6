package schema

// Unmanaged stands for something that the inspector met and pleat cannot model, such as an aggregate. It takes
// part in the graph of dependencies, so that a plan that would drop what it needs is refused by name.
type Unmanaged struct {
	// What is PostgreSQL's word for the kind, in lower case, such as "aggregate" or "text search configuration".
	What string
	// Schema is empty for what lives in no schema; Parent for what belongs to no other object.
	Schema string
	Parent string
	Name   string
}

// ID implements [Object].
func (u *Unmanaged) ID() ID {
	return ID{Kind: KindUnmanaged, Schema: u.Schema, Parent: u.Parent, Name: u.Name, Args: u.What}
}
func (*Unmanaged) object() {}
