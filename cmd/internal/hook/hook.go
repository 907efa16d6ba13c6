package hook

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// DefaultTimeout is how long a command may take that does not say so itself.
const DefaultTimeout = time.Minute

// grace is how long a command that took too long has to end by itself, and how long what it left behind may hold its output open.
const grace = 2 * time.Second

// Command is a program that is to run.
type Command struct {
	// Name is that of the hook, for errors.
	Name string
	// Argv is the program, looked up in PATH unless it has a slash, and its arguments.
	Argv []string
	// Dir is where it runs; a program with a slash is relative to it.
	Dir string
	// Env is its whole environment, as name=value.
	Env []string
	// Stdin is what it can read.
	Stdin []byte
	// Timeout is how long it may take; 0 means [DefaultTimeout].
	Timeout time.Duration
	// Output is told each line that it prints. It is not called again once Run has returned.
	Output func(line string)
	// Abort ends it at once when it is closed; nil never does.
	Abort <-chan struct{}
}

// Run runs the command to its end. The error says how it failed, in a few words.
func (c Command) Run(ctx context.Context) error {
	cmd := exec.Command(c.Argv[0], c.Argv[1:]...)
	if strings.ContainsRune(c.Argv[0], '/') && !filepath.IsAbs(c.Argv[0]) {
		dir, err := filepath.Abs(c.Dir)
		if err != nil {
			return fmt.Errorf("hook %q: find its directory: %w", c.Name, err)
		}
		cmd.Path, cmd.Err = filepath.Join(dir, c.Argv[0]), nil
	}
	output := &lines{tell: c.Output}
	cmd.Dir, cmd.Env, cmd.Stdin, cmd.Stdout, cmd.Stderr = c.Dir, c.Env, bytes.NewReader(c.Stdin), output, output
	cmd.WaitDelay = grace
	inGroup(cmd)
	timeout := c.Timeout
	if timeout <= 0 {
		timeout = DefaultTimeout
	}
	err := c.wait(ctx, cmd, timeout)
	output.end()
	if err == nil || errors.Is(err, exec.ErrWaitDelay) { // what it left running holds its output open; it itself ended well
		return nil
	}
	return fmt.Errorf("hook %q: %w", c.Name, err)
}

// wait starts the command and waits for its end, or brings that about.
func (c Command) wait(ctx context.Context, cmd *exec.Cmd, timeout time.Duration) error {
	started, ended := make(chan error, 1), make(chan struct{})
	var exit error // once ended is closed
	go func() {
		// Linux takes the end of the thread that started a process for the end of its parent.
		defer lockThread()()
		err := cmd.Start()
		started <- err
		if err == nil {
			exit = cmd.Wait()
			close(ended)
		}
	}()
	if err := <-started; err != nil {
		return startError(err)
	}
	var why error
	timer := time.NewTimer(timeout)
	defer timer.Stop()
	select {
	case <-ended:
		return exit
	case <-c.Abort:
		endGroup(cmd, true)
		<-ended
		return context.Canceled
	case <-ctx.Done():
		why = ctx.Err()
	case <-timer.C:
		why = fmt.Errorf("it took longer than %s", timeout)
	}
	endGroup(cmd, false)
	last := time.NewTimer(grace)
	defer last.Stop()
	select {
	case <-ended:
		endGroup(cmd, true) // its children may have ignored what it obeyed
		return why
	case <-last.C:
	case <-c.Abort:
	}
	endGroup(cmd, true)
	<-ended
	return why
}

// startError is why a program could not be started, without the words of the library around it.
func startError(err error) error {
	var path *exec.Error
	if errors.As(err, &path) {
		return fmt.Errorf("it cannot be started: %w", path.Err)
	}
	return fmt.Errorf("it cannot be started: %w", err)
}

// lines cuts what is written to it into lines. exec calls it from one goroutine, as both streams are the same writer.
type lines struct {
	tell func(string)
	rest []byte
}

// longest is the most that is kept of a line that does not end.
const longest = 16 << 10

func (l *lines) Write(text []byte) (int, error) {
	l.rest = append(l.rest, text...)
	for {
		i := bytes.IndexByte(l.rest, '\n')
		if i < 0 && len(l.rest) < longest {
			return len(text), nil
		}
		if i < 0 || i > longest {
			i = longest
			l.say(l.rest[:i])
			l.rest = l.rest[i:]
			continue
		}
		l.say(l.rest[:i])
		l.rest = l.rest[i+1:]
	}
}

func (l *lines) say(line []byte) {
	if l.tell != nil {
		l.tell(strings.TrimRight(strings.ToValidUTF8(string(line), "?"), "\r"))
	}
}

// end tells the last line, if it has no newline.
func (l *lines) end() {
	if len(l.rest) > 0 {
		l.say(l.rest)
		l.rest = nil
	}
}
