package backup

import (
	"context"
	"fmt"
	"slices"

	"github.com/pleatdb/pleat/apply"
	"github.com/pleatdb/pleat/history/migration"
	"github.com/pleatdb/pleat/schema"
	"github.com/pleatdb/pleat/schema/sqltext"
)

// printed is a table's name for people, on one line whatever is in it.
func printed(namespace, name string) string {
	return schema.ID{Kind: schema.KindTable, Schema: namespace, Name: name}.Path()
}

// touch is what a run does to one table that was there before.
type touch struct {
	*table
	// whole rows go, or columns change; with neither, the table is rewritten or gets columns filled that were not there before.
	whole   bool
	changed []string
	reasons []string
}

// reach is all that a run overwrites or takes away, as far as its files tell.
type reach struct {
	w       *world
	touches []*touch
	// why are the reasons for a backup, also those that are about no table.
	why []string
	// unknown are statements of which nobody can tell what they touch.
	unknown []string
	// beyond is what a backup does not bring back.
	beyond []string
	// where is the statement at hand, for messages; seen are the tables that a foreign key led to.
	where string
	seen  map[*table]bool
}

// reachOf reads what the statements of a run touch, in their order.
func reachOf(ctx context.Context, w *world, u apply.Upcoming) (*reach, error) {
	r := &reach{w: w}
	if u.Command != apply.CommandApply {
		for _, m := range u.Migrations {
			if err := r.back(ctx, m); err != nil {
				return nil, err
			}
		}
	}
	if u.Command == apply.CommandRollback {
		return r, nil
	}
	for _, m := range u.Migrations {
		if err := r.forward(ctx, m); err != nil {
			return nil, err
		}
	}
	return r, nil
}

func (r *reach) forward(ctx context.Context, m *migration.Migration) error {
	r.begin(m.Generated)
	r.where = m.File()
	for _, what := range m.Destructive {
		r.reason("loses " + what)
	}
	for _, s := range m.Steps {
		r.where = fmt.Sprintf("%s, step %d", m.File(), s.Number)
		if s.Batch != nil {
			r.reason("changes rows in batches")
		}
		if err := r.statements(ctx, s.Statements); err != nil {
			return err
		}
	}
	return nil
}

func (r *reach) back(ctx context.Context, m *migration.Migration) error {
	r.begin(m.Generated)
	for _, u := range m.Down {
		r.where = fmt.Sprintf("the way back of %s", m.File())
		if u.Step > 0 {
			r.where += fmt.Sprintf(", undo %d", u.Step)
		}
		for _, what := range u.Loses {
			r.reason("loses " + what)
		}
		if err := r.statements(ctx, u.Statements); err != nil {
			return err
		}
	}
	return nil
}

// begin gives a file the search_path that its steps will have.
func (r *reach) begin(generated bool) {
	if r.w.path = nil; !generated {
		r.w.path = slices.Clone(r.w.given)
	}
}

func (r *reach) statements(ctx context.Context, list []migration.Statement) error {
	where := r.where
	for _, s := range list {
		r.where = where
		if s.Line > 0 {
			r.where += fmt.Sprintf(", line %d", s.Line)
		}
		if err := r.statement(ctx, s.SQL); err != nil {
			return err
		}
	}
	return nil
}

// statement adds what one statement touches, and follows the names that it changes.
func (r *reach) statement(ctx context.Context, sql string) error {
	f := sqltext.Facts(sql)
	if !f.Known {
		r.unknown = append(r.unknown, r.where+": a statement that the parser does not know")
		return nil
	}
	if runsCode(sql, f) && !sqltext.Touched(sql).Bounded {
		if err := r.code(ctx, sql, f); err != nil {
			return err
		}
	}
	for _, w := range sqltext.WrittenBy(sql) {
		if err := r.written(ctx, w); err != nil {
			return err
		}
	}
	return r.definition(ctx, f)
}

// runsCode reports whether a statement can change rows that its own text does not show. Definitions cannot, however new their syntax is.
func runsCode(sql string, f sqltext.Fact) bool {
	switch sqltext.Classify(sql).Kind {
	case "DoStmt", "CallStmt", "ExecuteStmt", "DropOwnedStmt", "ExplainStmt", "CopyStmt":
		return true
	}
	return f.Query != nil && f.Command != sqltext.CreateView && f.Command != sqltext.CreatePolicy && f.Command != sqltext.CreateStatistics
}

// reason notes why there is to be a backup.
func (r *reach) reason(what string) {
	if text := r.where + ": " + what; !slices.Contains(r.why, text) {
		r.why = append(r.why, text)
	}
}

// lacks notes what is not brought back.
func (r *reach) lacks(format string, args ...any) {
	if text := fmt.Sprintf(format, args...); !slices.Contains(r.beyond, text) {
		r.beyond = append(r.beyond, text)
	}
}

// touch finds or begins the record of a table.
func (r *reach) touch(ctx context.Context, t *table, what string) (*touch, error) {
	if err := r.w.describe(ctx, t); err != nil {
		return nil, err
	}
	r.reason(what + " " + t.String())
	at := slices.IndexFunc(r.touches, func(o *touch) bool { return o.table == t })
	if at < 0 {
		at = len(r.touches)
		r.touches = append(r.touches, &touch{table: t})
	}
	out := r.touches[at]
	if text := r.where + ": " + what; !slices.Contains(out.reasons, text) {
		out.reasons = append(out.reasons, text)
	}
	return out, nil
}

// rows notes that whole rows of a table may go.
func (r *reach) rows(ctx context.Context, t *table, what string) error {
	o, err := r.touch(ctx, t, what)
	if err == nil {
		o.whole = true
	}
	return err
}

// values notes that columns of a table change. Columns that were not there before hold nothing; where a column of the key changes, only the whole row
// can be put back.
func (r *reach) values(ctx context.Context, t *table, columns []string, what string) error {
	o, err := r.touch(ctx, t, what)
	if err != nil {
		return err
	}
	for _, name := range columns {
		name = t.original(name)
		c := t.column(name)
		if c == nil || slices.Contains(o.changed, name) {
			continue
		}
		o.changed = append(o.changed, name)
		o.whole = o.whole || slices.Contains(t.key, name)
	}
	return nil
}
