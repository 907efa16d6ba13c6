package schema

// Enum is an enumerated type. The order of the values is their sort order.
type Enum struct {
	Schema string
	Name   string
	Values []string
}

// ID implements [Object].
func (e *Enum) ID() ID { return ID{Kind: KindEnum, Schema: e.Schema, Name: e.Name} }
func (*Enum) object()  {}
