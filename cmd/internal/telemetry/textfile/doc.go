// Package textfile keeps metrics of the last run in a file in the text format of Prometheus, for a collector that reads files.
//
// It owns the names of the metrics. It may import cmd/internal/event, and is the only importer of the Prometheus libraries. Entry point:
// [New], which is an event.Sink; [Recorder.Write] writes the file.
//
// Invariants: the file is replaced in one piece, so that nobody reads half of it; series of other databases, environments and
// targets stay in it, whoever writes at the same time (a lock beside it sees to that); the time of the last success survives a failure.
//
// Decision: gauges about the last run, one set for each database, environment and target. Rejected: counters and histograms, which a process that lives
// for seconds would begin anew with each run; pushing to a gateway, which never forgets a series.
package textfile
