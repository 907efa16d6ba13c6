package connect

import (
	"os"
	"os/user"
	"path/filepath"
	"runtime"
)

// Lookup reads one environment variable; an unset one is empty.
type Lookup = func(name string) string

// libpqVariables are libpq's environment variables and the keys they stand for (PostgreSQL 18, "Environment
// Variables"). PGOPTIONS, PGTZ, PGDATESTYLE and PGGEQO are server settings; the date style is pinned anyway.
var libpqVariables = []struct{ name, key string }{
	{"PGHOST", "host"}, {"PGHOSTADDR", "hostaddr"}, {"PGPORT", "port"}, {"PGDATABASE", "dbname"}, {"PGUSER", "user"},
	{"PGPASSWORD", "password"}, {"PGPASSFILE", "passfile"}, {"PGAPPNAME", "application_name"},
	{"PGCONNECT_TIMEOUT", "connect_timeout"}, {"PGOPTIONS", "options"}, {"PGTZ", "timezone"},
	{"PGCLIENTENCODING", "client_encoding"}, {"PGCHANNELBINDING", "channel_binding"}, {"PGREQUIREAUTH", "require_auth"},
	{"PGREQUIRESSL", "requiressl"}, {"PGSSLMODE", "sslmode"}, {"PGSSLCERT", "sslcert"}, {"PGSSLKEY", "sslkey"},
	{"PGSSLCERTMODE", "sslcertmode"}, {"PGSSLROOTCERT", "sslrootcert"}, {"PGSSLCRL", "sslcrl"},
	{"PGSSLCRLDIR", "sslcrldir"}, {"PGSSLSNI", "sslsni"}, {"PGSSLPASSWORD", "sslpassword"},
	{"PGSSLNEGOTIATION", "sslnegotiation"}, {"PGSSLCOMPRESSION", "sslcompression"},
	{"PGSSLKEYLOGFILE", "sslkeylogfile"}, {"PGSSLMINPROTOCOLVERSION", "ssl_min_protocol_version"},
	{"PGSSLMAXPROTOCOLVERSION", "ssl_max_protocol_version"}, {"PGREQUIREPEER", "requirepeer"},
	{"PGGSSENCMODE", "gssencmode"}, {"PGGSSDELEGATION", "gssdelegation"}, {"PGGSSLIB", "gsslib"},
	{"PGKRBSRVNAME", "krbsrvname"}, {"PGTARGETSESSIONATTRS", "target_session_attrs"},
	{"PGLOADBALANCEHOSTS", "load_balance_hosts"}, {"PGMINPROTOCOLVERSION", "min_protocol_version"},
	{"PGMAXPROTOCOLVERSION", "max_protocol_version"},
}

func environmentPairs(env Lookup) (pairs []pair) {
	for _, v := range libpqVariables {
		if value := env(v.name); value != "" {
			pairs = append(pairs, pair{key: v.key, value: value, source: v.name})
		}
	}
	return pairs
}

// homeFile is the path of one of the user's own PostgreSQL files; empty where the user has no home.
func homeFile(env Lookup, unixName, windowsName string) string {
	if runtime.GOOS == "windows" {
		return filepath.Join(env("APPDATA"), "postgresql", windowsName)
	}
	home := env("HOME")
	if home == "" {
		u, err := user.Current()
		if err != nil {
			return ""
		}
		home = u.HomeDir
	}
	return filepath.Join(home, unixName)
}

func osUser() string {
	u, err := user.Current()
	if err != nil {
		return ""
	}
	return u.Username
}

// defaultHost is where libpq's builds look for a server: the socket directory of the distribution, else TCP.
func defaultHost() string {
	if runtime.GOOS != "windows" {
		for _, dir := range []string{"/var/run/postgresql", "/private/tmp", "/tmp"} {
			if exists(dir) {
				return dir
			}
		}
	}
	return "localhost"
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
