package connect

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"runtime/debug"
	"strings"
	"sync/atomic"
)

// Target is where to connect and as whom. It prints without its password whatever prints it.
type Target struct {
	// Source says where the connection was found: "--url", "DATABASE_URL", "libpq's environment", …
	Source string
	// Notes are remarks for the user that came up on the way: keys that were ignored, a password file not read.
	Notes []string
	// Program names this program in application_name; "pleat/<version>" by default.
	Program string
	// Warn, if set, is told what comes up while connecting (a connection without TLS). It must not block.
	Warn func(string)
	// Credentials, if set, are asked for user and password before each connection, above what the connection string says.
	Credentials Credentials

	endpoints []endpoint
	database  string
	user      string
	settings  *settings
	who       string
	// temporary says that the login is of a role that will be dropped; told, that this was said.
	temporary bool
	told      *atomic.Bool
	env       Lookup
}

// Parse reads a connection URL or a key=value string as libpq does; empty means the environment alone. What the string
// leaves open comes from the service, the environment and the password file. Nothing is sent and no name is resolved.
// No error holds a piece of the input that could be a secret.
func Parse(input string, env Lookup) (*Target, error) {
	source := "the connection string"
	if input == "" {
		source = "libpq's environment"
	}
	return parse(input, source, env)
}

func parse(input, source string, env Lookup) (*Target, error) {
	conninfo, notes, err := parseConninfo(strings.TrimSpace(input), source)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", source, err)
	}
	s, err := collect(conninfo, env)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", source, err)
	}
	t := &Target{Source: source, Notes: append(notes, s.notes...), Program: program(), settings: s, told: &atomic.Bool{}, env: env}
	if t.endpoints, err = endpoints(s.values); err != nil {
		return nil, fmt.Errorf("read %s: %w", source, err)
	}
	t.user, t.database = s.values["user"], s.values["dbname"]
	if t.user == "" {
		t.user = osUser()
	}
	if t.database == "" {
		t.database = t.user
	}
	t.who = who(s.values, env)
	if err := t.complete(env); err != nil {
		return nil, fmt.Errorf("read %s: %w", source, err)
	}
	return t, nil
}

// complete finds the password and the default TLS files, and lets the driver check what is left to it.
func (t *Target) complete(env Lookup) error {
	values := t.settings.values
	if t.settings.password.Empty() {
		path := values["passfile"]
		if path == "" {
			path = homeFile(env, ".pgpass", "pgpass.conf")
		}
		password, note, err := passwordFor(path, t.endpoints, t.database, t.user)
		if err != nil {
			return err
		}
		if note != "" {
			t.Notes = append(t.Notes, note)
		}
		t.settings.password = password
	}
	defaultTLSFiles(values, env)
	_, err := t.driverConfig("check")
	return err
}

// defaultTLSFiles fills in the files of ~/.postgresql that exist; a client certificate needs its key.
func defaultTLSFiles(values map[string]string, env Lookup) {
	file := func(name string) string { return homeFile(env, ".postgresql/"+name, name) }
	if _, set := values["sslrootcert"]; !set && exists(file("root.crt")) {
		values["sslrootcert"] = file("root.crt")
	}
	_, cert := values["sslcert"]
	_, key := values["sslkey"]
	if !cert && !key && exists(file("postgresql.crt")) && exists(file("postgresql.key")) {
		values["sslcert"], values["sslkey"] = file("postgresql.crt"), file("postgresql.key")
	}
}

// Redacted names the target for people: hosts, database, user; never the password nor the URL as given.
func (t *Target) Redacted() string {
	if t == nil || t.settings == nil {
		return "no target"
	}
	var hosts []string
	for _, e := range t.endpoints {
		hosts = append(hosts, e.String())
	}
	return fmt.Sprintf("database %q on %s as %q", t.database, strings.Join(hosts, ", "), t.user)
}

// Database is the name of the database.
func (t *Target) Database() string { return t.database }

// User is the name of the role that logs in.
func (t *Target) User() string { return t.user }

// Host is the first host: a name, an address, or the directory of a socket.
func (t *Target) Host() string { return t.endpoints[0].host }

// Port is the first host's port.
func (t *Target) Port() uint16 { return t.endpoints[0].port }

// Password is the password found, or an empty Secret. For tools that are started beside pleat (pg_dump) and take it
// in their environment.
func (t *Target) Password() Secret { return t.settings.password }

// String is Redacted.
func (t *Target) String() string { return t.Redacted() }

// GoString is Redacted.
func (t *Target) GoString() string { return t.Redacted() }

// Format writes Redacted for every verb.
func (t Target) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, t.Redacted()) }

// MarshalJSON gives host, port, database and user.
func (t Target) MarshalJSON() ([]byte, error) {
	if len(t.endpoints) == 0 {
		return []byte("null"), nil
	}
	return json.Marshal(map[string]any{"host": t.Host(), "port": t.Port(), "database": t.database, "user": t.user})
}

// LogValue is Redacted.
func (t Target) LogValue() slog.Value { return slog.StringValue(t.Redacted()) }

// program is pleat and its version as built.
func program() string {
	version := "dev"
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		version = strings.TrimPrefix(info.Main.Version, "v")
	}
	return "pleat/" + version
}

// who says for people at the other end who connects: the user's own application_name, a pipeline's run, or user@host.
func who(values map[string]string, env Lookup) string {
	for _, key := range []string{"application_name", "fallback_application_name"} {
		if values[key] != "" {
			return values[key]
		}
	}
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	for _, run := range []struct{ name, variable string }{
		{"github", "GITHUB_RUN_ID"}, {"gitlab", "CI_JOB_ID"}, {"buildkite", "BUILDKITE_BUILD_NUMBER"},
		{"circleci", "CIRCLE_BUILD_NUM"}, {"azure", "BUILD_BUILDID"}, {"jenkins", "BUILD_TAG"},
	} {
		if id := env(run.variable); id != "" {
			return run.name + "-" + id
		}
	}
	if ci := env("CI"); ci != "" && ci != "false" {
		return "ci@" + host
	}
	return osUser() + "@" + host
}

// label is the application_name: at most 63 bytes of printable ASCII, which is all the server keeps of it.
func (t *Target) label(purpose string) string {
	text := t.Program + " " + purpose + " " + t.who
	clean := strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return '?'
		}
		return r
	}, text)
	return clean[:min(len(clean), 63)]
}
