package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
)

// pleat runs the program under test in the directory of a project.
type pleat struct {
	program, dir string
}

// process is one run of pleat.
type process struct {
	command        string
	cmd            *exec.Cmd
	ended          chan struct{} // closed when it has ended; the rest may be read then
	stdout, stderr lines
	err            error
	late           bool // it did not end by itself
}

// lines is a buffer that a process writes to.
type lines struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// commandLimit is far more than any command here takes, so that what reaches it hangs.
const commandLimit = 2 * time.Minute

// start starts a command. What hangs is asked where by SIGQUIT, which a Go program answers with a trace.
func (p *pleat) start(ctx context.Context, url string, args ...string) (*process, error) {
	command := "pleat " + strings.Join(args, " ")
	args = append(slices.Clone(args), "--no-color", "--url", url)
	limited, cancel := context.WithTimeout(ctx, commandLimit)
	r := &process{command: command, cmd: exec.CommandContext(limited, p.program, args...), ended: make(chan struct{})}
	r.cmd.Dir, r.cmd.Env = p.dir, environment()
	r.cmd.Stdout, r.cmd.Stderr = &r.stdout, &r.stderr
	r.cmd.Cancel = func() error { return r.cmd.Process.Signal(syscall.SIGQUIT) }
	r.cmd.WaitDelay = 5 * time.Second
	if err := r.cmd.Start(); err != nil {
		cancel()
		return nil, fmt.Errorf("start pleat: %w", err)
	}
	go func() {
		defer cancel()
		r.err = r.cmd.Wait()
		r.late = errors.Is(limited.Err(), context.DeadlineExceeded)
		close(r.ended)
	}()
	return r, nil
}

// run runs a command to its end.
func (p *pleat) run(ctx context.Context, url string, args ...string) (*process, error) {
	r, err := p.start(ctx, url, args...)
	if err != nil {
		return nil, err
	}
	<-r.ended
	return r, ctx.Err()
}

// must runs a command that has to end with 0.
func (p *pleat) must(ctx context.Context, url string, args ...string) error {
	r, err := p.run(ctx, url, args...)
	if err == nil && r.code() != 0 {
		err = errors.New(r.said())
	}
	return err
}

// code is the exit code; -1 of one that was killed.
func (r *process) code() int { return r.cmd.ProcessState.ExitCode() }

// said is what a command that failed has said, at its end.
func (r *process) said() string {
	text := r.stderr.String()
	if strings.TrimSpace(text) == "" {
		text = r.stdout.String()
	}
	return fmt.Sprintf("%s: exit code %d: %s", r.command, r.code(), tail(text, 12))
}

func (r *process) transcript() string {
	return fmt.Sprintf("$ %s\n--- stdout\n%s\n--- stderr\n%s\n--- exit code %d\n\n", r.command, r.stdout.String(), r.stderr.String(), r.code())
}

// failure is what a command with --json says of its error.
type failure struct {
	Error struct {
		Code, Reason, Message string
	}
}

func (r *process) failure() failure {
	var f failure
	_ = json.Unmarshal([]byte(r.stdout.String()), &f) // other output has no error in it
	return f
}

// environment is that of this process less what would lead pleat or a server elsewhere.
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
