package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/pleatdb/pleat/cmd/internal/credential/vaulttest"
	"github.com/pleatdb/pleat/inspect/shadow/server"
)

// listener keeps what is sent to it.
type listener struct {
	*httptest.Server
	mu   sync.Mutex
	sent []string
}

func listen() *listener {
	l := &listener{}
	l.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body) // what came before it broke off is looked at
		l.mu.Lock()
		defer l.mu.Unlock()
		l.sent = append(l.sent, string(body))
		// A server that repeats what it was sent: its answer must not be shown as it is.
		w.WriteHeader(http.StatusBadRequest)
		_, _ = fmt.Fprintf(w, "no: %s %s", r.URL, r.Header)
	}))
	return l
}

// TestCanariesBeside: what runs beside a run (hooks, webhooks, metrics, traces, logs, pg_dump) as a user of Vault, who is known to nobody
// before the run begins.
func TestCanariesBeside(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a server and many processes")
	}
	s := newStage(t)
	vault := vaulttest.Start()
	defer vault.Close()
	hears := listen()
	defer hears.Close()
	vault.Owner = "canary_beside"
	vault.Exec = func(text string) error { _, err := query(s.server.URL(s.database), text); return err }
	s.sql(s.database, fmt.Sprintf("CREATE ROLE canary_beside; GRANT CREATE ON DATABASE %q TO canary_beside; GRANT CREATE ON SCHEMA public TO canary_beside", s.database))
	const hmac, path, header = "CnryHmacQz7xxxx", "CnryWebhookPathQz7", "CnryHeaderQz7xxxx"
	s.env = append(s.env, "VAULT_ADDR="+vault.URL, "VAULT_TOKEN="+vault.Token, "VAULT_MAX_RETRIES=0",
		"WEBHOOK="+hears.URL+"/"+path+"?key="+path, "HMAC="+hmac, "COLLECTOR="+header)
	dump := fmt.Sprint(anyDump())
	flags := inProject(s, fmt.Sprintf(`
  url        = %q
  role       = "canary_beside"
  allow_exec = true
  credentials {
    vault { role = "app" }
  }
  backup {
    when          = "always"
    dump          = %s
    rows          = true
    restore_point = false
    command       = ["sh", "-c", "cat $PGPASSFILE; cat $PGPASSFILE >&2; env"]
  }
  hook "tells" {
    when        = "before_apply"
    command     = ["sh", "-c", "echo the password is $PGPASSWORD; echo $PGPASSWORD >&2; env"]
    credentials = true
  }
  notify "hook" {
    url      = env("WEBHOOK")
    secret   = env("HMAC")
    attempts = 1
  }
  metrics { file = "metrics.prom" }
  tracing {
    endpoint = %q
    headers  = { authorization = env("COLLECTOR") }
  }
  log { file = "events.json" }
`, s.address(nil, ""), dump, hears.URL))
	s.run("hash")
	given := func(what string, out string) {
		t.Helper()
		canaries := append(vault.Look().Secrets, hmac, path, header)
		s.holds(what, out, canaries...)
		s.leaves(canaries...)
		hears.mu.Lock()
		defer hears.mu.Unlock()
		s.holds("what was sent", strings.Join(hears.sent, "\n"), canaries...)
	}
	out, code := s.run(append(flags, "apply", "--log-format", "json")...)
	if code != 0 {
		t.Errorf("apply: %d %s", code, out)
	}
	given("apply", out)
	if len(hears.sent) == 0 {
		t.Error("nobody was told")
	}
	s.write("project/migrations/20260101000001_fails.sql", "SELECT no_such_column;\n")
	s.run("hash")
	out, code = s.run(append(flags, "apply")...)
	if code != 1 || !strings.Contains(out, "the password is ********") {
		t.Errorf("a failing apply: %d %s", code, out)
	}
	given("a failing apply", out)
	out, _ = s.run(append(flags, "backup", "list", "--json")...)
	given("backup list", out)
	if seen := vault.Look(); len(seen.Open) != 0 || len(seen.Troubles) != 0 {
		t.Errorf("leases %v, and PostgreSQL said %v", seen.Open, seen.Troubles)
	}
}

// anyDump reports whether PostgreSQL's own programs are here, beside servers.
func anyDump() bool {
	for _, dir := range server.BinDirs() {
		if _, err := os.Stat(filepath.Join(dir, "pg_dump")); err == nil {
			return true
		}
	}
	return false
}
