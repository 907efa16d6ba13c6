package credential

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/pleatdb/pleat/cmd/internal/connect"
)

// Spec says where a login is kept; exactly one field is set.
type Spec struct {
	Files   *Files
	Command *Command
	Vault   *Vault
}

// Options are what the program lends to a source.
type Options struct {
	// Getenv reads the environment. Required.
	Getenv func(string) string
	// Environ is the environment of commands; see [Environ].
	Environ []string
	// Dir is the directory that relative paths count from.
	Dir string
	// Hide is told each secret as soon as it is known. Required.
	Hide func(secrets ...string)
	// Warn is told what a person should know and what does not stop the program. Required.
	Warn func(string)
}

// Source gives logins, until it is closed.
type Source interface {
	connect.Credentials
	// Close gives back what was got, as well as it can. The context bounds how long that takes.
	Close(ctx context.Context)
}

// New makes the source that a Spec describes. Nothing is asked yet.
func New(s Spec, o Options) (Source, error) {
	switch {
	case s.Command != nil:
		return newCommand(*s.Command, o)
	case s.Vault != nil:
		return newVault(*s.Vault, o)
	case s.Files != nil:
		return &files{*s.Files, o}, nil
	}
	return nil, errors.New("nothing says where the credentials are kept")
}

// Files are a password, and the role's name, that something else writes and may write anew, such as the secrets that Kubernetes
// mounts. They are read for each connection.
type Files struct{ Password, Username string }

type files struct {
	Files
	o Options
}

// Login reads the files.
func (f *files) Login(context.Context) (connect.Login, error) {
	password, err := readSecret(f.o, f.Password)
	if err != nil {
		return connect.Login{}, fmt.Errorf("read password_file: %w", err)
	}
	login := connect.Login{Password: connect.NewSecret(password)}
	if f.Username != "" {
		src, err := os.ReadFile(within(f.o.Dir, f.Username))
		if err != nil {
			return connect.Login{}, fmt.Errorf("read username_file: %w", err)
		}
		login.User = strings.TrimRight(string(src), "\r\n")
	}
	return login, nil
}

// Forget does nothing: the files are read anew each time.
func (f *files) Forget() {}

// Close does nothing.
func (f *files) Close(context.Context) {}

// readSecret reads a file that holds one secret, less the line break that editors leave at its end.
func readSecret(o Options, path string) (string, error) {
	const most = 64 << 10 // tokens have some kilobytes
	path = within(o.Dir, path)
	info, err := os.Stat(path)
	if err != nil {
		return "", err
	}
	if info.Size() > most || !info.Mode().IsRegular() {
		return "", fmt.Errorf("%s is no file that could hold a password", path)
	}
	src, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	secret := strings.TrimRight(string(src), "\r\n")
	if secret == "" {
		return "", fmt.Errorf("%s is empty", path)
	}
	o.Hide(secret)
	return secret, nil
}

func within(dir, path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(dir, path)
}

// Environ is an environment for programs that are started beside this one: without the secrets that are meant for it alone (connection
// strings, libpq's password, values of variables) unless keep names them.
func Environ(environ []string, keep ...string) (out []string) {
	for _, pair := range environ {
		name, _, _ := strings.Cut(pair, "=")
		if !private(name) || contains(keep, name) {
			out = append(out, pair)
		}
	}
	return out
}

func private(name string) bool {
	switch name {
	case "PGPASSWORD", "PGSSLPASSWORD", "PLEAT_URL", "PLEAT_DIRECT_URL", "DATABASE_URL":
		return true
	}
	return strings.HasPrefix(name, "PLEAT_VAR_")
}

func contains(list []string, name string) bool {
	for _, one := range list {
		if one == name {
			return true
		}
	}
	return false
}
