package pgtest

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pleatdb/pleat/inspect/shadow/server"
)

// limit bounds each thing that is done to the server for a test.
const limit = time.Minute

// shared is the one server of the test binary.
var shared = sync.OnceValues(start)

// count numbers the databases.
var count atomic.Int64

// begun is set once the server was asked for, so that Main does not start one in order to stop it.
var begun atomic.Bool

func start() (*server.Server, error) {
	begun.Store(true)
	o := server.Options{
		Want:     os.Getenv("PLEAT_TEST_POSTGRES_URL"),
		Progress: func(message string) { fmt.Fprintln(os.Stderr, message) },
	}
	if text := os.Getenv("PLEAT_TEST_MAJOR"); text != "" {
		major, err := strconv.Atoi(text)
		if err != nil {
			return nil, fmt.Errorf("read PLEAT_TEST_MAJOR: %w", err)
		}
		o.Major = major
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*limit)
	defer cancel()
	return server.Start(ctx, o)
}

// Server is the server of this test binary, for tests that need more than a database. It must not be closed.
func Server(t testing.TB) *server.Server {
	t.Helper()
	s, err := shared()
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("no PostgreSQL for the test: %v", err)
		}
		t.Skipf("no PostgreSQL for the test: %v", err)
	}
	return s
}

// URL is the connection string, as superuser, of a fresh and empty database that is dropped when the test ends.
func URL(t testing.TB) string {
	t.Helper()
	s := Server(t)
	name := fmt.Sprintf("test_%d", count.Add(1))
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	if err := s.CreateDatabase(ctx, name, ""); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), limit)
		defer cancel()
		if err := s.DropDatabase(ctx, name); err != nil {
			t.Error(err)
		}
	})
	return s.URL(name)
}

// Main runs the tests and stops the server. A TestMain may call it to end the server in order instead of by the
// process's death, which matters on a given server: its test databases are dropped then even when a test panics.
func Main(m *testing.M) {
	m.Run()
	if !begun.Load() {
		return
	}
	if s, err := shared(); err == nil {
		if err := s.Close(); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
	}
}
