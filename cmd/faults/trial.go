package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// point is one fault at one request of one scenario.
type point struct {
	fault *fault
	at    *request
}

// id names a point, for -only.
func (p point) id(scenario string) string {
	return fmt.Sprintf("%s %s %s %d", scenario, p.fault.name, p.at.Connection, p.at.N)
}

// outcome is what became of a point.
type outcome struct {
	Case      string   `json:"case"`
	Kind      string   `json:"kind"`
	Fault     string   `json:"fault"`
	Family    string   `json:"family"`
	Point     string   `json:"point"`
	Statement string   `json:"statement"`
	Reached   bool     `json:"reached"`
	Resolved  bool     `json:"resolved"`
	Survived  bool     `json:"survived"`
	Wrong     []string `json:"wrong,omitempty"`
	Files     string   `json:"files,omitempty"`
	Seed      uint64   `json:"seed"`
	TookMS    int64    `json:"took_ms"`
}

// trial makes one point.
type trial struct {
	point
	ctx      context.Context
	lab      *lab
	prepared *prepared
	database string
	proxy    *proxy
	seed     uint64
	keep     bool

	mu         sync.Mutex
	current    *process
	wrongs     []string
	transcript strings.Builder
	resolved   bool
}

func (t *trial) wrong(format string, args ...any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.wrongs = append(t.wrongs, fmt.Sprintf(format, args...))
}

// process is the pleat that runs now.
func (t *trial) process() *process {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.current
}

func (t *trial) signal(s os.Signal) { _ = t.process().cmd.Process.Signal(s) } // it may have ended by itself

// launch runs pleat through the proxy to its end.
func (t *trial) launch(args ...string) (*process, error) {
	t.mu.Lock()
	// A fault that strikes at the first bytes waits here for the process that it is to kill.
	r, err := t.prepared.pleat.start(t.ctx, t.proxy.url(t.database), args...)
	t.current = r
	t.mu.Unlock()
	if err != nil {
		return nil, err
	}
	<-r.ended
	t.transcript.WriteString(r.transcript())
	if r.late {
		t.wrong("%s did not end: %s", r.command, tail(r.stderr.String(), 40))
	}
	return r, t.ctx.Err()
}

// run makes the point and judges what is left.
func (t *trial) run() *outcome {
	began := time.Now()
	out := &outcome{Case: t.prepared.name, Kind: t.prepared.kind, Fault: t.fault.name, Family: t.fault.family,
		Point: t.id(t.prepared.name), Statement: brief(t.at.SQL), Seed: t.seed}
	err := t.disturb(out)
	if err != nil {
		t.wrong("%v", err)
	}
	out.Wrong, out.Resolved, out.TookMS = t.wrongs, t.resolved, time.Since(began).Milliseconds()
	out.Survived = len(out.Wrong) == 0
	if !out.Survived || t.keep {
		out.Files = t.save(out)
	}
	return out
}

func (t *trial) disturb(out *outcome) (err error) {
	if t.database, err = t.lab.copy(t.ctx, t.prepared.template, t.fault.privileged); err != nil {
		return err
	}
	defer t.lab.drop(t.ctx, t.database)
	first := newTrap(t, t.at.Connection, t.at.N)
	if t.proxy, err = newProxy(t.lab.server.socket(), first); err != nil {
		return err
	}
	defer t.proxy.close()
	if _, err := t.launch(t.prepared.args...); err != nil {
		return err
	}
	out.Reached = first.settle()
	if t.fault.after != nil {
		if err := t.fault.after(t); err != nil {
			return err
		}
	}
	if t.fault.again {
		// The resumed run is killed anywhere on its way, which may be shorter than the undisturbed one; the same point has the same place.
		n := 1 + random(t.seed, t.id(t.prepared.name)).IntN(len(t.prepared.requests))
		second := newTrap(t, "apply#1", n)
		t.proxy.setTrap(second)
		if _, err := t.launch(t.prepared.args...); err != nil {
			return err
		}
		second.settle()
	}
	t.proxy.setTrap(nil)
	if err := t.resume(); err != nil {
		return err
	}
	t.judge()
	return t.ctx.Err()
}

// resume runs pleat undisturbed, which must end well; what only a person can tell is told as a person would.
func (t *trial) resume() error {
	r, err := t.launch(t.prepared.args...)
	if err == nil && r.failure().Error.Reason == "in_doubt" && t.prepared.text["resolve.sql"] != "" {
		if err = t.resolve(); err == nil {
			r, err = t.launch(t.prepared.args...)
		}
	}
	if err == nil && r.code() != 0 {
		t.wrong("the run after it failed: %s", r.said())
	}
	return err
}

// succeed runs a command of pleat that must end with 0.
func (t *trial) succeed(url, command string) {
	r, err := t.prepared.pleat.run(t.ctx, url, command)
	if err != nil {
		t.wrong("%v", err)
		return
	}
	t.transcript.WriteString(r.transcript())
	if r.code() != 0 {
		t.wrong("%s", r.said())
	}
}

// save keeps what a person needs to understand the point.
func (t *trial) save(out *outcome) string {
	dir, err := os.MkdirTemp("", "pleat-faults-kept-")
	if err != nil {
		return ""
	}
	var b strings.Builder
	fmt.Fprintf(&b, "point: %s\nseed: %d\nstatement: %s\nreached: %v\n\n", out.Point, t.seed, t.at.SQL, out.Reached)
	for _, w := range out.Wrong {
		fmt.Fprintf(&b, "wrong: %s\n", w)
	}
	fmt.Fprintf(&b, "\n%s\nrequests of the last run:\n", t.transcript.String())
	for _, r := range t.proxy.seen() {
		fmt.Fprintf(&b, "  %s %d %v %s\n", r.Connection, r.N, r.Tags, brief(r.SQL))
	}
	// What cannot be kept is not worth losing the outcome for.
	_ = os.WriteFile(filepath.Join(dir, "what-happened.txt"), []byte(b.String()), 0o644)
	_ = os.CopyFS(filepath.Join(dir, "project"), os.DirFS(t.prepared.pleat.dir))
	return dir
}

// brief is the beginning of a statement, on one line.
func brief(sql string) string {
	line := strings.Join(strings.Fields(sql), " ")
	if len(line) > 100 {
		line = strings.ToValidUTF8(line[:100], "") + "…"
	}
	return line
}

// random is the source for one scenario, so that its points do not depend on which others are chosen.
func random(seed uint64, name string) *rand.Rand {
	var hash uint64 = 14695981039346656037
	for _, b := range []byte(name) {
		hash = (hash ^ uint64(b)) * 1099511628211
	}
	return rand.New(rand.NewPCG(seed, hash))
}
