package notify

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	cloudevents "github.com/cloudevents/sdk-go/v2/event"
	"github.com/google/go-cmp/cmp"

	"github.com/pleatdb/pleat/cmd/internal/connect"
	"github.com/pleatdb/pleat/cmd/internal/event"
	"github.com/pleatdb/pleat/cmd/internal/view"
)

// got is a request that a receiver had.
type got struct {
	header http.Header
	body   []byte
}

// receiver answers with the statuses in turn, the last one for ever.
type receiver struct {
	*httptest.Server
	mu   sync.Mutex
	seen []got
}

func newReceiver(t *testing.T, body string, statuses ...int) *receiver {
	r := &receiver{}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		text, _ := io.ReadAll(req.Body)
		r.mu.Lock()
		n := len(r.seen)
		r.seen = append(r.seen, got{req.Header.Clone(), text})
		r.mu.Unlock()
		w.WriteHeader(statuses[min(n, len(statuses)-1)])
		_, _ = io.WriteString(w, body)
	}))
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) requests() []got {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]got{}, r.seen...)
}

func failure() event.Event {
	return event.Event{
		Version: 1, Time: time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC), Level: "error", Type: event.TypeRunFailed, Message: "a < b & `c`\nline 2",
		Command: "apply", Run: "0193-run", Database: "shop", Environment: "prod", SQLState: "42P07", Step: 2,
		Migration: &event.Migration{File: "1_x.sql", Version: "1"}, Error: &view.Failure{Code: "step", Message: "m", Next: "mend it"},
	}
}

func send(t *testing.T, o Options, events ...event.Event) string {
	t.Helper()
	n := New(o)
	for _, e := range events {
		n.Tell(e)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	return n.Close(ctx)
}

func TestCloudEvents(t *testing.T) {
	r := newReceiver(t, "", 500, 503, 200)
	if problem := send(t, Options{Name: "x", URL: connect.NewSecret(r.URL), Key: connect.NewSecret("sesame"), Agent: "pleat/1"}, failure()); problem != "" {
		t.Fatal(problem)
	}
	seen := r.requests()
	if len(seen) != 3 {
		t.Fatalf("%d requests, want 3", len(seen))
	}
	for _, req := range seen {
		if diff := cmp.Diff(string(seen[0].body), string(req.body)); diff != "" {
			t.Errorf("an attempt has another body: %s", diff)
		}
		var seconds int64
		if _, err := fmt.Sscan(req.header.Get(TimestampHeader), &seconds); err != nil {
			t.Fatal(err)
		}
		_, want := Sign("sesame", time.Unix(seconds, 0), req.body)
		if signature := req.header.Get(SignatureHeader); signature != want {
			t.Errorf("signature %s, want %s", signature, want)
		}
	}
	var c cloudevents.Event
	if err := json.Unmarshal(seen[2].body, &c); err != nil {
		t.Fatal(err)
	}
	if err := c.Validate(); err != nil {
		t.Error(err)
	}
	if c.Type() != "com.github.pleatdb.pleat.run.failed" || c.Source() != "/pleat/prod/shop" || c.Subject() != "0193-run" {
		t.Errorf("got %s", c)
	}
	if kind := seen[2].header.Get("Content-Type"); kind != "application/cloudevents+json; charset=utf-8" {
		t.Errorf("content type %s", kind)
	}
	var data event.Event
	if err := c.DataAs(&data); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(failure(), data); diff != "" {
		t.Error(diff)
	}
}

// TestSignature pins the signature to a value that was computed by openssl: printf '1700000000.{"a":1}' | openssl dgst -sha256 -hmac key.
func TestSignature(t *testing.T) {
	stamp, signature := Sign("key", time.Unix(1700000000, 0), []byte(`{"a":1}`))
	if stamp != "1700000000" || signature != "v1=a438e398bfafc57e4396bb7fc2304422f0f768e965d073ca313cb52e22e6ad03" {
		t.Errorf("got %s %s", stamp, signature)
	}
}

func TestSlack(t *testing.T) {
	r := newReceiver(t, "ok", 200)
	if problem := send(t, Options{Name: "x", URL: connect.NewSecret(r.URL), Slack: true}, failure()); problem != "" {
		t.Fatal(problem)
	}
	var body struct {
		Text   string
		Blocks []struct {
			Type string
			Text *struct{ Type, Text string }
		}
	}
	if err := json.Unmarshal(r.requests()[0].body, &body); err != nil {
		t.Fatal(err)
	}
	if want := "pleat apply failed on shop (prod): a &lt; b &amp; `c`\nline 2"; body.Text != want {
		t.Errorf("got %q, want %q", body.Text, want)
	}
	if code := body.Blocks[1].Text.Text; code != "```a &lt; b &amp; 'c'\nline 2```" {
		t.Errorf("the message is not one block of code: %q", code)
	}
	e := failure()
	e.Message = strings.Repeat("<&>", 5000)
	text, err := slackMessage(e)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &body); err != nil {
		t.Fatal(err)
	}
	for _, b := range body.Blocks {
		if b.Text != nil && len(b.Text.Text) > 3000 {
			t.Errorf("a block has %d characters, Slack takes 3000", len(b.Text.Text))
		}
	}
}

func TestOnlyItsEvents(t *testing.T) {
	r := newReceiver(t, "", 200)
	step := failure()
	step.Type = event.TypeStepDone
	if problem := send(t, Options{URL: connect.NewSecret(r.URL)}, step); problem != "" {
		t.Error(problem)
	}
	if n := len(r.requests()); n != 0 {
		t.Errorf("%d requests for an event that nobody asked for", n)
	}
	if problem := send(t, Options{URL: connect.NewSecret(r.URL), Events: []string{event.TypeStepDone}}, step, failure()); problem != "" {
		t.Error(problem)
	}
	if n := len(r.requests()); n != 1 {
		t.Errorf("%d requests, want 1", n)
	}
}

func TestRefusals(t *testing.T) {
	elsewhere := newReceiver(t, "", 200)
	away := httptest.NewServer(http.RedirectHandler(elsewhere.URL, http.StatusTemporaryRedirect))
	t.Cleanup(away.Close)
	untrusted := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(untrusted.Close)
	untrusted.Config.ErrorLog = nil
	dead, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = dead.Close()
	for name, tc := range map[string]struct{ url, want string }{
		"status":   {newReceiver(t, "no such\nchannel", 404).URL, "it answered 404: no such channel"},
		"down":     {newReceiver(t, "down", 500).URL, "it answered 500: down"},
		"redirect": {away.URL, "it answered 307"},
		"cert":     {untrusted.URL, "certificate"},
		"dead":     {"http://" + dead.Addr().String(), "refused"},
	} {
		t.Run(name, func(t *testing.T) {
			problem := send(t, Options{Name: "team", URL: connect.NewSecret(tc.url + "/services/T0/B0/canary-path?token=canary-query"), Attempts: 2}, failure())
			if !strings.HasPrefix(problem, `notify "team": 1 of 1 events did not reach 127.0.0.1:`) || !strings.Contains(problem, tc.want) {
				t.Errorf("got %q, want %q", problem, tc.want)
			}
			if strings.Contains(problem, "canary") {
				t.Errorf("the address is in %q", problem)
			}
		})
	}
	if n := len(elsewhere.requests()); n != 0 {
		t.Errorf("another host got %d requests", n)
	}
}

// TestHangs shows that telling and closing end while the receiver still holds the request.
func TestHangs(t *testing.T) {
	release, entered := make(chan struct{}), make(chan struct{})
	var once sync.Once
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		once.Do(func() { close(entered) })
		<-release
	}))
	t.Cleanup(s.Close)
	t.Cleanup(func() { close(release) })
	n := New(Options{Name: "x", URL: connect.NewSecret(s.URL), Timeout: time.Hour})
	for range room + 10 {
		n.Tell(failure())
	}
	<-entered
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	problem := n.Close(ctx)
	if !strings.Contains(problem, fmt.Sprintf("%d of %d events did not reach", room+10, room+10)) {
		t.Errorf("got %q", problem)
	}
	n.Tell(failure()) // after the end: nothing, and no panic
}
