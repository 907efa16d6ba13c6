package inspect

import (
	"io/fs"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestUnwrap(t *testing.T) {
	cases := map[string]string{
		"(a > 0)":                       "a > 0",
		"(((a + b)))":                   "a + b",
		"(a) + (b)":                     "(a) + (b)",
		"((a) + (b))":                   "(a) + (b)",
		"(a = ')')":                     "a = ')'",
		`("x)" > 0) AND ("(y" > 0)`:     `("x)" > 0) AND ("(y" > 0)`,
		"( SELECT true)":                "( SELECT true)",
		"(( SELECT true))":              "( SELECT true)",
		"( VALUES (1))":                 "( VALUES (1))",
		"((SELECT 1) UNION (SELECT 2))": "((SELECT 1) UNION (SELECT 2))",
		"((SELECT 1) > 2)":              "(SELECT 1) > 2",
		"(E'\\\\' || ')')":              "E'\\\\' || ')'",
		"(SELECTED > 1)":                "SELECTED > 1",
		"f(a)":                          "f(a)",
		"":                              "",
	}
	for text, want := range cases {
		if got := unwrap(text); got != want {
			t.Errorf("unwrap(%s) = %s, want %s", text, got, want)
		}
	}
}

func TestSplitList(t *testing.T) {
	got := splitList(`a, f(b, c), ',', "x,y", ARRAY[1, 2]`)
	if diff := cmp.Diff([]string{"a", "f(b, c)", "','", `"x,y"`, "ARRAY[1, 2]"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestDecorations(t *testing.T) {
	list := `a COLLATE "x, y" text_pattern_ops DESC, lower(b) DESC NULLS LAST, ((c + 1)) app."Ops"(siglen='1,2'), "D" COLLATE app."C", COALESCE(e, 'f') NULLS FIRST`
	got, err := decorations(list, []string{"a", "lower(b)", "(c + 1)", `"D"`, "COALESCE(e, 'f')"})
	if err != nil {
		t.Fatal(err)
	}
	want := []decoration{{true, true}, {}, {false, true}, {true, false}, {}}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if _, err := decorations("a, b", []string{"a"}); err == nil {
		t.Error("one element too many was taken")
	}
	if _, err := decorations("a", []string{"b"}); err == nil {
		t.Error("another element was taken")
	}
}

func TestParseArray(t *testing.T) {
	cases := map[string][]string{
		"{}":                         nil,
		"{a,b}":                      {"a", "b"},
		`{"a,b","c\"d","e\\f","{}"}`: {"a,b", `c"d`, `e\f`, "{}"},
		`{NULL,"NULL",""}`:           {"", "NULL", ""},
		"[0:1]={1,2}":                {"1", "2"},
	}
	for text, want := range cases {
		got, err := parseArray(text)
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %q, %v, want %q", text, got, err, want)
		}
	}
	if _, err := parseArray("a,b"); err == nil {
		t.Error("text without braces was taken")
	}
}

func TestForVersion(t *testing.T) {
	const sql = "SELECT /*since 14*/ a.b /*else ''*/ AS x, /*since 18*/ c /*else true*/"
	for version, want := range map[int]string{
		130023: "SELECT '' AS x, true",
		140000: "SELECT  a.b  AS x, true",
		180004: "SELECT  a.b  AS x,  c ",
	} {
		if got, err := forVersion(sql, version); err != nil || got != want {
			t.Errorf("%d: %q, %v, want %q", version, got, err, want)
		}
	}
	if _, err := forVersion("/*since 14*/ a", 150000); err == nil {
		t.Error("a mark without its other half was taken")
	}
	files, err := queryFiles.ReadDir("queries")
	if err != nil {
		t.Fatal(err)
	}
	files = slices.DeleteFunc(files, func(f fs.DirEntry) bool {
		return strings.HasPrefix(f.Name(), "trash") || f.Name() == "size.sql" // which are asked for by themselves
	})
	if len(files) > 30 {
		t.Errorf("an inspection runs %d queries", len(files))
	}
}

func TestMatchGlob(t *testing.T) {
	for _, c := range []struct {
		glob, name string
		want       bool
	}{
		{"*", "", true}, {"a*", "abc", true}, {"*c", "abc", true}, {"a*c*e", "abcde", true}, {"a?c", "aéc", true},
		{"a?c", "ac", false}, {"abc", "abcd", false}, {"*b", "abc", false}, {"", "a", false}, {"**", "x", true},
	} {
		if got := matchGlob(c.glob, c.name); got != c.want {
			t.Errorf("matchGlob(%q, %q) = %v", c.glob, c.name, got)
		}
	}
}
