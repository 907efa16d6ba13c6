package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/pleatdb/pleat/cmd/internal/config"
	"github.com/pleatdb/pleat/cmd/internal/connect"
	"github.com/pleatdb/pleat/cmd/internal/credential"
	"github.com/pleatdb/pleat/cmd/internal/fleet"
	"github.com/pleatdb/pleat/cmd/internal/view"
	"github.com/pleatdb/pleat/history/migration"
	"github.com/pleatdb/pleat/inspect"
	"github.com/pleatdb/pleat/inspect/shadow/docker"
	"github.com/pleatdb/pleat/inspect/shadow/server"
	"github.com/pleatdb/pleat/schema"
	"github.com/pleatdb/pleat/schema/hclfile"
)

// project is pleat.hcl with the flags over it: where everything is.
type project struct {
	app    *app
	view   *view.View
	flags  *shared
	config *config.Config
	env    *config.Environment

	schema, migrations string
	scope              []string
	target             *connect.Target
	// fleet is set in an environment of many targets, and place when the project is that of one of them.
	fleet  *config.Targets
	place  *fleet.Target
	source credential.Source
	// grace is how long a run may take to stop; 0 is the default.
	grace time.Duration
	// mu guards sessions: connections are made by several goroutines.
	mu       sync.Mutex
	sessions opened
	// backedUp is the run that took a backup before its first step; empty while none did.
	backedUp string
}

// project reads the project file and chooses the environment. Nothing is connected to.
func (a *app) project(v *view.View, o *shared) (*project, error) {
	c, diags := config.Load(o.config, config.Options{Getenv: a.getenv, VarFiles: o.varFiles, Vars: o.vars})
	env, more := c.Environment(o.env)
	a.streams.Hide(c.Secrets()...)
	if diags = append(diags, more...); diags.HasErrors() {
		return nil, &view.DiagnosticsError{Diags: diags, Files: c.Files}
	}
	if len(diags) > 0 {
		v.Diagnose(view.Diagnostics(diags, c.Files))
	}
	p := &project{app: a, view: v, flags: o, config: c, env: env}
	if err := p.projectLog(); err != nil {
		return nil, err
	}
	p.schema = firstOf(o.schema, env.Schema, "schema")
	p.migrations = firstOf(o.migrations, env.Migrations, "migrations")
	p.scope = o.scope
	if len(p.scope) == 0 {
		p.scope = env.Scope
	}
	return p, p.fleeted()
}

// withoutSchema is [app.project] for commands that read no schema files: a variable that pleat.hcl does not declare is then
// declared nowhere.
func (a *app) withoutSchema(v *view.View, o *shared) (*project, error) {
	p, err := a.project(v, o)
	if err != nil {
		return nil, err
	}
	if diags := p.config.RefuseUndeclared(); diags.HasErrors() {
		return nil, &view.DiagnosticsError{Diags: diags, Files: p.config.Files}
	}
	return p, nil
}

func firstOf(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return ""
}

// resolve finds out where to connect.
func (p *project) resolve() (*connect.Target, error) {
	if err := p.oneTarget(); err != nil {
		return nil, err
	}
	if p.target == nil {
		t, err := p.home()
		if err != nil {
			return nil, err
		}
		p.target = t
	}
	return p.target, nil
}

// home is what the environment itself says of where to connect. In an environment of many targets it is where they are listed, and the
// server of those that name only a database.
func (p *project) home() (*connect.Target, error) {
	t, err := connect.ResolveDirect(p.flags.directURL, p.flags.url, p.env.DirectURL.Reveal(), p.env.URL.Reveal(), p.app.getenv)
	if err != nil {
		return nil, err
	}
	p.app.hideTarget(t)
	for _, note := range t.Notes {
		p.view.Note(note)
	}
	t.Program, t.Warn = "pleat/"+p.app.version, p.view.Warn
	return t, p.authenticate(t)
}

// connect opens a connection to the target. purpose is one word for those who see it on the server.
func (p *project) connect(ctx context.Context, purpose string, options ...connect.Option) (*pgx.Conn, error) {
	t, err := p.resolve()
	if err != nil {
		return nil, err
	}
	conn, err := t.Connect(ctx, purpose, append(options, connect.Role(p.env.Role))...)
	if err == nil {
		p.mu.Lock()
		p.sessions.add(conn)
		p.mu.Unlock()
		p.settleHistory(conn)
	}
	return conn, err
}

// settle waits, after an interrupt, until the server was told to cancel what it still does for this process. The driver
// tells it in the background, and a process that ends before would leave a statement, and its locks, behind.
func (p *project) settle(ctx context.Context) {
	if ctx.Err() == nil {
		return
	}
	patience := time.After(p.patience())
	for _, conn := range p.sessions.all() {
		select {
		case <-conn.PgConn().CleanupDone():
		case <-patience:
			return
		}
	}
}

// database is the name of the target's database, for people.
func (p *project) database() string {
	if p.target == nil {
		return ""
	}
	return p.target.Database()
}

// inspect reads the live state. A schema of the scope that is not there yet is empty, since a plan may be about to make it.
func (p *project) inspect(ctx context.Context, conn *pgx.Conn, ignore ...string) (*schema.Catalog, error) {
	return p.look(ctx, conn, inspect.Options{Ignore: ignore})
}

// look is [project.inspect] with more to say.
func (p *project) look(ctx context.Context, conn *pgx.Conn, opts inspect.Options) (*schema.Catalog, error) {
	opts.Ignore = slices.Concat(p.env.Ignore, opts.Ignore)
	if len(p.scope) > 0 {
		rows, err := conn.Query(ctx, "SELECT nspname::pg_catalog.text FROM pg_catalog.pg_namespace WHERE nspname = ANY ($1::pg_catalog.text[])", p.scope)
		if err != nil {
			return nil, fmt.Errorf("read schemas: %w", err)
		}
		if opts.Schemas, err = pgx.CollectRows(rows, pgx.RowTo[string]); err != nil {
			return nil, fmt.Errorf("read schemas: %w", err)
		}
		if len(opts.Schemas) == 0 {
			return schema.New(), nil
		}
	}
	return inspect.Inspect(ctx, conn, opts)
}

// desired loads the schema files; its warnings are shown.
func (p *project) desired(path string) (*hclfile.Desired, error) {
	dir := path
	if info, err := os.Stat(path); err == nil && !info.IsDir() {
		dir = filepath.Dir(path)
	}
	d, diags := hclfile.LoadWithoutTexts([]string{path}, p.config.SchemaInputs(dir))
	if d.Mask != nil {
		p.app.streams.HideBy(d.Mask)
	}
	if diags.HasErrors() {
		return nil, &view.DiagnosticsError{Diags: diags, Files: d.Files}
	}
	if len(diags) > 0 {
		p.view.Diagnose(view.Diagnostics(diags, d.Files))
	}
	return d, nil
}

// directory reads the migration files, which must be those of pleat.sum.
func (p *project) directory() (*migration.Dir, error) {
	d, err := p.files()
	if err != nil {
		return nil, err
	}
	return d, d.Validate()
}

// files reads the migration files, as they run on the project's database.
func (p *project) files() (*migration.Dir, error) {
	d, err := migration.ReadDir(p.migrations)
	if err == nil {
		p.app.hideFiles(d)
	}
	if err != nil || !p.onSchema() {
		return d, err
	}
	return d.In(p.fleet.Template, p.place.Schema)
}

// shadowServer starts a throw-away server of a major version; 0 takes the newest that is at hand. The caller closes it.
func (p *project) shadowServer(ctx context.Context, major int) (*server.Server, error) {
	want := firstOf(p.flags.shadow, p.env.Shadow.Reveal())
	s, err := server.Start(ctx, server.Options{Major: major, Want: want, Docker: docker.Start, Progress: p.view.Progress})
	if err != nil {
		return nil, fmt.Errorf("start a throw-away server: %w", err)
	}
	return s, nil
}

// majorOf is the server's major version.
func majorOf(ctx context.Context, conn *pgx.Conn) (int, error) {
	var number int
	err := conn.QueryRow(ctx, "SELECT pg_catalog.current_setting('server_version_num')::pg_catalog.int4").Scan(&number)
	if err != nil {
		return 0, fmt.Errorf("read the server's version: %w", err)
	}
	return number / 10000, nil
}
