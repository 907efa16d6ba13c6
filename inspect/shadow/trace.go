package shadow

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/pleatdb/pleat/planner"
	"github.com/pleatdb/pleat/schema/sqltext"
)

// tracer measures what statements do while the database runs them. A nil tracer measures nothing.
//
// In a transaction the locks of the session can be read after each statement, since none is released before the end; what is
// new among them is the statement's. Scans, builds and validations are told by the server's own messages (see
// notice.go), rewrites by the files of the relations.
type tracer struct {
	d *scratch
	// known are the relations that were there before; what the traced statements create is no concern of anybody who uses
	// the database meanwhile.
	known map[uint32]relation
	// names are those of the known relations and of what was connected with them, without schemas.
	names map[string]bool
	// held are the locks of the running transaction so far.
	held map[uint32]modes
	// heard are the messages since the statement began.
	heard []string
	// prepared says whether the session still has the statement that reads its state.
	prepared bool
}

// trace begins to measure. The relations of the database as it is now are the known ones.
func (d *scratch) trace(ctx context.Context) (*tracer, error) {
	t := &tracer{d: d}
	if err := t.listen(ctx); err != nil {
		return nil, err
	}
	return t, t.renew(ctx)
}

// listen has the server say what it does, in the words that stand in its source.
func (t *tracer) listen(ctx context.Context) error {
	t.d.hear = func(message string) { t.heard = append(t.heard, message) }
	conn := t.d.conn
	_, err := conn.Exec(ctx, "SET lc_messages = 'C'")
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.Code == "42501" { // insufficient_privilege, on a server that is not ours
		var locale string
		if err = conn.QueryRow(ctx, "SELECT pg_catalog.current_setting('lc_messages')").Scan(&locale); err == nil && !isEnglish(locale) {
			err = fmt.Errorf("the server speaks the language of %s and the role may not change lc_messages; grant it that, or use another shadow", locale)
		}
	}
	if err == nil {
		_, err = conn.Exec(ctx, "SET client_min_messages = debug1")
	}
	if err != nil {
		return fmt.Errorf("measure on the shadow: %w", err)
	}
	return nil
}

// isEnglish reports whether messages in the locale stand as in the source.
func isEnglish(locale string) bool {
	language, _, _ := strings.Cut(locale, ".")
	return language == "C" || language == "POSIX" || strings.HasPrefix(language, "en_")
}

// stop ends the measuring, so that what follows is not slowed down.
func (t *tracer) stop(ctx context.Context) error {
	t.d.hear = nil
	if _, err := t.d.conn.Exec(ctx, "SET client_min_messages = error"); err != nil {
		return fmt.Errorf("measure on the shadow: %w", err)
	}
	return nil
}

// renew makes all relations of the database known, as they are now.
func (t *tracer) renew(ctx context.Context) error {
	now, err := t.relations(ctx)
	if err != nil {
		return err
	}
	t.know(now)
	return nil
}

func (t *tracer) know(relations map[uint32]relation) {
	t.known, t.names = relations, map[string]bool{}
	for _, r := range relations {
		t.names[r.id.Name] = true
	}
}

// begin forgets what another transaction held.
func (t *tracer) begin() {
	if t != nil {
		t.held = map[uint32]modes{}
	}
}

// within executes a statement in the transaction that is open, and measures it.
func (t *tracer) within(ctx context.Context, tx pgx.Tx, s planner.Statement) (planner.Effect, error) {
	if t != nil {
		t.heard = nil
	}
	if _, err := tx.Exec(ctx, s.SQL); err != nil {
		return planner.Effect{}, &ObjectError{Object: s.Object, SQL: s.SQL, Err: err}
	}
	if t == nil || t.concernsNone(s.SQL) {
		return planner.Effect{}, nil
	}
	return t.measure(ctx, s.SQL)
}

// concernsNone reports whether a statement is only about what is new. Large plans are made of such statements, and to
// measure each would take longer than to run it, since its transaction holds thousands of locks.
//
// What a statement connects with a known relation, as a foreign key or a partition, counts as known from then on.
func (t *tracer) concernsNone(sql string) bool {
	if len(t.known) == 0 {
		return true
	}
	refs := sqltext.References(sql)
	names := slices.Concat(refs.Relations, refs.Regclasses)
	isKnown := func(n sqltext.Name) bool { return t.names[n.Name] }
	switch sqltext.Classify(sql).Kind {
	case "CreateStmt", "IndexStmt", "AlterTableStmt":
		if refs.Complete && !slices.ContainsFunc(names, isKnown) {
			return true
		}
	}
	for _, n := range names {
		t.names[n.Name] = true
	}
	for _, touch := range sqltext.Touched(sql).Objects {
		t.names[touch.Name] = true
	}
	return false
}

// measure reads what the last statement did, inside of its transaction.
func (t *tracer) measure(ctx context.Context, sql string) (planner.Effect, error) {
	o := observation{known: t.known, heard: parseNotices(t.heard), verb: sqltext.Classify(sql).Kind, rewritten: map[uint32]bool{}}
	if o.verb == "DeallocateStmt" {
		t.prepared = false
	}
	rows, err := t.state(ctx)
	if err != nil {
		return planner.Effect{}, err
	}
	t.compare(rows, &o)
	e, err := t.effect(ctx, &o)
	if err != nil {
		return planner.Effect{}, err
	}
	return e, t.follow(ctx, o.verb, rows)
}

// alone executes a statement outside of a transaction block and measures it. One that may as well be in a block is
// measured in one, where nothing is missed.
func (t *tracer) alone(ctx context.Context, s planner.Statement) (planner.Effect, error) {
	class := sqltext.Classify(s.SQL)
	if class.TransactionControl || !class.Transactional {
		return t.outside(ctx, s)
	}
	effects, err := t.d.inTransaction(ctx, []planner.Statement{s}, t)
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.Code == "2D000" { // invalid_transaction_termination: the code of a DO or CALL commits
		return t.outside(ctx, s)
	}
	if err != nil {
		return planner.Effect{}, err
	}
	return effects[0], nil
}
