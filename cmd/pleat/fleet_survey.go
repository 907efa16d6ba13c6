package main

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/jackc/pgx/v5"

	"github.com/pleatdb/pleat/cmd/internal/fleet"
	"github.com/pleatdb/pleat/cmd/internal/view"
	"github.com/pleatdb/pleat/history"
	"github.com/pleatdb/pleat/history/migration"
	"github.com/pleatdb/pleat/schema"
)

// survey reads all targets and groups those that are alike: the same objects, with the target's own schema taken for the template, and
// the same migrations pending.
type survey struct {
	*expedition
	dir *migration.Dir

	mu       sync.Mutex
	groups   map[string]*group
	outcomes []fleet.Outcome
}

// group are targets that are alike.
type group struct {
	targets []fleet.Target
	catalog *schema.Catalog
	pending string
}

// look reads every target. Schemas of one database are read in one pass over its catalogs.
func (s *survey) look(ctx context.Context) error {
	var err error
	if s.dir, err = s.templates(); err != nil {
		return err
	}
	// One piece of work is a database: its first target stands for all of them.
	together := map[string][]fleet.Target{}
	var heads []fleet.Target
	for _, t := range s.rest {
		key := databaseOf(t)
		if len(together[key]) == 0 {
			heads = append(heads, t)
		}
		together[key] = append(together[key], t)
	}
	rollout := s.rollout
	rollout.Continue, rollout.MaxFailures, rollout.Canary = true, nil, fleet.Canary{}
	report := fleet.Run(ctx, nil, heads, fleet.Options{Rollout: rollout, HostOf: s.hostOf, PerHost: s.perHost, Tell: s.view.Progress},
		func(ctx context.Context, t fleet.Target) fleet.Outcome {
			return s.read(ctx, together[databaseOf(t)])
		})
	for _, o := range report.Outcomes {
		for _, t := range together[databaseOf(o.Target)] {
			o.Target = t
			s.outcomes = append(s.outcomes, o)
		}
	}
	return nil
}

// databaseOf tells which targets are read together.
func databaseOf(t fleet.Target) string {
	if t.Schema == "" {
		return "target\x00" + t.Name
	}
	return "schemas\x00" + t.Database + "\x00" + t.URL.Reveal()
}

// read reads the targets of one database.
func (s *survey) read(ctx context.Context, targets []fleet.Target) (o fleet.Outcome) {
	fail := func(err error) fleet.Outcome {
		f := view.Explain(err)
		return fleet.Outcome{State: fleet.Failed, Code: f.Code, Message: s.app.streams.Mask(f.Message)}
	}
	var result bytes.Buffer
	q, err := s.at(targets[0], s.home, s.view.Of(&result, targets[0].Name))
	if err != nil {
		return fail(err)
	}
	for _, t := range targets[1:] {
		q.scope = append(q.scope, t.Schema)
	}
	conn, err := q.connect(ctx, "plan")
	if err != nil {
		return fail(err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	all, err := q.inspect(ctx, conn)
	if err != nil {
		return fail(err)
	}
	for _, t := range targets {
		if err := s.sort(ctx, conn, t, all); err != nil {
			return fail(fmt.Errorf("read target %s: %w", t.Name, err))
		}
	}
	return fleet.Outcome{State: fleet.Done}
}

// sort puts a target into its group.
func (s *survey) sort(ctx context.Context, conn *pgx.Conn, t fleet.Target, all *schema.Catalog) error {
	catalog := all
	if t.Schema != "" {
		history.Settle(conn, history.HomeOf(t.Schema))
		var err error
		if catalog, err = fleet.Move(all, t.Schema, s.fleet.Template); err != nil {
			return err
		}
	}
	state, err := history.Open(conn).State(ctx)
	if err != nil {
		return fmt.Errorf("read the history: %w", err)
	}
	var pending []string
	for _, f := range state.Pending(s.dir) {
		pending = append(pending, f.Version)
	}
	key := catalog.Fingerprint() + " " + strings.Join(pending, " ")
	s.mu.Lock()
	defer s.mu.Unlock()
	g := s.groups[key]
	if g == nil {
		g = &group{catalog: catalog, pending: strings.Join(pending, " ")}
		s.groups[key] = g
	}
	g.targets = append(g.targets, t)
	return nil
}

// sorted are the groups, the largest first; of equal ones that with the first name.
func (s *survey) sorted() []*group {
	var out []*group
	for _, g := range s.groups {
		slices.SortFunc(g.targets, func(a, b fleet.Target) int { return strings.Compare(a.Name, b.Name) })
		out = append(out, g)
	}
	slices.SortFunc(out, func(a, b *group) int {
		if len(a.targets) != len(b.targets) {
			return len(b.targets) - len(a.targets)
		}
		return strings.Compare(a.targets[0].Name, b.targets[0].Name)
	})
	return out
}

// check says what a person should know before the plan of the largest group stands for all.
func (s *survey) check(groups []*group) {
	if len(groups) > planned {
		s.view.Warn(fmt.Sprintf("the targets are in %d different states; only the %d most frequent are planned for", len(groups), planned))
	}
	if len(groups) > 1 && len(groups[0].targets) == len(groups[1].targets) {
		s.view.Warn("no state is that of most targets, so the plan that is written may not be the one that is meant; choose targets with --target")
	}
}
