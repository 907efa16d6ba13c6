package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

// pleat runs the program under test for one journey, in the directory that holds its project.
type pleat struct {
	program string
	dir     string
	url     string
	shadow  string // the server on which pleat makes its shadows
	limit   time.Duration
	count   int
}

// exitError is a command of pleat that did not end with 0.
type exitError struct {
	command string
	code    int
	text    string
}

func (e *exitError) Error() string {
	return fmt.Sprintf("pleat %s: exit code %d: %s", e.command, e.code, e.text)
}

// run runs one command, and keeps what it said in a numbered file of the directory.
func (p *pleat) run(ctx context.Context, args ...string) error {
	command := strings.Join(args, " ")
	args = append(slices.Clone(args), "--no-color", "--url", p.url)
	if args[0] != "rollback" && args[0] != "hash" {
		args = append(args, "--shadow", p.shadow)
	}
	limited, cancel := context.WithTimeout(ctx, p.limit)
	defer cancel()
	cmd := exec.CommandContext(limited, p.program, args...)
	cmd.Dir, cmd.Env = p.dir, environment()
	// A Go program answers SIGQUIT with a trace of where it hangs.
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGQUIT) }
	cmd.WaitDelay = 5 * time.Second
	var stdout, stderr strings.Builder
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	began := time.Now()
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) && limited.Err() == nil {
		return fmt.Errorf("run pleat: %w", err)
	}
	code := cmd.ProcessState.ExitCode()
	text := fmt.Sprintf("pleat %s\nexit code %d after %s\n\n--- stdout\n%s\n--- stderr\n%s",
		command, code, time.Since(began).Round(time.Millisecond), stdout.String(), stderr.String())
	p.count++
	name := fmt.Sprintf("%02d %s.txt", p.count, args[0])
	if err := os.WriteFile(filepath.Join(p.dir, name), []byte(text), 0o644); err != nil {
		return fmt.Errorf("keep output of pleat: %w", err)
	}
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case limited.Err() != nil:
		return &exitError{command, code, "no answer in time"}
	case code != 0:
		return &exitError{command, code, said(stdout.String(), stderr.String())}
	}
	return nil
}

// said is the end of what a failed command wrote: its error stands last.
func said(stdout, stderr string) string {
	text := strings.TrimSpace(stderr)
	if text == "" {
		text = strings.TrimSpace(stdout)
	}
	lines := strings.Split(text, "\n")
	return strings.Join(lines[max(0, len(lines)-25):], "\n")
}

// environment is that of the process less what would lead pleat to another database.
func environment() []string {
	env := []string{"LC_ALL=C"}
	for _, pair := range os.Environ() {
		name, _, _ := strings.Cut(pair, "=")
		if !strings.HasPrefix(name, "PG") && !strings.HasPrefix(name, "PLEAT_") && !strings.HasPrefix(name, "LC_") && name != "DATABASE_URL" {
			env = append(env, pair)
		}
	}
	return env
}

// migrations lists the files of the project, oldest first.
func (p *pleat) migrations() ([]string, error) {
	paths, err := filepath.Glob(filepath.Join(p.dir, "migrations", "*.sql"))
	for i := range paths {
		paths[i] = filepath.Base(paths[i])
	}
	return paths, err
}
