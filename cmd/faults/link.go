package main

import (
	"errors"
	"net"
	"sync"
	"time"
)

// link is one session through the proxy.
type link struct {
	proxy   *proxy
	client  *net.TCPConn
	trap    *trap
	name    string // purpose and number: "apply#1"
	backend uint32

	mu     sync.Mutex
	server net.Conn
	gone   bool          // the client's side is closed
	deaf   bool          // nobody listens to the server's answers any more, and it does not know
	sent   []*request    // not answered yet, oldest first
	held   chan struct{} // closed when the client went while its answer was kept back
}

var errCut = errors.New("the connection was cut")

func (l *link) serve() {
	defer l.proxy.leave(l)
	defer l.cut()
	raw, code, err := readStartup(l.client)
	for err == nil && (code == codeSSL || code == codeGSS) {
		if _, err = l.client.Write([]byte{'N'}); err == nil {
			raw, code, err = readStartup(l.client)
		}
	}
	if err != nil {
		return
	}
	server, err := net.Dial("unix", l.proxy.socket)
	if err != nil {
		return
	}
	l.mu.Lock()
	l.server, l.held = server, make(chan struct{})
	l.mu.Unlock()
	if code == codeCancel {
		_, _ = server.Write(raw)
		return
	}
	l.name, l.trap = l.proxy.enter(applicationName(raw))
	answers := make(chan struct{})
	if l.send(&request{SQL: "start of the session"}, 0, raw) != nil {
		return
	}
	go func() {
		defer close(answers)
		l.answers()
	}()
	l.requests()
	l.clientGone()
	<-answers
}

// requests passes on what the client sends, request by request.
func (l *link) requests() {
	var raw []byte
	r := &request{}
	for n := 1; ; {
		frame, err := readFrame(l.client)
		if err != nil {
			return
		}
		raw = append(raw, frame...)
		if sql := sqlOf(frame); sql != "" && r.SQL == "" {
			r.SQL = sql
		}
		switch frame[0] {
		case 'Q', 'S':
			r.Simple = frame[0] == 'Q'
			if l.send(r, n, raw) != nil {
				return
			}
			n++
		case 'X':
			r.SQL, r.end = "end of the session", true
			_ = l.send(r, n, raw)
			return
		case 'd', 'c', 'f', 'H':
			// Rows of a COPY, and a flush: the server answers or goes on without a Sync.
			if _, err := l.server.Write(raw); err != nil {
				return
			}
		default:
			continue
		}
		raw, r = nil, &request{}
	}
}

// send passes a request on, with what the trap does before and after.
func (l *link) send(r *request, n int, raw []byte) error {
	r.Connection, r.N = l.name, n
	l.proxy.mu.Lock()
	l.proxy.requests = append(l.proxy.requests, r)
	l.proxy.mu.Unlock()
	l.mu.Lock()
	l.sent = append(l.sent, r)
	l.mu.Unlock()
	switch l.trap.spring(before, l, r) {
	case cut:
		l.cut()
		return errCut
	case half:
		_, _ = l.server.Write(raw[:len(raw)/2])
		l.cut()
		return errCut
	}
	if _, err := l.server.Write(raw); err != nil {
		return err
	}
	switch l.trap.spring(during, l, r) {
	case cut:
		l.cut()
		return errCut
	case linger:
		l.lingering()
		return errCut
	}
	return nil
}

// answers passes on what the server sends. Only an answer at which something is to happen is kept until it is whole.
func (l *link) answers() {
	var kept []byte
	for {
		frame, err := readFrame(l.server)
		if err != nil {
			_, _ = l.client.Write(kept)
			_ = l.client.CloseWrite()
			_ = l.client.Close()
			return
		}
		if pid, err := backendOf(frame); err == nil {
			l.mu.Lock()
			l.backend = pid
			l.mu.Unlock()
		}
		r := l.oldest()
		if tag := tagOf(frame); tag != "" && r != nil {
			l.proxy.mu.Lock()
			r.Tags = append(r.Tags, tag)
			l.proxy.mu.Unlock()
		}
		kept = append(kept, frame...)
		if r != nil && l.trap.waits(answer, r) && frame[0] != 'Z' && frame[0] != 'G' {
			continue
		}
		if frame[0] == 'Z' && r != nil {
			l.answered()
			switch l.trap.spring(answer, l, r) {
			case cut:
				l.cut()
				return
			case half:
				_, _ = l.client.Write(kept[:len(kept)/2])
				// Closing at once with a reset would take back what was written.
				time.Sleep(20 * time.Millisecond)
				l.cut()
				return
			case hold:
				<-l.held
				return
			}
		}
		if _, err := l.client.Write(kept); err != nil && !l.isDeaf() {
			l.cut()
			return
		}
		kept = nil
	}
}

func (l *link) isDeaf() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.deaf
}

// pid is the backend that serves the session; 0 before it has said so.
func (l *link) pid() uint32 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.backend
}

func (l *link) oldest() *request {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.sent) == 0 {
		return nil
	}
	return l.sent[0]
}

func (l *link) answered() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sent = l.sent[1:]
}

// clientGone closes the server's side, as the client's system would have.
func (l *link) clientGone() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.gone {
		l.gone = true
		close(l.held)
		_ = l.server.Close()
	}
}

// lingering resets the client and leaves the server in the belief that the session lives, for a while: what a firewall that forgets a
// connection does.
func (l *link) lingering() {
	l.mu.Lock()
	l.deaf = true
	l.mu.Unlock()
	_ = l.client.SetLinger(0)
	_ = l.client.Close()
	time.Sleep(lingerTime)
	l.cut()
}

// lingerTime is long enough that the next run meets the session that nobody uses any more.
const lingerTime = 1500 * time.Millisecond

// cut resets both sides.
func (l *link) cut() {
	_ = l.client.SetLinger(0)
	_ = l.client.Close()
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.server == nil {
		return
	}
	if !l.gone {
		l.gone = true
		close(l.held)
	}
	_ = l.server.Close()
}
