package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/pleatdb/pleat/inspect/shadow/server"
)

// guarded is a server that listens on TCP and wants passwords there; pgtest's has a socket only and wants none.
type guarded struct {
	*server.Server
	port int
}

var guardedServer = sync.OnceValues(func() (*guarded, error) {
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	port := free.Addr().(*net.TCPAddr).Port
	_ = free.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	s, err := server.Start(ctx, server.Options{Port: port})
	return &guarded{s, port}, err
})

// stage is a database, a project and a home of one test, and where to look for what leaked.
type stage struct {
	t        *testing.T
	server   *guarded
	database string
	// in holds what is given and may hold secrets; project, home and tmp are what a run could leave something in.
	in, project, home, tmp string
	env                    []string
}

func newStage(t *testing.T) *stage {
	t.Helper()
	g, err := guardedServer()
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skipf("no PostgreSQL for the test: %v", err)
	}
	dir := t.TempDir()
	s := &stage{t: t, server: g, database: "stage_" + strings.ToLower(strings.NewReplacer("/", "_", " ", "_").Replace(t.Name()))}
	for _, place := range []struct {
		path *string
		name string
	}{{&s.in, "in"}, {&s.project, "project"}, {&s.home, "home"}, {&s.tmp, "tmp"}} {
		*place.path = filepath.Join(dir, place.name)
		if err := os.Mkdir(*place.path, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	s.env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + s.home, "TMPDIR=" + s.tmp, "XDG_CACHE_HOME=" + cacheDir(), "LC_ALL=C"}
	s.sql("postgres", fmt.Sprintf("CREATE DATABASE %q", s.database))
	s.write("project/migrations/20260101000000_first.sql", "-- pleat: up\nCREATE TABLE public.first (id bigint PRIMARY KEY);\n-- pleat: down\nDROP TABLE public.first;\n")
	s.write("project/schema/schema.hcl", "schema \"public\" {\n}\ntable \"first\" {\n  schema = schema.public\n  column \"id\" {\n    type = bigint\n    null = false\n  }\n  primary_key {\n    columns = [column.id]\n  }\n}\n")
	return s
}

// sql runs statements as the server's superuser.
func (s *stage) sql(database, text string) [][]string {
	s.t.Helper()
	rows, err := query(s.server.URL(database), text)
	if err != nil {
		s.t.Fatal(err)
	}
	return rows
}

func (s *stage) write(path, text string) string {
	s.t.Helper()
	path = filepath.Join(filepath.Dir(s.in), path)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		s.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		s.t.Fatal(err)
	}
	return path
}

// address is the database without a password; user may be empty.
func (s *stage) address(user *url.Userinfo, query string) string {
	u := url.URL{Scheme: "postgres", User: user, Host: fmt.Sprintf("127.0.0.1:%d", s.server.port), Path: "/" + s.database, RawQuery: query}
	return u.String()
}

// command is this program as a process of its own.
func (s *stage) command(args ...string) *exec.Cmd {
	s.t.Helper()
	self, err := os.Executable()
	if err != nil {
		s.t.Fatal(err)
	}
	cmd := &exec.Cmd{Path: self, Args: append([]string{"pleat"}, args...), Dir: s.project, Env: s.env}
	return cmd
}

// run runs pleat and gives all that it printed and its exit code.
func (s *stage) run(args ...string) (text string, code int) {
	s.t.Helper()
	cmd := s.command(args...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		s.t.Fatal(err)
	}
	return out.String(), cmd.ProcessState.ExitCode()
}

// leaves looks for a secret in all that runs could have left: files of the project (not the migrations, which are given), of home and
// of tmp, and the rows of pleat's tables.
func (s *stage) leaves(canaries ...string) {
	s.t.Helper()
	for _, dir := range []string{s.project, s.home, s.tmp} {
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || filepath.Base(filepath.Dir(path)) == "migrations" && strings.HasSuffix(path, ".sql") {
				return err
			}
			text, err := os.ReadFile(path)
			if err == nil {
				s.holds(path, string(text), canaries...)
			}
			return nil // sockets and the like
		})
		if err != nil {
			s.t.Error(err)
		}
	}
	for _, table := range s.sql(s.database, "SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'pleat'") {
		rows := s.sql(s.database, "SELECT string_agg(t::text, E'\\n') FROM pleat."+table[0]+" t")
		s.holds("pleat."+table[0], rows[0][0], canaries...)
	}
	if len(s.sql(s.database, "SELECT 1 FROM pg_tables WHERE schemaname = 'pleat' AND tablename = 'file'")) > 0 {
		rows := s.sql(s.database, "SELECT coalesce(string_agg(convert_from(content, 'UTF8'), E'\\n'), '') FROM pleat.file")
		s.holds("pleat.file.content", rows[0][0], canaries...)
	}
}

// holds fails where a text holds a secret, or its core, which all ways of escaping leave as it is.
func (s *stage) holds(what, text string, canaries ...string) {
	s.t.Helper()
	for _, canary := range canaries {
		for _, form := range []string{
			core(canary), base64.StdEncoding.EncodeToString([]byte(canary)), base64.RawURLEncoding.EncodeToString([]byte(canary)),
		} {
			if at := strings.Index(text, form); at >= 0 {
				s.t.Errorf("%s holds %q: …%s…", what, form, text[max(0, at-80):min(len(text), at+len(form)+80)])
			}
		}
	}
}

// core is the longest run of letters and digits.
func core(secret string) (longest string) {
	for _, run := range strings.FieldsFunc(secret, func(r rune) bool {
		return r != '_' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	}) {
		if len(run) > len(longest) {
			longest = run
		}
	}
	return longest
}

// superuser makes a role that logs in with a password.
func (s *stage) superuser(name, password string) {
	s.t.Helper()
	conn, err := pgx.Connect(context.Background(), s.server.URL("postgres"))
	if err != nil {
		s.t.Fatal(err)
	}
	defer conn.Close(context.Background())
	quoted := strings.ReplaceAll(password, "'", "''")
	_, err = conn.PgConn().Exec(context.Background(), fmt.Sprintf("CREATE ROLE %q SUPERUSER LOGIN PASSWORD '%s'", name, quoted)).ReadAll()
	if err != nil {
		s.t.Fatal(err)
	}
}
