package schema

import "testing"

func TestQuote(t *testing.T) {
	cases := map[string]string{"users": "users", "Users": `"Users"`, "select": `"select"`, `a"b`: `"a""b"`, "1a": `"1a"`, "": `""`, "é": `"é"`, "a$": `"a$"`, "between": `"between"`}
	for name, want := range cases {
		if got := Quote(name); got != want {
			t.Errorf("Quote(%q) = %s, want %s", name, got, want)
		}
	}
}

func TestLiteral(t *testing.T) {
	cases := map[string]string{"it's": "'it''s'", `a\b`: `E'a\\b'`, "": "''", "$1": "'$1'"}
	for s, want := range cases {
		if got := Literal(s); got != want {
			t.Errorf("Literal(%q) = %s, want %s", s, got, want)
		}
	}
}

func TestDollarQuote(t *testing.T) {
	cases := map[string]string{"x": "$$x$$", "a $$ b": "$pleat$a $$ b$pleat$", "ends with $": "$pleat$ends with $$pleat$"}
	for body, want := range cases {
		if got := DollarQuote(body); got != want {
			t.Errorf("DollarQuote(%q) = %s, want %s", body, got, want)
		}
	}
}
