package schema

// Column is a column of a table. Its default is an object of its own, [Default].
type Column struct {
	Name string
	// Type is what format_type prints, with its modifier, such as "character varying(20)" or "public.mood[]".
	Type    string
	NotNull bool
	// Collation is the qualified, quoted name of a collation that is not the type's own; usually empty.
	Collation string
	// Storage is PLAIN, EXTERNAL, EXTENDED or MAIN where it is not the type's own; usually empty.
	Storage string
	// Compression is pglz or lz4; empty for the server's default (PostgreSQL 14).
	Compression string
	// Statistics is the statistics target; nil for the server's default.
	Statistics *int
	// Options are the attribute options n_distinct and n_distinct_inherited.
	Options   []Param
	Identity  *Identity
	Generated *Generated
	// Inherited columns come from the parent alone: of a partition all, of a classic child those that it does not
	// declare itself (pg_attribute.attislocal is false). They are not written when the table is created.
	Inherited bool
}

// Identity makes a column GENERATED ... AS IDENTITY. Its numbers are those of the private sequence.
type Identity struct {
	// Always is GENERATED ALWAYS; otherwise BY DEFAULT.
	Always bool
	// Sequence is the name of the private sequence; it lives in the table's schema.
	Sequence  string
	Start     int64
	Increment int64
	Min       int64
	Max       int64
	Cache     int64
	Cycle     bool
	// Unlogged differs from the table only where the table changed after the fact.
	Unlogged bool
}

// Generated makes a column computed from others of its row.
type Generated struct {
	Expr string
	// Virtual columns are computed when read (PostgreSQL 18); otherwise the value is stored.
	Virtual bool
}

// Default is the default of a column of a table or view.
type Default struct {
	Schema string
	Table  string
	Column string
	Expr   string
}

// ID implements [Object].
func (d *Default) ID() ID {
	return ID{Kind: KindDefault, Schema: d.Schema, Parent: d.Table, Name: d.Column}
}
func (*Default) object() {}
