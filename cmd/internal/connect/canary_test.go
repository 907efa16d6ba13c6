package connect

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
)

const (
	canary        = `p@ss/w%rd#1`
	encodedCanary = `p%40ss%2Fw%25rd%231`
)

// leaks says whether text holds the canary, its encoded form, or a telling piece of either.
func leaks(text string) bool {
	for _, piece := range []string{canary, encodedCanary, "p@ss", "w%rd", "ss/w", "rd#1", "p%40ss", "w%25rd"} {
		if strings.Contains(text, piece) {
			return true
		}
	}
	return false
}

func environment(pairs ...string) Lookup {
	values := map[string]string{"HOME": "/nonexistent"}
	for i := 0; i < len(pairs); i += 2 {
		values[pairs[i]] = pairs[i+1]
	}
	return func(name string) string { return values[name] }
}

func writeFile(t *testing.T, path, text string, mode os.FileMode) string {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil { // whatever the umask is
		t.Fatal(err)
	}
	return path
}

// TestCanary gives the password by every way there is and prints everything that can be printed.
func TestCanary(t *testing.T) {
	server := tcpServer(t)
	dir := t.TempDir()
	service := writeFile(t, filepath.Join(dir, "service.conf"), fmt.Sprintf(
		"[app]\nhost=127.0.0.1\nport=%d\nuser=canary\ndbname=postgres\npassword=%s\n", server.port, canary), 0o600)
	pass := writeFile(t, filepath.Join(dir, "pass"), fmt.Sprintf("# note\n127.0.0.1:%d:*:canary:%s\n", server.port, canary), 0o600)
	at := fmt.Sprintf("127.0.0.1:%d", server.port)
	dsn := fmt.Sprintf("host=127.0.0.1 port=%d user=canary dbname=postgres", server.port)
	ways := map[string]struct {
		input string
		env   Lookup
	}{
		"URL":         {"postgres://canary:" + encodedCanary + "@" + at + "/postgres", environment()},
		"URL query":   {"postgres://" + at + "/postgres?user=canary&password=" + encodedCanary, environment()},
		"key=value":   {dsn + " password='" + canary + "'", environment()},
		"environment": {dsn, environment("PGPASSWORD", canary)},
		"service":     {"", environment("PGSERVICE", "app", "PGSERVICEFILE", service)},
		"pgpass":      {dsn, environment("PGPASSFILE", pass)},
	}
	for name, way := range ways {
		t.Run(name, func(t *testing.T) {
			target, err := Parse(way.input, way.env)
			if err != nil {
				t.Fatal(err)
			}
			if target.Password().Reveal() != canary {
				t.Fatal("the password was not read as it is")
			}
			conn, err := target.Connect(context.Background(), "test")
			if err != nil {
				t.Fatal(err)
			}
			connString := conn.Config().ConnString()
			_ = conn.Close(context.Background())
			for what, text := range everyPrint(t, target) {
				if leaks(text) {
					t.Errorf("%s shows the password", what)
				}
			}
			if leaks(connString) {
				t.Error("the driver's connection string holds the password")
			}
			checkFailures(t, target)
		})
	}
}

// checkFailures connects to what cannot be connected to and looks at the errors.
func checkFailures(t *testing.T, target *Target) {
	t.Helper()
	refusing, missing, unknown := *target, *target, *target
	refusing.endpoints = []endpoint{{host: "127.0.0.1", port: 1}}
	missing.database = "no_such_database"
	unknown.user = "nobody_here"
	for name, broken := range map[string]*Target{"refused": &refusing, "no database": &missing, "wrong user": &unknown} {
		_, err := broken.Connect(context.Background(), "test")
		var failed *Error
		if !errors.As(err, &failed) || failed.Hint == "" {
			t.Fatalf("%s: want an *Error with a hint, got %v", name, err)
		}
		var wrapper *pgconn.ConnectError
		if errors.As(err, &wrapper) {
			t.Errorf("%s: the error carries the driver's configuration", name)
		}
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
			if leaks(fmt.Sprintf(verb, err)) {
				t.Errorf("%s: %s of the error shows the password", name, verb)
			}
		}
	}
}

// everyPrint prints a target, and a struct that holds it in a field that fmt cannot call methods on.
func everyPrint(t *testing.T, target *Target) map[string]string {
	t.Helper()
	out := map[string]string{"Redacted": target.Redacted(), "notes": strings.Join(target.Notes, "\n")}
	type holder struct {
		target   Target
		pointer  *Target
		settings *settings
		inner    settings
		secret   Secret
	}
	h := holder{*target, target, target.settings, *target.settings, target.settings.password}
	for name, v := range map[string]any{"target": target, "value": *target, "holder": h, "pointer": &h, "secret": h.secret} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
			out[name+" "+verb] = fmt.Sprintf(verb, v)
		}
		src, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		out[name+" JSON"] = string(src)
		var log bytes.Buffer
		slog.New(slog.NewJSONHandler(&log, nil)).Info("m", "v", v)
		slog.New(slog.NewTextHandler(&log, nil)).Info("m", "v", v)
		out[name+" log"] = log.String()
	}
	return out
}

// TestMalformedInputIsNotRepeated: the canary as people paste it, unencoded.
func TestMalformedInputIsNotRepeated(t *testing.T) {
	for _, input := range []string{
		"postgres://u:" + canary + "@h/d",
		"postgres://u:" + canary + "@h:5432/d?sslmode=require",
		"postgres://u:p@ss@h/d",
		"postgres://u:p@ss:5432@h/d",
		"postgres://u:p@ss/wrd@h/d",
		"postgres://u:1/p@ss@h/d",
		"postgres://u:1?p@ss@h/d",
		"postgres://u:1?p=p@ss&rd#1=2",
		"postgres://u:w%rd@h/d",
		"postgres://h/d?password=a&rd#1=w",
		"postgres://h/d?password=a&rdxx=w",
		"postgres://h:w%rd/d",
		"weird://u:" + canary + "@h/d",
		"password=a p@ss=b",
		"password=a rdxx=b",
		"password='" + canary,
		"password=a " + canary,
		canary,
		"host=h port=" + canary,
	} {
		_, err := Parse(input, environment())
		if err == nil {
			t.Errorf("%s was read", input)
			continue
		}
		if leaks(err.Error()) || strings.Contains(err.Error(), "rdxx") {
			t.Errorf("%s: the error repeats it: %s", input, err)
		}
	}
	if _, err := Parse("postgres://u:"+canary+"@h/d", environment()); !strings.Contains(err.Error(), "PGPASSWORD, a .pgpass file, or the form key=value") {
		t.Errorf("no advice: %s", err)
	}
}
