// Package view is all that a person or a pipeline reads: results, progress, diagnostics and errors, as text and as JSON.
//
// It owns the published JSON shapes (file json.go), the words of results, colour, escaping and masking. It may import every
// package of the module but cmd/pleat; nobody below cmd imports it. Entry points: NewStreams and New, then View.Show for a
// result, View.Fail for an error, and the View itself as an apply.Observer for progress.
//
// Invariants:
//
//  1. The result goes to standard output; progress, notes, warnings and diagnostics go to standard error. With --json there
//     is exactly one JSON object on standard output, an error included.
//  2. Text and JSON come from the same value (a Document), so neither can say what the other does not know.
//  3. All that is written passes Streams, which masks every secret that it was told of, in the spellings in which it can
//     appear (as it is, percent-encoded, inside a JSON string).
//  4. Nothing that comes from a database or a file can move a terminal's cursor or colour: control characters are written
//     as escapes (Clean). The only escape sequences are those of colour, and only where the stream is a terminal.
//
// Decision: one Document per concern with a text method, encoded by encoding/json for --json. Rejected: a text and a JSON
// implementation of an interface with many methods, where each new fact has to be added at three places and a test must
// prove that both tell the same.
//
// Decision: JSON has snake_case names, objects are named by schema.ID.String, and lists are never null. A field is added
// without notice; a changed or removed field raises the number in "version".
package view
