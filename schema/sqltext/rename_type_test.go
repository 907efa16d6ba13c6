package sqltext

import (
	"testing"

	"github.com/pleatdb/pleat/schema"
)

func TestRenameType(t *testing.T) {
	mood, odd := schema.Name{Schema: "public", Name: "mood"}, schema.Name{Schema: "pleat_trash_20260101", Name: "a\"b"}
	for _, c := range []struct{ expr, want string }{
		{"m = 'ok'::public.mood", `m = 'ok'::pleat_trash_20260101."a""b"`},
		{"m = ANY (ARRAY['ok'::public.mood, 'sad'::public.mood])", `m = ANY (ARRAY['ok'::pleat_trash_20260101."a""b", 'sad'::pleat_trash_20260101."a""b"])`},
		{"a = '{ok}'::public.mood[]", `a = '{ok}'::pleat_trash_20260101."a""b"[]`},
		{"m = 'public.mood'::other.mood", "m = 'public.mood'::other.mood"},
		{"m = 'ok'::mood", "m = 'ok'::mood"},
		{"'é' = m::text AND CAST(m AS public.mood) IS NULL", `'é' = m::text AND CAST(m AS pleat_trash_20260101."a""b") IS NULL`},
	} {
		got, err := RenameType(c.expr, mood, odd)
		if err != nil || got != c.want {
			t.Errorf("RenameType(%q) = %q, %v; want %q", c.expr, got, err, c.want)
		}
	}
	if _, err := RenameType("m = ", mood, odd); err == nil {
		t.Error("nonsense was renamed")
	}
}
