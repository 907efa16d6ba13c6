package server

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
)

// useGiven uses the server whose URL a person named. Its databases are those made here, under a prefix that no other
// run shares, and they are dropped by Close.
func useGiven(ctx context.Context, o Options) (*Server, error) {
	if err := onlyForBinaries(o); err != nil {
		return nil, err
	}
	u, err := parseURL(o.Want)
	if err != nil {
		return nil, err
	}
	s, err := Open(ctx, Spec{URL: o.Want, Place: "given server " + address(u)})
	if err != nil {
		return nil, err
	}
	token := make([]byte, 4)
	rand.Read(token)
	s.prefix = "pleat_shadow_" + hex.EncodeToString(token) + "_"
	s.shared = true
	s.stop = func() error { return s.dropMade() }
	return s, nil
}

// dropMade drops every database made on a given server and not dropped yet.
func (s *Server) dropMade() error {
	s.mu.Lock()
	var names []string
	for name := range s.made {
		names = append(names, name)
	}
	s.mu.Unlock()
	var failures []error
	for _, name := range names {
		failures = append(failures, s.DropDatabase(context.Background(), name))
	}
	return errors.Join(failures...)
}

// address names a server for people: host and port, no user, no password.
func address(u *url.URL) string {
	host := u.Host
	if host == "" {
		host = u.Query().Get("host")
	}
	if host == "" {
		host = "localhost"
	}
	return fmt.Sprintf("at %s", host)
}
