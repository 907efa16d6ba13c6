package sqltext

import "testing"

func TestRenameColumn(t *testing.T) {
	for _, c := range []struct{ expr, from, to, want string }{
		{"(qty > 0)", "qty", "qty__new", "(qty__new > 0)"},
		{"lower(\"Name\") || name", "Name", "a\"b", `lower("a""b") || name`},
		{"o.qty + o.other", "qty", "x", "o.x + o.other"},
		{"'qty' || qty /* qty */", "qty", "x", "'qty' || x /* qty */"},
		{"qty(1)", "qty", "x", "qty(1)"},
		{`"日本" IS NULL AND qty IS NULL`, "qty", "日", `"日本" IS NULL AND "日" IS NULL`},
	} {
		got, err := RenameColumn(c.expr, c.from, c.to)
		if err != nil || got != c.want {
			t.Errorf("RenameColumn(%q) = %q, %v; want %q", c.expr, got, err, c.want)
		}
	}
	if _, err := RenameColumn("o.* IS NULL", "qty", "x"); err == nil {
		t.Error("a whole row was renamed")
	}
	if _, err := RenameColumn("qty >", "qty", "x"); err == nil {
		t.Error("nonsense was renamed")
	}
}
