package view

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"unicode"

	"github.com/pleatdb/pleat/schema"
)

// attributes lists what differs between two objects of one kind, field by field; elements of a list that have names are
// compared by name. It knows no kind, so a new field shows from the day it is added.
func attributes(from, to schema.Object) []Attribute {
	a, b := reflect.Indirect(reflect.ValueOf(from)), reflect.Indirect(reflect.ValueOf(to))
	if a.Type() != b.Type() {
		return []Attribute{{Name: "kind", Action: "update", Before: from.ID().Kind.String(), After: to.ID().Kind.String()}}
	}
	var out []Attribute
	compareFields(&out, "", a, b)
	return out
}

func compareFields(out *[]Attribute, prefix string, a, b reflect.Value) {
	for i := range a.NumField() {
		field := a.Type().Field(i)
		x, y := a.Field(i), b.Field(i)
		switch {
		case reflect.DeepEqual(x.Interface(), y.Interface()):
		case field.Anonymous:
			compareFields(out, prefix, x, y)
		case isNamedList(field.Type):
			compareLists(out, prefix+singular(field.Name), x, y)
		case field.Type.Kind() == reflect.Struct:
			compareFields(out, prefix+words(field.Name)+".", x, y)
		default:
			*out = append(*out, attribute(prefix+words(field.Name), x, y))
		}
	}
}

// isNamedList tells whether the type is a list of structs whose elements are known by a name.
func isNamedList(t reflect.Type) bool {
	if t.Kind() != reflect.Slice || t.Elem().Kind() != reflect.Struct {
		return false
	}
	name, ok := t.Elem().FieldByName("Name")
	return ok && name.Type.Kind() == reflect.String
}

func compareLists(out *[]Attribute, noun string, a, b reflect.Value) {
	before, after := byName(a), byName(b)
	for i := range a.Len() {
		name := a.Index(i).FieldByName("Name").String()
		if _, ok := after[name]; !ok {
			*out = append(*out, Attribute{Name: noun + " " + name, Action: "delete", Before: gist(a.Index(i))})
		}
	}
	common := 0
	for i := range b.Len() {
		name := b.Index(i).FieldByName("Name").String()
		old, ok := before[name]
		if !ok {
			*out = append(*out, Attribute{Name: noun + " " + name, Action: "create", After: gist(b.Index(i))})
			continue
		}
		common++
		compareFields(out, noun+" "+name+": ", old, b.Index(i))
	}
	if common == a.Len() && common == b.Len() && !slices.Equal(names(a), names(b)) {
		*out = append(*out, Attribute{Name: "order of " + noun + "s", Action: "update", Before: names(a), After: names(b)})
	}
}

func byName(list reflect.Value) map[string]reflect.Value {
	out := map[string]reflect.Value{}
	for i := range list.Len() {
		out[list.Index(i).FieldByName("Name").String()] = list.Index(i)
	}
	return out
}

func names(list reflect.Value) (out []string) {
	for i := range list.Len() {
		out = append(out, list.Index(i).FieldByName("Name").String())
	}
	return out
}

// gist is a list's element in a few words: a column's type, or a parameter's value.
func gist(v reflect.Value) any {
	switch e := v.Interface().(type) {
	case schema.Column:
		text := e.Type
		if e.NotNull {
			text += " not null"
		}
		if e.Identity != nil {
			text += " identity"
		}
		if e.Generated != nil {
			text += " generated"
		}
		return text
	case schema.Param:
		return e.Value
	}
	return plainValue(v)
}

// attribute is the difference of one value; the zero value counts as absent, except for truth values, where "true" alone
// would not say what was before.
func attribute(name string, a, b reflect.Value) Attribute {
	out := Attribute{Name: name, Action: "update", Before: plainValue(a), After: plainValue(b)}
	switch {
	case a.Kind() == reflect.Bool:
	case a.IsZero():
		out.Action, out.Before = "create", nil
	case b.IsZero():
		out.Action, out.After = "delete", nil
	}
	return out
}

// plainValue is a value as JSON knows it, with the names of fields in the form of all JSON here.
func plainValue(v reflect.Value) any {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return nil
		}
		return plainValue(v.Elem())
	case reflect.Struct:
		if id, ok := v.Interface().(schema.ID); ok {
			return id.String()
		}
		if name, ok := v.Interface().(schema.Name); ok {
			return name.SQL()
		}
		fields := map[string]any{}
		for i := range v.NumField() {
			if !v.Field(i).IsZero() {
				fields[words(v.Type().Field(i).Name)] = plainValue(v.Field(i))
			}
		}
		return fields
	case reflect.Slice:
		list := make([]any, v.Len())
		for i := range list {
			list[i] = plainValue(v.Index(i))
		}
		return list
	}
	return v.Interface()
}

// words turns a field's name into the form of JSON: NotNull into not_null.
func words(field string) string {
	var b strings.Builder
	runes := []rune(field)
	for i, r := range runes {
		if unicode.IsUpper(r) && i > 0 && (unicode.IsLower(runes[i-1]) || i+1 < len(runes) && unicode.IsLower(runes[i+1])) {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

func singular(field string) string { return strings.TrimSuffix(words(field), "s") }

// valueText is a value of an attribute for people, on one line.
func valueText(v any) string {
	switch v := v.(type) {
	case nil:
		return "(none)"
	case string:
		return oneLine(v)
	}
	text, err := json.Marshal(v)
	if err != nil {
		return "(unreadable)"
	}
	return oneLine(string(text))
}
