package review

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// repository makes a git repository with one commit on main.
func repository(t *testing.T) (dir string, run func(args ...string)) {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not installed")
	}
	dir = t.TempDir()
	run = func(args ...string) {
		t.Helper()
		cmd := exec.Command("git", append([]string{"-C", dir, "-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"}, args...)...)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
	}
	run("init", "-q", "-b", "main")
	write(t, dir, "m/1_a.sql", "-- migrate:up\nCREATE TABLE a (x int);\n-- migrate:down\nDROP TABLE a;\n")
	write(t, dir, "m/2_b.sql", "-- migrate:up\nCREATE INDEX i ON a (x);\n-- migrate:down\nDROP INDEX i;\n")
	run("add", ".")
	run("commit", "-q", "-m", "first")
	return dir, run
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	path := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// meant are the base names of the migrations that are no context.
func meant(s *Set) (out []string) {
	for _, d := range s.Dirs {
		for _, f := range d.Files {
			if !f.Context {
				out = append(out, filepath.Base(f.Path))
			}
		}
	}
	return out
}

// TestBase means what a branch adds or edits, committed or not, and not what main got meanwhile.
func TestBase(t *testing.T) {
	dir, run := repository(t)
	run("checkout", "-q", "-b", "feature")
	write(t, dir, "m/3_c d.sql", "-- migrate:up\nCREATE INDEX j ON a (x);\n")
	write(t, dir, "m/2_b.sql", "-- migrate:up\nCREATE INDEX i ON a (x) ;\n")
	run("add", ".")
	run("commit", "-q", "-m", "more")
	run("checkout", "-q", "main")
	write(t, dir, "m/9_main.sql", "-- migrate:up\nSELECT 1;\n")
	run("add", ".")
	run("commit", "-q", "-m", "main goes on")
	run("checkout", "-q", "feature")
	write(t, dir, "m/4_é.sql", "-- migrate:up\nSELECT 1;\n")

	for _, paths := range [][]string{
		{filepath.Join(dir, "m")},
		{filepath.Join(dir, "m", "1_a.sql"), filepath.Join(dir, "m", "2_b.sql"), filepath.Join(dir, "m", "3_c d.sql"), filepath.Join(dir, "m", "4_é.sql")},
	} {
		s, err := Read(t.Context(), Request{Paths: paths, Base: "main"})
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(meant(s), " "); got != "2_b.sql 3_c d.sql 4_é.sql" || len(s.Since) < 40 {
			t.Errorf("%v: got %q since %q", paths, got, s.Since)
		}
		if n := len(s.Dirs[0].Files); n != 4 {
			t.Errorf("%v: %d files are read, want 4 with their context", paths, n)
		}
	}
}

func TestBaseIsWrong(t *testing.T) {
	dir, run := repository(t)
	run("checkout", "-q", "--orphan", "other")
	run("commit", "-q", "-m", "no ancestor in common")
	m := filepath.Join(dir, "m")
	for revision, want := range map[string]string{
		"gone":                "git does not know it",
		"--output=/tmp/x":     "not the name of a revision",
		"":                    "",
		" ":                   "not the name of a revision",
		"main":                "no commit in common",
		"main; touch /tmp/no": "git does not know it",
		"HEAD:m":              "git does not know it",
	} {
		_, err := Read(t.Context(), Request{Paths: []string{m}, Base: revision})
		var wrong *RevisionError
		switch {
		case want == "" && err != nil:
			t.Errorf("%q: %v", revision, err)
		case want != "" && (!errors.As(err, &wrong) || !strings.Contains(wrong.Reason, want)):
			t.Errorf("%q: got %v, want %q", revision, err, want)
		}
	}
	outside := t.TempDir()
	write(t, outside, "a.sql", "SELECT 1;")
	var wrong *RevisionError
	if _, err := Read(t.Context(), Request{Paths: []string{outside}, Base: "main"}); !errors.As(err, &wrong) || wrong.Next == "" {
		t.Errorf("outside of a repository: got %v", err)
	}
	t.Setenv("PATH", t.TempDir())
	if _, err := Read(t.Context(), Request{Paths: []string{m}, Base: "main"}); !errors.As(err, &wrong) || !strings.Contains(wrong.Reason, "not installed") {
		t.Errorf("without git: got %v", err)
	}
	if _, err := Read(t.Context(), Request{Paths: []string{"-"}, Base: "main", Stdin: strings.NewReader("")}); err == nil {
		t.Error("standard input was compared with a revision")
	}
}

// TestBaseRunsNothing has a repository whose own settings name programs to run.
func TestBaseRunsNothing(t *testing.T) {
	dir, run := repository(t)
	mark := filepath.Join(t.TempDir(), "ran")
	script := filepath.Join(t.TempDir(), "script")
	if err := os.WriteFile(script, []byte("#!/bin/sh\ntouch '"+mark+"'\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	run("config", "diff.external", script)
	run("config", "core.pager", script)
	write(t, dir, "m/3_c.sql", "-- migrate:up\nSELECT 1;\n")
	run("config", "core.fsmonitor", script)
	s, err := Read(t.Context(), Request{Paths: []string{filepath.Join(dir, "m")}, Base: "main"})
	if err != nil || strings.Join(meant(s), " ") != "3_c.sql" {
		t.Errorf("got %v, %v", s, err)
	}
	if _, err := os.Stat(mark); err == nil {
		t.Error("git ran a program that the repository names")
	}
}

func TestRoot(t *testing.T) {
	dir, _ := repository(t)
	if got := Root(filepath.Join(dir, "m")); got != real(dir) {
		t.Errorf("got %q, want %q", got, real(dir))
	}
}
