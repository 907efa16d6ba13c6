//go:build unix

package hook

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func script(t *testing.T, text string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "run"), []byte("#!/bin/sh\n"+text), 0o700); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestRun(t *testing.T) {
	dir := script(t, `read -r line; echo "in $line"; echo "arg $1|$2" >&2; echo "env $A${SECRET}"; pwd; printf end`)
	var got []string
	err := Command{
		Name: "x", Argv: []string{"./run", "a b", "$(id)"}, Dir: dir, Env: []string{"A=1", "PATH=" + os.Getenv("PATH")}, Stdin: []byte("hello\n"),
		Output: func(line string) { got = append(got, line) },
	}.Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	real, _ := filepath.EvalSymlinks(dir)
	if diff := cmp.Diff([]string{"in hello", "arg a b|$(id)", "env 1", real, "end"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestErrors(t *testing.T) {
	dir := script(t, "exit 3")
	err := Command{Name: "x", Argv: []string{"./run"}, Dir: dir}.Run(context.Background())
	if err == nil || err.Error() != `hook "x": exit status 3` {
		t.Errorf("got %v", err)
	}
	err = Command{Name: "x", Argv: []string{"./absent"}, Dir: dir}.Run(context.Background())
	if err == nil || !strings.Contains(err.Error(), "cannot be started") {
		t.Errorf("got %v", err)
	}
	err = Command{Name: "x", Argv: []string{"no-such-program-anywhere"}, Dir: dir}.Run(context.Background())
	if err == nil || !strings.Contains(err.Error(), "cannot be started") {
		t.Errorf("got %v", err)
	}
}

// pidOf runs a command whose child writes its number into a file and ignores requests to end, until stop ends it.
func pidOf(t *testing.T, timeout time.Duration, stop func(cancel context.CancelFunc, abort chan struct{})) (int, error) {
	dir := script(t, `trap '' TERM; sh -c 'trap "" TERM; echo $$ > pid; while :; do sleep 1; done' & wait; wait`)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	abort := make(chan struct{})
	result := make(chan error, 1)
	go func() {
		result <- Command{Name: "x", Argv: []string{"./run"}, Dir: dir, Env: os.Environ(), Timeout: timeout, Abort: abort}.Run(ctx)
	}()
	var pid int
	for pid == 0 {
		text, _ := os.ReadFile(filepath.Join(dir, "pid"))
		pid, _ = strconv.Atoi(strings.TrimSpace(string(text)))
		time.Sleep(10 * time.Millisecond)
	}
	stop(cancel, abort)
	return pid, <-result
}

// gone waits until a process has ended; init may take a moment to collect it.
func gone(t *testing.T, pid int) {
	t.Helper()
	for range 500 {
		if syscall.Kill(pid, 0) != nil || zombie(pid) {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("the child %d still runs", pid)
}

func zombie(pid int) bool {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	return err == nil && strings.Contains(string(text), ") Z ")
}

func TestEndsWithItsChildren(t *testing.T) {
	t.Run("time", func(t *testing.T) {
		pid, err := pidOf(t, 3*time.Second, func(context.CancelFunc, chan struct{}) {})
		if err == nil || !strings.Contains(err.Error(), "took longer than 3s") {
			t.Errorf("got %v", err)
		}
		gone(t, pid)
	})
	t.Run("cancel", func(t *testing.T) {
		pid, err := pidOf(t, time.Minute, func(cancel context.CancelFunc, _ chan struct{}) { cancel() })
		if err == nil || !strings.Contains(err.Error(), "canceled") {
			t.Errorf("got %v", err)
		}
		gone(t, pid)
	})
	t.Run("abort", func(t *testing.T) {
		pid, err := pidOf(t, time.Minute, func(_ context.CancelFunc, abort chan struct{}) { close(abort) })
		if err == nil {
			t.Error("it ended well")
		}
		gone(t, pid)
	})
}

// TestLeavesAChild shows that a command that started something and ended well is not waited for.
func TestLeavesAChild(t *testing.T) {
	dir := script(t, `sleep 600 & echo $! > pid; exit 0`)
	if err := (Command{Name: "x", Argv: []string{"./run"}, Dir: dir, Env: os.Environ()}).Run(context.Background()); err != nil {
		t.Error(err)
	}
	text, err := os.ReadFile(filepath.Join(dir, "pid"))
	if err != nil {
		t.Fatal(err)
	}
	pid, _ := strconv.Atoi(strings.TrimSpace(string(text)))
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Errorf("what it left was ended with it: %v", err)
	}
}

func TestLongLines(t *testing.T) {
	var n, size int
	l := &lines{tell: func(line string) { n++; size += len(line) }}
	for range 100 {
		if _, err := l.Write([]byte(strings.Repeat("x", 1000))); err != nil {
			t.Fatal(err)
		}
		if len(l.rest) > longest {
			t.Fatalf("%d bytes are kept", len(l.rest))
		}
	}
	l.end()
	if size != 100_000 || n < 2 {
		t.Errorf("%d bytes came back in %d lines", size, n)
	}
}
