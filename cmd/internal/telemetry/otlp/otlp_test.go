package otlp

import (
	"context"
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	collectormetrics "go.opentelemetry.io/proto/otlp/collector/metrics/v1"
	collectortrace "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	trace "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"github.com/pleatdb/pleat/cmd/internal/event"
	"github.com/pleatdb/pleat/cmd/internal/view"
)

// collector is one that keeps what it gets.
type collector struct {
	*httptest.Server
	mu      sync.Mutex
	spans   []*trace.Span
	metrics []string
	key     string
}

func newCollector(t *testing.T) *collector {
	c := &collector{}
	c.Server = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		c.mu.Lock()
		defer c.mu.Unlock()
		c.key = r.Header.Get("api-key")
		if r.URL.Path == "/v1/traces" {
			var in collectortrace.ExportTraceServiceRequest
			if err := proto.Unmarshal(body, &in); err != nil {
				t.Error(err)
			}
			for _, rs := range in.ResourceSpans {
				for _, ss := range rs.ScopeSpans {
					c.spans = append(c.spans, ss.Spans...)
				}
			}
			return
		}
		var in collectormetrics.ExportMetricsServiceRequest
		if err := proto.Unmarshal(body, &in); err != nil {
			t.Error(err)
		}
		for _, rm := range in.ResourceMetrics {
			for _, sm := range rm.ScopeMetrics {
				for _, m := range sm.Metrics {
					c.metrics = append(c.metrics, m.Name)
				}
			}
		}
	}))
	t.Cleanup(c.Close)
	return c
}

func (c *collector) span(t *testing.T, name string) *trace.Span {
	t.Helper()
	for _, s := range c.spans {
		if s.Name == name {
			return s
		}
	}
	t.Fatalf("no span %q among %d", name, len(c.spans))
	return nil
}

var begin = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

func after(seconds int, e event.Event) event.Event {
	e.Time = begin.Add(time.Duration(seconds) * time.Second)
	return e
}

func options(endpoint string, env map[string]string) Options {
	return Options{Endpoint: endpoint, Command: "apply", Database: "shop", Begin: begin, Getenv: func(name string) string { return env[name] }}
}

func TestTrace(t *testing.T) {
	c := newCollector(t)
	const parent = "0af7651916cd43dd8448eb211c80319c"
	o := options(c.URL, map[string]string{"TRACEPARENT": "00-" + parent + "-b7ad6b7169203331-01"})
	o.Headers = map[string]string{"api-key": "k"}
	x, err := New(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	m := &event.Migration{File: "1_a.sql", Version: "1"}
	for _, e := range []event.Event{
		after(1, event.Event{Type: event.TypeRunStarted, Run: "r"}), after(2, event.Event{Type: event.TypeMigrationStarted, Migration: m}),
		after(3, event.Event{Type: event.TypeStepStarted, Step: 1}), after(4, event.Event{Type: event.TypeStepRetried, Message: "again"}),
		after(5, event.Event{Type: event.TypeStepDone, Step: 1, LockWaitMS: 20}), after(6, event.Event{Type: event.TypeStepStarted, Step: 2}),
		after(7, event.Event{Type: event.TypeRunFailed, SQLState: "23505", Message: "Key (email)=(a@b) exists", Error: &view.Failure{Code: "step"}}),
	} {
		x.Tell(e)
	}
	if problem := x.Close(context.Background()); problem != "" {
		t.Fatal(problem)
	}
	root, migration, step, second := c.span(t, "pleat apply"), c.span(t, "migration 1_a.sql"), c.span(t, "step 1"), c.span(t, "step 2")
	if hex.EncodeToString(root.TraceId) != parent {
		t.Errorf("the pipeline's trace is not continued: %x", root.TraceId)
	}
	if string(migration.ParentSpanId) != string(root.SpanId) || string(step.ParentSpanId) != string(migration.SpanId) {
		t.Error("the tree is not run, migration, step")
	}
	if took := step.EndTimeUnixNano - step.StartTimeUnixNano; took != uint64(2*time.Second) || len(step.Events) != 1 {
		t.Errorf("step 1 took %d and has %d events", took, len(step.Events))
	}
	for _, s := range []*trace.Span{root, migration, second} {
		if s.Status.GetCode() != trace.Status_STATUS_CODE_ERROR || strings.Contains(s.Status.GetMessage(), "a@b") {
			t.Errorf("%s: %v", s.Name, s.Status)
		}
	}
	if step.Status.GetCode() == trace.Status_STATUS_CODE_ERROR {
		t.Error("a step that ended well is marked as failed")
	}
	got := strings.Join(c.metrics, " ")
	for _, name := range []string{"pleat.runs", "pleat.step.retries", "pleat.step.duration", "pleat.run.duration", "pleat.step.lock_wait"} {
		if !strings.Contains(got, name) {
			t.Errorf("no metric %s among %s", name, got)
		}
	}
	if c.key != "k" {
		t.Errorf("the header is %q", c.key)
	}
}

func TestWanted(t *testing.T) {
	for name, tc := range map[string]struct {
		endpoint string
		env      map[string]string
		want     bool
		wrong    bool
	}{
		"off":      {},
		"config":   {endpoint: "http://c:4318", want: true},
		"env":      {env: map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4318"}, want: true},
		"disabled": {endpoint: "http://c:4318", env: map[string]string{"OTEL_SDK_DISABLED": "true"}},
		"grpc":     {env: map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4317", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}, wrong: true},
	} {
		got, err := options(tc.endpoint, tc.env).Wanted()
		if got != tc.want || (err != nil) != tc.wrong {
			t.Errorf("%s: %t, %v", name, got, err)
		}
	}
}

// TestUnreachable shows that a collector that is not there, or hangs, is a warning without its address.
func TestUnreachable(t *testing.T) {
	release := make(chan struct{})
	hanging := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	t.Cleanup(hanging.Close)
	t.Cleanup(func() { close(release) })
	for _, endpoint := range []string{"http://127.0.0.1:1/canary-path", hanging.URL + "/canary-path"} {
		x, err := New(context.Background(), options(endpoint, nil))
		if err != nil {
			t.Fatal(err)
		}
		x.Tell(after(1, event.Event{Type: event.TypeRunStarted}))
		ctx, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
		problem := x.Close(ctx)
		cancel()
		if problem == "" || strings.Contains(problem, "canary") {
			t.Errorf("%s: %q", endpoint, problem)
		}
	}
}
