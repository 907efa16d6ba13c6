package server

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync"

	"github.com/jackc/pgx/v5"
)

// Server is one running PostgreSQL server whose databases can be made and dropped at will. Safe for concurrent use.
type Server struct {
	base    url.URL
	prefix  string
	major   int
	version string
	place   string
	shared  bool
	stop    func() error
	done    <-chan struct{}

	mu     sync.Mutex
	made   map[string]bool
	closed bool
}

// Spec describes a server that something else started, to [Open] it.
type Spec struct {
	// URL is a connection string of the form postgres://, with superuser rights, naming the maintenance database.
	URL string
	// Place says for people where the server came from, without secrets: "docker image postgres:17".
	Place string
	// Stop ends the server; nil when it is not ours to end.
	Stop func() error
	// Done is closed when the server ended; nil when that cannot be seen.
	Done <-chan struct{}
}

// Open connects to the server that spec describes, reads its version, and takes over its end: when Open fails,
// Stop has been called.
func Open(ctx context.Context, spec Spec) (*Server, error) {
	s, err := open(ctx, spec)
	if err != nil && spec.Stop != nil {
		err = errors.Join(err, spec.Stop())
	}
	if err != nil {
		return nil, err
	}
	return s, nil
}

func open(ctx context.Context, spec Spec) (*Server, error) {
	base, err := parseURL(spec.URL)
	if err != nil {
		return nil, err
	}
	s := &Server{base: *base, place: spec.Place, stop: spec.Stop, done: spec.Done, made: map[string]bool{}}
	conn, err := pgx.Connect(ctx, spec.URL)
	if err != nil {
		return nil, fmt.Errorf("connect to %s: %w", spec.Place, err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	var number int
	var version string
	row := conn.QueryRow(ctx, "SELECT current_setting('server_version_num')::int, current_setting('server_version')")
	if err := row.Scan(&number, &version); err != nil {
		return nil, fmt.Errorf("read version of %s: %w", spec.Place, err)
	}
	s.major = number / 10000
	s.version, _, _ = strings.Cut(version, " ")
	return s, nil
}

// parseURL reads a postgres:// connection string. Its error never repeats the text, which may hold a password.
func parseURL(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	if err != nil || (u.Scheme != "postgres" && u.Scheme != "postgresql") {
		return nil, errors.New("read connection URL: it must have the form postgres://user@host:port/database")
	}
	return u, nil
}

// URL is the connection string (superuser) of a database made by [Server.CreateDatabase]; of the maintenance
// database for "". It may hold a password: not for logs.
func (s *Server) URL(database string) string {
	u := s.base
	if database != "" {
		u.Path = "/" + s.physical(database)
		u.RawPath = ""
	}
	return u.String()
}

// Major is the major version of the server: 17.
func (s *Server) Major() int { return s.major }

// Version is the version as the server gives it, without the packager's addition: "17.6".
func (s *Server) Version() string { return s.version }

// Shared reports whether the server belongs to others too: its roles and tablespaces are then not ours to change.
func (s *Server) Shared() bool { return s.shared }

// Describe says in one line for people which server this is and where it came from. It holds no secret.
func (s *Server) Describe() string { return fmt.Sprintf("PostgreSQL %s (%s)", s.version, s.place) }

// Done is closed when the server process ended by itself or was closed; nil where that cannot be seen, as on a given server.
func (s *Server) Done() <-chan struct{} { return s.done }

// Close stops the server and removes all that it left; on a server that a person named it drops the databases that
// were made. A second Close does nothing.
func (s *Server) Close() error {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return nil
	}
	s.closed = true
	s.mu.Unlock()
	if s.stop == nil {
		return nil
	}
	return s.stop()
}
