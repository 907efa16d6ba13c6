package credential

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pleatdb/pleat/cmd/internal/connect"
	"github.com/pleatdb/pleat/cmd/internal/credential/vaulttest"
)

// start makes a Vault and a source for its role app. change may set both up.
func start(t *testing.T, change func(*vaulttest.Server, *Vault), env ...string) (*vaulttest.Server, Source, *told) {
	t.Helper()
	for _, name := range []string{"VAULT_ADDR", "VAULT_TOKEN", "VAULT_NAMESPACE", "VAULT_MAX_RETRIES"} {
		t.Setenv(name, "")
	}
	t.Setenv("VAULT_MAX_RETRIES", "0")
	server := vaulttest.Start()
	t.Cleanup(server.Close)
	v := Vault{Address: server.URL, Role: "app", Auth: Auth{Token: connect.NewSecret(server.Token)}}
	if change != nil {
		change(server, &v)
	}
	r := &told{}
	s, err := New(Spec{Vault: &v}, r.options(t.TempDir(), env...))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close(context.Background()) })
	return server, s, r
}

// eventually waits for what happens in the background.
func eventually(t *testing.T, what string, happened func() bool) {
	t.Helper()
	for range 200 {
		if happened() {
			return
		}
		time.Sleep(25 * time.Millisecond)
	}
	t.Errorf("it did not happen: %s", what)
}

func TestVaultLease(t *testing.T) {
	server, s, r := start(t, nil)
	one, err := s.Login(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	two, err := s.Login(t.Context())
	seen := server.Look()
	if err != nil || one.User != two.User || len(seen.Made) != 1 || one.User != seen.Made[0].User || one.Password.Reveal() != seen.Made[0].Password || !one.Temporary {
		t.Errorf("one role for the whole run is wanted: %v %v (%v)", one.User, two.User, err)
	}
	for _, secret := range seen.Secrets {
		if !r.hides(secret) {
			t.Error("a secret is not hidden")
		}
	}
	eventually(t, "the lease is renewed", func() bool { return slices.Contains(server.Look().Requests, "PUT sys/leases/renew") })
	s.Forget() // the server refused it
	if three, err := s.Login(t.Context()); err != nil || three.User == one.User {
		t.Errorf("a refused role is given again (%v)", err)
	}
	s.Close(t.Context())
	s.Close(t.Context())
	seen = server.Look()
	if len(seen.Open) != 0 || seen.Tokens != 1 {
		t.Errorf("not given back: leases %v; an operator's token must stay, there are %d", seen.Open, seen.Tokens)
	}
	if _, err := s.Login(t.Context()); err == nil {
		t.Error("a closed source makes roles")
	}
}

func TestVaultLogins(t *testing.T) {
	file := func(t *testing.T, text string) string {
		path := filepath.Join(t.TempDir(), "secret")
		write(t, path, text+"\n")
		return path
	}
	tests := map[string]func(*testing.T, *vaulttest.Server) Auth{
		"approle": func(_ *testing.T, s *vaulttest.Server) Auth {
			return Auth{AppRole: &AppRole{RoleID: s.RoleID, SecretID: connect.NewSecret(s.SecretID)}}
		},
		"approle file": func(t *testing.T, s *vaulttest.Server) Auth {
			return Auth{AppRole: &AppRole{RoleID: s.RoleID, SecretIDFile: file(t, s.SecretID)}}
		},
		"kubernetes": func(t *testing.T, s *vaulttest.Server) Auth {
			return Auth{Kubernetes: &Kubernetes{Role: s.AuthRole, JWTPath: file(t, s.JWT), Mount: "k8s/prod"}}
		},
		"jwt": func(_ *testing.T, s *vaulttest.Server) Auth {
			return Auth{JWT: &JWT{Role: s.AuthRole, JWT: connect.NewSecret(s.JWT)}}
		},
	}
	for name, auth := range tests {
		t.Run(name, func(t *testing.T) {
			server, s, r := start(t, func(server *vaulttest.Server, v *Vault) {
				server.Namespace, v.Namespace, v.Auth = "team/a", "team/a", auth(t, server)
			}, "VAULT_TOKEN=another-token")
			if _, err := s.Login(t.Context()); err != nil {
				t.Fatal(err)
			}
			for _, secret := range server.Look().Secrets {
				if secret != server.Token && !r.hides(secret) {
					t.Error("a secret is not hidden")
				}
			}
			if !r.hides(server.SecretID) && !r.hides(server.JWT) {
				t.Error("what it logged in with is not hidden")
			}
			eventually(t, "the token is renewed", func() bool { return slices.Contains(server.Look().Requests, "PUT auth/token/renew-self") })
			s.Close(t.Context())
			if seen := server.Look(); len(seen.Open) != 0 || seen.Tokens != 1 {
				t.Errorf("not given back: leases %v, %d tokens", seen.Open, seen.Tokens)
			}
		})
	}
}

// TestVaultEnvironment: Vault's variables, OpenBao's, and the file that Vault's command leaves.
func TestVaultEnvironment(t *testing.T) {
	for name, env := range map[string]func(*vaulttest.Server, string) []string{
		"VAULT": func(s *vaulttest.Server, _ string) []string {
			return []string{"VAULT_ADDR=" + s.URL, "VAULT_TOKEN=" + s.Token, "VAULT_NAMESPACE=n"}
		},
		"BAO": func(s *vaulttest.Server, _ string) []string {
			return []string{"BAO_ADDR=" + s.URL, "BAO_TOKEN=" + s.Token, "BAO_NAMESPACE=n"}
		},
		"home": func(s *vaulttest.Server, home string) []string {
			return []string{"VAULT_ADDR=" + s.URL, "HOME=" + home, "VAULT_NAMESPACE=n"}
		},
	} {
		t.Run(name, func(t *testing.T) {
			server := vaulttest.Start()
			defer server.Close()
			server.Namespace = "n"
			home, r := t.TempDir(), &told{}
			write(t, filepath.Join(home, ".vault-token"), server.Token)
			s, err := New(Spec{Vault: &Vault{Role: "app", Static: true}}, r.options(home, env(server, home)...))
			if err != nil {
				t.Fatal(err)
			}
			login, err := s.Login(t.Context())
			if err != nil || login.User != "static" || login.Password.Reveal() != server.Static || login.Temporary {
				t.Errorf("got %s (%v)", login.User, err)
			}
			if !r.hides(server.Token) || !r.hides(server.Static) {
				t.Error("not hidden")
			}
			s.Close(t.Context())
		})
	}
}

func TestVaultRefusals(t *testing.T) {
	tests := map[string]struct {
		change func(*vaulttest.Server, *Vault)
		want   string
	}{
		"token": {func(_ *vaulttest.Server, v *Vault) { v.Auth.Token = connect.NewSecret("canary-token") },
			`Vault refused database/creds/app (403): the token is not valid, or its policies do not allow it: path "database/creds/app" { capabilities = ["read"] }`},
		"no token":  {func(_ *vaulttest.Server, v *Vault) { v.Auth = Auth{} }, "no token for Vault: set VAULT_TOKEN"},
		"role":      {func(_ *vaulttest.Server, v *Vault) { v.Role = "other" }, "Vault has nothing at database/creds/other"},
		"namespace": {func(_ *vaulttest.Server, v *Vault) { v.Namespace = "other" }, "Vault has nothing at database/creds/app"},
		"sealed":    {func(s *vaulttest.Server, _ *Vault) { s.Sealed = true }, "(503): it is sealed"},
		"login": {func(s *vaulttest.Server, v *Vault) {
			v.Auth = Auth{JWT: &JWT{Role: "r", JWT: connect.NewSecret("canary-jwt")}}
		}, "Vault refused auth/jwt/login (400)"},
		"no file": {func(_ *vaulttest.Server, v *Vault) {
			v.Auth = Auth{Kubernetes: &Kubernetes{Role: "r", JWTPath: "/nowhere"}}
		}, "read the token of the service account"},
		"no server":  {func(_ *vaulttest.Server, v *Vault) { v.Address = "http://127.0.0.1:1" }, "ask Vault for database/creds/app"},
		"no address": {func(_ *vaulttest.Server, v *Vault) { v.Address = "" }, "no address of Vault"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			server, s, _ := start(t, tt.change)
			_, err := s.Login(t.Context())
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("want %q, got %v", tt.want, err)
			}
			for _, secret := range []string{"canary", server.Token, server.SecretID, server.JWT, "permission denied"} {
				if strings.Contains(err.Error(), secret) {
					t.Errorf("the error holds an answer or a secret: %s", err)
				}
			}
		})
	}
}

// TestVaultWarnings: leases that will end too early, and those that cannot be given back.
func TestVaultWarnings(t *testing.T) {
	tests := map[string]struct {
		change func(*vaulttest.Server, *Vault)
		want   string
	}{
		"short":             {func(s *vaulttest.Server, _ *Vault) { s.Renewable, s.Lease = false, 5*time.Minute }, "ends in 5m0s and cannot be renewed"},
		"renewal denied":    {func(s *vaulttest.Server, _ *Vault) { s.DenyRenew, s.Lease = true, time.Second }, "can no longer be renewed; it ends at"},
		"revocation denied": {func(s *vaulttest.Server, _ *Vault) { s.DenyRevoke = true }, "could not be given back to Vault"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, s, r := start(t, tt.change)
			if _, err := s.Login(t.Context()); err != nil {
				t.Fatal(err)
			}
			if name == "revocation denied" {
				s.Close(t.Context())
			}
			eventually(t, tt.want, func() bool { return strings.Contains(strings.Join(r.warned(), "\n"), tt.want) })
		})
	}
	// A policy that lets nobody revoke leases is no matter where the token goes, and its leases with it.
	server, s, r := start(t, func(server *vaulttest.Server, v *Vault) {
		server.DenyRevoke = true
		v.Auth = Auth{AppRole: &AppRole{RoleID: server.RoleID, SecretID: connect.NewSecret(server.SecretID)}}
	})
	if _, err := s.Login(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.Close(t.Context())
	if len(r.warned()) != 0 || len(server.Look().Open) != 0 {
		t.Errorf("warned %v, open %v", r.warned(), server.Look().Open)
	}
}
