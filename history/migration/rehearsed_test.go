package migration

import (
	"strings"
	"testing"
)

func TestWithRehearsed(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"20260101000000_a.sql", "ALTER TABLE a ADD b int;\n", "-- pleat: rehearsed today\nALTER TABLE a ADD b int;\n"},
		{"20260101000000_a.sql", "-- by hand\n-- pleat: rehearsed before\n\nSELECT 1;\n", "-- by hand\n-- pleat: rehearsed today\n\nSELECT 1;\n"},
		{
			"20260101000000_a.sql", "-- by hand\n-- pleat: destructive all of it\nSELECT 1;\n-- pleat: down\nSELECT 2;\n",
			"-- pleat: rehearsed today\n-- by hand\n-- pleat: destructive all of it\nSELECT 1;\n-- pleat: down\nSELECT 2;\n",
		},
		{
			"20260101000000_a.expand.sql", "-- pleat: migration 20260101000000 a\n-- pleat: phase expand\n-- pleat: proven up and down\n\n-- pleat: up\n\n-- pleat: step 1 x\nSELECT 1;\n",
			"-- pleat: migration 20260101000000 a\n-- pleat: phase expand\n-- pleat: proven up and down\n-- pleat: rehearsed today\n\n-- pleat: up\n\n-- pleat: step 1 x\nSELECT 1;\n",
		},
	} {
		got, err := WithRehearsed(c.name, []byte(c.text), "today")
		if err != nil || string(got) != c.want {
			t.Errorf("got %v\n%s\nwant\n%s", err, got, c.want)
			continue
		}
		m, err := Parse(c.name, got)
		if err != nil || m.Rehearsed != "today" {
			t.Errorf("read back as %v, %v", m, err)
		}
	}
	if _, err := WithRehearsed("20260101000000_a.sql", []byte("-- pleat: nonsense\n"), "today"); err == nil {
		t.Error("a file that does not parse was written")
	}
	m := &Migration{Version: "20260101000000", Name: "a", Generated: true, Rehearsed: "on\na copy", Steps: []Step{{Number: 1, Statements: []Statement{{SQL: "SELECT 1"}}}}}
	if err := readsBack(m, Format(m)); err != nil {
		t.Error(err)
	}
	if !strings.Contains(string(Format(m)), "-- pleat: rehearsed on") {
		t.Error("it is not written")
	}
}
