package apply

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/pleatdb/pleat/history"
)

// Proposal is what a run is about to do, for those who must agree to it.
type Proposal struct {
	Database string
	// Cluster is the server's system identifier; empty where the role may not see it.
	Cluster string
	Scope   []string
	// Files would run, in this order.
	Files []Proposed
	// Log is the verified history, oldest first.
	Log []history.Entry
}

// Proposed is one file that would run.
type Proposed struct {
	Name, Version string
	Checksum      string // SHA-256 of the file's normalised text
}

// Head is the digest of the newest row of the log; empty where there is none.
func (p *Proposal) Head() string {
	if len(p.Log) == 0 {
		return ""
	}
	return p.Log[len(p.Log)-1].Digest
}

// Propose says what [Run] with the same options would do. It writes nothing and takes no lock.
func Propose(ctx context.Context, opts Options) (*Proposal, error) {
	opts.DryRun = true
	if err := opts.check(true); err != nil {
		return nil, err
	}
	var p *Proposal
	err := within(ctx, &opts, func(ctx context.Context, s *session, t *target) error {
		units, err := s.pending(t)
		if err != nil {
			return err
		}
		if units, _, err = s.gate(ctx, t, units); err != nil {
			return err
		}
		p, err = s.propose(ctx, t, units)
		return err
	})
	return p, err
}

func (s *session) propose(ctx context.Context, t *target, units []*unit) (*Proposal, error) {
	p := &Proposal{Scope: s.opts.Scope, Log: t.entries}
	err := s.conn.QueryRow(ctx, "SELECT pg_catalog.current_database()::text", query).Scan(&p.Database)
	if err != nil {
		return nil, fmt.Errorf("read the database's name: %w", err)
	}
	if p.Cluster, err = s.cluster(ctx); err != nil {
		return nil, err
	}
	for _, u := range units {
		p.Files = append(p.Files, Proposed{u.file.Name, u.Version, u.file.Checksum})
	}
	return p, nil
}

// cluster reads the system identifier, which initdb gives a cluster and its physical copies keep (pg_control_system, PostgreSQL 9.6 and
// later); some hosts take the privilege away.
func (s *session) cluster(ctx context.Context) (id string, err error) {
	var may bool
	err = s.conn.QueryRow(ctx, "SELECT pg_catalog.has_function_privilege('pg_catalog.pg_control_system()', 'execute')", query).Scan(&may)
	if err == nil && may {
		err = s.conn.QueryRow(ctx, "SELECT system_identifier::text FROM pg_catalog.pg_control_system()", query).Scan(&id)
	}
	if err != nil {
		return "", fmt.Errorf("read the cluster's identifier: %w", err)
	}
	return id, nil
}

// agreed asks whether the run may begin. A dry run goes on with what was said against it as a warning.
func (r *runner) agreed(ctx context.Context) error {
	if r.opts.Agree == nil || len(r.units) == 0 {
		return nil
	}
	p, err := r.propose(ctx, r.target, r.units)
	if err != nil {
		return err
	}
	err = r.opts.Agree(ctx, p)
	if err == nil || !r.opts.DryRun {
		return err
	}
	r.result.Warnings = append(r.result.Warnings, err.Error())
	r.opts.observe(Warned{err.Error()})
	return nil
}

// Note records an event of no migration, such as an approval, in the history, which it creates where there is none. It takes no lock: a
// run that is at work goes on.
func Note(ctx context.Context, opts Options, e history.Event) (entry history.Entry, err error) {
	if err := opts.check(false); err != nil {
		return entry, err
	}
	s, err := open(ctx, &opts)
	if err != nil {
		return entry, err
	}
	defer s.close()
	err = pgx.BeginFunc(ctx, s.conn, func(tx pgx.Tx) error {
		exists, err := s.log.Exists(ctx)
		if err == nil && !exists {
			err = s.log.Create(ctx, tx, s.event(history.Event{}))
		}
		if err == nil {
			entry, err = s.log.Append(ctx, tx, s.event(e))
		}
		return err
	})
	if sqlState(err) == "42501" {
		err = &Refused{Code: "privileges", Reason: "this role may not write the history", Err: err,
			Next: "connect as a role that may, or have one record what was signed elsewhere"}
	}
	return entry, err
}
