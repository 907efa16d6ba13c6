package shadow

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/pleatdb/pleat/planner"
	"github.com/pleatdb/pleat/schema"
)

// ObjectError says that the engine refused the text of an object.
type ObjectError struct {
	// Object is what the text belongs to; its place in a file is known to whoever loaded it.
	Object schema.ID
	// SQL is the statement that failed.
	SQL string
	// Down says that it belongs to the way back of a plan.
	Down bool
	// Err wraps the *pgconn.PgError.
	Err error
}

func (e *ObjectError) Error() string {
	if e.Object == (schema.ID{}) { // a statement of a file, which is about whatever it says
		return e.Err.Error()
	}
	return fmt.Sprintf("%s: %v", e.Object, e.Err)
}
func (e *ObjectError) Unwrap() error { return e.Err }

// build makes every object of the catalog in the database, beside what a new database holds.
func (d *scratch) build(ctx context.Context, c *schema.Catalog) error {
	statements, err := d.statements(ctx, c, planner.Options{})
	if err != nil {
		return err
	}
	return d.run(ctx, statements)
}

// guess is build for text and dependencies that come from a user's files: statements that fail are tried again after the
// others.
func (d *scratch) guess(ctx context.Context, c *schema.Catalog, noDefault map[schema.ID]bool) error {
	statements, err := d.statements(ctx, c, planner.Options{Lenient: true, NoDefault: noDefault})
	if err != nil {
		return err
	}
	return d.runGuessing(ctx, statements)
}

// statements lists what makes the objects of the catalog, after standing in for what they need of the cluster.
func (d *scratch) statements(ctx context.Context, c *schema.Catalog, opts planner.Options) ([]planner.Statement, error) {
	if err := buildable(c); err != nil {
		return nil, err
	}
	if err := d.standIn(ctx, c); err != nil {
		return nil, err
	}
	target := d.initial.Clone()
	for _, id := range c.IDs() {
		if id.Kind == schema.KindUnmanaged {
			continue
		}
		target.Put(c, id)
		if e, ok := c.Get(id).(*schema.Extension); ok && e.Schema != "" {
			target.Add(&schema.Namespace{Name: e.Schema}) // it may be outside of the scope that was read
			target.Depend(id, schema.ID{Kind: schema.KindSchema, Name: e.Schema})
		}
	}
	opts.Major = d.shadow.Major()
	statements, err := planner.Statements(d.initial, target, opts)
	if err != nil {
		return nil, fmt.Errorf("build the shadow: %w", err)
	}
	return statements, nil
}

// buildable refuses what needs something that pleat does not manage and a shadow therefore does not have.
func buildable(c *schema.Catalog) error {
	for _, id := range c.IDs() {
		for _, need := range c.AllNeeds(id) {
			if need.Kind == schema.KindUnmanaged && id.Kind != schema.KindUnmanaged {
				return &planner.Unsupported{Object: id, Reason: "it needs " + need.String() +
					", which pleat does not manage, so no change of it can be tried on a shadow"}
			}
		}
	}
	return nil
}

// run executes statements in order: all at once, which is fast, and one by one if that fails, to learn which one it was.
func (d *scratch) run(ctx context.Context, statements []planner.Statement) error {
	if len(statements) == 0 {
		return nil
	}
	texts := make([]string, len(statements))
	for i, s := range statements {
		texts[i] = s.SQL
	}
	if _, err := d.conn.Exec(ctx, strings.Join(texts, ";\n")); err == nil {
		return nil
	} else if !isServerError(err) {
		return fmt.Errorf("build the shadow: %w", err)
	}
	for _, s := range statements {
		if err := d.exec(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

func (d *scratch) exec(ctx context.Context, s planner.Statement) error {
	if _, err := d.conn.Exec(ctx, s.SQL); err != nil {
		return &ObjectError{Object: s.Object, SQL: s.SQL, Err: err}
	}
	return nil
}

func isServerError(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg)
}

// runGuessing executes statements whose order is a guess. Names without a schema mean the object's own schema,
// then public.
func (d *scratch) runGuessing(ctx context.Context, statements []planner.Statement) error {
	for len(statements) > 0 {
		var failed []planner.Statement
		var first error
		for _, s := range statements {
			err := d.exec(ctx, planner.Statement{SQL: searchPath(s.Object) + s.SQL, Object: s.Object})
			if err == nil {
				continue
			}
			if !isServerError(err) {
				return fmt.Errorf("build the shadow: %w", err)
			}
			if first == nil {
				first = withoutPath(err, s.SQL)
			}
			failed = append(failed, s)
		}
		if len(failed) == len(statements) {
			return first
		}
		statements = failed
	}
	_, err := d.conn.Exec(ctx, "RESET search_path")
	return err
}

func searchPath(id schema.ID) string {
	path := "public"
	if id.Schema != "" && id.Schema != "public" {
		path = schema.Quote(id.Schema) + ", public"
	}
	return "SET search_path = " + path + ";\n"
}

// withoutPath reports the failure of the statement alone: the position counts from its start.
func withoutPath(err error, sql string) error {
	var oe *ObjectError
	var pg *pgconn.PgError
	if !errors.As(err, &oe) || !errors.As(err, &pg) {
		return err
	}
	lead := int32(len([]rune(oe.SQL)) - len([]rune(sql)))
	if pg.Position > lead {
		pg.Position -= lead
	}
	oe.SQL = sql
	return oe
}
