package view

import "time"

// Trend is the result of history --trend.
type Trend struct {
	Head
	Database string `json:"database,omitempty"`
	// Runs are the newest, oldest first; RunsInAll is how many the log has.
	Runs      []TrendRun `json:"runs"`
	RunsInAll int        `json:"runs_in_all"`
	// FailureRate is the part of these runs that failed, of those that have an end in the log: from 0 to 1.
	FailureRate float64     `json:"failure_rate"`
	Kinds       []TrendKind `json:"kinds"`
	// Repeated are migrations that this database applied more than once in these runs.
	Repeated []TrendRepeated `json:"repeated"`
	Weeks    []TrendWeek     `json:"weeks"`
}

// TrendRun is one run in the log.
type TrendRun struct {
	Run     string    `json:"run"`
	At      time.Time `json:"at"`
	Command string    `json:"command,omitempty"`
	// Outcome is "finished", "failed", or "open": it was interrupted or still goes on.
	Outcome string `json:"outcome"`
	// Milliseconds is from its first row to its last; 0 for an open one.
	Milliseconds int64 `json:"duration_ms"`
	Migrations   int   `json:"migrations"`
	// LockWaitMS is the time that steps lost before the attempts that got their locks, and Retries how many attempts did not.
	LockWaitMS int64 `json:"lock_wait_ms"`
	Retries    int   `json:"retries"`
}

// TrendKind sums up the migrations of a phase.
type TrendKind struct {
	// Phase is "expand", "contract" or "plain".
	Phase      string `json:"phase"`
	Migrations int    `json:"migrations"`
	MedianMS   int64  `json:"median_ms"`
	LongestMS  int64  `json:"longest_ms"`
	LockWaitMS int64  `json:"lock_wait_ms"`
}

// TrendRepeated is a migration that was applied more than once.
type TrendRepeated struct {
	Version string `json:"version"`
	Name    string `json:"name"`
	// Milliseconds are those of each time, oldest first.
	Milliseconds []int64 `json:"durations_ms"`
	// Slower is set when the last time took more than twice as long as the median of those before, and a second longer.
	Slower bool `json:"slower"`
}

// TrendWeek is how many migrations were applied in a week, in UTC.
type TrendWeek struct {
	// Monday is its first day, as 2026-11-16.
	Monday     string `json:"monday"`
	Migrations int    `json:"migrations"`
}
