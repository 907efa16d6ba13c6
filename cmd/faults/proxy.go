package main

import (
	"fmt"
	"net"
	"strings"
	"sync"
)

// request is what a client sends before it waits for an answer: a Query, or extended messages up to a Sync. The start of a
// session is its request 0.
type request struct {
	Connection string // as in [link]
	N          int
	Simple     bool // of the simple protocol
	SQL        string
	Tags       []string // what the server says that it did
	end        bool     // the client says goodbye, and waits for nothing
}

// proxy stands between pleat and a server, counts requests, and lets a trap do its harm at one of them.
type proxy struct {
	listener net.Listener
	socket   string // of the server
	trap     *trap  // nil lets everything pass

	mu       sync.Mutex
	count    map[string]int // sessions by purpose
	links    map[*link]bool
	requests []*request
	wait     sync.WaitGroup
}

func newProxy(socket string, t *trap) (*proxy, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	p := &proxy{listener: listener, socket: socket, trap: t, count: map[string]int{}, links: map[*link]bool{}}
	p.wait.Go(p.accept)
	return p, nil
}

// url leads through the proxy.
func (p *proxy) url(database string) string {
	return fmt.Sprintf("postgres://postgres@%s/%s?sslmode=disable", p.listener.Addr(), database)
}

// setTrap changes what happens from now on; requests are counted anew.
func (p *proxy) setTrap(t *trap) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.trap, p.count, p.requests = t, map[string]int{}, nil
}

func (p *proxy) accept() {
	for {
		conn, err := p.listener.Accept()
		if err != nil {
			return
		}
		l := &link{proxy: p, client: conn.(*net.TCPConn)}
		p.mu.Lock()
		p.links[l] = true
		p.mu.Unlock()
		p.wait.Go(l.serve)
	}
}

// seen gives the requests so far, in the order in which they came.
func (p *proxy) seen() []*request {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]*request(nil), p.requests...)
}

// enter names a session by its purpose: pleat calls its sessions "pleat PURPOSE who".
func (p *proxy) enter(application string) (name string, t *trap) {
	words := strings.Fields(application)
	purpose := "unnamed"
	if len(words) > 1 {
		purpose = words[1]
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.count[purpose]++
	return fmt.Sprintf("%s#%d", purpose, p.count[purpose]), p.trap
}

func (p *proxy) leave(l *link) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.links, l)
}

// close ends all sessions.
func (p *proxy) close() {
	_ = p.listener.Close()
	p.mu.Lock()
	for l := range p.links {
		l.cut()
	}
	p.mu.Unlock()
	p.wait.Wait()
}
