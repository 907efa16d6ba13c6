package apply

import (
	"errors"
	"time"

	"github.com/pleatdb/pleat/history/migration"
)

// Backfill says how steps in batches run. The zero value of each field is its default.
type Backfill struct {
	// Size is how many rows the first batch of a step has that does not say so itself; 1000.
	Size int
	// MinSize and MaxSize bound the size of batches, which follows the time that they take; 100 and 50,000. A step that begins with
	// fewer rows than MinSize may have as few.
	MinSize, MaxSize int
	// Target is how long a batch is to take; 400 ms.
	Target time.Duration
	// Timeout is the longest that a statement of a batch may run before it is tried again with half as many rows; 30 s, unless the
	// connection was given a statement_timeout.
	Timeout time.Duration
	// Pause is waited after each batch; none.
	Pause time.Duration
	// MaxLag and MaxLagBytes hold batches back while a standby or subscriber is further behind; 1 s and 256 MiB, below 0 not at all.
	MaxLag      time.Duration
	MaxLagBytes int64
	// IgnoreReplicas are application_names of standbys that may lag, because they are meant to.
	IgnoreReplicas []string
	// MaxActive holds batches back while more other sessions than this are at work in the database; 0 means any number may be.
	MaxActive int
	// YieldToVacuum holds batches back while a vacuum works on the table.
	YieldToVacuum bool
	// Query holds batches back while its first value is true or a number other than 0. It runs read-only.
	Query string
	// Poll is how long to wait before looking again; 1 s.
	Poll time.Duration
}

// withDefaults fills in what was left open.
func (b Backfill) withDefaults() Backfill {
	orElse(&b.Size, 1000)
	orElse(&b.MinSize, 100)
	orElse(&b.MaxSize, 50_000)
	orElse(&b.Target, 400*time.Millisecond)
	orElse(&b.Timeout, 30*time.Second)
	orElse(&b.MaxLag, time.Second)
	orElse(&b.MaxLagBytes, 256<<20)
	orElse(&b.Poll, time.Second)
	return b
}

func orElse[T comparable](v *T, otherwise T) {
	var zero T
	if *v == zero {
		*v = otherwise
	}
}

func (b *Backfill) check() error {
	switch {
	case b.Size < 0, b.MinSize < 0, b.MaxSize < 0, b.Target < 0, b.Timeout < 0, b.Pause < 0, b.MaxActive < 0, b.Poll < 0:
		return &Refused{Code: "backfill", Reason: "a limit of the backfill is below zero", Next: "leave it out for the default"}
	case b.MinSize > 0 && b.MaxSize > 0 && b.MinSize > b.MaxSize:
		return &Refused{Code: "backfill", Reason: "the smallest batch would be larger than the largest", Err: errors.New("MinSize is above MaxSize")}
	}
	return nil
}

// BatchDone is told after each batch, and once more with Complete set.
type BatchDone struct {
	Migration *migration.Migration
	Step      int
	// Relation is the table, partition or child at work.
	Relation string
	// Rows were changed so far, in this run and those before it; Seen were gone through. Estimate is how many there are to go through.
	Rows, Seen, Estimate int64
	Batches              int64
	// Size is how many rows the next batch has.
	Size int
	// Duration is that of this batch.
	Duration time.Duration
	// Left is how long the rest will take at the rate so far; 0 where it is not known.
	Left     time.Duration
	Complete bool
}

// Percent is how much is done: 100 only when all is.
func (e BatchDone) Percent() float64 {
	switch {
	case e.Complete:
		return 100
	case e.Estimate <= 0:
		return 0
	}
	return min(100*float64(e.Seen)/float64(e.Estimate), 99.9)
}

// Throttled is told when batches are held back, again every few seconds, and with an empty By when they go on.
type Throttled struct {
	Migration *migration.Migration
	Step      int
	// By says what holds them back, for example "standby db2 is 3.2 s behind".
	By     string
	Waited time.Duration
}

func (BatchDone) event() {}
func (Throttled) event() {}
