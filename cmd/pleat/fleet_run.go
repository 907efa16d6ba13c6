package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/pleatdb/pleat/cmd/internal/connect"
	"github.com/pleatdb/pleat/cmd/internal/fleet"
	"github.com/pleatdb/pleat/cmd/internal/view"
	"github.com/pleatdb/pleat/history/migration"
)

// errand is a command that can run over many targets.
type errand struct {
	// name is that of the command, over are its flags about many targets, question what is asked at a terminal before it changes anything; empty asks nothing.
	name, question string
	over           fleetFlags
	// changes is set for a run that changes targets: it has canaries, and a ledger.
	changes bool
	// each does it for one target, and shows the result on the project's view.
	each func(ctx context.Context, p *project) error
}

// everywhere does an errand: for the project's database, or for each target of its environment.
func (p *project) everywhere(ctx context.Context, e errand) error {
	if p.fleet == nil || p.place != nil {
		if used := e.over.used(); used != "" {
			return &view.Refusal{Code: "usage", Message: used + " is about many targets", Next: "name an environment with a block \"targets\", and no --target, or several"}
		}
		return e.each(ctx, p)
	}
	run, err := p.expedition(ctx, e)
	if err != nil {
		return err
	}
	defer func() { _ = run.ledger.Close() }() // each of its lines was written by itself
	if ok, err := run.confirmed(ctx); err != nil || !ok {
		return err
	}
	doc, err := run.do(ctx)
	if err != nil {
		return err
	}
	if err := p.view.Show(doc); err != nil {
		return err
	}
	return verdictOf(doc)
}

// verdictOf is how a fleet's command ends: the worst of its targets.
func verdictOf(doc *view.Fleet) error {
	switch {
	case doc.Counts[string(fleet.Failed)]+doc.Counts[string(fleet.Interrupted)]+doc.Counts[string(fleet.NotStarted)] > 0 || doc.Stopped != "":
		return shown{errors.New("not all targets are done")}
	case doc.Counts[string(fleet.Differs)] > 0:
		return errFound
	}
	return nil
}

// expedition is an errand on its way.
type expedition struct {
	*project
	errand
	home    *connect.Target
	all     []fleet.Target
	rollout fleet.Rollout
	part    fleet.Part
	// canaries and rest are those that this worker is to do; foreign are the canaries of another worker.
	canaries, rest, foreign []fleet.Target
	head                    fleet.Head
	ledger                  *fleet.Ledger
}

// expedition finds out what is to be done, and by which worker.
func (p *project) expedition(ctx context.Context, e errand) (*expedition, error) {
	x := &expedition{project: p, errand: e}
	var err error
	if x.part, err = partOf(e.over.shard); err != nil {
		return nil, err
	}
	if err := oneOf("stage", e.over.stage, "", "canary", "rest"); err != nil {
		return nil, err
	}
	rollout, diags := p.config.Rollout(p.env.Name)
	if diags.HasErrors() {
		return nil, &view.DiagnosticsError{Diags: diags, Files: p.config.Files}
	}
	x.rollout = rollout
	if x.all, err = p.listTargets(ctx); err != nil {
		return nil, err
	}
	if x.home, err = p.homeOf(x.all); err != nil {
		return nil, err
	}
	chosen, err := p.chosen(x.all)
	if err != nil {
		return nil, err
	}
	if err := x.soundFiles(); err != nil {
		return nil, err
	}
	x.head = fleet.Head{Run: fleet.NewRun(p.app.now()), Env: p.env.Name, Command: e.name, Shard: e.over.shard, At: p.app.now().UTC(), Targets: len(chosen)}
	x.divide(chosen)
	return x, x.remember()
}

func partOf(shard string) (fleet.Part, error) {
	if shard == "" {
		return fleet.Part{}, nil
	}
	part, err := fleet.ParsePart(shard)
	if err != nil {
		return part, &view.Refusal{Code: "usage", Message: "--shard: " + err.Error()}
	}
	return part, nil
}

// soundFiles refuses migration files that cannot run on a schema once, and not for each target.
func (x *expedition) soundFiles() error {
	if x.fleet.Template == "" || len(x.all) == 0 {
		return nil
	}
	d, err := migration.ReadDir(x.migrations)
	if err == nil {
		_, err = d.In(x.fleet.Template, x.all[0].Schema)
	}
	return err
}

// inWords is an error's message with the first of the places in files that it is about.
func inWords(f view.Failure) string {
	if len(f.Diagnostics) == 0 {
		return f.Message
	}
	d := f.Diagnostics[0]
	return fmt.Sprintf("%s: %s:%d: %s", f.Message, d.File, d.Line, d.Summary)
}

// divide tells canaries from the rest, and what is this worker's. Which targets are canaries depends on all targets alone, so that it is
// the same for each worker and for a run that goes on.
func (x *expedition) divide(chosen []fleet.Target) {
	canaries, rest := []fleet.Target(nil), x.all
	if x.changes {
		canaries, rest = x.rollout.Canary.Of(x.all)
	}
	wanted := map[string]bool{}
	for _, t := range chosen {
		wanted[t.Name] = true
	}
	for _, t := range canaries {
		switch {
		case !wanted[t.Name] || x.over.stage == "rest":
		case x.part.Index == 0:
			x.canaries = append(x.canaries, t)
		default:
			x.foreign = append(x.foreign, t)
		}
	}
	for _, t := range rest {
		if wanted[t.Name] && x.part.Has(t.Name) && x.over.stage != "canary" {
			x.rest = append(x.rest, t)
		}
	}
	if x.over.stage == "canary" {
		x.foreign = nil
	}
}

// remember opens the ledger: a new one, or with --resume that of the run to go on with, whose finished targets are left out.
func (x *expedition) remember() (err error) {
	if x.over.onlyFailed && x.over.resume == "" {
		x.over.resume = newestRun
	}
	if !x.changes {
		return nil
	}
	dir := filepath.Join(filepath.Dir(firstOf(x.config.Path, ".")), ".pleat", "fleet")
	if x.over.resume != "" {
		run := x.over.resume
		if run == newestRun {
			run = ""
		}
		if x.ledger, err = fleet.OpenLedger(dir, run, x.head.Env, x.head.Command, x.head.Shard); err != nil {
			return &view.Refusal{Code: "refused", Message: err.Error(), Next: "without --resume all targets are looked at; those that have everything are left as they are"}
		}
		x.head.Run = x.ledger.Head.Run
		x.canaries, x.rest = x.ledger.Left(x.canaries, x.over.onlyFailed), x.ledger.Left(x.rest, x.over.onlyFailed)
		return nil
	}
	if x.ledger, err = fleet.CreateLedger(dir, x.head); err != nil {
		// A container may have a file system that cannot be written to. The logs of the targets know all that a ledger knows.
		x.view.Warn(fmt.Sprintf("this run keeps no ledger, so --resume cannot go on with it, and another run looks at every target: %v", err))
	}
	return nil
}

// confirmed asks a person at a terminal, once for all targets.
func (x *expedition) confirmed(ctx context.Context) (bool, error) {
	if x.question == "" || x.flags.autoApprove || !x.view.Interactive() {
		return true, nil
	}
	x.view.Progress(fmt.Sprintf("environment %q has %s; canaries first: %d, then %d", x.env.Name, fleet.Sample(x.all), len(x.canaries), len(x.rest)))
	ok, err := x.view.Confirm(ctx, x.question)
	if err == nil && !ok {
		err = &view.Refusal{Code: "refused", Message: "it was not approved, and nothing was changed"}
	}
	return ok, err
}

// do works on all targets and gives the report.
func (x *expedition) do(ctx context.Context) (*view.Fleet, error) {
	o := fleet.Options{Rollout: x.rollout, HostOf: x.hostOf, PerHost: x.perHost, Tell: x.view.Progress, Ended: x.ended}
	if len(x.foreign) > 0 {
		o.Await = x.await
	}
	report := fleet.Run(ctx, x.canaries, x.rest, o, x.one)
	doc := view.NewFleet(x.env.Name, x.head.Run, len(x.all), report)
	if x.ledger == nil {
		doc.Run = ""
	} else {
		doc.Ledger = x.ledger.Path
	}
	if x.over.junit == "" {
		return doc, nil
	}
	return doc, x.junit(report)
}

// ended writes an outcome down, and says it.
func (x *expedition) ended(o fleet.Outcome) {
	if err := x.ledger.Record(o, x.app.now()); err != nil {
		x.view.Warn(err.Error())
	}
	if o.State != fleet.NotStarted {
		x.view.Progress(fmt.Sprintf("%s: %s", view.Line(o.Target.Name), strings.TrimSpace(view.StateWord(string(o.State))+" "+o.Message)))
	}
}

// one does the errand for a target, with a view whose result is kept.
func (x *expedition) one(ctx context.Context, t fleet.Target) (o fleet.Outcome) {
	var result bytes.Buffer
	v := x.view.Of(&result, t.Name)
	defer func() {
		if value := recover(); value != nil { // one target's fault must not take the others with it
			o.State, o.Code, o.Message = fleet.Failed, "internal", (&view.Bug{Value: value}).Error()
		}
	}()
	q, err := x.at(t, x.home, v)
	if err == nil {
		err = x.each(ctx, q)
	}
	o.State, o.Message = view.Sum(result.Bytes())
	o.Report = bytes.TrimSpace(result.Bytes())
	switch {
	case err == nil:
	case errors.Is(err, errFound):
		o.State = fleet.Differs
	default:
		f := view.Explain(err)
		o.State, o.Code, o.Message = fleet.Failed, f.Code, x.app.streams.Mask(inWords(f))
		if f.Code == "interrupted" || ctx.Err() != nil {
			o.State = fleet.Interrupted
		}
		o.Report = v.FailureOf(err)
	}
	return o
}

// hostOf names a target's server; a target whose connection string cannot be read fails by itself.
func (x *expedition) hostOf(t fleet.Target) string {
	target := x.home
	if !t.URL.Empty() {
		var err error
		if target, err = connect.Parse(t.URL.Reveal(), x.app.getenv); err != nil {
			return ""
		}
	}
	return net.JoinHostPort(target.Host(), strconv.Itoa(int(target.Port())))
}

// perHost is how many targets of a server are worked on at once: what the project file says, or a quarter of the connections that the
// server has, four for each target (the run, its probe, its watcher, a backup). A server that does not answer gets one at a time: its
// targets fail one after the other, and take no place from others.
func (x *expedition) perHost(ctx context.Context, t fleet.Target) int {
	if x.rollout.PerHost > 0 {
		return x.rollout.PerHost
	}
	const patience, share, each = 10 * time.Second, 4, 4
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var result bytes.Buffer
	q, err := x.at(t, x.home, x.view.Of(&result, t.Name))
	if err != nil {
		return 1
	}
	conn, err := q.connect(ctx, "fleet")
	if err != nil {
		return 1
	}
	defer conn.Close(context.WithoutCancel(ctx))
	var most int
	if err := conn.QueryRow(ctx, "SELECT setting::pg_catalog.int4 FROM pg_catalog.pg_settings WHERE name = 'max_connections'").Scan(&most); err != nil {
		return 1
	}
	return most / share / each
}

// junit writes the report for a pipeline.
func (x *expedition) junit(r *fleet.Report) error {
	file, err := os.Create(x.over.junit)
	if err != nil {
		return fmt.Errorf("write JUnit: %w", err)
	}
	err = fleet.WriteJUnit(file, x.head, r, func(text string) string { return view.Clean(x.app.streams.Mask(text)) })
	return errors.Join(err, file.Close())
}
