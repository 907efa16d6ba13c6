// Package rehearse runs the pending migrations of a database on a copy of it: up, down and up again, with rows, measured.
//
// Entry point: [Run]. It owns the copy (structure, rows, history), the watching of locks, the comparison of rows before and after,
// and the verdict. It imports apply, whose applier does the work as it would on the target, history, inspect, inspect/shadow with
// package rows, schema and pgx. It knows neither the command line nor the files of a project beyond the directory of migrations.
//
// Invariants:
//
//   - The target is only read: the connection is used for a dry run, whose every transaction is read-only, and for reading
//     structure, history, statistics and, when asked for, a sample of rows.
//   - What is rehearsed is what will run: the same files, by the same applier, over the same history.
//   - No value of a row is in a result, but for the samples of preflight checks, whose purpose they are.
//   - A rehearsal passes only when nothing speaks against it. What could not be looked at is a note with a name.
//
// Decision: locks are watched from a second session rather than computed. The longest time that others would wait is a fact of the run,
// and a lock that is too short to be seen is too short to matter to a budget.
//
// Decision: contract files are rehearsed right after their expand. Their gates protect old code that runs, and none runs on a copy.
//
// Decision: on the way up a loss that a statement asks for by name is told and allowed, on the way back nothing is lost unless the file says
// so: whoever rolls back expects to have what was there before.
package rehearse
