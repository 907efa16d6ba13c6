package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestRehearse(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pleat.hcl")
	text := `
rehearse {
  rows     = "sample:10"
  max_step = "1min"
}
env "prod" {
  rehearse {
    max_step = "5s"
    max_lock = "200ms"
  }
}
env "wrong" {
  rehearse {
    max_lock = "often"
  }
}
`
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	load := func() *Config {
		c, diags := Load(path, Options{Getenv: func(string) string { return "" }})
		if diags.HasErrors() {
			t.Fatal(diags)
		}
		return c
	}
	c := load()
	top, diags := c.Rehearse("")
	if diags.HasErrors() || top.Rows != "sample:10" || *top.MaxStep != time.Minute || top.MaxLock != nil {
		t.Errorf("the file says %+v, %v", top, diags)
	}
	prod, diags := c.Rehearse("prod")
	if diags.HasErrors() || prod.Rows != "sample:10" || *prod.MaxStep != 5*time.Second || *prod.MaxLock != 200*time.Millisecond {
		t.Errorf("prod says %+v, %v", prod, diags)
	}
	if _, diags := c.Rehearse("wrong"); !diags.HasErrors() {
		t.Error("\"often\" was taken as a time")
	}
	if err := os.WriteFile(path, []byte("rehearse {\n  row = 1\n}\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, diags := Load(path, Options{Getenv: func(string) string { return "" }}); !strings.Contains(diags.Error(), "row") {
		t.Errorf("an unknown word was taken: %v", diags)
	}
}
