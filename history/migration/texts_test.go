package migration

import (
	"os"
	"path/filepath"
	"testing"
)

func TestTextsAreWhatWriteMakes(t *testing.T) {
	t.Parallel()
	a := &Migration{Version: "20200101000000", Name: "first", Steps: []Step{{Number: 1, Statements: []Statement{{SQL: "SELECT 1"}}}}}
	b := &Migration{Version: "20300101000000", Name: "later", Steps: []Step{{Number: 1, Statements: []Statement{{SQL: "SELECT 2"}}}}}
	texts, err := Texts(b, a)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if _, err := Write(dir, a, b); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != len(texts) {
		t.Fatalf("%d files written, %d texts (%v)", len(entries), len(texts), err)
	}
	for _, e := range entries {
		text, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil || string(text) != string(texts[e.Name()]) {
			t.Errorf("%s differs (%v)", e.Name(), err)
		}
	}
	if _, err := Texts(a, a); err == nil {
		t.Error("two of one version were taken")
	}
}
