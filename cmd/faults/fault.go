package main

import (
	"fmt"
	"sync/atomic"
	"syscall"
	"time"
)

// moment is where a fault strikes, seen from a request.
type moment int

const (
	before moment = iota // the request has reached the proxy, not the server
	during               // it was passed on; the server may be at it, or be done
	answer               // the server's answer has reached the proxy in whole, and pleat has none of it
)

// verdict is what becomes of the bytes at hand.
type verdict int

const (
	pass   verdict = iota
	cut            // nothing is passed on, and both sides are reset
	half           // the first half is passed on, then both sides are reset
	hold           // nothing is passed on until the client goes
	linger         // the client is reset at once, the server only later
)

// fault is one thing that goes wrong.
type fault struct {
	name   string
	family string // a column of the report
	at     moment
	// everywhere says that it is tried at pleat's own bookkeeping too; commits restricts it to requests that commit.
	everywhere, commits bool
	// seldom has it at one request of each case, drawn by the seed: for faults that pleat is to meet with patience.
	seldom bool
	// privileged needs what only some machines give; see [lab.disk].
	privileged bool
	do         func(t *trial, l *link, r *request) verdict
	// after is done when pleat has ended, before it is run again.
	after func(t *trial) error
	// again runs pleat once more into a trap, before the run that must succeed.
	again bool
}

// faults are all kinds. A kill after an answer is the kill before the next request, as pleat has done nothing that anybody could see
// between them; so it is with the others that have no form "after".
var faults = []*fault{
	{name: "kill-before", family: "kill", at: before, do: killed},
	{name: "kill-during", family: "kill", at: during, everywhere: true, do: killed},
	{name: "terminate-before", family: "backend", at: before, do: terminated},
	{name: "terminate-during", family: "backend", at: during, everywhere: true, do: terminated},
	{name: "crash-before", family: "server", at: before, do: crashed},
	{name: "crash-during", family: "server", at: during, everywhere: true, do: crashed},
	{name: "crash-answer", family: "server", at: answer, commits: true, do: crashed},
	{name: "cut-before", family: "cut", at: before, do: cutOff},
	{name: "cut-request", family: "cut", at: before, do: cutHalf},
	{name: "cut-during", family: "cut", at: during, do: cutOff},
	{name: "cut-answer", family: "cut", at: answer, everywhere: true, do: cutOff},
	{name: "cut-answer-half", family: "cut", at: answer, do: cutHalf},
	{name: "cut-one-sided", family: "cut", at: during, commits: true, do: cutOneSided},
	{name: "term-before", family: "signal", at: before, do: signalled, after: ended},
	{name: "term-during", family: "signal", at: during, everywhere: true, do: signalled, after: ended},
	{name: "term-silence", family: "signal", at: answer, seldom: true, do: signalledInSilence},
	{name: "term-twice", family: "signal", at: answer, commits: true, do: signalledTwice},
	{name: "disk-full", family: "disk", at: before, privileged: true, do: diskFull, after: diskFree},
	{name: "kill-twice", family: "twice", at: before, do: killed, again: true},
}

func killed(t *trial, _ *link, _ *request) verdict {
	t.signal(syscall.SIGKILL)
	<-t.process().ended
	return cut
}

// terminated ends the backend as an administrator or a failover would. Before a request, it is gone when the request comes.
func terminated(t *trial, l *link, r *request) verdict {
	pid := l.pid()
	if pid == 0 {
		return cut // the session has no backend yet
	}
	_ = execute(t.ctx, t.lab.server.url("postgres"), fmt.Sprintf("SELECT pg_terminate_backend(%d)", pid))
	if t.fault.at == during {
		return pass
	}
	for limit := time.Now().Add(5 * time.Second); time.Now().Before(limit); time.Sleep(2 * time.Millisecond) {
		rows, err := rowsOf(t.ctx, t.lab.server.url("postgres"), fmt.Sprintf("SELECT 1 FROM pg_stat_activity WHERE pid = %d", pid))
		if err == nil && len(rows) == 0 {
			break
		}
	}
	return pass
}

func crashed(t *trial, _ *link, _ *request) verdict {
	t.lab.server.crash()
	if err := t.lab.server.start(t.ctx); err != nil {
		t.wrong("the server did not come back: %v", err)
	}
	return cut
}

func cutOff(*trial, *link, *request) verdict  { return cut }
func cutHalf(*trial, *link, *request) verdict { return half }

func cutOneSided(*trial, *link, *request) verdict { return linger }

func signalled(t *trial, _ *link, _ *request) verdict {
	t.signal(syscall.SIGTERM)
	return pass
}

// openRun is a run that the log has the beginning of, and not the end.
const openRun = `SELECT 'the log does not say how the run ended that SIGTERM stopped; its last event is ' || kind FROM pleat.log
	WHERE id = (SELECT max(id) FROM pleat.log) AND kind NOT IN ('run_finished', 'run_failed')`

// ended wants a run that was asked to stop to have written down that it did.
func ended(t *trial) error {
	url := t.lab.server.url(t.database)
	there, err := rowsOf(t.ctx, url, "SELECT to_regclass('pleat.log')")
	if err == nil && there[0] != "" {
		t.none(url, openRun)
	}
	return err
}

func signalledInSilence(t *trial, _ *link, _ *request) verdict {
	t.signal(syscall.SIGTERM)
	return hold
}

func signalledTwice(t *trial, _ *link, _ *request) verdict {
	t.signal(syscall.SIGTERM)
	time.Sleep(20 * time.Millisecond)
	t.signal(syscall.SIGTERM)
	return hold
}

func diskFull(t *trial, _ *link, _ *request) verdict {
	if err := t.lab.disk.fill(); err != nil {
		t.wrong("fill the disk: %v", err)
	}
	return pass
}

func diskFree(t *trial) error { return t.lab.disk.free() }

// trap lets one fault happen at one request.
type trap struct {
	connection string
	n          int
	trial      *trial
	fault      *fault
	sprung     atomic.Bool
	done       chan struct{} // closed when all of the fault has happened
}

func newTrap(t *trial, connection string, n int) *trap {
	return &trap{connection: connection, n: n, trial: t, fault: t.fault, done: make(chan struct{})}
}

// waits reports whether the fault is to happen at this moment of this request.
func (t *trap) waits(m moment, r *request) bool {
	return t != nil && t.fault.at == m && r.Connection == t.connection && r.N == t.n && !t.sprung.Load()
}

func (t *trap) spring(m moment, l *link, r *request) verdict {
	if !t.waits(m, r) || !t.sprung.CompareAndSwap(false, true) {
		return pass
	}
	defer close(t.done)
	return t.fault.do(t.trial, l, r)
}

// settle disarms the trap, and waits until a fault that has begun has happened in whole: a server may have to come back.
func (t *trap) settle() (reached bool) {
	if t.sprung.CompareAndSwap(false, true) {
		return false
	}
	<-t.done
	return true
}
