package server

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
)

// Installation is one set of server binaries.
type Installation struct {
	// Bin is the directory that holds postgres and initdb.
	Bin string
	// Major is the major version: 17.
	Major int
	// Version is what "postgres --version" gives after the product's name: "17.6 (Debian 17.6-1)".
	Version string
	// Source says for people where the binaries come from: "local" or "npm".
	Source string
}

func (in Installation) program(name string) string { return filepath.Join(in.Bin, executable(name)) }

func executable(name string) string {
	if runtime.GOOS == "windows" {
		return name + ".exe"
	}
	return name
}

// BinDirs lists the directories where PostgreSQL's programs may be, the preferred first, each once: those of
// PLEAT_POSTGRES_BIN (a list like PATH), those of PATH, and the places of the usual packages. They exist, but need
// not hold a server: client packages are here too.
func BinDirs() []string {
	dirs := filepath.SplitList(os.Getenv("PLEAT_POSTGRES_BIN"))
	dirs = append(dirs, filepath.SplitList(os.Getenv("PATH"))...)
	for _, pattern := range []string{
		"/usr/lib/postgresql/*/bin",
		"/usr/pgsql-*/bin",
		"/usr/lib/postgresql[0-9]*/bin",
		"/usr/libexec/postgresql[0-9]*",
		"/opt/homebrew/opt/postgresql@*/bin",
		"/usr/local/opt/postgresql@*/bin",
		"/home/linuxbrew/.linuxbrew/opt/postgresql@*/bin",
		"/usr/local/pgsql/bin",
		"/Applications/Postgres.app/Contents/Versions/*/bin",
		`C:\Program Files\PostgreSQL\*\bin`,
	} {
		// Glob fails only on a malformed pattern, and these are constant.
		found, _ := filepath.Glob(pattern)
		dirs = append(dirs, found...)
	}
	var kept []string
	for _, dir := range dirs {
		real, err := filepath.EvalSymlinks(dir)
		if err != nil || !filepath.IsAbs(real) || slices.Contains(kept, real) {
			continue
		}
		kept = append(kept, real)
	}
	return kept
}

// Installed lists the server binaries of this machine, the newest major version first, and among those of one major
// version the preferred first.
func Installed(ctx context.Context) []Installation {
	var found []Installation
	var seen []string
	for _, dir := range BinDirs() {
		dir = homeOf(dir)
		if slices.Contains(seen, dir) {
			continue
		}
		seen = append(seen, dir)
		if in, err := examine(ctx, dir, "local"); err == nil {
			found = append(found, in)
		}
	}
	slices.SortStableFunc(found, func(a, b Installation) int { return b.Major - a.Major })
	return found
}

// homeOf follows a link to the server's program, as package managers put into PATH, to the directory of the whole.
func homeOf(dir string) string {
	program, err := filepath.EvalSymlinks(filepath.Join(dir, executable("postgres")))
	if err != nil {
		return dir
	}
	home := filepath.Dir(program)
	if _, err := os.Stat(filepath.Join(home, executable("initdb"))); err != nil {
		return dir
	}
	return home
}

// examine reads the version of the server binaries in dir by running them.
func examine(ctx context.Context, dir, source string) (Installation, error) {
	in := Installation{Bin: dir, Source: source}
	if _, err := os.Stat(in.program("initdb")); err != nil {
		return in, err
	}
	out, err := exec.CommandContext(ctx, in.program("postgres"), "--version").Output()
	if err != nil {
		return in, fmt.Errorf("ask %s for its version: %w", in.program("postgres"), err)
	}
	_, version, ok := strings.Cut(strings.TrimSpace(string(out)), "(PostgreSQL) ")
	if !ok {
		return in, fmt.Errorf("read version of %s: %q is not PostgreSQL's form", in.program("postgres"), out)
	}
	digits := strings.IndexFunc(version, func(r rune) bool { return r < '0' || r > '9' })
	if digits < 0 {
		digits = len(version)
	}
	in.Version = version
	in.Major, err = strconv.Atoi(version[:digits])
	if err != nil {
		return in, fmt.Errorf("read version of %s: %q has no number", in.program("postgres"), version)
	}
	return in, nil
}
