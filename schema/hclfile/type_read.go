package hclfile

import (
	"math/big"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/pleatdb/pleat/schema"
	"github.com/zclconf/go-cty/cty"
)

// typeValue is the type that an attribute names.
type typeValue struct {
	// text is the type with its modifier, as the model wants it.
	text string
	// name is the type taken apart; known is false where the text is more than a type's name.
	name  sqlTypeName
	known bool
	// id is the user's type behind it, array or not; the zero ID for others.
	id schema.ID
	// serial is smallint, integer or bigint where the type was one of the serial words.
	serial string
	at     hcl.Range
}

// bare is the type without modifier, for parameters and results.
func (t typeValue) bare() string {
	if t.known {
		return t.name.bare()
	}
	return t.text
}

var serialTypes = map[string]string{
	"serial": "integer", "serial4": "integer", "bigserial": "bigint", "serial8": "bigint",
	"smallserial": "smallint", "serial2": "smallint",
}

// readType reads an attribute that names a type: a bare word, a word with modifiers, a reference, or sql("…").
func (b *block) readType(attr string) (typeValue, bool) {
	a := b.attrs[attr]
	if a == nil {
		return typeValue{}, false
	}
	t, ok := b.typeOf(a.Expr)
	t.at = a.Expr.Range()
	return t, ok
}

func (b *block) typeOf(expr hcl.Expression) (typeValue, bool) {
	if steps, ok := b.path(expr); ok {
		if r, isRef := split(steps); isRef || len(steps) > 1 && slices.Contains(typeRoots, r.root) {
			return b.typeRef(expr)
		}
		if len(steps) == 1 && !b.isVariable(steps[0].name) {
			return b.typeWord(expr, steps[0].name, nil)
		}
	}
	if call, diags := hcl.ExprCall(expr); !diags.HasErrors() && call.Name != "sql" && (isTypeWord(call.Name) || !b.isFunction(call.Name)) {
		var mods []string
		for _, arg := range call.Arguments {
			text, ok := b.text(arg)
			if !ok {
				return typeValue{}, false
			}
			mods = append(mods, text)
		}
		return b.typeWord(expr, call.Name, mods)
	}
	text, ok := b.sqlOrJSONCall(expr)
	if !ok {
		return typeValue{}, false
	}
	return b.load.typeText(text), true
}

// sqlOrJSONCall is the text of a type that is not a word or reference. In JSON, sql("…") may stand as it is in a string.
func (b *block) sqlOrJSONCall(expr hcl.Expression) (string, bool) {
	if call, diags := hcl.ExprCall(expr); !diags.HasErrors() && call.Name == "sql" && len(call.Arguments) == 1 {
		return b.text(call.Arguments[0])
	}
	return b.text(expr)
}

func (b *block) typeRef(expr hcl.Expression) (typeValue, bool) {
	t, ok := b.resolve(expr, nil, typeRoots...)
	if !ok {
		return typeValue{}, false
	}
	name := schema.Qualified(t.id.Schema, t.id.Name)
	return typeValue{text: name, name: sqlTypeName{name: name}, known: true, id: t.id}, true
}

func isTypeWord(word string) bool {
	_, ok := wordType(word)
	return ok
}

// wordType is the built-in type that a bare word means; words of several words have underscores.
func wordType(word string) (sqlTypeName, bool) {
	word = lowerASCII(word)
	spaced := strings.ReplaceAll(word, "_", " ")
	if intervalFields[spaced] {
		return sqlTypeName{name: "interval", fields: spaced, builtin: true}, true
	}
	for _, w := range []string{word, spaced} {
		if name, ok := typeAliases[w]; ok || w == "float" {
			if w == "float" {
				name = "float"
			}
			return sqlTypeName{name: name, builtin: true}, true
		}
	}
	return sqlTypeName{}, false
}

func (b *block) typeWord(expr hcl.Expression, word string, mods []string) (typeValue, bool) {
	if base, ok := serialTypes[lowerASCII(word)]; ok && len(mods) == 0 {
		return typeValue{text: base, name: sqlTypeName{name: base, builtin: true}, known: true, serial: base}, true
	}
	t, ok := wordType(word)
	if !ok {
		name, found := b.load.extensionType(word)
		if !found {
			b.unknownType(expr, word)
			return typeValue{}, false
		}
		t = sqlTypeName{name: name}
	}
	t.mods = mods
	if !b.checkMods(expr, t) {
		return typeValue{}, false
	}
	t, ok = t.settled()
	if !ok {
		b.errorf(expr.Range(), "Number out of range", "float takes a precision from 1 to 53.")
		return typeValue{}, false
	}
	return typeValue{text: t.String(), name: t, known: true}, true
}

func (b *block) unknownType(expr hcl.Expression, word string) {
	for _, root := range typeRoots {
		if len(b.load.symbols[root][word]) > 0 {
			b.errorf(expr.Range(), "Unknown type", "There is no built-in type %q. Did you mean %s.%s?", word, root, word)
			return
		}
	}
	var known []string
	for name := range typeAliases {
		known = append(known, strings.ReplaceAll(name, " ", "_"))
	}
	slices.Sort(known)
	b.errorf(expr.Range(), "Unknown type", "There is no built-in type %q.%s A type of an extension is written sql(\"schema.type\").",
		word, didYouMean(word, known))
}

// checkMods checks the modifiers of built-in types where PostgreSQL has fixed bounds.
func (b *block) checkMods(expr hcl.Expression, t sqlTypeName) bool {
	if !t.builtin || len(t.mods) == 0 {
		return true
	}
	least, most, count := 0, 0, 1
	switch word, _, _ := strings.Cut(t.name, " "); word {
	case "character", "bpchar":
		least, most = 1, 10485760
	case "bit":
		least, most = 1, 83886080
	case "timestamp", "time", "interval":
		least, most = 0, 6
	case "numeric":
		least, most, count = -1000, 1000, 2
	case "float":
		least, most = 1, 53
	default:
		b.errorf(expr.Range(), "Wrong type of value", "The type %s takes no modifier.", t.name)
		return false
	}
	if len(t.mods) > count {
		b.errorf(expr.Range(), "Wrong type of value", "The type %s takes at most %d modifier(s).", t.name, count)
		return false
	}
	for i, mod := range t.mods {
		if n, err := strconv.Atoi(mod); err != nil || n < least || n > most || t.name == "numeric" && i == 0 && n < 1 {
			b.errorf(expr.Range(), "Number out of range", "The modifier %s of %s is not a whole number from %d to %d.", mod, t.name, max(least, map[bool]int{true: 1, false: least}[t.name == "numeric" && i == 0]), most)
			return false
		}
	}
	return true
}

// typeText reads the text of a type.
func (l *loader) typeText(text string) typeValue {
	text = strings.TrimSpace(text)
	t := typeValue{text: text}
	if base, ok := serialTypes[lowerASCII(text)]; ok {
		return typeValue{text: base, name: sqlTypeName{name: base, builtin: true}, known: true, serial: base}
	}
	if t.name, t.known = parseTypeName(text, l.userType); t.known {
		t.text = t.name.String()
		t.id = l.typeIDs()[t.name.name]
	}
	return t
}

// userType qualifies the name of a type that is not built in, where the files say which is meant.
func (l *loader) userType(namespace, name string) (string, bool) {
	if namespace != "" {
		return schema.Qualified(namespace, name), true
	}
	var found []string
	for _, root := range typeRoots {
		for _, s := range l.symbols[root][name] {
			found = append(found, schema.Qualified(s.id.Schema, s.id.Name))
		}
	}
	if len(found) == 1 {
		return found[0], true
	}
	return l.extensionType(name)
}

// typeIDs are the declared types by their qualified, quoted name.
func (l *loader) typeIDs() map[string]schema.ID {
	if l.types == nil {
		l.types = map[string]schema.ID{}
		for _, root := range typeRoots {
			for _, found := range l.symbols[root] {
				for _, s := range found {
					l.types[schema.Qualified(s.id.Schema, s.id.Name)] = s.id
				}
			}
		}
	}
	return l.types
}

// numberText writes a number in full.
func numberText(v cty.Value) string { return v.AsBigFloat().Text('f', -1) }

// maxExponent bounds numbers, since one such as 1e999999999 has a billion digits when written in full.
const maxExponent = 1 << 14

func isHuge(f *big.Float) bool {
	e := f.MantExp(nil)
	return e > maxExponent || e < -maxExponent
}
