package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/pflag"

	"github.com/pleatdb/pleat/cmd/internal/config"
	"github.com/pleatdb/pleat/cmd/internal/connect"
	"github.com/pleatdb/pleat/cmd/internal/fleet"
	"github.com/pleatdb/pleat/cmd/internal/view"
)

// fleetFlags choose among the targets of an environment that has many.
type fleetFlags struct {
	shard, stage string
	resume       string
	onlyFailed   bool
	junit        string
}

func (o *fleetFlags) addFlags(fs *pflag.FlagSet) {
	fs.StringVar(&o.shard, "shard", "", "of an environment with many targets, only the part i/n, counted from 0, such as 0/8")
	fs.StringVar(&o.junit, "junit", "", "of an environment with many targets, write the result for each as JUnit XML into a file")
}

// addRunFlags are for commands that change targets.
func (o *fleetFlags) addRunFlags(fs *pflag.FlagSet) {
	o.addFlags(fs)
	fs.StringVar(&o.stage, "stage", "", "of an environment with many targets, only the stage canary or rest")
	fs.StringVar(&o.resume, "resume", "", "go on with a run over many targets: its name, or nothing for the newest")
	fs.Lookup("resume").NoOptDefVal = newestRun
	fs.BoolVar(&o.onlyFailed, "only-failed", false, "with --resume, only the targets that failed")
}

// newestRun stands for --resume without a name.
const newestRun = "newest"

// used names a flag that only makes sense with many targets; empty where none is set.
func (o *fleetFlags) used() string {
	for _, f := range []struct {
		name string
		set  bool
	}{{"shard", o.shard != ""}, {"stage", o.stage != ""}, {"resume", o.resume != ""}, {"only-failed", o.onlyFailed}, {"junit", o.junit != ""}} {
		if f.set {
			return "--" + f.name
		}
	}
	return ""
}

// fleeted reads the targets block of the environment. One --target makes the project that of this target alone.
func (p *project) fleeted() error {
	targets, diags := p.config.Targets(p.env.Name)
	p.app.streams.Hide(p.config.Secrets()...)
	if diags.HasErrors() {
		return &view.DiagnosticsError{Diags: diags, Files: p.config.Files}
	}
	if p.flags.url != "" {
		targets = nil // --url names one database
	}
	if targets == nil && len(p.flags.targets) > 0 {
		return &view.Refusal{Code: "usage", Message: "--target is about an environment with many targets, and this one has no block \"targets\""}
	}
	p.fleet = targets
	if targets == nil || len(p.flags.targets) != 1 || fleet.IsPattern(p.flags.targets[0]) {
		return nil
	}
	// The command's own context is not known here: reading a project file needs none. Listing gives up by itself.
	all, err := p.listTargets(context.Background())
	if err != nil {
		return err
	}
	chosen, err := p.chosen(all)
	if err != nil {
		return err
	}
	home, err := p.homeOf(chosen[:1])
	if err != nil {
		return err
	}
	return p.settleAt(chosen[0], home)
}

// chosen are the targets that --target names; all where it names none.
func (p *project) chosen(all []fleet.Target) ([]fleet.Target, error) {
	if len(p.flags.targets) == 0 {
		return all, nil
	}
	out, err := fleet.Choose(all, p.flags.targets)
	if err != nil {
		return nil, &view.Refusal{Code: "usage", Message: err.Error(), Next: "the environment " + p.env.Name + " has " + fleet.Sample(all)}
	}
	return out, nil
}

// listTargets reads the targets from where the project file says.
func (p *project) listTargets(ctx context.Context) ([]fleet.Target, error) {
	rows, trusted := p.fleet.List, true
	var err error
	switch {
	case p.fleet.File != "":
		rows, err = fleet.Load(p.fleet.File)
		trusted = false
	case p.fleet.Query != "":
		rows, err = p.queryTargets(ctx)
		trusted = false
	}
	if err != nil {
		return nil, err
	}
	for _, row := range rows {
		if row.URL != "" {
			p.app.hideURL(row.URL)
		}
	}
	out, err := fleet.Resolve(rows, trusted, p.fleet.Template, p.fleet.Place)
	if err != nil {
		return nil, fmt.Errorf("read the targets of environment %q: %w", p.env.Name, err)
	}
	return out, nil
}

// queryTargets asks the environment's own database.
func (p *project) queryTargets(ctx context.Context) ([]fleet.Row, error) {
	const patience = 2 * time.Minute
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	home, err := p.home()
	if err != nil {
		return nil, err
	}
	conn, err := home.Connect(ctx, "targets", connect.Role(p.env.Role))
	if err != nil {
		return nil, err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	return fleet.Query(ctx, conn, p.fleet.Query)
}

// homeOf is the environment's own server where any of the targets is on it; nil where each brings its connection string.
func (p *project) homeOf(targets []fleet.Target) (*connect.Target, error) {
	for _, t := range targets {
		if t.URL.Empty() {
			return p.home()
		}
	}
	return nil, nil
}

// at is the project of one target, with a view of its own. The project file is read again: what it evaluates belongs to one
// goroutine.
func (p *project) at(t fleet.Target, home *connect.Target, v *view.View) (*project, error) {
	c, diags := config.Load(p.flags.config, config.Options{Getenv: p.app.getenv, VarFiles: p.flags.varFiles, Vars: p.flags.vars})
	env, more := c.Environment(p.flags.env)
	if diags = append(diags, more...); diags.HasErrors() {
		return nil, &view.DiagnosticsError{Diags: diags, Files: c.Files}
	}
	flags := *p.flags
	q := &project{app: p.app, view: v, flags: &flags, config: c, env: env, fleet: p.fleet, source: p.source, schema: p.schema, migrations: p.migrations, scope: p.scope}
	flags.autoApprove = true // it was asked for all of them
	return q, q.settleAt(t, home)
}

// settleAt makes the project that of one target.
func (p *project) settleAt(t fleet.Target, home *connect.Target) error {
	var target *connect.Target
	var err error
	switch {
	case t.URL.Empty() && t.Database == "":
		copied := *home
		target = &copied
	case t.URL.Empty():
		target = home.Beside(t.Database)
	case t.Trusted:
		if target, err = connect.Parse(t.URL.Reveal(), p.app.getenv); err == nil && target.Password().Empty() {
			target.Credentials = home.Credentials
		}
	default:
		target, err = connect.ParseForeign(t.URL.Reveal())
	}
	if err != nil {
		return fmt.Errorf("find target %q: %w", t.Name, err)
	}
	p.app.hideTarget(target)
	if !t.URL.Empty() && t.Database != "" {
		target = target.Beside(t.Database)
	}
	target.Program, target.Warn = "pleat/"+p.app.version, p.view.Warn
	p.place, p.target = &t, target
	if t.Schema != "" {
		p.scope = []string{t.Schema}
	}
	return nil
}

// oneTarget refuses a command that is about one database in an environment of many.
func (p *project) oneTarget() error {
	if p.fleet == nil || p.place != nil {
		return nil
	}
	return &view.Refusal{Code: "refused", Message: fmt.Sprintf("the environment %q has many targets, and this command is about one", p.env.Name),
		Next: "choose one with --target NAME"}
}
