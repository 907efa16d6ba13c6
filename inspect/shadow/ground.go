package shadow

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/pleatdb/pleat/inspect"
	"github.com/pleatdb/pleat/schema"
	"github.com/pleatdb/pleat/schema/sqltext"
)

// Ground is what scripts find that build a schema from nothing.
type Ground struct {
	// Given is there before the first script, beside what a new database holds: schemas and extensions. nil is nothing.
	Given *schema.Catalog
	// Roles is a state whose roles are stood in for, such as that of the database for which the scripts were written. nil is none.
	Roles *schema.Catalog
	// SearchPath is that of each file; empty is the server's default.
	SearchPath []string
	// Read says what of the result is read.
	Read inspect.Options
}

// ScriptError says that a script cannot be run on the shadow.
type ScriptError struct {
	File string
	Step int
	// SQL is the statement that failed; Err is the engine's error, or the reason why it was not run.
	SQL string
	Err error
}

func (e *ScriptError) Error() string { return fmt.Sprintf("%s: %v", e.File, e.Err) }

// Unwrap is what went wrong.
func (e *ScriptError) Unwrap() error { return e.Err }

// Build runs scripts in an empty database, each file in a session as new as a connection of its own, and reads what they made. What a
// new database holds anyway is in the result. Where a statement is refused the error is a [*ScriptError].
func (s *Shadow) Build(ctx context.Context, ground Ground, scripts []Script) (*schema.Catalog, error) {
	out, err := s.lay(ctx, ground, func(d *scratch) error { return d.many(ctx, ground.SearchPath, scripts) })
	if !isServerError(err) {
		return out, err
	}
	// Which file it was shows one by one.
	return s.lay(ctx, ground, func(d *scratch) error { return d.each(ctx, ground.SearchPath, scripts) })
}

// lay makes a database with the ground, has scripts run in it, and reads it.
func (s *Shadow) lay(ctx context.Context, ground Ground, run func(*scratch) error) (*schema.Catalog, error) {
	d, drop, err := s.scratch(ctx)
	if err != nil {
		return nil, err
	}
	defer drop()
	if ground.Roles != nil {
		if err := d.standIn(ctx, ground.Roles); err != nil {
			return nil, err
		}
	}
	if ground.Given != nil {
		if err := d.build(ctx, ground.Given); err != nil {
			return nil, err
		}
	}
	if err := run(d); err != nil {
		return nil, err
	}
	if err := d.fresh(ctx, nil); err != nil {
		return nil, err
	}
	out, err := inspect.Inspect(ctx, d.conn, ground.Read)
	if err != nil {
		return nil, fmt.Errorf("read the shadow: %w", err)
	}
	return out, nil
}

// each runs scripts one by one, so that an error has its file and statement.
func (d *scratch) each(ctx context.Context, path []string, scripts []Script) error {
	for i, script := range scripts {
		if i == 0 || script.File != scripts[i-1].File {
			if err := d.fresh(ctx, path); err != nil {
				return err
			}
		}
		if err := d.told(ctx, script); err != nil {
			return err
		}
	}
	return nil
}

// maxMessage is about how many bytes of SQL go to the server at once.
const maxMessage = 256 << 10

// many runs scripts many in a message, each in its own transaction still: ten thousand files cost what their statements cost.
func (d *scratch) many(ctx context.Context, path []string, scripts []Script) error {
	var b strings.Builder
	flush := func() error {
		_, err := d.conn.PgConn().Exec(ctx, b.String()).ReadAll()
		b.Reset()
		return err
	}
	for i, script := range scripts {
		left, err := d.roles(ctx, script)
		if err != nil {
			return err
		}
		if i == 0 || script.File != scripts[i-1].File {
			b.WriteString(freshly(path) + ";\n")
		}
		if script.Transactional && len(left) > 0 {
			b.WriteString("BEGIN;\n" + strings.Join(left, "\n;\n") + "\n;COMMIT;\n")
		}
		if script.Transactional && b.Len() < maxMessage && i < len(scripts)-1 {
			continue
		}
		if err := flush(); err != nil {
			return err
		}
		if !script.Transactional {
			script.SQL = left
			if err := d.replay(ctx, script); err != nil {
				return err
			}
		}
	}
	return nil
}

// Empty is what a new database on the shadow holds.
func (s *Shadow) Empty(ctx context.Context) (*schema.Catalog, error) {
	if s.empty == nil {
		_, drop, err := s.scratch(ctx)
		if err != nil {
			return nil, err
		}
		drop()
	}
	return s.empty, nil
}

// freshly forgets what earlier files set in the session.
func freshly(path []string) string {
	settings := "RESET SESSION AUTHORIZATION; RESET ALL; SET check_function_bodies = off; SET client_min_messages = error"
	if len(path) > 0 {
		settings += "; SET search_path = " + strings.Join(quoted(path), ", ")
	}
	return settings
}

// fresh makes the session as new. What a file leaves open was rolled back by its tool when it closed the connection.
func (d *scratch) fresh(ctx context.Context, path []string) error {
	settings := freshly(path)
	if d.conn.PgConn().TxStatus() != 'I' {
		settings = "ROLLBACK; " + settings
	}
	if _, err := d.conn.PgConn().Exec(ctx, settings).ReadAll(); err != nil {
		return fmt.Errorf("prepare the shadow: %w", err)
	}
	return nil
}

func quoted(names []string) []string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = schema.Quote(n)
	}
	return out
}

// told runs one script of a file.
func (d *scratch) told(ctx context.Context, script Script) error {
	left, err := d.roles(ctx, script)
	if err != nil {
		return err
	}
	script.SQL = left
	if len(left) == 0 {
		return nil
	}
	err = d.replay(ctx, script)
	var object *ObjectError
	var refused *pgconn.PgError
	if errors.As(err, &object) && errors.As(err, &refused) {
		return &ScriptError{File: script.File, Step: script.Step, SQL: object.SQL, Err: refused}
	}
	return err
}

// roles makes the roles of the script's CREATE ROLE, unless they are there, and returns the other statements: roles belong to the server
// and not to the database, and the next database on it would meet them again. On a server that others use they are not made.
func (d *scratch) roles(ctx context.Context, script Script) (left []string, err error) {
	for i, sql := range script.SQL {
		if sqltext.Classify(sql).Kind != "CreateRoleStmt" {
			left = append(left, script.SQL[i])
			continue
		}
		reach := sqltext.Touched(sql)
		if len(reach.Objects) != 1 {
			return nil, &ScriptError{File: script.File, Step: script.Step, SQL: sql, Err: errors.New("it makes a role in a way that is not understood")}
		}
		if d.shadow.server.Shared() {
			return nil, &ScriptError{File: script.File, Step: script.Step, SQL: sql, Err: fmt.Errorf("it makes the role %s, which would stay on the server that was given as the shadow", schema.Quote(reach.Objects[0].Name))}
		}
		if err := d.createOnce(ctx, "CREATE ROLE "+schema.Quote(reach.Objects[0].Name)+" NOLOGIN"); err != nil {
			return nil, &ScriptError{File: script.File, Step: script.Step, SQL: sql, Err: err}
		}
	}
	return slices.Clip(left), nil
}
