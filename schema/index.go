package schema

// Index is an index that no constraint stands behind, on a table or a materialized view.
type Index struct {
	Schema string
	Table  string
	Name   string
	Unique bool
	// Method is the access method, such as btree or gin.
	Method           string
	Elements         []IndexElement
	Include          []string
	NullsNotDistinct bool
	// Where is the predicate without surrounding parentheses; empty for none.
	Where         string
	StorageParams []Param
	Tablespace    string
	Clustered     bool
	// AttachedTo is the index of the partitioned parent that this one is part of; nil for none.
	AttachedTo *Name
	// Invalid indexes are left over by a failed concurrent build, or are a partitioned index that lacks some
	// partition. Desired state never has one, so an invalid index always differs.
	Invalid bool
}

// IndexElement is one column or expression of an index; exactly one of Column and Expr is set.
type IndexElement struct {
	Column string
	// Expr is an expression without surrounding parentheses.
	Expr string
	// Collation and OpClass are qualified and quoted, and empty where they are the defaults.
	Collation string
	OpClass   string
	// OpClassParams are the parameters of the operator class (PostgreSQL 13).
	OpClassParams []Param
	Desc          bool
	// NullsFirst is true also where DESC implies it.
	NullsFirst bool
	// Statistics is the statistics target of an expression; nil for the default.
	Statistics *int
}

// ID implements [Object].
func (i *Index) ID() ID { return tableObjectID(KindIndex, i.Schema, i.Table, i.Name) }
func (*Index) object()  {}
