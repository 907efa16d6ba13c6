package legacy

import "github.com/pleatdb/pleat/schema"

// Strength is how much speaks for a table being the history of a tool.
type Strength uint8

// The strengths, weakest first.
const (
	// Possible: the columns fit, and many other tables have such ones. Taken only when a person names the tool.
	Possible Strength = iota
	// Likely: the columns are common, and rows, name or neighbours fit too.
	Likely
	// Sure: no other table has such columns.
	Sure
)

// Source is a history that was found.
type Source struct {
	Tool   Tool
	Schema string
	Table  string
	// Layout names the form of the table where a tool had several, such as "3" for Flyway's of that version; else empty.
	Layout   string
	Strength Strength
	// Rows is how many rows the table has; -1 where the role may not read it.
	Rows int64
	// Why says in words by what it was recognised.
	Why string
	// Beside are tables of the tool in the same place, such as its lock table. They are locked and left alone like the history.
	Beside []Name
	// OwnSchema is set where the whole schema belongs to the tool.
	OwnSchema bool
	// Schemas are further schemas that hold only what the tool makes anew for each version, such as pgroll's views.
	Schemas []string
	// Shared says who else writes the table in the course of its work, so that it must stay writable; else empty.
	Shared string
	// Project tells apart several histories in one table (Sqitch's projects, Bytebase's databases); else empty.
	Project string
}

// Name is that of a table.
type Name struct{ Schema, Table string }

// String is the qualified name as SQL writes it.
func (s *Source) String() string { return schema.Qualified(s.Schema, s.Table) }

// SQL is the qualified name, quoted where it must be.
func (n Name) SQL() string { return schema.Qualified(n.Schema, n.Table) }
