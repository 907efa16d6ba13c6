package credential

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"

	"github.com/hashicorp/vault/api"
	"github.com/hashicorp/vault/api/auth/approle"
	"github.com/hashicorp/vault/api/auth/kubernetes"

	"github.com/pleatdb/pleat/cmd/internal/connect"
)

// Auth says how to log in to Vault; at most one field is set. Without any, the token is VAULT_TOKEN, else that of ~/.vault-token,
// where Vault's own command leaves it.
type Auth struct {
	Token      connect.Secret
	TokenFile  string
	Kubernetes *Kubernetes
	AppRole    *AppRole
	JWT        *JWT
}

// Kubernetes logs in with the token of the pod's service account.
type Kubernetes struct {
	// Role is a role of the auth method; Mount is "kubernetes" by default; JWTPath the file of the token, where Kubernetes
	// puts it by default.
	Role, Mount, JWTPath string
}

// AppRole logs in with a role's ID and one of its secrets.
type AppRole struct {
	RoleID       string
	SecretID     connect.Secret
	SecretIDFile string
	// Mount is "approle" by default.
	Mount string
}

// JWT logs in with a token of somebody else, such as a pipeline's.
type JWT struct {
	Role    string
	JWT     connect.Secret
	JWTPath string
	// Mount is "jwt" by default.
	Mount string
}

const serviceAccount = "/var/run/secrets/kubernetes.io/serviceaccount/token"

// logIn gives the client a token. The secret is nil where the token was there before.
func (a *Auth) logIn(ctx context.Context, client *api.Client, o Options) (*api.Secret, error) {
	switch {
	case !a.Token.Empty():
		o.Hide(a.Token.Reveal())
		client.SetToken(a.Token.Reveal())
		return nil, nil
	case a.TokenFile != "":
		token, err := readSecret(o, a.TokenFile)
		if err != nil {
			return nil, fmt.Errorf("read token_file: %w", err)
		}
		client.SetToken(token)
		return nil, nil
	case a.Kubernetes != nil:
		return a.Kubernetes.logIn(ctx, client, o)
	case a.AppRole != nil:
		return a.AppRole.logIn(ctx, client, o)
	case a.JWT != nil:
		return a.JWT.logIn(ctx, client, o)
	case client.Token() != "":
		o.Hide(client.Token())
		return nil, nil
	}
	return nil, a.fromHome(client, o)
}

// fromHome takes the token that Vault's command left.
func (a *Auth) fromHome(client *api.Client, o Options) error {
	home := o.Getenv("HOME")
	token, err := readSecret(o, filepath.Join(home, ".vault-token"))
	if home == "" || errors.Is(err, fs.ErrNotExist) {
		return errors.New("no token for Vault: set VAULT_TOKEN, log in with vault login, or say in the block auth how to log in")
	}
	if err != nil {
		return fmt.Errorf("read the token of Vault: %w", err)
	}
	client.SetToken(token)
	return nil
}

func (k *Kubernetes) logIn(ctx context.Context, client *api.Client, o Options) (*api.Secret, error) {
	jwt, err := readSecret(o, first(k.JWTPath, serviceAccount))
	if err != nil {
		return nil, fmt.Errorf("read the token of the service account: %w", err)
	}
	mount := first(strings.Trim(k.Mount, "/"), "kubernetes")
	method, err := kubernetes.NewKubernetesAuth(k.Role, kubernetes.WithServiceAccountToken(jwt), kubernetes.WithMountPath(mount))
	if err != nil {
		return nil, fmt.Errorf("log in to Vault: %w", err)
	}
	return logInBy(ctx, client, o, method, mount)
}

func (r *AppRole) logIn(ctx context.Context, client *api.Client, o Options) (*api.Secret, error) {
	secret := r.SecretID.Reveal()
	if r.SecretIDFile != "" {
		var err error
		if secret, err = readSecret(o, r.SecretIDFile); err != nil {
			return nil, fmt.Errorf("read secret_id_file: %w", err)
		}
	}
	o.Hide(secret)
	mount := first(strings.Trim(r.Mount, "/"), "approle")
	method, err := approle.NewAppRoleAuth(r.RoleID, &approle.SecretID{FromString: secret}, approle.WithMountPath(mount))
	if err != nil {
		return nil, fmt.Errorf("log in to Vault: %w", err)
	}
	return logInBy(ctx, client, o, method, mount)
}

func (j *JWT) logIn(ctx context.Context, client *api.Client, o Options) (*api.Secret, error) {
	jwt := j.JWT.Reveal()
	if j.JWTPath != "" {
		var err error
		if jwt, err = readSecret(o, j.JWTPath); err != nil {
			return nil, fmt.Errorf("read jwt_path: %w", err)
		}
	}
	o.Hide(jwt)
	mount := first(strings.Trim(j.Mount, "/"), "jwt")
	return logInBy(ctx, client, o, jwtMethod{mount, j.Role, jwt}, mount)
}

// jwtMethod is the auth method for which Vault's library has no package of its own.
type jwtMethod struct{ mount, role, jwt string }

// Login asks for a token.
func (m jwtMethod) Login(ctx context.Context, client *api.Client) (*api.Secret, error) {
	return client.Logical().WriteWithContext(ctx, "auth/"+m.mount+"/login", map[string]any{"role": m.role, "jwt": m.jwt})
}

// logInBy logs in and hides the token that comes back.
func logInBy(ctx context.Context, client *api.Client, o Options, method api.AuthMethod, mount string) (*api.Secret, error) {
	client.ClearToken() // one of the environment has nothing to do with this login
	secret, err := client.Auth().Login(ctx, method)
	if err != nil {
		return nil, explain(err, "auth/"+mount+"/login", "update")
	}
	o.Hide(client.Token())
	return secret, nil
}
