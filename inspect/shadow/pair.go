package shadow

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/pleatdb/pleat/planner"
	"github.com/pleatdb/pleat/schema"
)

// Pair is two databases of one server: the live state, and what some scripts make of it. Statements can be prepared on both.
// It is not safe for concurrent use and must be closed.
type Pair struct {
	// Before and After are open sessions, as superuser.
	Before, After *pgx.Conn
	// BeforeState and AfterState are what the databases hold, without owners, grants and comments.
	BeforeState, AfterState *schema.Catalog
	// Absent are objects of the live state that could not be built, such as those that need something that pleat does not model
	// or an extension that is not at hand, with what needs them.
	Absent []schema.ID

	drops []func()
}

// Close ends the sessions and drops the databases.
func (p *Pair) Close() {
	for _, drop := range p.drops {
		drop()
	}
	p.drops = nil
}

// Pair builds the live state, as far as that goes, and a copy of it on which the scripts run. An [*ObjectError], wrapped, names
// the statement of a script that the engine refuses.
func (s *Shadow) Pair(ctx context.Context, live *schema.Catalog, scripts []Script) (*Pair, error) {
	p := &Pair{}
	if err := p.open(ctx, s, live, scripts); err != nil {
		p.Close()
		return nil, err
	}
	return p, nil
}

func (p *Pair) open(ctx context.Context, s *Shadow, live *schema.Catalog, scripts []Script) error {
	before, drop, err := s.scratch(ctx)
	if err != nil {
		return err
	}
	p.drops = append(p.drops, drop)
	if err := before.standIn(ctx, live); err != nil {
		return err
	}
	if p.Absent, err = before.buildMost(ctx, live); err != nil {
		return err
	}
	// A template must have nobody in it.
	if err := before.conn.Close(ctx); err != nil {
		return fmt.Errorf("leave the first of two databases on the shadow: %w", err)
	}
	after, drop, err := s.copyOf(ctx, before.name)
	if err != nil {
		return err
	}
	p.drops = append(p.drops, drop)
	if before.conn, err = s.dial(ctx, before.name); err != nil {
		return err
	}
	p.drops = append([]func(){func() { _ = before.conn.Close(context.WithoutCancel(ctx)) }}, p.drops...)
	p.Before, p.After = before.conn, after.conn
	for _, script := range scripts {
		if err := after.replay(ctx, script); err != nil {
			return fmt.Errorf("replay %s, step %d, on the shadow: %w", script.File, script.Step, err)
		}
	}
	if _, err := after.conn.Exec(ctx, "RESET ALL"); err != nil {
		return fmt.Errorf("restore the session on the shadow: %w", err)
	}
	for _, d := range []*scratch{before, after} {
		if err := d.prepare(ctx); err != nil {
			return err
		}
	}
	if p.BeforeState, err = before.inspect(ctx); err != nil {
		return err
	}
	p.AfterState, err = after.inspect(ctx)
	return err
}

// copyOf makes a copy of a database.
func (s *Shadow) copyOf(ctx context.Context, template string) (*scratch, func(), error) {
	name := "scratch_" + randomHex()
	if err := s.server.CreateDatabase(ctx, name, template); err != nil {
		return nil, nil, fmt.Errorf("copy a database on the shadow: %w", err)
	}
	drop := func() { _ = s.server.DropDatabase(context.WithoutCancel(ctx), name) }
	conn, err := s.dial(ctx, name)
	if err != nil {
		drop()
		return nil, nil, err
	}
	d := &scratch{shadow: s, name: name, conn: conn, initial: s.empty}
	closeAll := func() {
		_ = conn.Close(context.WithoutCancel(ctx))
		drop()
	}
	if err := d.prepare(ctx); err != nil {
		closeAll()
		return nil, nil, err
	}
	return d, closeAll, nil
}

func (s *Shadow) dial(ctx context.Context, name string) (*pgx.Conn, error) {
	config, err := pgx.ParseConfig(s.server.URL(name))
	if err != nil {
		return nil, fmt.Errorf("connect to the shadow: %w", err)
	}
	config.DefaultQueryExecMode = pgx.QueryExecModeSimpleProtocol
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("connect to the shadow: %w", err)
	}
	return conn, nil
}

// buildMost builds what can be built, without who owns it and who may use it, and lists what cannot.
func (d *scratch) buildMost(ctx context.Context, live *schema.Catalog) (absent []schema.ID, err error) {
	part := live.Clone()
	for _, id := range live.IDs() {
		if id.Kind.IsAttachment() {
			part.Remove(id)
		}
	}
	for _, id := range unbuildable(part) {
		if id.Kind != schema.KindUnmanaged {
			absent = append(absent, id)
		}
		part.Remove(id)
	}
	statements, err := d.statements(ctx, part, planner.Options{})
	if err != nil {
		return nil, err
	}
	texts := make([]string, len(statements))
	for i, s := range statements {
		texts[i] = s.SQL
	}
	// All at once is one transaction, which leaves nothing behind where a statement fails.
	if _, err = d.conn.Exec(ctx, strings.Join(texts, ";\n")); err == nil || !isServerError(err) {
		return absent, err
	}
	seen := map[schema.ID]bool{}
	for _, s := range statements {
		err := d.exec(ctx, s)
		switch {
		case err == nil:
		case !isServerError(err):
			return nil, fmt.Errorf("build the shadow: %w", err)
		case !seen[s.Object]:
			seen[s.Object] = true
			absent = append(absent, s.Object)
		}
	}
	return absent, nil
}

// unbuildable lists what is unmanaged and what needs it, directly or through others.
func unbuildable(c *schema.Catalog) (out []schema.ID) {
	seen := map[schema.ID]bool{}
	needed := c.NeededBy()
	var visit func(id schema.ID)
	visit = func(id schema.ID) {
		if id.Kind == schema.KindColumn {
			if owner, ok := c.Owner(id); ok {
				id = owner
			}
		}
		if seen[id] {
			return
		}
		seen[id] = true
		out = append(out, id)
		for _, part := range append(c.Columns(id), id) {
			for _, dependent := range needed[part] {
				visit(dependent)
			}
		}
	}
	for _, id := range c.IDs() {
		if id.Kind == schema.KindUnmanaged {
			visit(id)
		}
	}
	return out
}
