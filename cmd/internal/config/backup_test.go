package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestBackup(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pleat.hcl")
	text := `backup {
  keep     = 3
  max_size = "2 GB"
  rows     = true
}
env "prod" {
  backup {
    restore_point  = true
    keep           = 7
    command        = ["snapshot", "--all"]
    verify_command = ["look"]
    timeout        = "5min"
    dir            = "kept"
    too_large      = "skip"
    when           = "always"
  }
}
env "dev" {
  backup {
    when = "never"
  }
}
env "bad" {
  backup {
    max_size       = "2"
    verify         = "restore"
    verify_command = ["x"]
    when           = "sometimes"
  }
}
`
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	c, diags := Load(path, Options{Getenv: func(string) string { return "" }})
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	for name, want := range map[string]Backup{
		"": {Said: true, Keep: 3, MaxSize: 2 << 30, Rows: true},
		"prod": {Said: true, RestorePoint: "true", Keep: 7, MaxSize: 2 << 30, Rows: true, Command: []string{"snapshot", "--all"}, Verify: []string{"look"},
			Timeout: 5 * time.Minute, Dir: filepath.Join(filepath.Dir(path), "kept"), TooLarge: "skip", When: Always},
		"dev": {Said: true, Keep: 3, MaxSize: 2 << 30, Rows: true, When: Never},
	} {
		got, diags := c.Backup(name)
		if diags.HasErrors() {
			t.Errorf("%s: %v", name, diags)
		}
		if diff := cmp.Diff(&want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	_, diags = c.Backup("bad")
	var details []string
	for _, d := range diags {
		details = append(details, d.Detail)
	}
	for _, want := range []string{"amount with its unit", "There is nothing to choose", `what "command" wrote`, `"when" must be one of`} {
		if !strings.Contains(strings.Join(details, "\n"), want) {
			t.Errorf("no diagnostic says %q: %v", want, details)
		}
	}
}
