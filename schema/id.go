package schema

import (
	"cmp"
	"fmt"
	"strings"
)

// ID names one object. It is comparable and is the map key everywhere; its methods are the
// only code that prints, parses or quotes an object's name.
//
// Which fields are used depends on the kind: schemas and extensions have a Name; types, relations and
// routines a Schema and a Name; everything that belongs to a relation has its name in Parent. Args holds the
// input types of a routine as PostgreSQL prints them, joined by ", ". For comments, owners and grants the other
// fields are those of the object they are about, and Args is that object's kind and own Args (see [ID.Target]).
type ID struct {
	Kind   Kind
	Schema string
	Parent string
	Name   string
	Args   string
}

// ColumnID addresses a column of a relation, or a field of a composite type.
func ColumnID(relation ID, column string) ID {
	return ID{Kind: KindColumn, Schema: relation.Schema, Parent: relation.Name, Name: column}
}

// attachmentID is the ID of a comment, owner or grant on target.
func attachmentID(kind Kind, target ID) ID {
	args := target.Kind.String()
	if target.Args != "" || kinds[target.Kind].args {
		args += "(" + target.Args + ")"
	}
	return ID{Kind: kind, Schema: target.Schema, Parent: target.Parent, Name: target.Name, Args: args}
}

// CommentID is the ID of the comment on target.
func CommentID(target ID) ID { return attachmentID(KindComment, target) }

// OwnerID is the ID of the ownership of target.
func OwnerID(target ID) ID { return attachmentID(KindOwner, target) }

// GrantID is the ID of the access privileges on target.
func GrantID(target ID) ID { return attachmentID(KindGrant, target) }

// Target is the object that a comment, owner or grant is about; for other kinds the ID itself.
func (id ID) Target() ID {
	if !id.Kind.IsAttachment() {
		return id
	}
	word, args, _ := strings.Cut(id.Args, "(")
	kind := kindByName[word]
	return ID{Kind: kind, Schema: id.Schema, Parent: id.Parent, Name: id.Name, Args: strings.TrimSuffix(args, ")")}
}

// Relation is the ID's table or view: for a column, constraint, index, trigger, policy or rule what it belongs to.
// The kind of the result is KindTable, as an ID does not say which kind of relation its parent is;
// [Catalog.Owner] tells. ok is false for objects that belong to no relation.
func (id ID) Relation() (relation ID, ok bool) {
	if id.Kind.IsAttachment() {
		return id.Target().Relation()
	}
	if id.Parent == "" || id.Kind == KindDomainCheck || id.Kind == KindUnmanaged {
		return ID{}, false
	}
	return ID{Kind: KindTable, Schema: id.Schema, Name: id.Parent}, true
}

// String is the ID on one line for people and files, such as `index public.users.users_email_idx` or
// `function public.f(integer, text)`. [ParseID] reads it back.
func (id ID) String() string {
	switch {
	case id.Kind.IsAttachment():
		return id.Kind.String() + " on " + id.Target().String()
	case id.Kind == KindUnmanaged:
		return id.Kind.String() + " " + printName(id.Args) + " " + id.path()
	}
	s := id.Kind.String() + " " + id.path()
	if kinds[id.Kind].args {
		s += "(" + escapeControls(id.Args) + ")"
	}
	return s
}

// Path is the ID without its kind, such as `public.users.email`.
func (id ID) Path() string {
	if id.Kind.IsAttachment() {
		return id.Target().Path()
	}
	if kinds[id.Kind].args && id.Kind != KindUnmanaged {
		return id.path() + "(" + escapeControls(id.Args) + ")"
	}
	return id.path()
}

func (id ID) path() string {
	var parts []string
	for _, p := range []string{id.Schema, id.Parent, id.Name} {
		if p != "" {
			parts = append(parts, printName(p))
		}
	}
	return strings.Join(parts, ".")
}

// SQL is the object's name as a statement about it wants it: quoted and qualified. Of what belongs to
// a relation or domain it is the bare name, except for indexes, which live in the schema.
func (id ID) SQL() string {
	switch {
	case id.Kind.IsRoutine():
		return Qualified(id.Schema, id.Name) + "(" + id.Args + ")"
	case id.Kind == KindIndex:
		return Qualified(id.Schema, id.Name)
	case id.Parent != "" || id.Kind == KindSchema || id.Kind == KindExtension:
		return Quote(id.Name)
	}
	return Qualified(id.Schema, id.Name)
}

// Compare orders IDs by schema, then kind, then name: the order of everything that is written or printed.
func (id ID) Compare(other ID) int {
	return cmp.Or(
		cmp.Compare(id.Schema, other.Schema),
		cmp.Compare(id.Kind, other.Kind),
		cmp.Compare(id.Parent, other.Parent),
		cmp.Compare(id.Name, other.Name),
		cmp.Compare(id.Args, other.Args),
	)
}

// MarshalText makes IDs usable as keys of JSON objects.
func (id ID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// UnmarshalText is the inverse of MarshalText.
func (id *ID) UnmarshalText(text []byte) error {
	parsed, err := ParseID(string(text))
	*id = parsed
	return err
}

// printName quotes a part of a path where it would be ambiguous, and escapes what would break the line.
func printName(name string) string {
	if isPlain(name) {
		return name
	}
	return `"` + escapeControls(strings.ReplaceAll(name, `"`, `""`)) + `"`
}

// escapeControls keeps an ID on one line and free of terminal escapes. A backslash is escaped only where
// it would otherwise be read as the start of an escape, that is always, so that ParseID is exact.
func escapeControls(s string) string {
	clean := true
	for i := 0; i < len(s); i++ {
		if s[i] < ' ' || s[i] == 0x7f || s[i] == '\\' {
			clean = false
			break
		}
	}
	if clean {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\':
			b.WriteString(`\\`)
		case c < ' ' || c == 0x7f:
			fmt.Fprintf(&b, `\x%02x`, c)
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}
