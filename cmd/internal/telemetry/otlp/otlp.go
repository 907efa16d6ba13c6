package otlp

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetrichttp"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/propagation"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/pleatdb/pleat/cmd/internal/event"
)

// Options say where to.
type Options struct {
	// Endpoint is the base URL of a collector; empty where the environment (OTEL_EXPORTER_OTLP_…) says it.
	Endpoint string
	Headers  map[string]string
	// Service is the name under which spans appear; empty means OTEL_SERVICE_NAME, or pleat.
	Service, Version string
	// Command, Database, Environment and Target name the run.
	Command, Database, Environment, Target string
	// Begin is when the command began.
	Begin time.Time
	// Getenv reads the environment.
	Getenv func(string) string
}

// Wanted reports whether anything is to be sent at all. It is an error when the environment asks for a protocol that is not spoken here.
func (o Options) Wanted() (bool, error) {
	if strings.EqualFold(o.Getenv("OTEL_SDK_DISABLED"), "true") {
		return false, nil
	}
	named := o.Endpoint != ""
	for _, variable := range []string{"OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT"} {
		named = named || o.Getenv(variable) != ""
	}
	if protocol := o.Getenv("OTEL_EXPORTER_OTLP_PROTOCOL"); named && protocol != "" && protocol != "http/protobuf" {
		return false, fmt.Errorf("OTEL_EXPORTER_OTLP_PROTOCOL is %q, and pleat speaks http/protobuf alone", protocol)
	}
	return named, nil
}

// signal reports whether a kind of data has somewhere to go and is not switched off.
func (o Options) signal(name string) bool {
	if o.Getenv("OTEL_"+name+"_EXPORTER") == "none" {
		return false
	}
	return o.Endpoint != "" || o.Getenv("OTEL_EXPORTER_OTLP_ENDPOINT") != "" || o.Getenv("OTEL_EXPORTER_OTLP_"+name+"_ENDPOINT") != ""
}

// Exporter is one command's connection to a collector.
type Exporter struct {
	traces  *sdktrace.TracerProvider
	meters  *sdkmetric.MeterProvider
	spans   *spans
	numbers *numbers

	mu     sync.Mutex
	errors []error
}

// New begins a trace. Nothing is sent yet.
func New(ctx context.Context, o Options) (*Exporter, error) {
	x := &Exporter{}
	// The library's own handler would print, past the masks.
	otel.SetErrorHandler(otel.ErrorHandlerFunc(x.failed))
	about, err := o.resource(ctx)
	if err != nil {
		return nil, err
	}
	if o.signal("TRACES") {
		exporter, err := otlptracehttp.New(ctx, o.traceOptions()...)
		if err != nil {
			return nil, fmt.Errorf("set up traces: %w", withoutURL(err))
		}
		x.traces = sdktrace.NewTracerProvider(sdktrace.WithBatcher(exporter), sdktrace.WithResource(about), sdktrace.WithSampler(sdktrace.AlwaysSample()))
		carrier := propagation.MapCarrier{"traceparent": o.Getenv("TRACEPARENT"), "tracestate": o.Getenv("TRACESTATE")}
		parent := propagation.TraceContext{}.Extract(context.Background(), carrier)
		x.spans = newSpans(parent, x.traces.Tracer(scope), o)
	}
	if o.signal("METRICS") {
		exporter, err := otlpmetrichttp.New(ctx, o.metricOptions()...)
		if err != nil {
			return nil, fmt.Errorf("set up metrics: %w", withoutURL(err))
		}
		// Metrics are sent once, at the end.
		reader := sdkmetric.NewPeriodicReader(exporter, sdkmetric.WithInterval(24*time.Hour))
		x.meters = sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader), sdkmetric.WithResource(about))
		if x.numbers, err = newNumbers(x.meters.Meter(scope), o); err != nil {
			return nil, err
		}
	}
	return x, nil
}

// scope is the name of the instrumentation.
const scope = "github.com/pleatdb/pleat"

func (o Options) resource(ctx context.Context) (*resource.Resource, error) {
	service := o.Service
	if service == "" {
		service = o.Getenv("OTEL_SERVICE_NAME")
	}
	if service == "" {
		service = "pleat"
	}
	r, err := resource.New(ctx, resource.WithFromEnv(), resource.WithTelemetrySDK(),
		resource.WithAttributes(attribute.String("service.name", service), attribute.String("service.version", o.Version)))
	if err != nil {
		return nil, fmt.Errorf("describe this program for traces: %w", err)
	}
	return r, nil
}

// patience is how long the library tries again; the end of the command waits no longer.
const patience = 4 * time.Second

func (o Options) traceOptions() (out []otlptracehttp.Option) {
	out = append(out, otlptracehttp.WithRetry(otlptracehttp.RetryConfig{
		Enabled: true, InitialInterval: 300 * time.Millisecond, MaxInterval: time.Second, MaxElapsedTime: patience,
	}))
	if o.Endpoint != "" {
		out = append(out, otlptracehttp.WithEndpointURL(strings.TrimSuffix(o.Endpoint, "/")+"/v1/traces"))
	}
	if len(o.Headers) > 0 {
		out = append(out, otlptracehttp.WithHeaders(o.Headers))
	}
	return out
}

func (o Options) metricOptions() (out []otlpmetrichttp.Option) {
	out = append(out, otlpmetrichttp.WithRetry(otlpmetrichttp.RetryConfig{
		Enabled: true, InitialInterval: 300 * time.Millisecond, MaxInterval: time.Second, MaxElapsedTime: patience,
	}))
	if o.Endpoint != "" {
		out = append(out, otlpmetrichttp.WithEndpointURL(strings.TrimSuffix(o.Endpoint, "/")+"/v1/metrics"))
	}
	if len(o.Headers) > 0 {
		out = append(out, otlpmetrichttp.WithHeaders(o.Headers))
	}
	return out
}

// Tell notes an event; it never waits.
func (x *Exporter) Tell(e event.Event) {
	if x.spans != nil {
		x.spans.tell(e)
	}
	if x.numbers != nil {
		x.numbers.tell(e)
	}
}

// Close ends the trace, sends what is left until ctx is over, and says what went wrong; empty when nothing did.
func (x *Exporter) Close(ctx context.Context) string {
	var both sync.WaitGroup
	if x.traces != nil {
		x.spans.end()
		both.Go(func() { x.failed(x.traces.Shutdown(ctx)) })
	}
	if x.meters != nil {
		both.Go(func() { x.failed(x.meters.Shutdown(ctx)) })
	}
	both.Wait()
	x.mu.Lock()
	defer x.mu.Unlock()
	if len(x.errors) == 0 {
		return ""
	}
	return "the trace or the metrics of this run may be incomplete: " + withoutURL(x.errors[0]).Error()
}

func (x *Exporter) failed(err error) {
	if err == nil {
		return
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	x.errors = append(x.errors, err)
}

// withoutURL takes the address, which can hold a password, out of an error.
func withoutURL(err error) error {
	var u *url.Error
	for errors.As(err, &u) {
		err = u.Err
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return errors.New("the collector did not answer in time")
	}
	return err
}
