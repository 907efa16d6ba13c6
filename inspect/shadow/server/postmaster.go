package server

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"time"
)

// postmaster is one running server process.
type postmaster struct {
	process *os.Process
	done    chan struct{}
}

// newPostmaster starts the process; its output goes to the room's log.
func newPostmaster(in Installation, id identity, room *room) (*postmaster, error) {
	log, err := os.OpenFile(room.log(), os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open server log: %w", err)
	}
	defer log.Close()
	cmd := exec.Command(in.program("postgres"), "-D", room.data())
	cmd.Dir = room.dir
	cmd.Env = environment()
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = id.childAttributes(true)
	p := &postmaster{done: make(chan struct{})}
	started := make(chan error, 1)
	go func() {
		// The parent-death signal follows the thread that started the child, so this goroutine keeps its thread, and
		// both live as long as the child.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		defer close(p.done)
		err := cmd.Start()
		p.process = cmd.Process
		started <- err
		if err == nil {
			// How the server ended shows in its log; that it ended is all that matters here.
			_ = cmd.Wait()
		}
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("run postgres: %w", err)
	}
	return p, nil
}

// stopLimit is longer than the five seconds after which a postmaster in immediate shutdown kills its own children
// (SIGKILL_CHILDREN_AFTER_SECS in postmaster.c).
const stopLimit = 15 * time.Second

// stop shuts the server down at once, without a checkpoint, and waits for its end.
func (p *postmaster) stop(in Installation, data string) error {
	select {
	case <-p.done:
		return nil
	default:
	}
	if err := p.quit(in, data); err != nil {
		return fmt.Errorf("stop throw-away server: %w", err)
	}
	select {
	case <-p.done:
		return nil
	case <-time.After(stopLimit):
		_ = p.process.Kill()
		<-p.done
		return fmt.Errorf("stop throw-away server: it did not end within %v and was killed", stopLimit)
	}
}
