// Package trend says what the log knows about how long runs take, how often they fail, and how long they wait for locks.
//
// It owns the arithmetic. It may import history. Entry point: [Of].
//
// Invariants: nothing is estimated. A run without an end in the log was interrupted or still goes on, and has no duration; what one
// database's log cannot know, how long a migration took on another one, is not said.
package trend
