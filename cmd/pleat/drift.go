package main

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/spf13/cobra"

	"github.com/pleatdb/pleat/apply"
	"github.com/pleatdb/pleat/cmd/internal/draft"
	"github.com/pleatdb/pleat/cmd/internal/view"
	"github.com/pleatdb/pleat/inspect/shadow"
	"github.com/pleatdb/pleat/schema"
)

func newDriftCmd(a *app) *cobra.Command {
	var o shared
	var over fleetFlags
	c := &cobra.Command{
		Use:   "drift",
		Short: "Find out what was changed behind pleat's back",
		Long: `drift compares the database with the snapshot that the last run left, or, with --schema, with schema files, and prints the SQL that
would bring it back. It changes nothing.

Example: pleat drift
         pleat drift --schema schema

Exit codes: 0 nothing differs; 1 an error; 2 something differs.`,
		Args: cobra.NoArgs,
		RunE: a.action(&o, func(ctx context.Context, v *view.View, _ []string) error { return runDrift(ctx, a, v, o, over) }),
	}
	o.addFlags(c.Flags())
	over.addFlags(c.Flags())
	return c
}

func runDrift(ctx context.Context, a *app, v *view.View, o shared, over fleetFlags) error {
	p, err := a.project(v, &o)
	if err != nil {
		return err
	}
	return p.everywhere(ctx, errand{name: "drift", over: over, each: func(ctx context.Context, p *project) error { return p.showDrift(ctx, o.schema != "") }})
}

// showDrift compares one database with its last snapshot, or with the schema files.
func (p *project) showDrift(ctx context.Context, files bool) error {
	var doc *view.Drift
	var err error
	if files {
		doc, err = p.driftFromSchema(ctx)
	} else {
		doc, err = p.driftFromSnapshot(ctx)
	}
	if err != nil {
		return err
	}
	if err := p.view.Show(doc); err != nil {
		return err
	}
	if !doc.InSync {
		return errFound
	}
	return nil
}

// driftFromSnapshot compares with what the last run left.
func (p *project) driftFromSnapshot(ctx context.Context) (*view.Drift, error) {
	options, err := p.running(&runOptions{dryRun: true})
	if err != nil {
		return nil, err
	}
	major, look := 0, options.Inspect
	options.Inspect = func(ctx context.Context, conn *pgx.Conn) (_ *schema.Catalog, err error) {
		if major, err = majorOf(ctx, conn); err != nil {
			return nil, err
		}
		return look(ctx, conn)
	}
	report, err := apply.Drift(ctx, options)
	if err != nil {
		return nil, err
	}
	p.view.Unmanaged(report.Live)
	if report.Snapshot == nil {
		return nil, &view.Refusal{Code: "refused", Message: "there is no snapshot: pleat has not run on this database yet",
			Next: "compare with files: pleat drift --schema schema, or begin with pleat import"}
	}
	if report.Interrupted {
		p.view.Warn("a run was interrupted after the snapshot was taken; some differences may be its work")
	}
	return view.NewDrift(p.database(), p.inScope(report.Snapshot), report.Live, report.At.At.UTC(), major), nil
}

// driftFromSchema compares with what the files say, in the form that a throw-away server gives it.
func (p *project) driftFromSchema(ctx context.Context) (*view.Drift, error) {
	desired, err := p.desired(p.schema)
	if err != nil {
		return nil, err
	}
	s := &starting{}
	conn, err := p.connect(ctx, "drift")
	if err != nil {
		return nil, err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	if s.major, err = majorOf(ctx, conn); err != nil {
		return nil, err
	}
	if s.live, err = p.inspect(ctx, conn, desired.Ignore...); err != nil {
		return nil, err
	}
	if s.live, err = p.asTemplate(s.live); err != nil {
		return nil, err
	}
	p.view.Unmanaged(s.live)
	if s.server, err = p.shadowServer(ctx, s.major); err != nil {
		return nil, err
	}
	defer s.close()
	d, err := draft.New(ctx, draft.Request{
		Live: s.live, Desired: desired, Shadow: shadow.On(s.server), Name: "drift", Version: "00010101000000", Major: s.major, Renames: "drop",
	})
	if err != nil {
		return nil, &view.Wanted{Err: err, Desired: desired}
	}
	return view.DriftOf(p.database(), d), nil
}
