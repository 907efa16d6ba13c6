// Package notify tells other machines of events, over HTTP: as CloudEvents, signed, or as a message for Slack.
//
// It owns queues, retries and the forms of what is sent. It may import cmd/internal/event, cmd/internal/connect (for Secret), history
// (for IDs), and the libraries for CloudEvents and for HTTP with retries, which no other package imports. Entry point: [New], which is an
// event.Sink.
//
// Invariants:
//
//  1. An apply never waits: telling is an append to a bounded queue, and one goroutine a receiver sends. A full queue, a receiver that
//     is gone and one that answers nothing are warnings at the end ([Notifier.Close]), never errors.
//  2. Events arrive masked; nothing here adds a secret. An address is in no error: only its host is.
//  3. What is sent goes to the host that was named and to no other: redirects are followed within it alone, without a step down to http.
//
// Decisions:
//
//   - The signature covers the time of sending, not that of the event, and each attempt is signed anew: a receiver can refuse what is older
//     than minutes, though an event may wait for its turn.
//   - What could not be delivered is not kept for the next run. Rejected: a spool on disk; the log in the database has all of it, and a
//     message of a failure that was mended long ago is worse than none.
package notify
