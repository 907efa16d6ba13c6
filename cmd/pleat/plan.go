package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/pleatdb/pleat/cmd/internal/config"
	"github.com/pleatdb/pleat/cmd/internal/draft"
	"github.com/pleatdb/pleat/cmd/internal/view"
	"github.com/pleatdb/pleat/history/migration"
	"github.com/pleatdb/pleat/inspect/shadow"
	"github.com/pleatdb/pleat/schema/hclfile"
)

type planOptions struct {
	shared
	name, from       string
	dryRun           bool
	contract         string
	detailedExitcode bool
	renames          string
	failOn           []string
	fleet            fleetFlags
}

func (o *planOptions) addFlags(fs *pflag.FlagSet) {
	o.shared.addFlags(fs)
	o.fleet.addFlags(fs)
	fs.StringVar(&o.name, "name", "", "name of the migration (default: what its first step does)")
	fs.StringVar(&o.from, "from", "live", "where the plan starts: live (the database and its pending migrations) or migrations (the directory alone)")
	fs.BoolVar(&o.dryRun, "dry-run", false, "show the plan and its SQL, and write nothing")
	fs.StringVar(&o.contract, "contract", "", "gated: what breaks or blocks running programs is divided into expand and contract; immediate: one file does all at once")
	fs.BoolVar(&o.detailedExitcode, "detailed-exitcode", false, "exit with 2 when there are changes")
	fs.StringVar(&o.renames, "renames", "error", "drops and creations that look like undeclared renames: error, or drop if they are meant (asked at a terminal)")
	fs.StringSliceVar(&o.failOn, "fail-on", nil, "fail, and write nothing, when the plan is: destructive, rewrite, blocking")
}

func newPlanCmd(a *app) *cobra.Command {
	var o planOptions
	c := &cobra.Command{
		Use:   "plan",
		Short: "Write the migration that leads from the database to what the files say",
		Long: `plan compares the database, with the migrations that it has not seen yet, with the schema files, and writes the
difference as a migration file. The file is proven before it is written: its steps, run on a throw-away server, end in exactly the
desired state, and their undo leads exactly back. What would block or break running programs is divided: one file for what old code
survives (expand), another for what must wait until nothing uses the old shape (contract).

Example: pleat plan --name add_slug
         pleat plan --dry-run --detailed-exitcode` + exitCodes,
		Args: cobra.NoArgs,
		RunE: a.action(&o.shared, func(ctx context.Context, v *view.View, _ []string) error { return runPlan(ctx, a, v, o) }),
	}
	o.addFlags(c.Flags())
	return c
}

func runPlan(ctx context.Context, a *app, v *view.View, o planOptions) error {
	if err := o.check(); err != nil {
		return err
	}
	p, err := a.project(v, &o.shared)
	if err != nil {
		return err
	}
	return o.onTarget(ctx, p)
}

// on plans for one database.
func (o *planOptions) on(ctx context.Context, p *project) error {
	dir, err := p.templates()
	if err != nil {
		return err
	}
	files := p.load(p.schema)
	start, err := p.start(ctx, o.from, dir, files)
	if err == nil {
		defer start.close()
	}
	desired, wrong := files.wait() // what is wrong with the files is said first
	if err := cmp.Or(wrong, err); err != nil {
		return err
	}
	d, desired, err := o.draft(ctx, p, start, desired)
	if err != nil {
		return &view.Wanted{Err: err, Desired: desired}
	}
	return o.finish(ctx, p, start, d, desired)
}

// check refuses what cannot be meant.
func (o *planOptions) check() error {
	if err := oneOf("from", o.from, "live", "migrations"); err != nil {
		return err
	}
	if err := oneOf("contract", o.contract, "", "gated", "immediate"); err != nil {
		return err
	}
	if err := oneOf("renames", o.renames, "error", "drop"); err != nil {
		return err
	}
	for _, word := range o.failOn {
		if err := oneOf("fail-on", word, "destructive", "rewrite", "blocking"); err != nil {
			return err
		}
	}
	return nil
}

// oneOf refuses a flag's value that is none of the words.
func oneOf(flag, value string, words ...string) error {
	if slices.Contains(words, value) {
		return nil
	}
	known := strings.Join(slices.DeleteFunc(slices.Clone(words), func(w string) bool { return w == "" }), " or ")
	return &view.Refusal{Code: "usage", Message: fmt.Sprintf("--%s cannot be %q", flag, value), Next: "use " + known}
}

// draft plans, and asks a person at a terminal about what looks like an undeclared rename. An answer may change the
// files, so the desired state is returned too.
func (o *planOptions) draft(ctx context.Context, p *project, s *starting, desired *hclfile.Desired) (*draft.Draft, *hclfile.Desired, error) {
	version, err := migration.NextVersion(s.newest, p.app.now())
	if err != nil {
		return nil, desired, err
	}
	renames := o.renames
	for {
		d, err := draft.New(ctx, draft.Request{
			Live: s.live, Desired: desired, Pending: s.replayed(), Shadow: shadow.On(s.server), Name: "plan", Version: version,
			Major: s.major, Renames: renames, Online: firstOf(o.contract, p.env.Contract, config.Gated) == config.Gated && p.env.Strategy != config.InPlace,
			Hard: p.env.Drop == config.Hard, Taken: s.taken,
		})
		var rename *draft.RenameError
		if !errors.As(err, &rename) || !p.view.Interactive() {
			return d, desired, err
		}
		if err := o.ask(ctx, p, rename.Pairs); err != nil {
			return nil, desired, err
		}
		// Whatever the answers left as a drop and a creation is meant as such.
		renames = "drop"
		if desired, err = p.desired(p.schema); err != nil {
			return nil, desired, err
		}
	}
}

// finish shows the plan, writes its file unless it is a dry run, and tells by the exit code what was asked for.
func (o *planOptions) finish(ctx context.Context, p *project, s *starting, d *draft.Draft, desired *hclfile.Desired) error {
	for _, note := range d.Notes {
		p.view.Note(note)
	}
	if o.from == "live" {
		if err := p.keepsValues(ctx, d.Lossy); err != nil {
			return err
		}
	}
	doc := view.NewPlan(p.database(), d, desired.Moves, s.sizes)
	doc.Drift, doc.DryRun = s.drift, o.dryRun
	for _, m := range s.pending {
		doc.Pending = append(doc.Pending, m.File())
	}
	if len(d.Migrations) > 0 {
		name, err := migration.Slug(firstOf(o.name, nameOf(d)))
		if err != nil {
			return err
		}
		for _, m := range d.Migrations {
			m.Name = name
		}
		doc.SetMigrations(d.Migrations)
		if err := o.tooRisky(doc.Risks); err != nil {
			return err
		}
		if !o.dryRun {
			if doc.Files, err = migration.Write(p.migrations, d.Migrations...); err != nil {
				return err
			}
		}
	}
	if err := o.emptyTrash(ctx, p, s, d, doc); err != nil {
		return err
	}
	if err := p.view.Show(doc); err != nil {
		return err
	}
	if o.detailedExitcode && !doc.NoOp {
		return errFound
	}
	return nil
}

// emptyTrash writes the file that drops what has been in the trash for long enough. It is one of its own: the rest of the plan must
// not wait for somebody to agree with that.
func (o *planOptions) emptyTrash(ctx context.Context, p *project, s *starting, d *draft.Draft, doc *view.Plan) error {
	if len(s.expired) == 0 {
		return nil
	}
	if slices.Contains(o.failOn, "destructive") {
		p.view.Note("something has been in the trash for long enough; the file that drops it is left out (--fail-on destructive)")
		return nil
	}
	newest := s.newest
	if n := len(d.Migrations); n > 0 {
		newest = d.Migrations[n-1].Version
	}
	version, err := migration.NextVersion(newest, p.app.now())
	if err != nil {
		return err
	}
	m, err := draft.Empty(ctx, shadow.On(s.server), s.full, s.expired, "empty_trash", version)
	if err != nil {
		return err
	}
	doc.Empties(m, s.expired)
	if o.dryRun {
		return nil
	}
	files, err := migration.Write(p.migrations, m)
	doc.Files = append(doc.Files, files...)
	return err
}

// nameOf is a name for a migration that nobody named.
func nameOf(d *draft.Draft) string {
	const longest = 48
	name := d.Plan.Steps[0].Title
	if strings.Contains(name, "__pleat_new") { // a helper's name says nothing about what is meant
		name = "change " + d.Plan.Changes[0].ID().String()
	}
	if i := strings.IndexAny(name, ",("); i > 0 {
		name = name[:i]
	}
	runes := []rune(name)
	return string(runes[:min(len(runes), longest)])
}

// tooRisky refuses a plan that does what --fail-on names.
func (o *planOptions) tooRisky(risks []view.Risk) error {
	words := map[string]string{"destructive": "destroys data", "rewrite": "writes tables anew while nobody can use them",
		"blocking": "does long work while others wait"}
	for _, word := range o.failOn {
		e := &view.Refusal{Code: word, Message: "the plan " + words[word] + ", and nothing was written (--fail-on " + word + ")"}
		for _, r := range risks {
			if r.Risk == word {
				e.Differences = append(e.Differences, r.Message)
			}
		}
		if len(e.Differences) > 0 {
			return e
		}
	}
	return nil
}
