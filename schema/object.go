package schema

// Object is one thing in a catalog. The set of implementations is closed: one struct per [Kind].
//
//sumtype:decl
type Object interface {
	// ID is the object's identity, computed from its fields.
	ID() ID
	object()
}

// Param is a name and its value where PostgreSQL keeps a list of both: storage parameters, settings of a
// function, options of a column. They are in the order in which they are stored, because pg_dump prints them so; but for
// settings of a function the order makes no difference (see [Canonical]).
type Param struct {
	Name  string
	Value string
}

// Name is a qualified name of a relation or type that another object mentions.
type Name struct {
	Schema string
	Name   string
}

// SQL is the name quoted and qualified.
func (n Name) SQL() string { return Qualified(n.Schema, n.Name) }
