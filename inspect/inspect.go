package inspect

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/pleatdb/pleat/schema"
)

// Options say which part of a database is read.
type Options struct {
	// Schemas are the PostgreSQL schemas to read; nil means all except pg_*, information_schema and pleat.
	// A schema that does not exist is an error.
	Schemas []string
	// Ignore leaves out what one of these patterns matches. "audit" is the schema of that name with all that is in it,
	// "audit.*" what is in it, "public.tmp_*" some objects with all that belongs to them, and "public.users.*_old"
	// what belongs to an object: columns excepted, constraints, indexes, triggers and so on. * stands for any characters
	// except dots, ? for one; names are compared as they are stored, without quotes.
	Ignore []string
	// Trash reads also what was renamed to wait for its end; see [schema.Catalog.WithoutTrash].
	Trash bool
}

// attempts bounds how often a reading is repeated because the catalogs changed meanwhile.
const attempts = 8

// ErrChanging says that another session kept changing the schema during every attempt to read it.
var ErrChanging = errors.New("the schema keeps changing while it is read")

// Inspect reads the database in one read-only transaction with a stable snapshot. The connection must be outside a
// transaction. Errors of the server are wrapped, so errors.As finds the *pgconn.PgError.
func Inspect(ctx context.Context, conn *pgx.Conn, opt Options) (*schema.Catalog, error) {
	if conn.PgConn().TxStatus() != 'I' {
		return nil, errors.New("inspect database: the connection is inside a transaction")
	}
	for range attempts {
		catalog, before, err := inspectOnce(ctx, conn, opt)
		if before == "" {
			return nil, fmt.Errorf("inspect database: %w", err)
		}
		// An error too may come of a change, as when an object vanishes between a query and the deparser.
		after, digestErr := currentDigest(ctx, conn)
		switch {
		case digestErr != nil:
			return nil, fmt.Errorf("inspect database: %w", errors.Join(err, digestErr))
		case before != after:
		case err != nil:
			return nil, fmt.Errorf("inspect database: %w", err)
		default:
			return catalog, nil
		}
	}
	return nil, fmt.Errorf("inspect database: %w", ErrChanging)
}

// InspectTx reads the database as a transaction sees it, its own changes included, and leaves the transaction's settings as they were.
// It cannot read again when another session changes the schema meanwhile: hold the lock that keeps others away.
func InspectTx(ctx context.Context, tx pgx.Tx, opt Options) (*schema.Catalog, error) {
	catalog, _, err := inspectIn(ctx, tx, opt)
	if err != nil {
		return nil, fmt.Errorf("inspect database: %w", err)
	}
	return catalog, nil
}

func inspectOnce(ctx context.Context, conn *pgx.Conn, opt Options) (*schema.Catalog, string, error) {
	tx, err := conn.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
	if err != nil {
		return nil, "", err
	}
	defer func() { _ = tx.Rollback(ctx) }()
	return readCatalog(ctx, conn.PgConn(), opt)
}

// inspectIn reads inside a savepoint, whose rollback restores the settings.
func inspectIn(ctx context.Context, tx pgx.Tx, opt Options) (*schema.Catalog, string, error) {
	save, err := tx.Begin(ctx)
	if err != nil {
		return nil, "", err
	}
	defer func() { _ = save.Rollback(ctx) }()
	return readCatalog(ctx, tx.Conn().PgConn(), opt)
}
