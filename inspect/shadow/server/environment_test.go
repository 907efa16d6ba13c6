package server

import (
	"strings"
	"testing"
)

// TestEnvironmentHoldsNoSecret: what runs on the server can start programs, and they see its environment.
func TestEnvironmentHoldsNoSecret(t *testing.T) {
	for _, name := range []string{"PGPASSWORD", "PLEAT_URL", "PLEAT_VAR_password", "DATABASE_URL", "VAULT_TOKEN", "BAO_TOKEN"} {
		t.Setenv(name, "canary")
	}
	if text := strings.Join(withoutConnections(), "\n"); strings.Contains(text, "canary") {
		t.Error("what fetches a server sees how to reach a database")
	}
	t.Setenv("AWS_SECRET_ACCESS_KEY", "canary")
	t.Setenv("GITHUB_TOKEN", "canary")
	text := strings.Join(environment(), "\n")
	if strings.Contains(text, "canary") || !strings.Contains(text, "PATH=") {
		t.Errorf("the server sees %s", text)
	}
}
