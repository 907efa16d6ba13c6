package connect

import (
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestEveryKey connects with every key of libpq, of servers and of frameworks: it works, is noted, or is refused by
// name before anything is sent. No key may reach the server as a setting that it does not know.
func TestEveryKey(t *testing.T) {
	s := tcpServer(t)
	values := map[string]string{
		"host": "127.0.0.1", "hostaddr": "127.0.0.1", "port": fmt.Sprint(s.port), "dbname": "postgres", "user": "canary",
		"password": encodedCanary, "passfile": "/nonexistent", "application_name": "x", "fallback_application_name": "x",
		"keepalives": "1", "keepalives_idle": "30", "keepalives_interval": "5", "keepalives_count": "3", "tcp_user_timeout": "9000",
		"load_balance_hosts": "random", "ssl_min_protocol_version": "TLSv1.2", "ssl_max_protocol_version": "TLSv1.3",
		"requiressl": "0", "options": "-c%20work_mem=8MB", "connect_timeout": "10", "sslmode": "prefer", "sslcertmode": "allow",
		"sslsni": "0", "target_session_attrs": "primary", "min_protocol_version": "3.0", "max_protocol_version": "3.0",
		"channel_binding": "prefer", "require_auth": "scram-sha-256", "krbsrvname": "postgres", "sslnegotiation": "postgres",
		"sslpassword": "unused", "servicefile": "/nonexistent", "krbspn": "x", "sslkey": "", "sslcert": "", "sslrootcert": "",
		"timezone": "UTC", "TimeZone": "UTC", "statement_timeout": "5s", "lock_timeout": "5s", "default_transaction_read_only": "off",
		"idle_in_transaction_session_timeout": "5s", "idle_session_timeout": "5s",
	}
	for _, table := range []map[string]rule{libpqKeys, serverKeys, foreignKeys, {"x-migrations-table": {class: foreign}}} {
		for _, key := range slices.Sorted(maps.Keys(table)) {
			if key == "service" {
				continue // TestService
			}
			r := table[key]
			value, ok := values[key]
			if !ok {
				value = "1"
			}
			target, err := Parse(s.canaryURL(key+"="+value), environment())
			if r.class == refused {
				if err == nil || !strings.Contains(err.Error(), key+" in the connection string is not supported: ") {
					t.Errorf("%s: want a refusal by name, got %v", key, err)
				}
				checkHarmless(t, s, key, r)
				continue
			}
			if err != nil {
				t.Errorf("%s: %v", key, err)
				continue
			}
			if noted := strings.Contains(strings.Join(target.Notes, "\n"), key+" in the connection string is ignored: "); noted != (r.class == foreign) {
				t.Errorf("%s: notes %q", key, target.Notes)
			}
			connects(t, key, target)
		}
	}
}

func checkHarmless(t *testing.T, s *passwordServer, key string, r rule) {
	t.Helper()
	for _, value := range r.harmless {
		target, err := Parse(s.canaryURL(key+"="+value), environment())
		if err != nil {
			t.Errorf("%s=%s: %v", key, value, err)
			continue
		}
		connects(t, key+"="+value, target)
	}
}

func connects(t *testing.T, what string, target *Target) {
	t.Helper()
	conn, err := target.Connect(context.Background(), "test")
	if err != nil {
		t.Errorf("%s: %v", what, err)
		return
	}
	_ = conn.Close(context.Background())
}

func TestRefusedWhereverItIsWritten(t *testing.T) {
	service := writeFile(t, filepath.Join(t.TempDir(), "s.conf"), "[a]\nsslcrl=/x\n[b]\ngssencmode=prefer\nhost=h\n[c]\nsslmod=require\n", 0o600)
	tests := []struct {
		name, input string
		env         Lookup
		want        string // in the error; empty: none
	}{
		{"environment", "", environment("PGSSLCRL", "/x"), "sslcrl in PGSSLCRL is not supported"},
		{"overridden", "gssencmode=disable", environment("PGGSSENCMODE", "require"), ""},
		{"service", "", environment("PGSERVICE", "a", "PGSERVICEFILE", service), "sslcrl in service a of " + service},
		{"harmless in a service", "", environment("PGSERVICE", "b", "PGSERVICEFILE", service), ""},
		{"typing error in a service", "", environment("PGSERVICE", "c", "PGSERVICEFILE", service), `Did you mean "sslmode"?`},
		{"typing error", "host=h sslmdoe=require", environment(), `unknown key "sslmdoe" in the connection string. Did you mean "sslmode"?`},
		{"server setting", "postgres://h/d?work_mem=1GB", environment(), "options='-c"},
		{"switch", "host=h options='-B 100'", environment(), "only -c name=value"},
		{"encoding", "", environment("PGCLIENTENCODING", "LATIN1"), "client_encoding in PGCLIENTENCODING"},
		{"peer", "", environment("PGREQUIREPEER", "postgres"), "requirepeer in PGREQUIREPEER"},
		{"MySQL", "mysql://u@h/d", environment(), "scheme is mysql"},
		{"JDBC", "jdbc:postgresql://h/d", environment(), "leave out jdbc:"},
		{"bad port", "host=h port=99999", environment(), "from 1 to 65535"},
		{"bad number", "host=h keepalives_idle=x", environment(), "keepalives_idle must be a whole number"},
		{"bad sslmode", "host=h sslmode=no-verify", environment(), "sslmode is invalid"},
		{"bad balance", "host=h load_balance_hosts=x", environment(), "disable or random"},
		{"bad TLS", "host=h ssl_min_protocol_version=3", environment(), "must be TLSv1"},
		{"lists", "host=a,b,c port=1,2", environment(), "2 ports and 3 hosts"},
		{"addresses", "host=a,b hostaddr=127.0.0.1", environment(), "2 hosts and 1 hostaddr"},
		{"hostaddr", "hostaddr=example.org", environment(), "must be an IP address"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Parse(tt.input, tt.env)
			if tt.want == "" {
				if err != nil {
					t.Error(err)
				}
			} else if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("want %q, got %v", tt.want, err)
			}
		})
	}
}
