package schema

// Deferral says when a constraint is checked.
type Deferral struct {
	Deferrable bool
	// InitiallyDeferred implies Deferrable.
	InitiallyDeferred bool
}

// IndexOptions are the parts of a unique or primary key that concern the index behind it.
type IndexOptions struct {
	// Include lists columns that the index carries without being part of the key.
	Include       []string
	StorageParams []Param
	Tablespace    string
	// Clustered marks the index that CLUSTER uses.
	Clustered bool
	// AttachedTo is the name of the constraint of the partitioned parent that this one is part of; it is
	// derived by the engine when the parent's constraint is created.
	AttachedTo string
}

// PrimaryKey is the primary key of a table. The index behind it has the constraint's name.
type PrimaryKey struct {
	Schema  string
	Table   string
	Name    string
	Columns []string
	// WithoutOverlaps makes the last column a range that must not overlap (PostgreSQL 18).
	WithoutOverlaps bool
	Deferral        Deferral
	Index           IndexOptions
}

// ID implements [Object].
func (c *PrimaryKey) ID() ID { return tableObjectID(KindPrimaryKey, c.Schema, c.Table, c.Name) }
func (*PrimaryKey) object()  {}

// Unique is a unique constraint, as opposed to a unique index.
type Unique struct {
	Schema  string
	Table   string
	Name    string
	Columns []string
	// NullsNotDistinct lets at most one row have NULL (PostgreSQL 15).
	NullsNotDistinct bool
	WithoutOverlaps  bool
	Deferral         Deferral
	Index            IndexOptions
}

// ID implements [Object].
func (c *Unique) ID() ID { return tableObjectID(KindUnique, c.Schema, c.Table, c.Name) }
func (*Unique) object()  {}

// Exclude is an exclusion constraint.
type Exclude struct {
	Schema   string
	Table    string
	Name     string
	Method   string
	Elements []ExcludeElement
	// Where is the predicate without surrounding parentheses; empty for none.
	Where    string
	Deferral Deferral
	Index    IndexOptions
}

// ExcludeElement is an index element together with the operator that must not hold for two rows.
type ExcludeElement struct {
	IndexElement
	// Operator is as pg_get_constraintdef prints it: bare, or OPERATOR(schema.op).
	Operator string
}

// ID implements [Object].
func (c *Exclude) ID() ID { return tableObjectID(KindExclude, c.Schema, c.Table, c.Name) }
func (*Exclude) object()  {}

// Check is a CHECK constraint of a table that the table declares itself; purely inherited ones are not objects,
// and of a partition none that its parent has too: whether such a one is also local (pg_constraint.conislocal)
// depends on how the partition was attached, and pg_dump does not tell the two apart.
type Check struct {
	Schema string
	Table  string
	Name   string
	// Expr is the condition, without the word CHECK and its parentheses.
	Expr      string
	NoInherit bool
	NotValid  bool
	// NotEnforced constraints are documentation (PostgreSQL 18).
	NotEnforced bool
}

// ID implements [Object].
func (c *Check) ID() ID { return tableObjectID(KindCheck, c.Schema, c.Table, c.Name) }
func (*Check) object()  {}

// ForeignKey is a foreign key; those that partitions inherit from their parent are not objects.
type ForeignKey struct {
	Schema     string
	Table      string
	Name       string
	Columns    []string
	RefTable   Name
	RefColumns []string
	// Match is "" (simple) or FULL.
	Match string
	// OnDelete and OnUpdate are "" (no action), RESTRICT, CASCADE, SET NULL or SET DEFAULT.
	OnDelete string
	OnUpdate string
	// OnDeleteColumns restricts SET NULL and SET DEFAULT to some of the columns (PostgreSQL 15).
	OnDeleteColumns []string
	Deferral        Deferral
	NotValid        bool
	// NotEnforced and Period exist since PostgreSQL 18.
	NotEnforced bool
	Period      bool
}

// ID implements [Object].
func (c *ForeignKey) ID() ID { return tableObjectID(KindForeignKey, c.Schema, c.Table, c.Name) }
func (*ForeignKey) object()  {}

func tableObjectID(kind Kind, namespace, table, name string) ID {
	return ID{Kind: kind, Schema: namespace, Parent: table, Name: name}
}
