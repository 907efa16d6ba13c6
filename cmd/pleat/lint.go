package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/pleatdb/pleat/cmd/internal/config"
	"github.com/pleatdb/pleat/cmd/internal/review"
	"github.com/pleatdb/pleat/cmd/internal/view"
	"github.com/pleatdb/pleat/history/foreign"
	"github.com/pleatdb/pleat/inspect/shadow"
	"github.com/pleatdb/pleat/planner/lint"
)

type lintOptions struct {
	shared
	base, format, failOn string
	audit, measure       bool
	major                int
}

func (o *lintOptions) addFlags(fs *pflag.FlagSet) {
	o.shared.addFlags(fs)
	fs.StringVar(&o.base, "base", "", "git revision: only files that differ from the merge base with it")
	fs.StringVar(&o.format, "format", "text", "text, json, sarif (code scanning) or github (annotations of a workflow)")
	fs.BoolVar(&o.audit, "audit", false, "list what destroys data and what has no way back")
	fs.BoolVar(&o.measure, "measure", false, "run the files on a throw-away server and judge by what they do there")
	fs.IntVar(&o.major, "major", 0, "major version of PostgreSQL for which to judge (default: the database's, or the newest known)")
	fs.StringVar(&o.failOn, "fail-on", "", "exit with 2 from this severity on: error (default), warning, note or none")
}

func newLintCmd(a *app) *cobra.Command {
	var o lintOptions
	c := &cobra.Command{
		Use:   "lint [PATH…]",
		Short: "Find what is dangerous in migration files, of any tool",
		Long: `lint says which statements of migration files lock, scan or rewrite tables while others wait, break code that still runs, or destroy
data; why; and the form that does not. It reads pleat's files and directories of Flyway, goose, dbmate, golang-migrate, Atlas, Sqitch, Prisma,
Drizzle, tern, sql-migrate and Diesel, and any SQL file; - is standard input. It works without a database. Where one is named (--url, --env,
PLEAT_URL), the sizes of its tables count: name the one on which the files will run.

Example: pleat lint
         pleat lint --base origin/main --format github
         pleat lint db/migrations --audit

Exit codes: 0 nothing as severe as --fail-on; 1 an error; 2 something was found.`,
	}
	c.RunE = func(cmd *cobra.Command, args []string) error {
		o.json = o.json || o.format == "json"
		return a.action(&o.shared, func(ctx context.Context, v *view.View, paths []string) error { return runLint(ctx, a, v, o, paths) })(cmd, args)
	}
	o.addFlags(c.Flags())
	return c
}

func runLint(ctx context.Context, a *app, v *view.View, o lintOptions, paths []string) error {
	if err := o.check(); err != nil {
		return err
	}
	p, err := a.withoutSchema(v, &o.shared)
	if err != nil {
		return err
	}
	policy, diags := p.config.Lint(o.env)
	if diags.HasErrors() {
		return &view.DiagnosticsError{Diags: diags, Files: p.config.Files}
	}
	set, err := p.review(ctx, &o, paths)
	if err != nil {
		return err
	}
	a.hideReviewed(set)
	options := lint.Options{Major: o.major, Policy: policyOf(policy)}
	if err := p.consult(ctx, &o, paths, set, &options); err != nil {
		return err
	}
	if o.measure {
		if err := p.measure(ctx, set, &options); err != nil {
			return err
		}
	}
	form := view.LintForm{Format: o.format, Root: review.Root("."), Version: a.version}
	doc := view.NewLint(set, withoutOff(set.Judge(options)), firstOf(o.failOn, policy.FailOn, "error"), form)
	doc.Major, doc.Database = options.Major, p.database()
	if o.audit {
		doc.SetAudit(set.Audit())
	}
	if err := v.Show(doc); err != nil {
		return err
	}
	if !doc.OK {
		return errFound
	}
	return nil
}

func (o *lintOptions) check() error {
	if err := oneOf("format", o.format, "text", "json", "sarif", "github"); err != nil {
		return err
	}
	if err := oneOf("fail-on", o.failOn, append([]string{""}, config.FailOn...)...); err != nil {
		return err
	}
	usage := func(message, next string) error { return &view.Refusal{Code: "usage", Message: message, Next: next} }
	switch {
	case o.audit && (o.format == "sarif" || o.format == "github"):
		return usage("--audit is a list of files and no list of places: it has no form "+o.format, "use --format text or json")
	case o.json && (o.format == "sarif" || o.format == "github"):
		return usage("--json and --format "+o.format+" exclude each other", "use --json-into FILE beside it")
	case o.major != 0 && (o.major < 12 || o.major > 99):
		return usage(fmt.Sprintf("--major cannot be %d", o.major), "use a major version of PostgreSQL, such as 17")
	}
	return nil
}

// review reads the files that are meant: those of the project where none are named.
func (p *project) review(ctx context.Context, o *lintOptions, paths []string) (*review.Set, error) {
	request := review.Request{Paths: slices.Clone(paths), Stdin: p.app.streams.In, Base: o.base}
	if len(paths) == 0 {
		request.Paths = []string{p.migrations}
	}
	set, err := review.Read(ctx, request)
	var unknown *foreign.UnknownError
	var revision *review.RevisionError
	switch {
	case errors.As(err, &revision):
		return nil, &view.Refusal{Code: "refused", Message: revision.Error(), Next: revision.Next}
	case errors.As(err, &unknown):
		return nil, &view.Refusal{Code: "refused", Message: unknown.Error(), Next: "name a directory or a file of SQL migrations"}
	case errors.Is(err, os.ErrNotExist) && len(paths) == 0:
		return nil, &view.Refusal{Code: "refused", Message: fmt.Sprintf("there is no directory %s", p.migrations),
			Next: "name the migrations: pleat lint PATH"}
	}
	return set, err
}

// measure runs the files on a throw-away server of the version for which they are judged.
func (p *project) measure(ctx context.Context, set *review.Set, options *lint.Options) error {
	server, err := p.shadowServer(ctx, options.Major)
	if err != nil {
		return err
	}
	defer func() { _ = server.Close() }() // a server that does not end is swept by the next start
	if options.Major == 0 {
		options.Major = server.Major()
	}
	if before, err := p.legacy(); err == nil && options.Catalog == nil && before.Dir != "" && !before.Converted {
		p.view.Note(fmt.Sprintf("the directory begins after what %s applied, so that its files are measured only with a database: name one with --url", firstOf(before.Tool, "another tool")))
	}
	return set.Measure(ctx, shadow.On(server), options.Catalog)
}
