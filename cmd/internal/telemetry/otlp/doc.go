// Package otlp sends a run as a trace, and its durations as metrics, to a collector that speaks OTLP over HTTP.
//
// It owns the names of spans, metrics and their attributes. It may import cmd/internal/event, and is the only importer of the
// OpenTelemetry libraries. Entry points: [Wanted], and [New], which is an event.Sink.
//
// Invariants:
//
//  1. Off means off: where neither the project file nor the environment names a collector, nothing here is made.
//  2. An apply never waits and never fails: spans are handed to a bounded batch that its own goroutine sends, and what is lost is a warning at
//     the end ([Exporter.Close]).
//  3. No statement, no value and no connection string is among the attributes.
//
// Decision: spans are made from events, with the times that those have. Rejected: a context with a span handed down through package
// apply, which would then have to know of tracing in every function.
package otlp
