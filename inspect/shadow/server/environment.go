package server

import (
	"os"
	"slices"
	"strings"
)

// needed are the variables that the server's programs may see: what finds programs, libraries and places for files.
var needed = []string{
	"PATH", "HOME", "USER", "LOGNAME", "SHELL", "TMPDIR", "TMP", "TEMP", "LD_LIBRARY_PATH", "LD_PRELOAD", "DYLD_LIBRARY_PATH",
	"DYLD_FALLBACK_LIBRARY_PATH", "LOCPATH", "LOCALE_ARCHIVE", "ICU_DATA", "SYSTEMROOT", "SYSTEMDRIVE", "WINDIR", "COMSPEC", "PATHEXT",
	"PROGRAMDATA", "PROGRAMFILES", "USERPROFILE", "LOCALAPPDATA", "APPDATA", "NUMBER_OF_PROCESSORS",
}

// environment is what the server's programs see: nothing of libpq's variables nor of the person's locale, which would
// change what initdb makes, and no secret: what is tried on the server runs as its superuser, who may start programs.
func environment() []string {
	env := []string{"LC_ALL=C"}
	for _, pair := range os.Environ() {
		name, _, _ := strings.Cut(pair, "=")
		if slices.Contains(needed, strings.ToUpper(name)) {
			env = append(env, pair)
		}
	}
	return env
}

// withoutConnections is the environment for programs that fetch a server: without what says how to reach a database. Their own
// credentials, for a registry or a proxy, are theirs to know.
func withoutConnections() (env []string) {
	for _, pair := range os.Environ() {
		name, _, _ := strings.Cut(pair, "=")
		switch {
		case strings.HasPrefix(name, "PG"), strings.HasPrefix(name, "PLEAT_"), strings.HasPrefix(name, "VAULT_"), strings.HasPrefix(name, "BAO_"), name == "DATABASE_URL":
		default:
			env = append(env, pair)
		}
	}
	return env
}
