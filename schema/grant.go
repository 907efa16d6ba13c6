package schema

// Owner says which role owns an object.
type Owner struct {
	On   ID
	Role string
}

// ID implements [Object].
func (o *Owner) ID() ID { return OwnerID(o.On) }
func (*Owner) object()  {}

// Grant is the whole access control list of an object or column where it differs from what PostgreSQL grants
// by default.
type Grant struct {
	On ID
	// Entries are sorted by role, privilege and grantor.
	Entries []GrantEntry
}

// GrantEntry is one privilege that one role has.
type GrantEntry struct {
	// Role is empty for PUBLIC.
	Role      string
	Privilege string
	Grantable bool
	// Grantor is the role that granted it.
	Grantor string
}

// ID implements [Object].
func (g *Grant) ID() ID { return GrantID(g.On) }
func (*Grant) object()  {}
