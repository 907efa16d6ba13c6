package config

import "time"

// Waits is what an environment says about waiting for locks; a zero field was not said.
type Waits struct {
	// LockBudget is how long a step is tried until it gets its locks.
	LockBudget time.Duration
	// CancelBlockers are words such as "autovacuum" and "idle:30s": who may be ended when in the way.
	CancelBlockers []string
}

// waits reads lock_budget and cancel_blockers.
func (d *decoder) waits() Waits {
	return Waits{LockBudget: d.span("lock_budget"), CancelBlockers: d.texts("cancel_blockers")}
}
