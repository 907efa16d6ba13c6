package pgtest

import (
	"context"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/pleatdb/pleat/inspect/shadow/server"
)

// Dump is the schema of the database at url as pg_dump --schema-only prints it, with further args, less what differs from
// run to run: version comments and \restrict keys. The test is skipped where no pg_dump of the server's version
// or a newer one is found.
func Dump(t testing.TB, url string, args ...string) string {
	t.Helper()
	program := pgDump(t, Server(t).Major())
	cmd := exec.Command(program, append([]string{"--schema-only", "--dbname=" + url}, args...)...)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("dump test database: %v: %s", err, stderr.String())
	}
	return strip(string(out))
}

// dumper is a pg_dump and its major version.
type dumper struct {
	path  string
	major int
}

// dumpers are all those of this machine, in the order of preference.
var dumpers = sync.OnceValue(func() []dumper {
	name := "pg_dump"
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	var found []dumper
	for _, dir := range server.BinDirs() {
		path, err := filepath.EvalSymlinks(filepath.Join(dir, name))
		// Debian's link of that name leads to a wrapper that chooses a version by rules of its own.
		if err != nil || filepath.Base(path) != name {
			continue
		}
		if major := dumpMajor(path); major > 0 {
			found = append(found, dumper{path, major})
		}
	}
	return found
})

// pgDump finds the oldest pg_dump that can read a server of the major version.
func pgDump(t testing.TB, major int) string {
	t.Helper()
	var best dumper
	for _, d := range dumpers() {
		if d.major >= major && (best.path == "" || d.major < best.major) {
			best = d
		}
	}
	if best.path == "" {
		t.Skipf("no pg_dump of major version %d or newer in PLEAT_POSTGRES_BIN, PATH or the usual places", major)
	}
	return best.path
}

// dumpMajor is the major version of a pg_dump; 0 when it does not run.
func dumpMajor(path string) int {
	out, err := exec.CommandContext(context.Background(), path, "--version").Output()
	if err != nil {
		return 0
	}
	_, version, _ := strings.Cut(string(out), "(PostgreSQL) ")
	digits, _, _ := strings.Cut(strings.TrimSpace(version), ".")
	major, err := strconv.Atoi(digits)
	if err != nil {
		return 0
	}
	return major
}

// strip removes the lines of a dump that differ from run to run.
func strip(dump string) string {
	var kept []string
	for _, line := range strings.Split(dump, "\n") {
		switch {
		case strings.HasPrefix(line, `\restrict `), strings.HasPrefix(line, `\unrestrict `):
		case strings.HasPrefix(line, "-- Dumped from database version "), strings.HasPrefix(line, "-- Dumped by pg_dump version "):
		default:
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, "\n")
}
