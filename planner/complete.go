package planner

import (
	"fmt"
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
		text += fmt.Sprintf("%s from %v to %v", va.Type().Field(i).Name, va.Field(i), vb.Field(i))
	}
	return text
}
