package credential

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/pleatdb/pleat/cmd/internal/connect"
)

// told records what a source tells the program.
type told struct {
	mu       sync.Mutex
	secrets  []string
	warnings []string
}

func (r *told) options(dir string, env ...string) Options {
	return Options{
		Dir: dir, Environ: append(Environ(os.Environ()), env...),
		Getenv: func(name string) string {
			for _, pair := range env {
				if value, ok := strings.CutPrefix(pair, name+"="); ok {
					return value
				}
			}
			return ""
		},
		Hide: func(secrets ...string) {
			r.mu.Lock()
			defer r.mu.Unlock()
			r.secrets = append(r.secrets, secrets...)
		},
		Warn: func(text string) {
			r.mu.Lock()
			defer r.mu.Unlock()
			r.warnings = append(r.warnings, text)
		},
	}
}

func (r *told) hides(secret string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Contains(r.secrets, secret)
}

func (r *told) warned() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.warnings)
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o700); err != nil {
		t.Fatal(err)
	}
}

func TestFiles(t *testing.T) {
	dir, r := t.TempDir(), &told{}
	write(t, filepath.Join(dir, "password"), "one-canary\n")
	write(t, filepath.Join(dir, "user"), "app\r\n")
	s, err := New(Spec{Files: &Files{Password: "password", Username: filepath.Join(dir, "user")}}, r.options(dir))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"one-canary", "two-canary"} { // rotated between two connections
		write(t, filepath.Join(dir, "password"), want)
		login, err := s.Login(t.Context())
		if err != nil || login.Password.Reveal() != want || login.User != "app" || login.Temporary {
			t.Errorf("want %s as app, got %s as %s (%v)", want, login.Password.Reveal(), login.User, err)
		}
		if !r.hides(want) {
			t.Errorf("%s is not hidden", want)
		}
	}
	for name, text := range map[string]string{"empty": "", "long": strings.Repeat("x", 70<<10)} {
		write(t, filepath.Join(dir, "password"), text)
		if _, err := s.Login(t.Context()); err == nil {
			t.Errorf("a password file that is %s is taken", name)
		}
	}
	if err := os.Remove(filepath.Join(dir, "password")); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Login(t.Context()); err == nil || !strings.HasPrefix(err.Error(), "read password_file: ") {
		t.Errorf("the file is gone: %v", err)
	}
}

func TestEnviron(t *testing.T) {
	got := Environ([]string{"PATH=/bin", "PGPASSWORD=x", "PLEAT_URL=x", "PLEAT_VAR_a=x", "DATABASE_URL=x", "AWS_PROFILE=p", "PGHOST=h"}, "PLEAT_URL")
	if want := []string{"PATH=/bin", "PLEAT_URL=x", "AWS_PROFILE=p", "PGHOST=h"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// everywhere is a login as it would be printed by mistake.
func everywhere(l connect.Login) string {
	return strings.Join([]string{l.Password.String(), l.URL.String(), l.User}, " ")
}
