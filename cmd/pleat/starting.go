package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/pleatdb/pleat/cmd/internal/draft"
	"github.com/pleatdb/pleat/cmd/internal/view"
	"github.com/pleatdb/pleat/history"
	"github.com/pleatdb/pleat/history/migration"
	"github.com/pleatdb/pleat/inspect"
	"github.com/pleatdb/pleat/inspect/shadow/server"
	"github.com/pleatdb/pleat/planner/cost"
	"github.com/pleatdb/pleat/schema"
)

// starting is where a plan starts.
type starting struct {
	live    *schema.Catalog
	pending []*migration.Migration
	// emptying are those of pending that drop what is in the trash, which is no part of live, and nothing else.
	emptying []*migration.Migration
	// newest is the highest version that exists, in the directory or in the log.
	newest string
	major  int
	// drift is what changed since the last run.
	drift []view.Change
	// sizes are those of the target's tables and indexes.
	sizes map[schema.ID]cost.Size
	// expired is what has been in the trash for long enough; full is the live state with the trash, where any has.
	expired []schema.ID
	full    *schema.Catalog
	// taken names what is in the trash, and cannot be there twice.
	taken  map[schema.ID]bool
	server *server.Server
}

func (s *starting) close() { _ = s.server.Close() } // a server that does not end is swept by the next start

// start finds out where a plan starts, and starts the server on which it will be proven.
func (p *project) start(ctx context.Context, from string, dir *migration.Dir, files *loading) (*starting, error) {
	s := &starting{newest: dir.Newest(), drift: []view.Change{}}
	var err error
	if from == "migrations" {
		err = p.startEmpty(ctx, s, dir)
	} else {
		err = p.startLive(ctx, s, dir, files)
	}
	if err != nil && s.server != nil {
		s.close()
	}
	return s, err
}

// startLive reads the database, what it has not seen yet, and what changed behind pleat's back.
func (p *project) startLive(ctx context.Context, s *starting, dir *migration.Dir, files *loading) error {
	conn, err := p.connect(ctx, "plan")
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	if s.major, err = majorOf(ctx, conn); err != nil {
		return err
	}
	all, err := p.inspect(ctx, conn)
	if err != nil {
		return err
	}
	desired, err := files.wait()
	if err != nil {
		return err
	}
	s.live = all
	if len(desired.Ignore) > 0 {
		// A run reads no schema files, so what they ignore is in its snapshot.
		if s.live, err = p.inspect(ctx, conn, desired.Ignore...); err != nil {
			return err
		}
	}
	if s.live, err = p.asTemplate(s.live); err != nil {
		return err
	}
	p.view.Unmanaged(s.live)
	log := history.Open(conn)
	state, err := log.State(ctx)
	if err != nil {
		return fmt.Errorf("read the history: %w", err)
	}
	s.newest = max(s.newest, state.Newest())
	if s.pending, err = parseAll(state.Pending(dir)); err != nil {
		return err
	}
	if err := unfinished(state); err != nil {
		return err
	}
	if s.drift, err = p.drifted(ctx, log, all); err != nil {
		return err
	}
	if err := p.startSizes(ctx, conn, s); err != nil {
		return err
	}
	if err := p.startTrash(ctx, conn, s); err != nil {
		return err
	}
	s.server, err = p.shadowServer(ctx, s.major)
	return err
}

// startSizes reads how large everything is, for what the plan's steps will cost.
func (p *project) startSizes(ctx context.Context, conn *pgx.Conn, s *starting) error {
	sizes, err := inspect.Sizes(ctx, conn, inspect.Options{})
	if err != nil {
		return err
	}
	s.sizes = make(map[schema.ID]cost.Size, len(sizes))
	for id, size := range sizes {
		s.sizes[p.templateID(id)] = cost.Size(size)
	}
	return nil
}

// startTrash finds what has been in the trash for long enough. While a file that empties it is pending there is nothing to find: what
// comes after it waits for the next plan.
func (p *project) startTrash(ctx context.Context, conn *pgx.Conn, s *starting) error {
	if p.onSchema() {
		return nil // what is in the trash belongs to all targets of the database, and none of them may empty it
	}
	trash, err := inspect.Trash(ctx, conn)
	if err != nil {
		return err
	}
	if s.taken, err = inspect.TrashTaken(ctx, conn); err != nil {
		return err
	}
	for _, m := range s.pending {
		if empties(m, trash) {
			s.emptying = append(s.emptying, m)
		}
	}
	if len(s.emptying) > 0 {
		return nil
	}
	before := p.app.now().UTC().Add(-p.keep()).Format("20060102")
	for _, id := range trash {
		if date, _ := schema.Trashed(id); date <= before {
			s.expired = append(s.expired, id)
		}
	}
	if len(s.expired) == 0 {
		return nil
	}
	s.full, err = inspect.Inspect(ctx, conn, inspect.Options{Trash: true})
	return err
}

// empties reports whether all that the file does is to drop what is in the trash.
func empties(m *migration.Migration, trash []schema.ID) bool {
	foreign := func(text string) bool {
		return !slices.ContainsFunc(trash, func(id schema.ID) bool { return text == draft.Drops(id) })
	}
	return len(m.Destructive) > 0 && m.Before == m.After && !slices.ContainsFunc(m.Destructive, foreign)
}

// replayed are the pending files after which a plan starts.
func (s *starting) replayed() []*migration.Migration {
	return slices.DeleteFunc(slices.Clone(s.pending), func(m *migration.Migration) bool { return slices.Contains(s.emptying, m) })
}

// keep is how long what a contract took away stays in the trash.
func (p *project) keep() time.Duration {
	if p.env.Keep != nil {
		return *p.env.Keep
	}
	return 7 * 24 * time.Hour
}

// unfinished refuses to plan from a state that is neither before nor after a migration.
func unfinished(state *history.State) error {
	for _, r := range state.Records {
		if r.StepsDone > 0 && (r.Status == history.StatusPartial || r.Status == history.StatusFailed) {
			return &view.Refusal{Code: "refused", Message: fmt.Sprintf("migration %s_%s stopped half way", r.Version, r.Name),
				Next: "end it with pleat apply, or take it back with pleat rollback, and plan then"}
		}
	}
	return nil
}

// drifted lists what differs from the last run's snapshot.
func (p *project) drifted(ctx context.Context, log *history.Log, live *schema.Catalog) ([]view.Change, error) {
	snapshot, _, err := log.LatestSnapshot(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the last snapshot: %w", err)
	}
	if snapshot == nil {
		return []view.Change{}, nil
	}
	before, err := p.asTemplate(p.inScope(snapshot))
	if err != nil {
		return nil, err
	}
	now, err := p.asTemplate(live)
	return view.Differences(before, now), err
}

// inScope is the part of a snapshot that is looked at now; the run that took it may have looked at more.
func (p *project) inScope(c *schema.Catalog) *schema.Catalog {
	if len(p.scope) == 0 {
		return c
	}
	out := c.Clone()
	for _, id := range c.IDs() {
		home := id.Schema
		if id.Target().Kind == schema.KindSchema {
			home = id.Target().Name
		}
		if home != "" && !slices.Contains(p.scope, home) {
			out.Remove(id)
		}
	}
	return out
}

// startEmpty starts from a new database, to which all files of the directory are still to be applied.
func (p *project) startEmpty(ctx context.Context, s *starting, dir *migration.Dir) (err error) {
	if err := p.wholeDirectory(); err != nil {
		return err
	}
	if s.server, err = p.shadowServer(ctx, 0); err != nil {
		return err
	}
	s.major = s.server.Major()
	files := make([]*migration.File, len(dir.Files))
	for i := range dir.Files {
		files[i] = &dir.Files[i]
	}
	if s.pending, err = parseAll(files); err != nil {
		return err
	}
	s.live, err = emptyDatabase(ctx, s.server)
	return err
}

// emptyDatabase is what a new database holds.
func emptyDatabase(ctx context.Context, s *server.Server) (*schema.Catalog, error) {
	const name = "empty"
	if err := s.CreateDatabase(ctx, name, ""); err != nil {
		return nil, fmt.Errorf("create a database on the throw-away server: %w", err)
	}
	defer func() { _ = s.DropDatabase(context.WithoutCancel(ctx), name) }()
	conn, err := pgx.Connect(ctx, s.URL(name))
	if err != nil {
		return nil, fmt.Errorf("connect to the throw-away server: %w", err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	return inspect.Inspect(ctx, conn, inspect.Options{})
}

func parseAll(files []*migration.File) (out []*migration.Migration, err error) {
	var errs []error
	for _, f := range files {
		m, err := f.Parse()
		if err != nil {
			errs = append(errs, err)
			continue
		}
		out = append(out, m)
	}
	return out, errors.Join(errs...)
}
