package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// pleat runs the program under test for one case.
type pleat struct {
	program string
	dir     string // the working directory, where a pleat.hcl may lie
	shadow  string // the server on which pleat makes its shadows
	limit   time.Duration
	out     *outcome
	listed  []unmanaged
}

// run runs one command, whose files go into the case's directory, and notes what pleat lists as unmanaged. The
// error says that it could not be started.
func (p *pleat) run(ctx context.Context, step string, args ...string) (answer, error) {
	args = append(args, "--shadow", p.shadow, "--no-color", "--json")
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
	took := time.Since(began)
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) && limited.Err() == nil {
		return answer{}, fmt.Errorf("run pleat: %w", err)
	}
	if ctx.Err() != nil {
		return answer{}, ctx.Err()
	}
	a := answer{
		exit: cmd.ProcessState.ExitCode(), stdout: stdout.String(), stderr: stderr.String(), timedOut: limited.Err() != nil,
	}
	p.note(a)
	p.out.Commands = append(p.out.Commands, command{Step: step, Exit: a.exit, Took: took})
	return a, p.save(step, args, a)
}

// note takes in what the answer lists as unmanaged.
func (p *pleat) note(a answer) {
	for _, entry := range a.unmanaged() {
		if u, ok := readUnmanaged(entry); ok {
			p.listed = append(p.listed, u)
			p.out.Unmanaged = append(p.out.Unmanaged, entry)
		}
	}
}

// save writes what was said into files numbered by the order of commands.
func (p *pleat) save(step string, args []string, a answer) error {
	text := fmt.Sprintf("pleat %s\nexit code %d\n\n--- stdout\n%s\n--- stderr\n%s", strings.Join(args, " "), a.exit, a.stdout, a.stderr)
	name := fmt.Sprintf("%02d %s.txt", len(p.out.Commands), step)
	if err := os.WriteFile(filepath.Join(p.dir, name), []byte(text), 0o644); err != nil {
		return fmt.Errorf("keep output of %s: %w", step, err)
	}
	return nil
}

// environment is that of the process less what would lead pleat or libpq to another database or change the language of errors.
func environment() []string {
	env := []string{"LC_ALL=C"}
	for _, pair := range os.Environ() {
		if name, _, _ := strings.Cut(pair, "="); !startsWithAny(name, "PG", "PLEAT_", "DATABASE_URL", "LC_", "LANG") {
			env = append(env, pair)
		}
	}
	return env
}
