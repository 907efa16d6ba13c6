package credential

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/vault/api"

	"github.com/pleatdb/pleat/cmd/internal/connect"
)

// Vault is a role of Vault's database engine, or of OpenBao's. Zero fields come from Vault's environment variables, then from
// OpenBao's (BAO_…).
type Vault struct {
	// Address is that of the server (VAULT_ADDR); Namespace is VAULT_NAMESPACE, CACert a file (VAULT_CACERT).
	Address, Namespace, CACert string
	// Mount is where the engine is; "database" by default.
	Mount string
	// Role is the engine's role. Required.
	Role string
	// Static says that the engine rotates the password of one role that stays, instead of making roles.
	Static bool
	// Auth says how to log in.
	Auth Auth
}

// shortLease is how short a lease that cannot be renewed is worth a warning: a run may well take longer.
const shortLease = 15 * time.Minute

type vault struct {
	Vault
	o Options

	mu     sync.Mutex
	client *api.Client
	// own is set when the token is from a login of ours.
	own  bool
	kept *lease
	// leases are all that were got.
	leases []*lease
	// done is closed when the source is.
	done   chan struct{}
	closed bool
}

// lease is a role and until when it is there.
type lease struct {
	id    string
	login connect.Login
	got   time.Time
	// ends is zero where nobody says.
	ends time.Time
}

func newVault(v Vault, o Options) (*vault, error) {
	if v.Mount == "" {
		v.Mount = "database"
	}
	if v.Role == "" {
		return nil, errors.New("the block vault names no role")
	}
	return &vault{Vault: v, o: o, done: make(chan struct{})}, nil
}

// path is what is read.
func (v *vault) path() string {
	kind := "creds"
	if v.Static {
		kind = "static-creds"
	}
	return strings.Trim(v.Mount, "/") + "/" + kind + "/" + v.Role
}

// Login gives the role of the lease that is kept while it is good, and gets a new one after.
func (v *vault) Login(ctx context.Context) (connect.Login, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.closed {
		return connect.Login{}, errors.New("the lease of Vault was given back already")
	}
	if l := v.kept; l != nil && (l.ends.IsZero() || time.Now().Before(l.ends.Add(-min(time.Minute, l.ends.Sub(l.got)/5)))) {
		return l.login, nil
	}
	if err := v.open(ctx); err != nil {
		return connect.Login{}, err
	}
	secret, err := v.client.Logical().ReadWithContext(ctx, v.path())
	if err != nil {
		return connect.Login{}, explain(err, v.path(), "read")
	}
	if secret == nil {
		return connect.Login{}, fmt.Errorf("Vault has nothing at %s: is the mount right, and the role's name?", v.path())
	}
	return v.take(secret)
}

// take keeps what Vault gave.
func (v *vault) take(secret *api.Secret) (connect.Login, error) {
	password, _ := secret.Data["password"].(string)
	v.o.Hide(password)
	user, _ := secret.Data["username"].(string)
	if user == "" || password == "" {
		return connect.Login{}, fmt.Errorf("the answer of Vault for %s has no username and password: roles whose credential_type is not password are not supported", v.path())
	}
	l := &lease{id: secret.LeaseID, got: time.Now(), login: connect.Login{User: user, Password: connect.NewSecret(password), Temporary: !v.Static}}
	seconds := secret.LeaseDuration
	if v.Static {
		seconds, _ = strconv.Atoi(fmt.Sprint(secret.Data["ttl"])) // the time until the next rotation; absent: nobody knows
	}
	if seconds > 0 {
		l.ends = l.got.Add(time.Duration(seconds) * time.Second)
	}
	v.kept = l
	if l.id == "" {
		return l.login, nil
	}
	v.leases = append(v.leases, l)
	if left := time.Duration(seconds) * time.Second; !secret.Renewable && left < shortLease {
		v.o.Warn(fmt.Sprintf("the lease of the role %s ends in %s and cannot be renewed; a run that takes longer will fail", user, left))
	}
	if secret.Renewable {
		v.renew(secret, "the lease of the role "+user, func(seconds int) { l.ends = time.Now().Add(time.Duration(seconds) * time.Second) })
	}
	return l.login, nil
}

// open makes the client and logs in, once.
func (v *vault) open(ctx context.Context) error {
	if v.client != nil {
		return nil
	}
	client, err := v.newClient()
	if err != nil {
		return err
	}
	secret, err := v.Auth.logIn(ctx, client, v.o)
	if err != nil {
		return err
	}
	v.client, v.own = client, secret != nil
	// The leases end with the token that got them, so it must live as long.
	if secret != nil && secret.Auth != nil && secret.Auth.Renewable {
		v.renew(secret, "the token of Vault", func(int) {})
	}
	return nil
}

// newClient is Vault's client with the settings of the block above those of the environment.
func (v *vault) newClient() (*api.Client, error) {
	env := func(name string) string {
		if value := v.o.Getenv("VAULT_" + name); value != "" {
			return value
		}
		return v.o.Getenv("BAO_" + name)
	}
	config := api.DefaultConfig()
	if config.Error != nil {
		return nil, fmt.Errorf("read Vault's environment variables: %w", config.Error)
	}
	config.Address = first(v.Address, env("ADDR"))
	if config.Address == "" && config.AgentAddress == "" {
		return nil, errors.New("no address of Vault: give it as address in the block vault, or as VAULT_ADDR")
	}
	skip, _ := strconv.ParseBool(env("SKIP_VERIFY")) // the library has complained about a wrong VAULT_SKIP_VERIFY
	ca := first(v.CACert, env("CACERT"))
	if ca != "" || skip {
		if err := config.ConfigureTLS(&api.TLSConfig{CACert: ca, Insecure: skip}); err != nil {
			return nil, fmt.Errorf("read the certificates for Vault: %w", err)
		}
	}
	v.warnInsecure(config.Address, skip)
	if env("CLIENT_TIMEOUT") == "" {
		config.Timeout = 15 * time.Second
	}
	client, err := api.NewClient(config)
	if err != nil {
		return nil, fmt.Errorf("prepare to ask Vault: %w", err)
	}
	if namespace := first(v.Namespace, env("NAMESPACE")); namespace != "" {
		client.SetNamespace(namespace)
	}
	if token := env("TOKEN"); token != "" {
		v.o.Hide(token)
		client.SetToken(token)
	}
	return client, nil
}

// warnInsecure tells who could read the token on its way.
func (v *vault) warnInsecure(address string, skip bool) {
	if skip {
		v.o.Warn("the certificate of Vault is not checked (VAULT_SKIP_VERIFY): whoever stands between can read the token and the password")
	}
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" {
		return
	}
	if ip := net.ParseIP(u.Hostname()); u.Hostname() != "localhost" && (ip == nil || !ip.IsLoopback()) {
		v.o.Warn("the connection to Vault is not encrypted (http): use https")
	}
}

// Forget makes the next login get a new lease, or read the rotated password.
func (v *vault) Forget() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.kept = nil
}

func first(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return ""
}
