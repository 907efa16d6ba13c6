package connect

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParse(t *testing.T) {
	type want struct {
		hosts, database, user, password string
		notes                           int
	}
	env := environment("PGHOST", "envhost", "PGPORT", "6000", "PGUSER", "envuser")
	tests := map[string]struct {
		input string
		want  want
	}{
		"all":             {"postgres://u:p@h:5433/d", want{"h:5433", "d", "u", "p", 0}},
		"other scheme":    {"postgresql://u@h/d", want{"h:6000", "d", "u", "", 0}},
		"environment":     {"", want{"envhost:6000", "envuser", "envuser", "", 0}},
		"gaps are filled": {"postgres:///d", want{"envhost:6000", "d", "envuser", "", 0}},
		"SQLAlchemy":      {"postgresql+asyncpg://u@h:1/d", want{"h:1", "d", "u", "", 1}},
		"encoded":         {"postgres://a%40b:p%40%2F%25%23@h:1/d%20d", want{"h:1", "d d", "a@b", "p@/%#", 0}},
		"plus stays":      {"postgres://u:a+b@h:1/d", want{"h:1", "d", "u", "a+b", 0}},
		"raw # and ?":     {"postgres://u:a#b?c@h:1/d", want{"h:1", "d", "u", "a#b?c", 0}},
		"Azure user":      {"postgres://h:1/d?user=me@server", want{"h:1", "d", "me@server", "", 0}},
		"IPv6":            {"postgres://u@[::1]:5/d", want{"[::1]:5", "d", "u", "", 0}},
		"many":            {"postgres://u@a:1,b,[::2]:3/d", want{"a:1, b:5432, [::2]:3", "d", "u", "", 0}},
		"many, one port":  {"host=a,b port=7", want{"a:7, b:7", "envuser", "envuser", "", 0}},
		"socket":          {"postgres://u@%2Frun%2Fpg:7/d", want{"/run/pg (socket 7)", "d", "u", "", 0}},
		"socket by host":  {"postgres:///d?host=/run/pg", want{"/run/pg (socket 6000)", "d", "envuser", "", 0}},
		"Prisma":          {"postgres://u@h:1/d?schema=public&pgbouncer=true&connection_limit=1", want{"h:1", "d", "u", "", 3}},
		"Neon":            {"postgres://u@h:1/d?options=endpoint%3Dep-1", want{"h:1", "d", "u", "", 1}},
		"key=value":       {`host = h port=1 dbname='d d' user=u password='it\'s \\'`, want{"h:1", "d d", "u", `it's \`, 0}},
		"last one wins":   {"host=a host=b port=1 dbname=d user=u", want{"b:1", "d", "u", "", 0}},
		"escaped":         {`host=h port=1 user=u dbname=a\ b`, want{"h:1", "a b", "u", "", 0}},
		"ssl=true":        {"postgres://u@h:1/d?ssl=true", want{"h:1", "d", "u", "", 0}},
		"equals in value": {"postgres://u@h:1/d?options=-cwork_mem=8MB", want{"h:1", "d", "u", "", 0}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			target, err := Parse(tt.input, env)
			if err != nil {
				t.Fatal(err)
			}
			var hosts []string
			for _, e := range target.endpoints {
				hosts = append(hosts, e.String())
			}
			got := want{strings.Join(hosts, ", "), target.Database(), target.User(), target.Password().Reveal(), len(target.Notes)}
			if diff := cmp.Diff(tt.want, got, cmp.AllowUnexported(want{})); diff != "" {
				t.Errorf("%s\nnotes %q", diff, target.Notes)
			}
		})
	}
}

func TestResolve(t *testing.T) {
	env := environment("PLEAT_URL", "postgres://u@pleat/d", "DATABASE_URL", "postgres://u@database/d", "PGHOST", "libpq")
	tests := []struct {
		flag, config string
		env          Lookup
		host, source string
	}{
		{"postgres://u@flag/d", "postgres://u@config/d", env, "flag", "--url"},
		{"", "postgres://u@config/d", env, "config", "url in pleat.hcl"},
		{"", "", env, "pleat", "PLEAT_URL"},
		{"", "", environment("DATABASE_URL", "postgres://u@database/d"), "database", "DATABASE_URL"},
		{"", "", environment("PGHOST", "libpq"), "libpq", "libpq's environment"},
	}
	for _, tt := range tests {
		target, err := Resolve(tt.flag, tt.config, tt.env)
		if err != nil {
			t.Fatal(err)
		}
		if target.Host() != tt.host || target.Source != tt.source {
			t.Errorf("got %s from %s, want %s from %s", target.Host(), target.Source, tt.host, tt.source)
		}
	}
	if _, err := Resolve("", "", environment("DATABASE_URL", "mysql://u@h/d")); err == nil || !strings.HasPrefix(err.Error(), "read DATABASE_URL: ") {
		t.Errorf("the source is not named: %v", err)
	}
}

func TestService(t *testing.T) {
	dir := t.TempDir()
	own := writeFile(t, filepath.Join(dir, ".pg_service.conf"), "# comment\n[one]\nhost=one\n port = 1 \n\n[two]\nhost=two\n", 0o600)
	system := t.TempDir()
	writeFile(t, filepath.Join(system, "pg_service.conf"), "[three]\nhost=three\n", 0o600)
	broken := writeFile(t, filepath.Join(dir, "broken"), "[one]\nhost=one\n"+canary+"\n", 0o600)
	tests := []struct {
		input string
		env   Lookup
		want  string // the host, or a part of the error
	}{
		{"", environment("HOME", dir, "PGSERVICE", "one", "PGHOST", "env"), "one"},
		{"service=two", environment("HOME", dir, "PGSERVICE", "one"), "two"},
		{"service=two host=mine", environment("HOME", dir), "mine"},
		{"postgres://?service=one", environment("PGSERVICEFILE", own), "one"},
		{"service=three", environment("HOME", dir, "PGSYSCONFDIR", system), "three"},
		{"service=three", environment("PGSYSCONFDIR", system), "three"},
		{"service=one servicefile=" + own, environment(), "one"},
		{"service=four", environment("HOME", dir, "PGSYSCONFDIR", system), `service "four" is not defined`},
		{"service=one", environment("PGSERVICEFILE", "/nowhere"), "read service file /nowhere: no such file"},
		{"service=one", environment("PGSERVICEFILE", broken), "line 3: there is no = in it"},
	}
	for _, tt := range tests {
		target, err := Parse(tt.input, tt.env)
		switch {
		case err != nil && (!strings.Contains(err.Error(), tt.want) || leaks(err.Error())):
			t.Errorf("%s: want %q, got %v", tt.input, tt.want, err)
		case err == nil && target.Host() != tt.want:
			t.Errorf("%s: got host %s, want %s", tt.input, target.Host(), tt.want)
		}
	}
}

func TestPasswordFile(t *testing.T) {
	dir := t.TempDir()
	text := "# h:*:*:u:comment\nbad line\nh:5433:d:u:exact\nh:*:*:u:a\\:b\\\\c\n/run/pg:*:*:*:socket\nlocalhost:*:*:*:local\nb:*:*:*:other\n"
	path := writeFile(t, filepath.Join(dir, ".pgpass"), text, 0o600)
	open := writeFile(t, filepath.Join(dir, "open"), text, 0o644)
	tests := []struct{ input, want string }{
		{"host=h port=5433 dbname=d user=u", "exact"},
		{"host=h dbname=x user=u", `a:b\c`},
		{"host=/run/pg user=u", "socket"},
		{"host=/elsewhere user=u", "local"},
		{"host=h user=other", ""},
		{"host=h user=u password=given", "given"},
	}
	for _, tt := range tests {
		target, err := Parse(tt.input+" passfile="+path, environment())
		if err != nil {
			t.Fatal(err)
		}
		if got := target.Password().Reveal(); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.input, got, tt.want)
		}
	}
	if target, err := Parse("host=h user=u", environment("HOME", dir)); err != nil || target.Password().Empty() {
		t.Errorf("~/.pgpass was not read: %v", err)
	}
	target, err := Parse("host=h user=u", environment("PGPASSFILE", open))
	if err != nil || !target.Password().Empty() || len(target.Notes) != 1 || !strings.Contains(target.Notes[0], "chmod 600") {
		t.Errorf("a file that others can read: %v %v", target, err)
	}
	if _, err := Parse("host=h,b user=u passfile="+path, environment()); err == nil || !strings.Contains(err.Error(), "different passwords") {
		t.Errorf("different passwords for the hosts of a list: %v", err)
	}
}

// TestProcessEnvironment: the driver reads the process's environment by itself; what we were told must win.
func TestProcessEnvironment(t *testing.T) {
	s := tcpServer(t)
	dir := t.TempDir()
	service := writeFile(t, filepath.Join(dir, "s.conf"), "[app]\nhost=127.0.0.1\nuser=canary\ndbname=postgres\nconnection_limit=1\ngssencmode=disable\n", 0o600)
	for name, value := range map[string]string{
		"PGSERVICE": "app", "PGSERVICEFILE": service, "PGPASSWORD": canary, "PGPORT": fmt.Sprint(s.port), "PGOPTIONS": "-c work_mem=7MB",
		"PGGSSENCMODE": "prefer", "PGCLIENTENCODING": "UTF8", "PGAPPNAME": "ours", "PGCONNECT_TIMEOUT": "-1", "PGSSLMODE": "prefer",
	} {
		t.Setenv(name, value)
	}
	target, err := Resolve("", "", os.Getenv)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := target.Connect(context.Background(), "status")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	if got := setting(t, conn, "work_mem"); got != "7MB" {
		t.Errorf("work_mem is %s", got)
	}
	if got := setting(t, conn, "application_name"); !strings.HasSuffix(got, " status ours") {
		t.Errorf("application_name is %s", got)
	}
	for name, value := range map[string]string{"PGSSLCERT": "/nowhere", "PGHOST": "nowhere", "PGOPTIONS": "-c no_such=1", "PGUSER": "x", "PGSSLMODE": "bogus"} {
		t.Setenv(name, value)
	}
	t.Setenv("PGSERVICE", "")
	other, err := Parse(s.canaryURL(""), environment())
	if err != nil {
		t.Fatal(err)
	}
	connects(t, "another environment", other)
}
