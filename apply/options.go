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
)

// Options say what to run, where and how.
type Options struct {
	// Connect opens a connection for a purpose. The caller gives it the credentials and an application_name; setting
	// [HandleNotice] as its OnNotice makes notices reach the Observer. Required.
	Connect func(ctx context.Context, purpose string) (*pgx.Conn, error)
	// Inspect reads the live state, on a connection outside of a transaction. Required.
	Inspect func(ctx context.Context, conn *pgx.Conn) (*schema.Catalog, error)
	// Dir is the directory of migrations. Required, except by Rollback and Drift.
	Dir *migration.Dir
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
	// second, long enough that an autovacuum in the way is cancelled.
	LockTimeout time.Duration
	// LockBudget is how long a step is tried again while it does not get its locks; 0 means ten minutes.
	LockBudget time.Duration
	// CheckTimeout is how long each check may take before a run; 0 means a minute, below 0 any time. One that takes longer runs with its step.
	CheckTimeout time.Duration
	// Observer is told what happens; nil tells nobody.
	Observer Observer
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
