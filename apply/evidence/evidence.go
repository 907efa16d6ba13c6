package evidence

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/pleatdb/pleat/apply"
	"github.com/pleatdb/pleat/history"
	"github.com/pleatdb/pleat/history/migration"
	"github.com/pleatdb/pleat/inspect"
	"github.com/pleatdb/pleat/inspect/shadow"
)

// DefaultWindow is how long nothing may have used the old shape: two weeks see what runs weekly.
const DefaultWindow = 14 * 24 * time.Hour

// Standby is a server that replicates the target and answers queries.
type Standby struct {
	// Name is for people and for the log: it must hold no secret, and be the same from day to day.
	Name string
	// Connect opens a connection to the same database on it.
	Connect func(ctx context.Context) (*pgx.Conn, error)
}

// Request says what is asked about.
type Request struct {
	Migration *migration.Migration
	// Conn is to the target's primary, outside of a transaction.
	Conn     *pgx.Conn
	Standbys []Standby
	// Shadow gives a throw-away server of the target's major version; it is only called when there is something to prepare, and
	// closed by whoever gave it.
	Shadow func(ctx context.Context) (*shadow.Shadow, error)
	// Window is how long nothing may have used the old shape.
	Window time.Duration
	Now    time.Time
}

// Evidence is what was found.
type Evidence struct {
	// Uses would fail after the contract, Shapes would get other columns, Unknown could not be told.
	Uses, Shapes, Unknown []apply.Use
	// Missing says what could not be read, and how to get it.
	Missing []string
	// Since is from when on calls are counted on the primary; zero where no beginning is known.
	Since time.Time
	// Statements is how many were prepared.
	Statements int
	// Checked is when.
	Checked time.Time
}

// Judge sums up. Only where nothing uses the old shape, nothing is unknown and nothing is missing is it safe.
func (e *Evidence) Judge() *apply.Verdict {
	v := &apply.Verdict{
		State: apply.EvidenceSafe, Uses: e.Uses, Warnings: e.Shapes, Missing: slices.Clone(e.Missing), Since: e.Since, Checked: e.Checked,
	}
	for _, u := range e.Unknown {
		v.Missing = append(v.Missing, fmt.Sprintf("it cannot be told what this statement uses (%s%s): %s; %s", u.Source, calls(u), u.Query, u.Reason))
	}
	switch {
	case len(v.Uses) > 0:
		v.State = apply.EvidenceUsed
	case len(v.Missing) > 0:
		v.State = apply.EvidenceInsufficient
	}
	return v
}

func calls(u apply.Use) string {
	text := ""
	if u.Role != "" {
		text = ", role " + u.Role
	}
	if u.Calls > 0 {
		text += fmt.Sprintf(", %d calls", u.Calls)
	}
	return text
}

// lack notes something that could not be read.
func (e *Evidence) lack(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if !slices.Contains(e.Missing, text) {
		e.Missing = append(e.Missing, text)
	}
}

// Collect reads everything there is to read. The error says that looking itself was cut short; what could not be read
// is in the evidence.
func Collect(ctx context.Context, r Request) (*Evidence, error) {
	c := &collector{Request: r, out: &Evidence{Checked: r.Now.UTC()}}
	for _, look := range []func(context.Context) error{c.readLog, c.readServers, c.readShadow} {
		err := look(ctx)
		switch {
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case errors.Is(err, errEnough):
			return c.out, nil
		case err != nil:
			return nil, fmt.Errorf("look for evidence: %w", err)
		}
	}
	return c.out, nil
}

// errEnough ends the look where nothing more can be found; what is missing was noted.
var errEnough = errors.New("enough")

// collector gathers the evidence of one request.
type collector struct {
	Request
	out *Evidence
	// expanded is when the expand was complete; zero where the log does not know, and for a file that only takes away.
	expanded time.Time
	begins   []counted
	servers  []*counts
	major    int
}

// readLog finds out when the expand was complete, and from when on calls are counted.
func (c *collector) readLog(ctx context.Context) error {
	entries, err := history.Open(c.Conn).Entries(ctx, 0)
	if err != nil {
		if refusedBy(err) {
			c.out.lack("the log cannot be read (%v): connect as the role that applies", err)
			return nil
		}
		return err
	}
	if !c.alone() {
		c.expanded = complete(entries, c.Migration.ContractOf)
		if c.expanded.IsZero() {
			c.out.lack("the log does not say that its expand %s was applied: apply that first", c.Migration.ContractOf)
			return errEnough
		}
	}
	for i := range entries {
		if e := &entries[i]; e.Kind == history.EvidenceCounted && !e.At.Before(c.expanded) {
			c.begins = append(c.begins, countedOf(e))
		}
	}
	return nil
}

// alone reports whether the file only takes away. Nothing new came before it, so that its window begins wherever the count does.
func (c *collector) alone() bool { return c.Migration.ContractOf == "" }

// complete says when a version was complete; zero where the log does not know.
func complete(entries []history.Entry, version string) (at time.Time) {
	for i := range entries {
		e := &entries[i]
		known := e.Kind == history.Applied || e.Kind == history.Imported || e.Kind == history.Baseline
		if known && (e.Version == version || e.Kind == history.Baseline && e.Version >= version) {
			at = e.At
		}
	}
	return at
}

// readShadow compares the state before and after the contract and lets both sides judge.
func (c *collector) readShadow(ctx context.Context) error {
	live, err := inspect.Inspect(ctx, c.Conn, inspect.Options{})
	if err != nil {
		return c.notRead(err, "the database's catalogs")
	}
	s, err := c.Shadow(ctx)
	if err != nil {
		if ctx.Err() != nil {
			return err
		}
		c.out.lack("statements cannot be tried, as there is no throw-away server: %v", err)
		return errEnough
	}
	pair, err := s.Pair(ctx, live, scripts(c.Migration))
	var refused *shadow.ObjectError
	switch {
	case errors.As(err, &refused):
		c.out.Uses = append(c.out.Uses, apply.Use{Query: refused.SQL, Source: "the file itself",
			Reason: "the contract does not run on the state as it is: " + refused.Err.Error()})
		return errEnough
	case err != nil && ctx.Err() == nil:
		c.out.lack("statements cannot be tried on a throw-away server: %v", err)
		return errEnough
	case err != nil:
		return err
	}
	defer pair.Close()
	g := goneBetween(live, pair)
	for _, look := range []func(context.Context, *shadow.Pair, *gone) error{c.dependents, c.publications, c.writes, c.statements, c.jobs} {
		if err := look(ctx, pair, g); err != nil {
			return err
		}
	}
	return nil
}

// scripts are the steps of a file as the shadow replays them.
func scripts(m *migration.Migration) []shadow.Script {
	var out []shadow.Script
	for _, step := range m.Steps {
		s := shadow.Script{File: m.File(), Step: step.Number, Transactional: !step.NoTransaction}
		for _, statement := range step.Statements {
			s.SQL = append(s.SQL, statement.SQL)
		}
		out = append(out, s)
	}
	return out
}
