package schema

// Table is an ordinary or partitioned table, or a partition.
type Table struct {
	Schema  string
	Name    string
	Columns []Column
	// Unlogged tables lose their rows in a crash.
	Unlogged bool
	// AccessMethod is empty for heap.
	AccessMethod string
	// Tablespace is empty for the database's own.
	Tablespace string
	// Inherits lists the parents of classic inheritance, in order. Partitions have PartitionOf instead.
	Inherits []Name
	// Of is the composite type of a typed table, or nil.
	Of *Name
	// ReplicaIdentity is "", "full", "nothing" or "index"; empty is the default, the primary key.
	ReplicaIdentity string
	// ReplicaIndex is the name of the index where ReplicaIdentity is "index".
	ReplicaIndex  string
	StorageParams []Param
	RowSecurity   RowSecurity
	// Partition is the partition key of a partitioned table, or nil.
	Partition *PartitionKey
	// PartitionOf says of which table this is a partition, or nil.
	PartitionOf *PartitionOf
}

// RowSecurity says whether the policies of a table apply, and whether to its owner too.
type RowSecurity struct {
	Enabled bool
	Forced  bool
}

// ID implements [Object].
func (t *Table) ID() ID { return ID{Kind: KindTable, Schema: t.Schema, Name: t.Name} }
func (*Table) object()  {}

// Column finds a column by name; nil if there is none.
func (t *Table) Column(name string) *Column {
	for i := range t.Columns {
		if t.Columns[i].Name == name {
			return &t.Columns[i]
		}
	}
	return nil
}
