// Package event is the published form of what happens while a run changes a database: one flat JSON shape (file shape.go) that the
// structured log, webhooks, hooks and telemetry share. docs/events.md is written from it.
//
// It owns the shape, the names of the types, and the translation from what package apply tells its observer. It may import apply and
// what lies below it, and cmd/internal/view for the two shapes that --json has too: the result of a run, and an error. Entry points:
// [NewTeller], which is an apply.Observer, and [NewLog].
//
// Invariants:
//
//  1. Every event of package apply has a type here, or is left out by name; a test holds the two lists together.
//  2. A reader needs one struct for all types: what a type has nothing to say about is absent.
//  3. Texts are masked before they are encoded, so that a masked number leaves valid JSON.
//
// Decisions:
//
//   - With --json standard output keeps its one object, the result; events are lines of JSON on standard error (--log-format json) or in a
//     file (--log-file). Rejected: lines of JSON on standard output with the result as the last, as some peers do it: every reader would
//     have to know lines that it does not want, and `pleat apply --json | jq` would break on the day on which an event is added.
//   - Each line has the version of the shape; the first line of a log is the event "version", which names the program. Rejected:
//     the version in the first line alone: lines are filtered, collected and mixed with those of other programs.
//   - One struct with optional keys. Rejected: a struct for each type below a key "data": log stores and jq want flat keys.
package event
