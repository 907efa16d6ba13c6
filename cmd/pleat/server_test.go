package main

import (
	"bytes"
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pleatdb/pleat/cmd/internal/view"
	"github.com/pleatdb/pleat/inspect/pgtest"
)

// lockedBuffer is written to by one goroutine and read by another.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(text []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(text)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func TestServerRunsUntilInterrupted(t *testing.T) {
	pgtest.Server(t) // skips where there is no PostgreSQL
	a, _, _ := testApp(nil)
	var out, errs lockedBuffer
	a.streams = view.NewStreams(strings.NewReader(""), &out, &errs)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	ended := make(chan int)
	go func() { ended <- a.main(ctx, []string{"server"}) }()
	for !strings.Contains(out.String(), "\n") {
		select {
		case code := <-ended:
			t.Fatalf("it ended with %d: %s", code, errs.String())
		case <-time.After(20 * time.Millisecond):
		}
	}
	url := strings.TrimSpace(out.String())
	if rows, err := query(url, "SELECT 1"); err != nil || len(rows) != 1 {
		t.Errorf("the server does not answer: %v", err)
	}
	cancel()
	if code := <-ended; code != 0 {
		t.Errorf("exit code %d: %s", code, errs.String())
	}
	if _, err := query(url, "SELECT 1"); err == nil {
		t.Error("the server outlived the command")
	}
}
