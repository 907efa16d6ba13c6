package apply

import (
	"context"
	"fmt"

	"github.com/pleatdb/pleat/history"
	"github.com/pleatdb/pleat/history/migration"
	"github.com/pleatdb/pleat/schema"
	"github.com/pleatdb/pleat/schema/sqltext"
)

// finding is what the catalogs say of a statement of which no answer came.
type finding struct {
	// done is set when the statement took effect; otherwise it can run again.
	done bool
	// evidence says by what it is known; it names objects and is kept in the log.
	evidence string
}

// probes ask, by the kind of mark, whether an object is there. holder is the table or type that it belongs to and object the object, both
// as SQL writes them; bare is the object's name alone.
var probes = map[sqltext.MarkKind]string{
	sqltext.MarkRelation: "pg_catalog.to_regclass(object) IS NOT NULL",
	sqltext.MarkColumn: `EXISTS (SELECT 1 FROM pg_catalog.pg_attribute WHERE attrelid = pg_catalog.to_regclass(holder) AND attname = bare
		AND NOT attisdropped)`,
	sqltext.MarkConstraint: "EXISTS (SELECT 1 FROM pg_catalog.pg_constraint WHERE conrelid = pg_catalog.to_regclass(holder) AND conname = bare)",
	sqltext.MarkValidated: `EXISTS (SELECT 1 FROM pg_catalog.pg_constraint WHERE conrelid = pg_catalog.to_regclass(holder) AND conname = bare
		AND convalidated)`,
	sqltext.MarkPartition: `EXISTS (SELECT 1 FROM pg_catalog.pg_inherits WHERE inhparent = pg_catalog.to_regclass(holder)
		AND inhrelid = pg_catalog.to_regclass(object))`,
	sqltext.MarkEnumValue:  "EXISTS (SELECT 1 FROM pg_catalog.pg_enum WHERE enumtypid = pg_catalog.to_regtype(holder) AND enumlabel = bare)",
	sqltext.MarkSchema:     "EXISTS (SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = bare)",
	sqltext.MarkExtension:  "EXISTS (SELECT 1 FROM pg_catalog.pg_extension WHERE extname = bare)",
	sqltext.MarkDatabase:   "EXISTS (SELECT 1 FROM pg_catalog.pg_database WHERE datname = bare)",
	sqltext.MarkTablespace: "EXISTS (SELECT 1 FROM pg_catalog.pg_tablespace WHERE spcname = bare)",
	sqltext.MarkSubscription: `EXISTS (SELECT 1 FROM pg_catalog.pg_subscription WHERE subname = bare
		AND subdbid = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database()))`,
}

// holds reports whether the catalogs show a mark.
func (s *session) holds(ctx context.Context, m sqltext.Mark) (there bool, err error) {
	err = s.conn.QueryRow(ctx, "SELECT "+probes[m.Kind]+" FROM (VALUES ($1::text, $2::text, $3::text)) AS asked (holder, object, bare)", query,
		schema.Qualified(m.Of.Schema, m.Of.Name), schema.Qualified(m.Name.Schema, m.Name.Name), m.Name.Name).Scan(&there)
	if err != nil {
		return false, fmt.Errorf("look for %s %s: %w", m.Kind, schema.Quote(m.Name.Name), err)
	}
	return there != m.Gone, nil
}

// marked reports whether the catalogs show all marks.
func (s *session) marked(ctx context.Context, marks []sqltext.Mark) (bool, error) {
	for _, m := range marks {
		if ok, err := s.holds(ctx, m); err != nil || !ok {
			return false, err
		}
	}
	return len(marks) > 0, nil
}

// describe says what a mark that holds shows.
func describe(m sqltext.Mark) string {
	name := schema.Qualified(m.Name.Schema, m.Name.Name)
	if m.Of.Name != "" {
		name += " of " + schema.Qualified(m.Of.Schema, m.Of.Name)
	}
	if m.Gone {
		return fmt.Sprintf("%s %s is gone", m.Kind, name)
	}
	return fmt.Sprintf("%s %s is there", m.Kind, name)
}

// before looks what a statement outside of a transaction will find: what an interrupted one left in its way is cleared, and existed
// tells that what it is to lead to is so already, so that it cannot tell afterwards whether the statement ran.
func (r *runner) before(ctx context.Context, stmt migration.Statement) (existed bool, err error) {
	if _, ok := concurrentIndex(stmt.SQL); ok {
		return r.clearInvalid(ctx, stmt)
	}
	return r.marked(ctx, sqltext.ReadOutcome(stmt.SQL).Marks)
}

// settle decides what an interrupted statement did. What the catalogs cannot tell was refused before; see [undecidable].
func (r *runner) settle(ctx context.Context, w *work, doubt *history.InDoubt) (finding, error) {
	stmt := w.statements()[0]
	outcome := sqltext.ReadOutcome(stmt.SQL)
	switch {
	case outcome.Detach != nil:
		return r.settleDetach(ctx, *outcome.Detach, doubt)
	case outcome.ReindexAll:
		return finding{}, r.clearReindexed(ctx, outcome.ReindexSchema)
	case doubt.Refused || doubt.Existed:
		// The server refused it and said so, or what is there was there before: the server decides again.
		return finding{}, nil
	}
	if c, ok := concurrentIndex(stmt.SQL); ok {
		return r.settleIndex(ctx, w, c)
	}
	done, err := r.marked(ctx, outcome.Marks)
	if err != nil || !done {
		return finding{}, err
	}
	return finding{true, describe(outcome.Marks[0])}, nil
}

// settleIndex looks for the index. Nobody builds it any more: the session that did held the lock that this run holds now. An invalid one
// is cleared away when the statement runs again.
func (r *runner) settleIndex(ctx context.Context, w *work, c concurrent) (finding, error) {
	st, err := r.look(ctx, c)
	switch {
	case err != nil:
		return finding{}, err
	case c.drop && !st.exists:
		return finding{true, "index " + c.name + " is gone"}, nil
	case c.drop || !st.exists || !st.valid:
		return finding{}, nil
	}
	if err := r.proven(ctx, w, true); err != nil {
		return finding{}, err
	}
	return finding{true, "index " + st.name + " is there, valid, and what the statement says"}, nil
}

// decidable reports whether an interrupted statement can be settled without a person.
func decidable(stmt migration.Statement, doubt *history.InDoubt) bool {
	if _, ok := concurrentIndex(stmt.SQL); ok || doubt.Refused {
		return true
	}
	outcome := sqltext.ReadOutcome(stmt.SQL)
	return outcome.Repeat || outcome.Detach != nil || len(outcome.Marks) > 0
}

// undecidable refuses to go on after a statement of which nobody can tell whether it ran.
func undecidable(m *migration.Migration, stmt migration.Statement, doubt *history.InDoubt) error {
	if decidable(stmt, doubt) {
		return nil
	}
	return &Refused{
		Code: "in_doubt",
		Reason: fmt.Sprintf("%s: step %d began at %s and nobody recorded its end, and nothing tells whether it ran: %.200s", m.File(), doubt.Step,
			doubt.At.UTC().Format("2006-01-02 15:04:05 MST"), stmt.SQL),
		Next: "look whether it took effect, then say so: " + resolveCommand(m.Version, doubt.Step),
	}
}

// resolveCommand is the command that settles a step by hand.
func resolveCommand(version string, step int) string {
	return fmt.Sprintf("pleat resolve %s --step %d --done --reason \"…\" (or --not-done)", version, step)
}
