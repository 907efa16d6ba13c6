package server

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// mustStart starts a server that is closed when the test ends; without binaries on this machine the test is skipped.
func mustStart(t *testing.T, o Options) *Server {
	t.Helper()
	if o.Want == "" || o.Want == "local" {
		if len(Installed(context.Background())) == 0 {
			t.Skip("no server binaries on this machine")
		}
	}
	s, err := Start(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// ask returns one text from the database at url, and fails on any notice that is a warning.
func ask(t *testing.T, url, sql string) string {
	t.Helper()
	ctx := context.Background()
	config, err := pgx.ParseConfig(url)
	if err != nil {
		t.Fatal(err)
	}
	config.OnNotice = func(_ *pgconn.PgConn, notice *pgconn.Notice) {
		if notice.Severity == "WARNING" {
			t.Errorf("%s: warning: %s", sql, notice.Message)
		}
	}
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	results, err := conn.PgConn().Exec(ctx, sql).ReadAll()
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	last := results[len(results)-1]
	if len(last.Rows) == 0 {
		return ""
	}
	return string(last.Rows[0][0])
}

// exercise makes sure of all that a throw-away server promises, whatever its provider.
func exercise(t *testing.T, s *Server) {
	t.Helper()
	ctx := context.Background()
	if got := ask(t, s.URL(""), "SHOW server_version"); !strings.HasPrefix(got, s.Version()) {
		t.Errorf("the server says version %q, Version says %q", got, s.Version())
	}
	if !strings.HasPrefix(s.Version(), fmt.Sprint(s.Major())) || !strings.Contains(s.Describe(), s.Version()) {
		t.Errorf("version %q, major %d, description %q", s.Version(), s.Major(), s.Describe())
	}
	if err := s.CreateDatabase(ctx, "first", ""); err != nil {
		t.Fatal(err)
	}
	ask(t, s.URL("first"), `CREATE TABLE t (x text COLLATE "C"); CREATE PUBLICATION p FOR TABLE t; INSERT INTO t VALUES ('kept')`)
	if err := s.CreateDatabase(ctx, "second", "first"); err != nil {
		t.Fatal(err)
	}
	if got := ask(t, s.URL("second"), "SELECT x FROM t"); got != "kept" {
		t.Errorf("the copy holds %q", got)
	}
	if got := ask(t, s.URL("first"), "SELECT pg_encoding_to_char(encoding) || ' ' || datcollate FROM pg_database WHERE datname = current_database()"); got != "UTF8 C" {
		t.Errorf("a new database has %s", got)
	}
	for _, name := range []string{"second", "first"} {
		if err := s.DropDatabase(ctx, name); err != nil {
			t.Error(err)
		}
	}
	if err := s.DropDatabase(ctx, "postgres"); err == nil || !strings.Contains(err.Error(), "was not made here") {
		t.Errorf("dropping a database of others: %v", err)
	}
}

func TestLocal(t *testing.T) {
	s := mustStart(t, Options{Want: "local"})
	exercise(t, s)
	if got := ask(t, s.URL(""), "SELECT count(*) > 100 FROM pg_collation WHERE collprovider = 'i'"); got != "t" {
		t.Error("the collations of ICU were not imported")
	}
	dir := ask(t, s.URL(""), "SHOW unix_socket_directories")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("directory %s is left: %v", dir, err)
	}
	select {
	case <-s.Done():
	default:
		t.Error("Done is open after Close")
	}
}

func TestSettings(t *testing.T) {
	s := mustStart(t, Options{Want: "local", Settings: map[string]string{"work_mem": "5MB", "application_name": "it's"}})
	if got := ask(t, s.URL(""), "SHOW work_mem"); got != "5MB" {
		t.Errorf("work_mem is %s", got)
	}
	// A thousand tables with an index each, and their types and sequences, in one transaction.
	ask(t, s.URL(""), `DO $$ BEGIN FOR i IN 1..1000 LOOP
		EXECUTE format('CREATE TABLE t%s (id serial PRIMARY KEY)', i); END LOOP; END $$`)
	ask(t, s.URL(""), "SET allow_system_table_mods = on; CREATE COLLATION pg_catalog.\"xx_XX.utf8\" (provider = libc, locale = 'C')")
}

func TestStartsAtOnce(t *testing.T) {
	if len(Installed(context.Background())) == 0 {
		t.Skip("no server binaries on this machine")
	}
	// A cache of its own, so that all of them want to make the template.
	t.Setenv("PLEAT_CACHE_DIR", t.TempDir())
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			s, err := Start(context.Background(), Options{Want: "local"})
			if err != nil {
				t.Error(err)
				return
			}
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	made, err := filepath.Glob(filepath.Join(os.Getenv("PLEAT_CACHE_DIR"), "clusters", "*"))
	if err != nil || len(made) != 2 {
		t.Errorf("the cache holds %v, want one template and its lock", made)
	}
}

func TestBrokenTemplateIsMadeAnew(t *testing.T) {
	cache := t.TempDir()
	t.Setenv("PLEAT_CACHE_DIR", cache)
	if err := mustStart(t, Options{Want: "local"}).Close(); err != nil {
		t.Fatal(err)
	}
	found, err := filepath.Glob(filepath.Join(cache, "clusters", "*", "global", "pg_control"))
	if err != nil || len(found) != 1 {
		t.Fatalf("found templates %v", found)
	}
	if err := os.Truncate(found[0], 0); err != nil {
		t.Fatal(err)
	}
	mustStart(t, Options{Want: "local"})
	if info, err := os.Stat(found[0]); err != nil || info.Size() == 0 {
		t.Errorf("the template is still broken: %v %v", info, err)
	}
}

func TestWithoutCache(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PLEAT_CACHE_DIR", file)
	s := mustStart(t, Options{Want: "local"})
	if got := ask(t, s.URL(""), "SELECT 'up'"); got != "up" {
		t.Error(got)
	}
}
