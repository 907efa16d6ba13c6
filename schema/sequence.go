package schema

// Sequence is a sequence that is not the private one of an identity column.
type Sequence struct {
	Schema string
	Name   string
	// Type is smallint, integer or bigint.
	Type      string
	Start     int64
	Increment int64
	Min       int64
	Max       int64
	Cache     int64
	Cycle     bool
	// Unlogged sequences exist since PostgreSQL 15.
	Unlogged bool
	// OwnedBy is the column with which the sequence is dropped; nil for none.
	OwnedBy *ColumnRef
}

// ColumnRef names a column of a table of any schema.
type ColumnRef struct {
	Schema string
	Table  string
	Column string
}

// ID is the address of the column.
func (r ColumnRef) ID() ID {
	return ID{Kind: KindColumn, Schema: r.Schema, Parent: r.Table, Name: r.Column}
}

// ID implements [Object].
func (s *Sequence) ID() ID { return ID{Kind: KindSequence, Schema: s.Schema, Name: s.Name} }
func (*Sequence) object()  {}
