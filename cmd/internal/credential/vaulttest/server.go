package vaulttest

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"time"
)

// Server is a Vault that listens on 127.0.0.1. Its exported fields are set before it is used and read with [Server.Look] after.
type Server struct {
	// URL is the address.
	URL string
	// Token is one that an operator made; logins make others.
	Token string
	// RoleID and SecretID are those of AppRole, JWT is the token that Kubernetes and JWT logins send, AuthRole the role that they name.
	RoleID, SecretID, JWT, AuthRole string
	// Namespace is the only one in which anything is.
	Namespace string
	// Lease is how long a database role lives, TokenLife a token of a login.
	Lease, TokenLife time.Duration
	// Renewable says whether leases are.
	Renewable bool
	// DenyRevoke and DenyRenew refuse as a policy would.
	DenyRevoke, DenyRenew bool
	// Sealed answers everything with 503.
	Sealed bool
	// Exec runs SQL as the administrator that Vault would be. Roles are only made where it is set.
	Exec func(sql string) error
	// Owner is the role that each made role is a member of.
	Owner string
	// Static is the password of the role that stays.
	Static string

	http     *httptest.Server
	mu       sync.Mutex
	requests []string
	tokens   map[string]bool
	leases   map[string]string // name of the role by lease
	made     []Login
	troubles []string
}

// Login is a role that was made.
type Login struct{ User, Password, Lease string }

// Start starts a server. The caller closes it.
func Start() *Server {
	s := &Server{
		Token: "hvs." + rand.Text(), RoleID: rand.Text(), SecretID: rand.Text(), JWT: "eyJ" + rand.Text() + "." + rand.Text(), AuthRole: "deployer",
		Lease: time.Hour, TokenLife: time.Hour, Renewable: true, tokens: map[string]bool{}, leases: map[string]string{}, Static: rand.Text(),
	}
	s.tokens[s.Token] = true
	s.http = httptest.NewServer(http.HandlerFunc(s.serve))
	s.URL = s.http.URL
	return s
}

// Close ends the server.
func (s *Server) Close() { s.http.Close() }

// Seen is what a server was asked and what it gave.
type Seen struct {
	// Requests are method and path of each request, in order.
	Requests []string
	// Made are the roles that were made, Open the leases that were not revoked, Tokens how many tokens are good.
	Made   []Login
	Open   []string
	Tokens int
	// Secrets are all that it gave.
	Secrets []string
	// Troubles are statements that PostgreSQL refused.
	Troubles []string
}

// Look gives what was seen so far.
func (s *Server) Look() Seen {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := Seen{Requests: slices.Clone(s.requests), Made: slices.Clone(s.made), Tokens: len(s.tokens), Troubles: slices.Clone(s.troubles)}
	for lease := range s.leases {
		out.Open = append(out.Open, lease)
	}
	for _, m := range s.made {
		out.Secrets = append(out.Secrets, m.Password)
	}
	for token := range s.tokens {
		out.Secrets = append(out.Secrets, token)
	}
	return out
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	path := strings.TrimPrefix(r.URL.Path, "/v1/")
	s.requests = append(s.requests, r.Method+" "+path)
	var body map[string]any
	_ = json.NewDecoder(r.Body).Decode(&body) // a GET has none
	switch {
	case s.Sealed:
		refuse(w, http.StatusServiceUnavailable, "Vault is sealed")
	case r.Header.Get("X-Vault-Namespace") != s.Namespace:
		refuse(w, http.StatusNotFound, "no handler for route; "+s.SecretID) // an answer that must be shown nowhere
	case strings.HasPrefix(path, "auth/") && strings.HasSuffix(path, "/login"):
		s.logIn(w, strings.TrimSuffix(strings.TrimPrefix(path, "auth/"), "/login"), body)
	case !s.tokens[r.Header.Get("X-Vault-Token")]:
		refuse(w, http.StatusForbidden, "permission denied: "+r.Header.Get("X-Vault-Token"))
	default:
		s.answer(w, path, r.Header.Get("X-Vault-Token"), body)
	}
}

func (s *Server) logIn(w http.ResponseWriter, mount string, body map[string]any) {
	good := body["role"] == s.AuthRole && body["jwt"] == s.JWT
	if mount == "approle" {
		good = body["role_id"] == s.RoleID && body["secret_id"] == s.SecretID
	}
	if !good {
		refuse(w, http.StatusBadRequest, fmt.Sprintf("invalid role or secret ID: %v", body))
		return
	}
	token := "hvs." + rand.Text()
	s.tokens[token] = true
	reply(w, map[string]any{"auth": map[string]any{
		"client_token": token, "renewable": true, "lease_duration": int(s.TokenLife.Seconds()), "policies": []string{"default"},
	}})
}

func (s *Server) answer(w http.ResponseWriter, path, token string, body map[string]any) {
	lease, _ := body["lease_id"].(string)
	switch {
	case path == "database/creds/app":
		s.make(w)
	case path == "database/static-creds/app":
		reply(w, map[string]any{"data": map[string]any{"username": "static", "password": s.Static, "ttl": 3600, "rotation_period": 86400}})
	case path == "sys/leases/renew" && s.leases[lease] != "" && !s.DenyRenew:
		s.run(fmt.Sprintf(`ALTER ROLE %q VALID UNTIL '%s'`, s.leases[lease], s.until()))
		reply(w, map[string]any{"lease_id": lease, "renewable": true, "lease_duration": int(s.Lease.Seconds())})
	case path == "sys/leases/revoke" && !s.DenyRevoke:
		s.revoke(lease)
		w.WriteHeader(http.StatusNoContent)
	case path == "auth/token/renew-self":
		reply(w, map[string]any{"auth": map[string]any{"client_token": token, "renewable": true, "lease_duration": int(s.TokenLife.Seconds())}})
	case path == "auth/token/revoke-self":
		delete(s.tokens, token)
		for lease := range s.leases {
			s.revoke(lease)
		}
		w.WriteHeader(http.StatusNoContent)
	case strings.HasPrefix(path, "sys/leases/"):
		refuse(w, http.StatusForbidden, "1 error occurred: * permission denied")
	default:
		refuse(w, http.StatusNotFound)
	}
}

// make makes a role as the PostgreSQL plugin does with its default template for names and the usual statements.
func (s *Server) make(w http.ResponseWriter) {
	l := Login{
		User:     fmt.Sprintf("v-token-app-%s-%d", rand.Text()[:20], time.Now().Unix()),
		Password: "A1a-" + rand.Text(), Lease: "database/creds/app/" + rand.Text(),
	}
	s.run(fmt.Sprintf(`CREATE ROLE %q WITH LOGIN PASSWORD '%s' VALID UNTIL '%s'`, l.User, l.Password, s.until()))
	if s.Owner != "" {
		s.run(fmt.Sprintf(`GRANT %q TO %q`, s.Owner, l.User))
	}
	s.made, s.leases[l.Lease] = append(s.made, l), l.User
	reply(w, map[string]any{
		"lease_id": l.Lease, "renewable": s.Renewable, "lease_duration": int(s.Lease.Seconds()),
		"data": map[string]any{"username": l.User, "password": l.Password},
	})
}

func (s *Server) until() string { return time.Now().Add(s.Lease).UTC().Format(time.RFC3339) }

// revoke drops a role; one that owns anything stays, and Vault would try again for days.
func (s *Server) revoke(lease string) {
	if user := s.leases[lease]; user != "" {
		s.run(fmt.Sprintf(`DROP ROLE IF EXISTS %q`, user))
		delete(s.leases, lease)
	}
}

func (s *Server) run(sql string) {
	if s.Exec == nil {
		return
	}
	if err := s.Exec(sql); err != nil {
		s.troubles = append(s.troubles, err.Error())
	}
}

func reply(w http.ResponseWriter, value any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(value) // the client went away
}

func refuse(w http.ResponseWriter, status int, reasons ...string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{"errors": reasons}) // the client went away
}
