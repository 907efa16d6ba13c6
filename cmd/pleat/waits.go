package main

import (
	"time"

	"github.com/spf13/pflag"

	"github.com/pleatdb/pleat/apply"
)

// waitOptions are the flags about waiting for locks.
type waitOptions struct {
	budget   time.Duration
	blockers []string
}

func (o *waitOptions) addFlags(fs *pflag.FlagSet) {
	fs.DurationVar(&o.budget, "lock-budget", 0, "how long a step is tried until it gets its locks, such as 30m (default 10m)")
	fs.StringSliceVar(&o.blockers, "cancel-blockers", nil, "sessions of others that may be ended when they stand in the way: autovacuum, idle:DURATION")
}

// waits fills in how steps wait for their locks: by the flags, else by the environment.
func (p *project) waits(o *waitOptions, into *apply.Options) (err error) {
	into.LockTimeout, into.LockBudget = p.flags.lockTimeout, o.budget
	if into.LockTimeout == 0 && p.env.LockTimeout != nil {
		into.LockTimeout = *p.env.LockTimeout
	}
	if into.LockBudget == 0 {
		into.LockBudget = p.env.Waits.LockBudget
	}
	words := o.blockers
	if words == nil {
		words = p.env.Waits.CancelBlockers
	}
	into.CancelBlockers, err = apply.ParseCancelBlockers(words)
	return err
}
