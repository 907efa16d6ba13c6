package schema

import (
	"testing"
)

func TestIDStringRoundTrip(t *testing.T) {
	users := ID{Kind: KindTable, Schema: "public", Name: "users"}
	hostile := "a\"b\n$1 \\ */ é\x1b"
	cases := map[string]ID{
		"schema app":                        {Kind: KindSchema, Name: "app"},
		"table public.users":                users,
		"column public.users.email":         ColumnID(users, "email"),
		"comment on column public.users.id": CommentID(ColumnID(users, "id")),
		"function public.f(integer, text)":  {Kind: KindFunction, Schema: "public", Name: "f", Args: "integer, text"},
		"procedure public.p()":              {Kind: KindProcedure, Schema: "public", Name: "p"},
		`function public.f("a)b".t)`:        {Kind: KindFunction, Schema: "public", Name: "f", Args: `"a)b".t`},
		"grant on function public.f(numeric(10,2))": GrantID(
			ID{Kind: KindFunction, Schema: "public", Name: "f", Args: "numeric(10,2)"}),
		`unmanaged "text search parser" public.p`: {Kind: KindUnmanaged, Schema: "public", Name: "p", Args: "text search parser"},
		`table public."a""b\x0a$1 \\ */ é\x1b"`:   {Kind: KindTable, Schema: "public", Name: hostile},
	}
	for want, id := range cases {
		if got := id.String(); got != want {
			t.Errorf("String() = %q, want %q", got, want)
		}
		back, err := ParseID(want)
		if err != nil || back != id {
			t.Errorf("ParseID(%q) = %#v, %v; want %#v", want, back, err, id)
		}
	}
}

func TestParseIDRefuses(t *testing.T) {
	for _, text := range []string{"", "table", "table users", "tables public.x", `table public."x`, "table public.a.b", "function public.f", "table public.x y", `table public."\q"`} {
		if id, err := ParseID(text); err == nil {
			t.Errorf("ParseID(%q) = %v, want an error", text, id)
		}
	}
}

func FuzzIDRoundTrip(f *testing.F) {
	f.Add("public", "users", "email")
	f.Add("a.b", `a"b`, "\x00\n")
	f.Fuzz(func(t *testing.T, namespace, parent, name string) {
		if namespace == "" || parent == "" || name == "" {
			t.Skip("empty names do not exist")
		}
		id := ID{Kind: KindIndex, Schema: namespace, Parent: parent, Name: name}
		back, err := ParseID(id.String())
		if err != nil || back != id {
			t.Fatalf("%q: %v, %v", id.String(), back, err)
		}
	})
}

func TestAttachmentTarget(t *testing.T) {
	f := ID{Kind: KindFunction, Schema: "public", Name: "f", Args: "numeric(10,2), text"}
	if got := CommentID(f).Target(); got != f {
		t.Errorf("target %v, want %v", got, f)
	}
	p := ID{Kind: KindProcedure, Schema: "public", Name: "p"}
	if got := OwnerID(p).Target(); got != p {
		t.Errorf("target %v, want %v", got, p)
	}
}
