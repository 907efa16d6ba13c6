package schema

import "fmt"

// Kind says what an object is. The zero value is invalid.
type Kind uint8

// The kinds, in the order in which people expect to read them.
const (
	KindSchema Kind = iota + 1
	KindExtension
	KindEnum
	KindDomain
	KindDomainCheck
	KindComposite
	KindSequence
	KindTable
	// KindColumn addresses a column of a table or view, or a field of a composite type. No object has this kind.
	KindColumn
	KindDefault
	KindPrimaryKey
	KindUnique
	KindExclude
	KindCheck
	KindForeignKey
	KindIndex
	KindView
	KindMaterialized
	KindFunction
	KindProcedure
	KindTrigger
	KindPolicy
	KindRule
	KindComment
	KindOwner
	KindGrant
	// KindUnmanaged is for what the inspector meets and cannot model; such objects are listed and never touched.
	KindUnmanaged
)

// kindInfo is a row of the table of kinds: adding a kind is one line here and one file in each package.
type kindInfo struct {
	name  string
	parts int // how many of Schema, Parent, Name an ID of this kind uses, counted from the right
	args  bool
	blank func() Object
}

var kinds = map[Kind]kindInfo{
	KindSchema:       {"schema", 1, false, func() Object { return new(Namespace) }},
	KindExtension:    {"extension", 1, false, func() Object { return new(Extension) }},
	KindEnum:         {"enum", 2, false, func() Object { return new(Enum) }},
	KindDomain:       {"domain", 2, false, func() Object { return new(Domain) }},
	KindDomainCheck:  {"domain_check", 3, false, func() Object { return new(DomainCheck) }},
	KindComposite:    {"composite", 2, false, func() Object { return new(Composite) }},
	KindSequence:     {"sequence", 2, false, func() Object { return new(Sequence) }},
	KindTable:        {"table", 2, false, func() Object { return new(Table) }},
	KindColumn:       {"column", 3, false, nil},
	KindDefault:      {"default", 3, false, func() Object { return new(Default) }},
	KindPrimaryKey:   {"primary_key", 3, false, func() Object { return new(PrimaryKey) }},
	KindUnique:       {"unique", 3, false, func() Object { return new(Unique) }},
	KindExclude:      {"exclude", 3, false, func() Object { return new(Exclude) }},
	KindCheck:        {"check", 3, false, func() Object { return new(Check) }},
	KindForeignKey:   {"foreign_key", 3, false, func() Object { return new(ForeignKey) }},
	KindIndex:        {"index", 3, false, func() Object { return new(Index) }},
	KindView:         {"view", 2, false, func() Object { return new(View) }},
	KindMaterialized: {"materialized", 2, false, func() Object { return new(Materialized) }},
	KindFunction:     {"function", 2, true, func() Object { return new(Function) }},
	KindProcedure:    {"procedure", 2, true, func() Object { return new(Procedure) }},
	KindTrigger:      {"trigger", 3, false, func() Object { return new(Trigger) }},
	KindPolicy:       {"policy", 3, false, func() Object { return new(Policy) }},
	KindRule:         {"rule", 3, false, func() Object { return new(Rule) }},
	KindComment:      {"comment", 3, true, func() Object { return new(Comment) }},
	KindOwner:        {"owner", 3, true, func() Object { return new(Owner) }},
	KindGrant:        {"grant", 3, true, func() Object { return new(Grant) }},
	KindUnmanaged:    {"unmanaged", 3, true, func() Object { return new(Unmanaged) }},
}

var kindByName = func() map[string]Kind {
	m := make(map[string]Kind, len(kinds))
	for k, info := range kinds {
		m[info.name] = k
	}
	return m
}()

// String is the word for the kind in files, plans and JSON, for example "foreign_key".
func (k Kind) String() string {
	if info, ok := kinds[k]; ok {
		return info.name
	}
	return fmt.Sprintf("Kind(%d)", uint8(k))
}

// ParseKind is the inverse of [Kind.String].
func ParseKind(name string) (Kind, error) {
	if k, ok := kindByName[name]; ok {
		return k, nil
	}
	return 0, fmt.Errorf("unknown kind of object %q", name)
}

// MarshalText writes the kind by name, so that stored catalogs survive a reordering of the constants.
func (k Kind) MarshalText() ([]byte, error) {
	if _, ok := kinds[k]; !ok {
		return nil, fmt.Errorf("kind %d has no name", uint8(k))
	}
	return []byte(k.String()), nil
}

// UnmarshalText is the inverse of MarshalText.
func (k *Kind) UnmarshalText(text []byte) error {
	parsed, err := ParseKind(string(text))
	*k = parsed
	return err
}

// IsRelation reports whether objects of the kind are relations with columns: tables and the two kinds of view.
func (k Kind) IsRelation() bool {
	return k == KindTable || k == KindView || k == KindMaterialized
}

// IsConstraint reports whether objects of the kind are constraints of a table.
func (k Kind) IsConstraint() bool {
	switch k {
	case KindPrimaryKey, KindUnique, KindExclude, KindCheck, KindForeignKey:
		return true
	}
	return false
}

// IsType reports whether objects of the kind are types that a column can have, relations aside.
func (k Kind) IsType() bool {
	return k == KindEnum || k == KindDomain || k == KindComposite
}

// IsRoutine reports whether objects of the kind are called: functions and procedures.
func (k Kind) IsRoutine() bool { return k == KindFunction || k == KindProcedure }

// IsAttachment reports whether objects of the kind say something about another object
// and have no life of their own: comments, owners and grants.
func (k Kind) IsAttachment() bool {
	return k == KindComment || k == KindOwner || k == KindGrant
}
