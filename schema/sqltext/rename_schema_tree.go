package sqltext

import (
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// same compares the parse trees of the two texts: they must be equal once the two names, and the constants that were changed, are
// taken for one another. Text that the grammar does not know, in either form, rests on the tokens alone.
func (r *renamer) same(before, after string) bool {
	a, b := parseOne(before), parseOne(after)
	if a == nil || b == nil {
		return a == nil && b == nil
	}
	r.level(a.ProtoReflect())
	r.level(b.ProtoReflect())
	return proto.Equal(a, b)
}

// level makes the two names one in all texts of a tree, and forgets where nodes stood in the text.
func (r *renamer) level(m message) {
	walk(m, func(m message) bool {
		m.Range(func(f protoreflect.FieldDescriptor, v protoreflect.Value) bool {
			switch {
			case f.IsList() || f.IsMap():
			case f.Kind() == protoreflect.StringKind:
				text := v.String()
				if old, changed := r.strings[text]; changed {
					text = old
				}
				if text == r.to {
					text = r.from
				}
				m.Set(f, protoreflect.ValueOfString(text))
			case strings.HasSuffix(string(f.Name()), "location") || f.Name() == "stmt_len":
				m.Clear(f)
			}
			return true
		})
		return true
	})
}

// Homeless are the names of a statement by which it reaches outside of one schema: relations without a schema, which the session's
// search_path would look for, and objects that it creates, changes or drops elsewhere. They come as SQL writes them, each with what is
// meant.
func Homeless(stmt, home string) (out []string) {
	for _, t := range Touched(stmt).Objects {
		switch {
		case t.Kind == "schema" && t.Name == home, t.Schema == home, t.Kind == "default privileges" && t.Schema == home:
		case t.Kind == "settings" || t.Kind == "session":
		case t.Schema == "" && t.Of.Schema == home:
		default:
			out = append(out, strings.TrimSpace(t.Kind+" "+nameText(Name{t.Schema, t.Name})))
		}
	}
	for _, n := range References(stmt).Relations {
		if n.Schema == "" {
			out = append(out, "relation "+nameText(n))
		}
	}
	return out
}

func nameText(n Name) string {
	if n.Schema == "" {
		return quotedName(n.Name)
	}
	return quotedName(n.Schema) + "." + quotedName(n.Name)
}
