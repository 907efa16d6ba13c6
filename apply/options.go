package apply

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/pleatdb/pleat/history/migration"
	"github.com/pleatdb/pleat/schema"
)

// ContractMode says when contract files run.
type ContractMode string

const (
	// Gated holds a contract file until its expand was applied in an earlier run, and under another release label
	// where labels are used. It is the zero value's meaning.
	Gated ContractMode = "gated"
	// Immediate runs contract files right after their expand.
	Immediate ContractMode = "immediate"
)

// FailureMode says what happens to the finished steps of a migration that failed.
type FailureMode string

const (
	// Stop leaves them: the next run goes on where this one stopped. It is the zero value's meaning.
	Stop FailureMode = "stop"
	// Undo runs their way back. Migrations that were complete stay.
	Undo FailureMode = "rollback"
)

// Purposes of the connections that [Options].Connect makes.
const (
	PurposeApply = "apply" // runs everything and holds the lock: must not go through a transaction pooler
	PurposeProbe = "probe" // proves that the lock holds; closed at once
	PurposeWatch = "watch" // looks at the waits of the first; stays as long as the run
	// PurposeHeartbeat keeps a lease up, where advisory locks cannot be trusted. It is asked for from another goroutine too.
	PurposeHeartbeat = "heartbeat"
)

// Options say what to run, where and how.
type Options struct {
	// Connect opens a connection for a purpose. The caller gives it the credentials and an application_name; setting
	// [HandleNotice] as its OnNotice makes notices reach the Observer. Required.
	Connect func(ctx context.Context, purpose string) (*pgx.Conn, error)
	// Inspect reads the live state, on a connection outside of a transaction. Required.
	Inspect func(ctx context.Context, conn *pgx.Conn) (*schema.Catalog, error)
	// Narrow takes out of a kept snapshot what Inspect does not look at now; nil keeps all. Only for Verify.
	Narrow func(snapshot *schema.Catalog) *schema.Catalog
	// Dir is the directory of migrations. Required, except by Rollback and Drift.
	Dir *migration.Dir
	// Legacy is the directory of the tool whose history was imported; its files must be what they were then. Empty looks at none.
	Legacy string
	// Fingerprint is the fingerprint of objects of the live state for the comparison with that of a file; nil is the catalog's own. It lets
	// files that were planned for one schema run on another.
	Fingerprint func(live *schema.Catalog, ids []schema.ID) string
	// Scope names the PostgreSQL schemas that are managed; it is part of the lock's key. Nil means all.
	Scope []string
	// DryRun reports what would run and writes nothing at all: every transaction is read-only.
	DryRun bool
	// Release labels the run.
	Release string
	// Tool is the version of pleat, for the log.
	Tool string
	// LockWait is how long to wait for another run to end; 0 means ten minutes, below 0 not at all.
	LockWait time.Duration
	// LockTimeout is the longest single attempt of a step to get its locks; 0 means the server's deadlock_timeout and half a
	// second, long enough that an autovacuum in the way is cancelled. Most attempts are shorter.
	LockTimeout time.Duration
	// LockBudget is how long a step is tried again while it does not get its locks; 0 means ten minutes.
	LockBudget time.Duration
	// CancelBlockers says which sessions of others may be ended when they stand in the way of a step's locks; none.
	CancelBlockers CancelBlockers
	// CheckTimeout is how long each check may take before a run; 0 means a minute, below 0 any time. One that takes longer runs with its step.
	CheckTimeout time.Duration
	// Grace is how long a run has to stop in once its context is over; 0 means twenty seconds. A quarter of it is for the running
	// statement to end by itself; then it is cancelled. After four fifths the connection is closed.
	Grace time.Duration
	// Abort ends a run at once when it is closed. Nil never does.
	Abort <-chan struct{}
	// Mask replaces secrets in texts that are about to be recorded; nil knows none. Those that stand in migration files are masked anyway.
	Mask func(string) string
	// Observer is told what happens; nil tells nobody.
	Observer Observer
	// lease is how long a lease counts and how often it is kept up; the zero value means 30 and 5 seconds.
	lease leaseTimes
	// regain is how long a lost connection is tried to be replaced; 0 means 5 seconds.
	regain time.Duration
	// Prepare is done in this order after the run was recorded and before its first step; not by a dry run.
	Prepare []Preparation

	// To is the last version to run; empty runs all. Only for Run.
	To string
	// Contract says when contract files run. Only for Run.
	Contract ContractMode
	// Agree is asked, once everything is checked and before anything is written, whether a run may begin; its error ends it. Nil agrees
	// to all. Only for Run; Redo is refused where it is set, as nobody can have agreed to what is applied already.
	Agree func(ctx context.Context, p *Proposal) error
	// AllowOutOfOrder runs pending files that are older than the newest applied one. Only for Run.
	AllowOutOfOrder bool
	// OnFailure says what happens to the finished steps of a failed migration. Only for Run.
	OnFailure FailureMode
	// Evidence judges whether anything still uses what a contract file takes away. It is asked when the other gates are open;
	// nil lets such a file run without. Only for Run.
	Evidence func(ctx context.Context, m *migration.Migration) (*Verdict, error)
	// OverrideEvidence is why contract files may run although their evidence does not say that it is safe; it is recorded with
	// the verdict. Only for Run.
	OverrideEvidence string
	// Backfill says how steps in batches run. Only for Run.
	Backfill Backfill
	// Count is called after an expand file is complete; what it gives is recorded as [history.EvidenceCounted]. It must hold no
	// secret. Nil counts nothing. Only for Run.
	Count func(ctx context.Context) (map[string]any, error)
}

func (o *Options) check(needDir bool) error {
	switch {
	case o.Connect == nil:
		return errors.New("apply: no way to connect was given")
	case o.Inspect == nil:
		return errors.New("apply: no way to inspect was given")
	case needDir && o.Dir == nil:
		return errors.New("apply: no directory of migrations was given")
	}
	if err := o.Backfill.check(); err != nil {
		return err
	}
	switch o.Contract {
	case "", Gated, Immediate:
	default:
		return &Refused{Code: "contract", Reason: "unknown mode of contract files \"" + string(o.Contract) + "\"", Next: "use gated or immediate"}
	}
	switch o.OnFailure {
	case "", Stop, Undo:
	default:
		return &Refused{Code: "on_failure", Reason: "unknown mode on failure \"" + string(o.OnFailure) + "\"", Next: "use stop or rollback"}
	}
	return nil
}

func (o *Options) observe(e Event) {
	if o.Observer != nil {
		o.Observer.Observe(e)
	}
}

// lockWait is the effective limit of waiting for another run.
func (o *Options) lockWait() time.Duration {
	switch {
	case o.LockWait < 0:
		return 0
	case o.LockWait == 0:
		return 10 * time.Minute
	}
	return o.LockWait
}

// checkTimeout is the effective limit of a check before a run; 0 is none.
func (o *Options) checkTimeout() time.Duration {
	switch {
	case o.CheckTimeout < 0:
		return 0
	case o.CheckTimeout == 0:
		return time.Minute
	}
	return max(o.CheckTimeout, time.Millisecond)
}
