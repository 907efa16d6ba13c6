package schema

// PartitionKey says how the rows of a partitioned table are divided.
type PartitionKey struct {
	// Strategy is RANGE, LIST or HASH.
	Strategy string
	// Elements are the columns or expressions of the key.
	Elements []PartitionElement
}

// PartitionElement is one column or expression of a partition key; exactly one of Column and Expr is set.
type PartitionElement struct {
	Column string
	// Expr is an expression without surrounding parentheses.
	Expr string
	// Collation and OpClass are qualified and quoted, and empty where they are the type's defaults.
	Collation string
	OpClass   string
}

// PartitionOf attaches a table to its partitioned parent.
type PartitionOf struct {
	Parent Name
	// Bound is what pg_get_expr prints of relpartbound: "DEFAULT" or "FOR VALUES ...".
	Bound string
}
