package connect

import (
	"context"
	"net"
	"net/url"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/pleatdb/pleat/inspect/shadow/server"
)

// passwordServer is a server that listens on TCP and wants passwords there; pgtest's has a socket only.
type passwordServer struct {
	*server.Server
	port int
}

var started = sync.OnceValues(func() (*passwordServer, error) {
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	port := free.Addr().(*net.TCPAddr).Port
	_ = free.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	s, err := server.Start(ctx, server.Options{Port: port})
	if err != nil {
		return nil, err
	}
	conn, err := pgx.Connect(ctx, s.URL("postgres"))
	if err != nil {
		return nil, err
	}
	defer conn.Close(ctx)
	_, err = conn.PgConn().Exec(ctx, "CREATE ROLE canary LOGIN PASSWORD '"+canary+"'; "+
		`CREATE ROLE "Owner's ""Role"""; GRANT "Owner's ""Role""" TO canary; CREATE ROLE readonly LOGIN PASSWORD 'ro'; `+
		"ALTER ROLE readonly SET default_transaction_read_only = on; ALTER ROLE canary SET statement_timeout = '7s'; "+
		"ALTER ROLE canary SET \"DateStyle\" = 'SQL, DMY'").ReadAll()
	return &passwordServer{s, port}, err
})

func TestMain(m *testing.M) {
	code := m.Run()
	if begun {
		if s, err := started(); err == nil {
			_ = s.Close()
		}
	}
	os.Exit(code)
}

var begun bool

func tcpServer(t *testing.T) *passwordServer {
	t.Helper()
	begun = true
	s, err := started()
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skipf("no PostgreSQL for the test: %v", err)
	}
	return s
}

// canaryURL is the URL of the role canary, with query added.
func (s *passwordServer) canaryURL(query string) string {
	u := url.URL{Scheme: "postgres", User: url.UserPassword("canary", canary), Path: "/postgres",
		Host: net.JoinHostPort("127.0.0.1", strconv.Itoa(s.port)), RawQuery: query}
	return u.String()
}
