package credential

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// script is a command of the credentials that runs a shell script and counts its runs in the file "runs".
func script(t *testing.T, c Command, text string) (Source, *told, string) {
	t.Helper()
	dir, r := t.TempDir(), &told{}
	write(t, filepath.Join(dir, "login"), "#!/bin/sh\necho run >> runs\n"+text)
	c.Argv = append([]string{"./login"}, c.Argv...)
	s, err := New(Spec{Command: &c}, r.options(dir, "SEEN=canary-of-environment"))
	if err != nil {
		t.Fatal(err)
	}
	return s, r, dir
}

func runs(dir string) int {
	src, err := os.ReadFile(filepath.Join(dir, "runs"))
	if err != nil {
		return 0
	}
	return strings.Count(string(src), "run")
}

func TestCommand(t *testing.T) {
	in := func(d time.Duration) string { return time.Now().Add(d).UTC().Format(time.RFC3339) }
	tests := map[string]struct {
		command        Command
		script         string
		user, password string
		temporary      bool
		runs           int // after two logins
	}{
		"kept":       {Command{}, `echo '{"username":"u","password":"canary-1"}'`, "u", "canary-1", true, 1},
		"not ended":  {Command{}, `echo '{"password":"canary-1","expires_at":"` + in(time.Hour) + `"}'`, "", "canary-1", false, 1},
		"version":    {Command{}, `echo '{"Version":1,"password":"canary-1","Expiration":"` + in(time.Hour) + `"}'`, "", "canary-1", false, 1},
		"text":       {Command{Text: true}, `echo canary-1`, "", "canary-1", false, 2},
		"arguments":  {Command{Argv: []string{"a b", "$HOME"}}, `echo "{\"password\":\"$1|$2\"}"`, "", "a b|$HOME", false, 1},
		"other role": {Command{}, `echo '{"password":"canary-1","url":"postgres://x:canary-2@h/d"}'`, "", "canary-1", false, 1},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s, r, dir := script(t, tt.command, tt.script)
			for range 2 {
				login, err := s.Login(t.Context())
				if err != nil || login.User != tt.user || login.Password.Reveal() != tt.password || login.Temporary != tt.temporary {
					t.Fatalf("got %q %q %t (%v)", login.User, login.Password.Reveal(), login.Temporary, err)
				}
				if strings.Contains(everywhere(login), "canary") {
					t.Error("the login prints its password")
				}
			}
			if got := runs(dir); got != tt.runs {
				t.Errorf("it ran %d times, want %d", got, tt.runs)
			}
			if !r.hides(tt.password) {
				t.Error("the password is not hidden")
			}
			if name == "other role" && !r.hides("canary-2") {
				t.Error("the password of the URL is not hidden")
			}
			before := runs(dir)
			s.Forget()
			if _, err := s.Login(t.Context()); err != nil || runs(dir) != before+1 {
				t.Errorf("a refused login is given again (%v)", err)
			}
		})
	}
}

func TestCommandRunsAgainBeforeTheEnd(t *testing.T) {
	s, _, dir := script(t, Command{}, fmt.Sprintf(`echo '{"password":"canary","expires_at":"%s"}'`, time.Now().Add(2*time.Second).UTC().Format(time.RFC3339Nano)))
	if _, err := s.Login(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.(*command).renew = time.Now().Add(-time.Second) // as time goes by
	if _, err := s.Login(t.Context()); err != nil || runs(dir) != 2 {
		t.Errorf("it ran %d times (%v)", runs(dir), err)
	}
}

func TestCommandFailures(t *testing.T) {
	tests := map[string]struct {
		command Command
		script  string
		want    string
	}{
		"fails": {Command{}, `echo '{"password":"canary-1"}'; echo "denied for postgres://u:canary-2@h/d, token=canary-3 Authorization: Bearer canary-4 $SEEN" >&2; exit 3`,
			"the command ./login failed: exit status 3: denied for postgres://u:********@h/d, token=******** Authorization: Bearer ********"},
		"no JSON":     {Command{}, `echo canary-1`, "did not print a JSON object"},
		"list":        {Command{}, `echo '["canary-1"]'`, "did not print a JSON object"},
		"unknown key": {Command{}, `echo '{"pasword":"canary-1"}'`, `has a key "pasword"`},
		"version":     {Command{}, `echo '{"version":2,"password":"canary-1"}'`, "has version 2; pleat knows 1"},
		"no password": {Command{}, `echo '{"username":"u"}'`, "printed no password"},
		"wrong type":  {Command{}, `echo '{"password":["canary-1"]}'`, "has a wrong value for password"},
		"wrong time":  {Command{}, `echo '{"password":"canary-1","expires_at":"canary-5"}'`, "has a wrong value for expires_at"},
		"ended":       {Command{}, `echo '{"password":"canary-1","expires_at":"2020-01-01T00:00:00Z"}'`, "ended at 2020-01-01T00:00:00Z"},
		"too long":    {Command{}, `head -c 2000000 /dev/zero`, "printed more than 1048576 bytes"},
		"too slow":    {Command{Timeout: 200 * time.Millisecond}, `sleep 60`, "did not end within 200ms"},
		"empty text":  {Command{Text: true}, ``, "printed no password"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s, r, _ := script(t, tt.command, tt.script)
			_, err := s.Login(t.Context())
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("want %q, got %v", tt.want, err)
			}
			text := err.Error()
			for _, canary := range []string{"canary-1", "canary-2", "canary-3", "canary-4", "canary-5"} {
				if strings.Contains(text, canary) {
					t.Errorf("the error holds %s: %s", canary, text)
				}
			}
			if strings.Contains(tt.script, "canary-1") && !r.hides("canary-1") && !strings.Contains(tt.script, "[") {
				t.Error("what it printed is not hidden")
			}
		})
	}
	for name, argv := range map[string][]string{"nothing": {}, "empty": {""}} {
		if _, err := New(Spec{Command: &Command{Argv: argv}}, (&told{}).options(t.TempDir())); err == nil {
			t.Errorf("%s is taken for a command", name)
		}
	}
	s, err := New(Spec{Command: &Command{Argv: []string{"no-such-program-anywhere", "canary-argument"}}}, (&told{}).options(t.TempDir()))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Login(t.Context()); err == nil || !strings.Contains(err.Error(), "is not found in PATH") || strings.Contains(err.Error(), "canary") {
		t.Errorf("no such program: %v", err)
	}
}
