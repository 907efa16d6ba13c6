package main

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/pleatdb/pleat/inspect/shadow/server"
)

// dumper runs pg_dump, the judge's source.
type dumper struct {
	program string
	owners  bool
}

// newDumper finds the oldest pg_dump that can read servers of the major version: a newer one prints for its own version.
func newDumper(ctx context.Context, major int, owners bool) (*dumper, error) {
	best, bestMajor := "", 0
	for _, dir := range server.BinDirs() {
		path := filepath.Join(dir, "pg_dump")
		found := versionOf(ctx, path)
		if found >= major && (best == "" || found < bestMajor) {
			best, bestMajor = path, found
		}
	}
	if best == "" {
		return nil, fmt.Errorf("find pg_dump: none of major version %d or newer in PLEAT_POSTGRES_BIN, PATH or the usual places", major)
	}
	return &dumper{program: best, owners: owners}, nil
}

// versionOf is the major version of a program of PostgreSQL; 0 when it does not run.
func versionOf(ctx context.Context, program string) int {
	out, err := exec.CommandContext(ctx, program, "--version").Output()
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

// dump is the schema of the database, pleat's own part aside.
func (d *dumper) dump(ctx context.Context, url string) (string, error) {
	args := []string{"--schema-only", "--exclude-schema=pleat", "--dbname=" + url}
	if !d.owners {
		args = append(args, "--no-owner")
	}
	cmd := exec.CommandContext(ctx, d.program, args...)
	cmd.Env = environment()
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("dump: %w: %s", err, firstLines(stderr.String(), 5))
	}
	return withoutRestrict(string(out)), nil
}

// withoutRestrict removes the lines \restrict KEY and \unrestrict KEY that pg_dump writes around its text since the
// minor releases of August 2025 (15.14). Only the outermost pair goes: a function's body may hold such lines too.
func withoutRestrict(dump string) string {
	lines := strings.Split(dump, "\n")
	first := -1
	for i, line := range lines {
		if line != "" && !strings.HasPrefix(line, "--") {
			first = i
			break
		}
	}
	if first < 0 || !strings.HasPrefix(lines[first], `\restrict `) {
		return dump
	}
	key := strings.TrimPrefix(lines[first], `\restrict `)
	lines[first] = ""
	for i := len(lines) - 1; i > first; i-- {
		if lines[i] == `\unrestrict `+key {
			lines[i] = ""
			break
		}
	}
	return strings.Join(lines, "\n")
}
