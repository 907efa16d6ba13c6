package migration

import "testing"

// TestInert: only comments that would be read as pleat's lines change.
func TestInert(t *testing.T) {
	for text, want := range map[string]string{
		"SELECT 1 -- pleat: down":                    "SELECT 1 -- | pleat: down",
		"--pleat:x\nSELECT 1":                        "-- |pleat:x\nSELECT 1",
		"SELECT '-- pleat: down'":                    "SELECT '-- pleat: down'",
		"DO $$ -- pleat: step 1\n$$":                 "DO $$ -- pleat: step 1\n$$",
		"SELECT 1 /* -- pleat: down */":              "SELECT 1 /* -- pleat: down */",
		"SELECT 1 -- about pleat: the tool":          "SELECT 1 -- about pleat: the tool",
		`SELECT "-- pleat: a" -- pleat: b`:           `SELECT "-- pleat: a" -- | pleat: b`,
		"SELECT E'\\'-- pleat: a' --\tpleat: b\n, 2": "SELECT E'\\'-- pleat: a' -- |\tpleat: b\n, 2",
	} {
		got := Inert(text)
		if got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
		if Inert(got) != got {
			t.Errorf("%q changes a second time", got)
		}
		for _, c := range lineComments(got) {
			if _, ok := directiveBody(got[c.start:c.end]); ok {
				t.Errorf("%q still reads as a directive", got)
			}
		}
	}
}
