package history

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/pleatdb/pleat/schema"
)

// Home is the schema in which the history of a database is kept.
const Home = "pleat"

// homePrefix begins the names of the schemas that keep the history of one schema alone.
const homePrefix = "pleat_"

// homeKey is where a connection keeps the name of its history's schema.
const homeKey = "pleat.history.home"

// HomeOf is the schema that keeps the history of one schema of a database in which many stand side by side, each a target of its own. It
// has only letters, digits and underscores, whatever the name.
func HomeOf(target string) string {
	sum := sha256.Sum256([]byte(target))
	return homePrefix + hex.EncodeToString(sum[:8])
}

// Settle says in which schema the history is that a connection is about; see [HomeOf]. Without it that is [Home].
func Settle(conn *pgx.Conn, home string) { conn.PgConn().CustomData()[homeKey] = home }

// homeOf is what [Settle] said.
func homeOf(conn *pgx.Conn) string {
	if conn == nil {
		return Home
	}
	if home, ok := conn.PgConn().CustomData()[homeKey].(string); ok {
		return home
	}
	return Home
}

// HomeOn is the schema of the history that a connection is about, for statements about its tables elsewhere.
func HomeOn(conn *pgx.Conn) string { return homeOf(conn) }

// session sends the statements of this package to the history's own schema.
type session struct {
	*pgx.Conn
	home string
}

// in is a statement of this package on the history's own schema. Each names the tables as pleat.x, and the schema as 'pleat'; no name that
// a user chose is in any of them, and the home is a plain word.
func (s session) in(sql string) string {
	if s.home == Home {
		return sql
	}
	return strings.NewReplacer("pleat.", s.home+".", "'pleat'", schema.Literal(s.home), "SCHEMA pleat", "SCHEMA "+s.home).Replace(sql)
}

func (s session) Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error) {
	return s.Conn.Exec(ctx, s.in(sql), args...)
}

func (s session) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	return s.Conn.Query(ctx, s.in(sql), args...)
}

func (s session) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	return s.Conn.QueryRow(ctx, s.in(sql), args...)
}

// within is a transaction whose statements go to the history's own schema.
type within struct {
	pgx.Tx
	session session
}

func (l *Log) within(tx pgx.Tx) pgx.Tx {
	if w, ok := tx.(within); ok {
		return w
	}
	return within{tx, l.conn}
}

func (w within) Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error) {
	return w.Tx.Exec(ctx, w.session.in(sql), args...)
}

func (w within) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	return w.Tx.Query(ctx, w.session.in(sql), args...)
}

func (w within) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	return w.Tx.QueryRow(ctx, w.session.in(sql), args...)
}
