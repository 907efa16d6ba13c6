package schema

// Policy is a row security policy.
type Policy struct {
	Schema string
	Table  string
	Name   string
	// Restrictive policies are combined with AND; others with OR.
	Restrictive bool
	// Command is "" (all), SELECT, INSERT, UPDATE or DELETE.
	Command string
	// Roles are quoted role names, sorted; nil means PUBLIC.
	Roles []string
	// Using and Check are conditions without surrounding parentheses; empty for none.
	Using string
	Check string
}

// ID implements [Object].
func (p *Policy) ID() ID { return tableObjectID(KindPolicy, p.Schema, p.Table, p.Name) }
func (*Policy) object()  {}
