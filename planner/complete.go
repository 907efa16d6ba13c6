package planner

import (
	"encoding/json"
	"reflect"

	"github.com/pleatdb/pleat/schema"
)

// complete is the guard against silent loss: probe is the old object with every field overwritten that the
// caller has handled. If it is still not the new one, some field would be ignored.
func complete(probe, to schema.Object) error {
	if Equal(probe, to) {
		return nil
	}
	return &Unsupported{to.ID(), "pleat does not know how to change " + differingFields(probe, to)}
}

// Difference names the fields in which two objects of one kind differ, for people.
func Difference(from, to schema.Object) string { return differingFields(from, to) }

// differingFields names the fields in which two objects of one kind differ.
func differingFields(a, b schema.Object) string {
	va, vb := reflect.ValueOf(a).Elem(), reflect.ValueOf(b).Elem()
	text := ""
	for i := range va.NumField() {
		if reflect.DeepEqual(va.Field(i).Interface(), vb.Field(i).Interface()) {
			continue
		}
		if text != "" {
			text += ", "
		}
		text += va.Type().Field(i).Name + " from " + plain(va.Field(i)) + " to " + plain(vb.Field(i))
	}
	return text
}

// plain writes a field with what its pointers point to.
func plain(v reflect.Value) string {
	text, err := json.Marshal(v.Interface())
	if err != nil {
		return v.String()
	}
	return string(text)
}
