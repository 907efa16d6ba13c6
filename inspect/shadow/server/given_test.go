package server

import (
	"context"
	"net"
	"net/url"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// freePort is a TCP port that was free a moment ago.
func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

const listDatabases = "SELECT coalesce(string_agg(datname, ',' ORDER BY datname), '') FROM pg_database WHERE NOT datistemplate"

func TestGiven(t *testing.T) {
	host := mustStart(t, Options{Want: "local", Port: freePort(t)})
	exercise(t, host)
	ask(t, host.URL(""), "CREATE DATABASE first")
	ctx := context.Background()
	one := mustStart(t, Options{Want: host.URL("")})
	two := mustStart(t, Options{Want: host.URL(""), Major: host.Major()})
	if !one.Shared() || host.Shared() {
		t.Error("a given server is shared, one of our own is not")
	}
	exercise(t, one)
	for _, s := range []*Server{one, two} {
		for _, name := range []string{"live", strings.Repeat("a very long name ", 5)} {
			if err := s.CreateDatabase(ctx, name, ""); err != nil {
				t.Fatal(err)
			}
			if got := ask(t, s.URL(name), "SELECT current_database() LIKE 'pleat\\_shadow\\_%'"); got != "t" {
				t.Errorf("database %s lacks the prefix", name)
			}
		}
	}
	for _, s := range []*Server{one, two} {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
	if got := ask(t, host.URL(""), listDatabases); got != "first,postgres" {
		t.Errorf("left are %s", got)
	}
}

func TestGivenErrorsHoldNoPassword(t *testing.T) {
	host := mustStart(t, Options{Want: "local", Port: freePort(t)})
	u, err := url.Parse(host.URL(""))
	if err != nil {
		t.Fatal(err)
	}
	u.User = url.UserPassword("postgres", "hunter2")
	wrong := u.String()
	for _, want := range []string{wrong, "postgres://u:hunter2@[::1", "hunter2", "mysql://u:hunter2@h/d"} {
		s, err := Start(context.Background(), Options{Want: want})
		if err == nil {
			s.Close()
			t.Errorf("%s was taken", want)
			continue
		}
		if strings.Contains(err.Error(), "hunter2") {
			t.Errorf("the error repeats the password: %v", err)
		}
	}
	if strings.Contains(mustStart(t, Options{Want: host.URL("")}).Describe(), u.User.String()) {
		t.Error("the description repeats the password")
	}
}

func TestWrongMajorIsRefused(t *testing.T) {
	host := mustStart(t, Options{Want: "local"})
	s, err := Start(context.Background(), Options{Want: host.URL(""), Major: 99})
	if err == nil {
		s.Close()
		t.Fatal("a server of another major version was taken")
	}
	if !strings.Contains(err.Error(), "not the 99 that is needed") {
		t.Errorf("got %v", err)
	}
	if _, err := Start(context.Background(), Options{Want: host.URL(""), Port: 1}); err == nil || !strings.Contains(err.Error(), "only for binaries") {
		t.Errorf("a port on a given server: %v", err)
	}
}

func TestRun(t *testing.T) {
	mustStart(t, Options{Want: "local"})
	ctx, cancel := context.WithCancel(context.Background())
	reached := ""
	err := Run(ctx, Options{Want: "local", Port: freePort(t)}, func(s *Server) {
		reached = ask(t, s.URL(""), "SELECT 'reached'")
		cancel()
	})
	if err != nil || reached != "reached" {
		t.Errorf("got %q, %v", reached, err)
	}
	err = Run(context.Background(), Options{Want: "local"}, func(s *Server) {
		pid, err := strconv.Atoi(ask(t, s.URL(""), "SELECT split_part(pg_read_file('postmaster.pid'), E'\n', 1)"))
		if err != nil {
			t.Fatal(err)
		}
		process, err := os.FindProcess(pid)
		if err != nil {
			t.Fatal(err)
		}
		if err := process.Signal(syscall.SIGQUIT); err != nil {
			t.Fatal(err)
		}
	})
	if err == nil || !strings.Contains(err.Error(), "ended by itself") {
		t.Errorf("a server that dies: %v", err)
	}
}
