package fleet

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// Head is the first line of a ledger: what the run was about.
type Head struct {
	Version int       `json:"version"`
	Run     string    `json:"run"`
	Env     string    `json:"env"`
	Command string    `json:"command"`
	Shard   string    `json:"shard,omitempty"`
	At      time.Time `json:"at"`
	Targets int       `json:"targets"`
}

// entry is one of the other lines: how a target came out. Of several about one target the last counts.
type entry struct {
	Target  string    `json:"target"`
	State   State     `json:"state"`
	At      time.Time `json:"at"`
	Code    string    `json:"code,omitempty"`
	Message string    `json:"message,omitempty"`
}

const (
	ledgerVersion = 1
	ledgerEnding  = ".jsonl"
)

// Ledger is the memory of a run, a file of one JSON object a line. A nil Ledger remembers nothing.
type Ledger struct {
	Head Head
	Path string
	// States are how the targets came out before; empty for a new run.
	States map[string]State

	mu   sync.Mutex
	file *os.File
}

// NewRun is a name for a run: sorted by time, and unique.
func NewRun(now time.Time) string {
	var random [4]byte
	_, _ = rand.Read(random[:]) // it never fails (crypto/rand)
	return now.UTC().Format("20060102T150405.000Z") + "-" + hex.EncodeToString(random[:])
}

// CreateLedger begins the ledger of a run. Directory and file are for their owner alone.
func CreateLedger(dir string, head Head) (*Ledger, error) {
	head.Version = ledgerVersion
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("begin the ledger: %w", err)
	}
	path := filepath.Join(dir, head.Run+ledgerEnding)
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("begin the ledger: %w", err)
	}
	l := &Ledger{Head: head, Path: path, States: map[string]State{}, file: file}
	return l, l.write(head)
}

// OpenLedger goes on with the ledger of a run; an empty name is the newest of the same environment, command and shard. A last line that
// was cut off by a crash is passed over: its target counts as not done.
func OpenLedger(dir, run, env, command, shard string) (*Ledger, error) {
	fits := func(h Head) bool { return h.Env == env && h.Command == command && h.Shard == shard }
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("look for the ledger: %w", err)
	}
	for _, e := range slices.Backward(entries) { // in the order of names, which is that of time
		name, ok := strings.CutSuffix(e.Name(), ledgerEnding)
		if !ok || run != "" && name != run {
			continue
		}
		l, err := readLedger(filepath.Join(dir, e.Name()))
		switch {
		case err != nil && run == "":
			continue
		case err != nil:
			return nil, err
		case fits(l.Head):
			l.file, err = os.OpenFile(l.Path, os.O_WRONLY|os.O_APPEND, 0o600)
			if err == nil {
				_, err = l.file.WriteString("\n") // ends a line that a crash cut off
			}
			if err != nil {
				return nil, fmt.Errorf("go on with the ledger: %w", err)
			}
			return l, nil
		case run != "":
			return nil, fmt.Errorf("the run %s was %s", run, l.Head.about())
		}
	}
	if run != "" {
		return nil, fmt.Errorf("there is no ledger of a run %q in %s", run, dir)
	}
	return nil, fmt.Errorf("there is no earlier run in %s that was %s", dir, Head{Env: env, Command: command, Shard: shard}.about())
}

func (h Head) about() string {
	text := fmt.Sprintf("pleat %s --env %s", h.Command, h.Env)
	if h.Shard != "" {
		text += " --shard " + h.Shard
	}
	return text
}

func readLedger(path string) (*Ledger, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the ledger: %w", err)
	}
	head, rest, _ := bytes.Cut(text, []byte("\n"))
	l := &Ledger{Path: path, States: map[string]State{}}
	if err := json.Unmarshal(head, &l.Head); err != nil || l.Head.Version != ledgerVersion {
		return nil, fmt.Errorf("read the ledger: %s does not begin as a ledger does", path)
	}
	for line := range bytes.Lines(rest) {
		var e entry
		if json.Unmarshal(line, &e) == nil && e.Target != "" {
			l.States[e.Target] = e.State
		}
	}
	return l, nil
}

// Record writes an outcome down before anything else is started.
func (l *Ledger) Record(o Outcome, now time.Time) error {
	if l == nil {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.write(entry{Target: o.Target.Name, State: o.State, At: now.UTC(), Code: o.Code, Message: o.Message})
}

func (l *Ledger) write(line any) error {
	text, err := json.Marshal(line)
	if err == nil {
		_, err = l.file.Write(append(text, '\n'))
	}
	if err != nil {
		return fmt.Errorf("write the ledger: %w", err)
	}
	return nil
}

// Close ends the ledger.
func (l *Ledger) Close() error {
	if l == nil {
		return nil
	}
	return l.file.Close()
}

// Left are the targets for which something is left to do; onlyFailed leaves out those that were never started.
func (l *Ledger) Left(targets []Target, onlyFailed bool) []Target {
	return slices.DeleteFunc(slices.Clone(targets), func(t Target) bool {
		state := l.States[t.Name]
		if onlyFailed {
			return state != Failed && state != Interrupted
		}
		return state.Ended()
	})
}
