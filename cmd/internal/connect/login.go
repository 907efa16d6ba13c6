package connect

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"

	"github.com/jackc/pgx/v5"
)

// Login is as whom to connect.
type Login struct {
	// User is the role that logs in; empty keeps that of the target.
	User string
	// Password is the role's password, or a token in the place of one.
	Password Secret
	// URL, where a source gives one, stands in the place of the target's whole address.
	URL Secret
	// Temporary says that the role was made for this process and will be dropped, unless it is the one that the connection string
	// names: it should own nothing.
	Temporary bool
}

// Credentials give a login for each connection, since tokens end while a program runs.
type Credentials interface {
	// Login is called before each connection is made. It may be called by several goroutines.
	Login(ctx context.Context) (Login, error)
	// Forget is told that the server refused the last login, so that a kept one is not given again.
	Forget()
}

// Current is the target with the login that is good now: for a connection, or for a program that is started beside pleat and takes the
// password in its environment. Without credentials of its own it is the target itself.
func (t *Target) Current(ctx context.Context) (*Target, error) {
	if t.Credentials == nil {
		return t, nil
	}
	login, err := t.Credentials.Login(ctx)
	if err != nil {
		return nil, &Error{Target: t.Redacted(), cause: fmt.Errorf("get credentials: %w", err)}
	}
	out := *t
	if !login.URL.Empty() {
		other, err := parse(login.URL.Reveal(), "the URL that came with the credentials", t.env)
		if err != nil {
			return nil, &Error{Target: t.Redacted(), cause: err}
		}
		out.endpoints, out.database, out.user, out.settings = other.endpoints, other.database, other.user, other.settings
	}
	out.temporary = login.Temporary && login.User != t.settings.values["user"]
	settings := *out.settings
	settings.values = maps.Clone(settings.values)
	if login.User != "" {
		out.user, settings.values["user"] = login.User, login.User
	}
	if !login.Password.Empty() {
		settings.password = login.Password
	}
	out.settings = &settings
	out.Credentials = nil
	return &out, nil
}

// connectWith asks the credentials, and once more when the server refuses what they gave: a password may be rotated, or a role
// dropped, between the answer and its use.
func (t *Target) connectWith(ctx context.Context, purpose string, r request) (*pgx.Conn, error) {
	const tries = 2
	for try := 1; ; try++ {
		current, err := t.Current(ctx)
		if err != nil {
			return nil, err
		}
		conn, err := current.connectOnce(ctx, purpose, r)
		var refused *Error
		if err == nil || try == tries || !errors.As(err, &refused) || refused.Code != "28P01" && refused.Code != "28000" {
			return conn, err
		}
		t.Credentials.Forget()
	}
}

// errTemporary is wrapped by the refusal to write as a role that will be dropped.
var errTemporary = errors.New("whatever it creates would belong to it: the next one could not change it, and this one could not be dropped")

// checkOwner refuses to write, and warns before reading, as a role that was made for a short time. What such a role creates belongs to it
// unless another role was set, by pleat or by the role's own settings (ALTER ROLE … SET role).
func (t *Target) checkOwner(ctx context.Context, conn *pgx.Conn, r request) error {
	// Vault's default template for names begins with v- (its user_template of the PostgreSQL plugin).
	if r.role != "" || !t.temporary && !strings.HasPrefix(t.user, "v-") {
		return nil
	}
	var session, current string
	err := conn.QueryRow(ctx, "SELECT session_user::pg_catalog.text, current_user::pg_catalog.text").Scan(&session, &current)
	if err != nil {
		return fmt.Errorf("ask as whom the session runs: %w", err)
	}
	if session != current {
		return nil
	}
	if r.readWrite {
		return fmt.Errorf("the role %q is temporary: %w", session, errTemporary)
	}
	if t.Warn != nil && t.told.CompareAndSwap(false, true) {
		t.Warn(fmt.Sprintf("the role %q is temporary, and no role is set after connecting: apply will refuse to create objects that would belong to it "+
			"(set role = \"…\" in the environment)", session))
	}
	return nil
}
