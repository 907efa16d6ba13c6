package event

import (
	"encoding/json"
	"reflect"
)

// Masked is a copy of an event in which every text passed mask. Texts are masked one by one, before they are encoded: replacing in
// the JSON could take a number or a key for a secret.
func Masked(e Event, mask func(string) string) Event {
	kind := e.Type
	// A copy by way of JSON, so that nothing is shared with what the view and the applier hold.
	text, err := json.Marshal(e)
	if err != nil {
		return unspeakable(e)
	}
	var out Event
	if err := json.Unmarshal(text, &out); err != nil {
		return unspeakable(e)
	}
	maskTexts(reflect.ValueOf(&out), mask)
	out.Type = kind
	return out
}

// unspeakable is an event that could not be masked; nothing of it is told but that it was.
func unspeakable(e Event) Event {
	return Event{Version: e.Version, Time: e.Time, Level: e.Level, Type: e.Type, Run: e.Run, Message: "this event could not be encoded"}
}

func maskTexts(v reflect.Value, mask func(string) string) {
	switch v.Kind() {
	case reflect.String:
		if v.CanSet() {
			v.SetString(mask(v.String()))
		}
	case reflect.Pointer:
		if !v.IsNil() {
			maskTexts(v.Elem(), mask)
		}
	case reflect.Slice:
		for i := range v.Len() {
			maskTexts(v.Index(i), mask)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Field(i); f.CanSet() {
				maskTexts(f, mask)
			}
		}
	}
}
