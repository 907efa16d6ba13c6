package connect

import (
	"errors"
	"fmt"
	"maps"
	"slices"
)

// Beside is the same server and login with another database. A password file is not asked anew: what it says for the target's own
// database stays.
func (t *Target) Beside(database string) *Target {
	out := *t
	settings := *t.settings
	settings.values = maps.Clone(settings.values)
	settings.values["dbname"] = database
	out.settings, out.database = &settings, database
	return &out
}

// plainKeys are the keys of connection strings that say where and as whom to connect, and how safely. All others name files of this machine,
// reach into the session, or take more from elsewhere.
var plainKeys = []string{"host", "hostaddr", "port", "dbname", "user", "password", "sslmode", "channel_binding", "require_auth", "sslnegotiation",
	"target_session_attrs", "connect_timeout", "load_balance_hosts"}

// ParseForeign reads a connection string that somebody wrote who may not be trusted with this machine: only plain keys are taken, it must
// name its host, and nothing comes from libpq's variables, service files or password files. Otherwise a row of a table could send the
// password of PGPASSWORD to a server of its own choice.
func ParseForeign(input string) (*Target, error) {
	pairs, _, err := parseConninfo(input, "the connection string")
	if err != nil {
		return nil, err
	}
	host := false
	for _, p := range pairs {
		host = host || p.key == "host" || p.key == "hostaddr"
		if !slices.Contains(plainKeys, p.key) {
			if p.mayBeSecret || !isWord(p.key) {
				return nil, errors.New("a key of the connection string is not allowed here (not shown: it may be part of a password)")
			}
			return nil, fmt.Errorf("the key %q is not allowed in the connection string of a target that a file or a query names", p.key)
		}
	}
	if !host {
		return nil, errors.New("the connection string of a target that a file or a query names must name its host")
	}
	nothing := func(string) string { return "" }
	noHome := func(name string) string {
		if name == "HOME" || name == "APPDATA" {
			return "/nonexistent" // without it the user's own directory is looked up
		}
		return nothing(name)
	}
	return parse(input, "the target's connection string", noHome)
}
