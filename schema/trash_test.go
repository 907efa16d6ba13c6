package schema

import (
	"strings"
	"testing"
)

func TestTrashed(t *testing.T) {
	in := func(name string) ID { return ID{Kind: KindTable, Schema: name, Name: "t"} }
	column := func(name string) ID { return ID{Kind: KindColumn, Schema: "public", Parent: "t", Name: name} }
	long := strings.Repeat("x", 63)
	for _, tc := range []struct {
		id   ID
		want bool
	}{
		{in(TrashSchema("20260102", 1)), true},
		{in(TrashSchema("20260102", 2)), true},
		{in("pleat_trash_20260102_12"), true},
		{ID{Kind: KindSchema, Name: "pleat_trash_20260102_2"}, true},
		{ID{Kind: KindIndex, Schema: "pleat_trash_20260102_2", Parent: "t", Name: "i"}, true},
		{in("pleat_trash_20260102_1"), false},
		{in("pleat_trash_20260102_02"), false},
		{in("pleat_trash_20260102_x"), false},
		{in("pleat_trash_20260102_"), false},
		{in("pleat_trash_2026010_2"), false},
		{in("pleat_trash_"), false},
		{column(TrashColumn("20260102", "c", 1)), true},
		{column(TrashColumn("20260102", "c", 2)), true},
		{column(TrashColumn("20260102", long, 2)), true},
		{column("_drop_20260102"), false},
		{column("_drop_c"), false},
		{ID{Kind: KindTrigger, Schema: "public", Parent: "t", Name: TrashRoutine("20260102", "t_c", 3)}, true},
		{ID{Kind: KindFunction, Schema: "public", Name: TrashRoutine("20260102", long, 1)}, true},
		{ID{Kind: KindView, Schema: "public", Name: "_drop_20260102_v"}, false},
	} {
		date, ok := Trashed(tc.id)
		if ok != tc.want || ok && date != "20260102" {
			t.Errorf("%s: %q, %t", tc.id, date, ok)
		}
	}
	if a, b := TrashColumn("20260102", long, 1), TrashColumn("20260102", long, 2); a == b || len(a) > 63 || len(b) > 63 {
		t.Errorf("%s and %s", a, b)
	}
	if got := TrashColumn("20260102", "c", 2); got != "_drop_20260102_c_2" {
		t.Error(got)
	}
}
