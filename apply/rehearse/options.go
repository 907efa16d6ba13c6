package rehearse

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/pleatdb/pleat/apply"
	"github.com/pleatdb/pleat/history/migration"
	"github.com/pleatdb/pleat/inspect/shadow"
	"github.com/pleatdb/pleat/schema"
)

// Source says where the rows of the copy come from.
type Source string

// The sources of rows.
const (
	// Generate makes rows that fit every constraint.
	Generate Source = "generate"
	// Sample copies rows of the target, with those that they refer to.
	Sample Source = "sample"
	// None leaves the tables empty.
	None Source = "none"
	// Clone is a database that the user names, with the rows that it has.
	Clone Source = "clone"
)

// Default budgets of a step.
const (
	DefaultMaxStep = 30 * time.Second
	DefaultMaxLock = time.Second
)

// Options say what is rehearsed, on what, and what it may cost.
type Options struct {
	// Connect opens a connection to the target, for a purpose in one word. Required.
	Connect func(ctx context.Context, purpose string) (*pgx.Conn, error)
	// Inspect reads the part of a database that is managed. Required.
	Inspect func(ctx context.Context, conn *pgx.Conn) (*schema.Catalog, error)
	// Shadow starts a throw-away server of a major version; Run closes it. Required unless Clone is set.
	Shadow func(ctx context.Context, major int) (*shadow.Shadow, error)
	// Clone opens a connection to the database that is used in place of a copy, and that is changed. Nil makes a copy.
	Clone func(ctx context.Context, purpose string) (*pgx.Conn, error)
	// Dir is the directory of migrations. Required.
	Dir *migration.Dir
	// Source and Rows say which rows the copy gets, and how many a table; 0 means 1,000. Seed chooses among made rows.
	Source Source
	Rows   int
	Seed   uint64
	// MaxStep is how long a step may take, batched ones aside, and MaxLock how long it may hold a lock that keeps writers or readers of
	// a table away that was there before; 0 means the defaults, below 0 no bound.
	MaxStep, MaxLock time.Duration
	// Contract says whether contract files are rehearsed too; Immediate is the zero value's meaning here.
	Contract apply.ContractMode
	// To is the last version to rehearse; empty means all.
	To string
	// Scope, Release, Tool and LockTimeout are those of package apply.
	Scope         []string
	Release, Tool string
	LockTimeout   time.Duration
	// Backfill is how steps in batches run. What it says of pauses and of standbys is left out on a copy, and kept on a clone.
	Backfill apply.Backfill
	// Observer is told what the applier does on the copy, and Progress what else takes time; either may be nil.
	Observer apply.Observer
	Progress func(message string)
	// Now is the time; nil means time.Now.
	Now func() time.Time
}

func (o *Options) check() error {
	switch {
	case o.Connect == nil || o.Inspect == nil || o.Dir == nil:
		return errors.New("rehearse: no target, no way to inspect it, or no directory of migrations was given")
	case o.Clone == nil && o.Shadow == nil:
		return errors.New("rehearse: no server for the copy was given")
	}
	if o.Rows <= 0 {
		o.Rows = 1000
	}
	if o.Clone != nil {
		o.Source = Clone
	}
	if o.Source == "" {
		o.Source = Generate
	}
	if o.Contract == "" {
		o.Contract = apply.Immediate
	}
	if o.MaxStep == 0 {
		o.MaxStep = DefaultMaxStep
	}
	if o.MaxLock == 0 {
		o.MaxLock = DefaultMaxLock
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return nil
}

func (o *Options) progress(message string) {
	if o.Progress != nil {
		o.Progress(message)
	}
}
