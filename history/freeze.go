package history

import (
	"context"
	_ "embed" // the function
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/pleatdb/pleat/schema"
)

//go:embed freeze.sql
var refuseLegacy string

// freezer is the name of the triggers that keep another tool from its history.
const freezer = "pleat_frozen"

// FrozenTable is a table that another tool writes when it runs: its history, or its lock.
type FrozenTable struct{ Schema, Table, Tool string }

// SQL is the table's name, quoted where it must be.
func (t FrozenTable) SQL() string { return schema.Qualified(t.Schema, t.Table) }

// NotOwnerError reports a table that the role may not freeze or thaw: triggers are the owner's.
type NotOwnerError struct {
	Table FrozenTable
	// Role asked, Owner is the role that the table belongs to.
	Role, Owner string
}

// Error names the table, its owner and the way out.
func (e *NotOwnerError) Error() string {
	return fmt.Sprintf("only the owner of %s may put a trigger on it or take one off: that is %s, and this role is %s (connect as the owner, or GRANT %s TO %s)",
		e.Table.SQL(), schema.Quote(e.Owner), schema.Quote(e.Role), schema.Quote(e.Owner), schema.Quote(e.Role))
}

// Freeze makes every statement fail that inserts into, updates, deletes from or truncates the tables, their partitions included, with a
// message that names pleat and says what to do. Other columns, rows and rights stay as they are. A table that is frozen is left alone. The error is a
// [*NotOwnerError] where the role does not own one of them, and then none is frozen once the caller's transaction ends.
func (l *Log) Freeze(ctx context.Context, tx pgx.Tx, tables []FrozenTable) error {
	if len(tables) == 0 {
		return nil
	}
	home := l.within(tx)
	var absent bool
	if err := home.QueryRow(ctx, "SELECT pg_catalog.to_regprocedure('pleat.refuse_legacy()') IS NULL", exec).Scan(&absent); err != nil {
		return fmt.Errorf("look for the function that freezes: %w", err)
	}
	if absent {
		if _, err := tx.Conn().PgConn().Exec(ctx, l.conn.in(refuseLegacy)).ReadAll(); err != nil {
			return fmt.Errorf("make the function that freezes: %w", err)
		}
	}
	for _, t := range tables {
		members, err := l.freezable(ctx, tx, t)
		if err != nil {
			return err
		}
		for _, m := range members {
			if err := l.freeze(ctx, tx, m); err != nil {
				return fmt.Errorf("freeze %s: %w", m.SQL(), err)
			}
		}
	}
	return nil
}

// member is a table with those that hold rows of it.
type member struct {
	FrozenTable
	oid           uint32
	frozen, other bool // by us; a trigger of that name that is somebody else's
}

// membersQuery gives a table and all below it: a trigger for statements fires on the table that the statement names.
const membersQuery = `
	WITH RECURSIVE m(oid) AS (
		SELECT c.oid FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
		WHERE n.nspname = $1 AND c.relname = $2 AND c.relkind IN ('r', 'p')
		UNION SELECT i.inhrelid FROM m JOIN pg_catalog.pg_inherits i ON i.inhparent = m.oid)
	SELECT c.oid, n.nspname::text, c.relname::text, pg_catalog.pg_get_userbyid(c.relowner)::text, current_user::text,
		pg_catalog.pg_has_role(c.relowner, 'USAGE') OR (SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user),
		coalesce(f.proname = 'refuse_legacy', false), coalesce(f.proname <> 'refuse_legacy', false)
	FROM m JOIN pg_catalog.pg_class c ON c.oid = m.oid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
	LEFT JOIN pg_catalog.pg_trigger t ON t.tgrelid = c.oid AND t.tgname = '` + freezer + `' AND NOT t.tgisinternal
	LEFT JOIN pg_catalog.pg_proc f ON f.oid = t.tgfoid
	WHERE c.relkind IN ('r', 'p') ORDER BY n.nspname, c.relname`

// freezable reads what a table consists of; it is an error where it is not there or not the role's.
func (l *Log) freezable(ctx context.Context, tx pgx.Tx, t FrozenTable) (out []member, err error) {
	// Not by way of [within]: the names are the user's.
	rows, err := tx.Conn().Query(ctx, membersQuery, exec, t.Schema, t.Table)
	if err != nil {
		return nil, fmt.Errorf("look at %s: %w", t.SQL(), err)
	}
	var refused *NotOwnerError
	out, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (member, error) {
		m := member{FrozenTable: FrozenTable{Tool: t.Tool}}
		var owner, role string
		var ours bool
		err := row.Scan(&m.oid, &m.Schema, &m.Table, &owner, &role, &ours, &m.frozen, &m.other)
		if err == nil && !ours && refused == nil {
			refused = &NotOwnerError{Table: m.FrozenTable, Role: role, Owner: owner}
		}
		return m, err
	})
	switch {
	case err != nil:
		return nil, fmt.Errorf("look at %s: %w", t.SQL(), err)
	case refused != nil:
		return nil, refused
	case len(out) == 0:
		return nil, fmt.Errorf("freeze %s: there is no such table", t.SQL())
	}
	return out, nil
}

// freeze puts the trigger on one table.
func (l *Log) freeze(ctx context.Context, tx pgx.Tx, m member) error {
	if m.other {
		return fmt.Errorf("it has a trigger called %s that is not pleat's: rename that one", freezer)
	}
	var sql strings.Builder
	if !m.frozen {
		var day string
		err := tx.Conn().QueryRow(ctx, "SELECT pg_catalog.to_char(pg_catalog.timezone('UTC', pg_catalog.now()), 'YYYY-MM-DD')", exec).Scan(&day)
		if err != nil {
			return err
		}
		fmt.Fprintf(&sql, "CREATE TRIGGER %s BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON %s FOR EACH STATEMENT EXECUTE FUNCTION %s(%s, %s);\n",
			freezer, m.SQL(), schema.Qualified(l.conn.home, "refuse_legacy"), schema.Literal(m.Tool), schema.Literal(day))
		fmt.Fprintf(&sql, "COMMENT ON TRIGGER %s ON %s IS 'Keeps the tool away that managed this schema before pleat.';\n", freezer, m.SQL())
	}
	// Also where the tool sets session_replication_role = replica; ONLY, as each partition has a trigger of its own.
	fmt.Fprintf(&sql, "ALTER TABLE ONLY %s ENABLE ALWAYS TRIGGER %s;", m.SQL(), freezer)
	_, err := tx.Conn().PgConn().Exec(ctx, sql.String()).ReadAll()
	return err
}

// Thaw takes the triggers of [Log.Freeze] off again. Tables without one, and tables that are gone, are passed over. The error is a
// [*NotOwnerError] where the role does not own one.
func (l *Log) Thaw(ctx context.Context, tx pgx.Tx, tables []FrozenTable) error {
	frozen, err := l.Frozen(ctx)
	if err != nil {
		return err
	}
	at := map[FrozenTable]bool{}
	for _, f := range frozen {
		at[FrozenTable{f.Schema, f.Table, ""}] = true
	}
	for _, t := range tables {
		if !at[FrozenTable{t.Schema, t.Table, ""}] {
			continue
		}
		members, err := l.freezable(ctx, tx, t)
		if err != nil {
			return err
		}
		for _, m := range members {
			if !m.frozen {
				continue
			}
			if _, err := tx.Conn().Exec(ctx, "DROP TRIGGER "+freezer+" ON "+m.SQL(), pgx.QueryExecModeExec); err != nil {
				return fmt.Errorf("thaw %s: %w", m.SQL(), err)
			}
		}
	}
	return nil
}

// Frozen lists the tables that are frozen, sorted, each with the tool that is kept away from it. It needs no privilege.
func (l *Log) Frozen(ctx context.Context) ([]FrozenTable, error) {
	rows, err := l.conn.Query(ctx, `
		SELECT n.nspname::text, c.relname::text, pg_catalog.split_part(pg_catalog.encode(t.tgargs, 'escape'), '\000', 1)
		FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_proc f ON f.oid = t.tgfoid JOIN pg_catalog.pg_namespace p ON p.oid = f.pronamespace
		JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
		WHERE t.tgname = '`+freezer+`' AND f.proname = 'refuse_legacy' AND p.nspname = 'pleat' AND NOT t.tgisinternal
		ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C"`, exec)
	if err != nil {
		return nil, fmt.Errorf("look which tables are frozen: %w", err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByPos[FrozenTable])
	if err != nil {
		return nil, fmt.Errorf("look which tables are frozen: %w", err)
	}
	return out, nil
}
