package inspect

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/pleatdb/pleat/schema"
)

// query is one file of queries and what takes its rows.
type query struct {
	name string
	read func(*reader, *pgconn.ResultReader) error
}

// rows adapts a method that takes decoded rows.
func rows[T any](name string, take func(*reader, []T) error) query {
	return query{name, func(r *reader, result *pgconn.ResultReader) error {
		decoded, err := collect[T](result)
		if err != nil {
			return err
		}
		return take(r, decoded)
	}}
}

// queries is the table of queries. They run in this order, as later ones complete the objects of earlier ones.
var queries = []query{
	rows("member", (*reader).readMembers),
	rows("extension", (*reader).readExtensions),
	rows("depend", (*reader).readDepends),
	rows("enum", (*reader).readEnums),
	rows("domain", (*reader).readDomains),
	rows("sequence", (*reader).readSequences),
	rows("inherit", (*reader).readInherits),
	rows("partition", (*reader).readPartitionKeys),
	rows("table", (*reader).readTables),
	rows("column", (*reader).readColumns),
	rows("default", (*reader).readDefaults),
	rows("index_element", (*reader).readIndexElements),
	rows("index", (*reader).readIndexes),
	rows("constraint", (*reader).readConstraints),
	rows("view", (*reader).readViews),
	rows("function_arg", (*reader).readFunctionArgs),
	rows("function", (*reader).readFunctions),
	rows("trigger", (*reader).readTriggers),
	rows("policy", (*reader).readPolicies),
	rows("rule", (*reader).readRules),
	rows("unmanaged", (*reader).readUnmanaged),
	rows("comment", (*reader).readComments),
	rows("grant", (*reader).readGrants),
	rows("attribute", (*reader).readAttributes),
}

type sessionRow struct {
	Version  int    `db:"version"`
	Encoding string `db:"encoding"`
}

type digestRow struct {
	Digest string `db:"digest"`
}

// readCatalog reads everything inside the transaction in which the connection is, and returns with the
// catalog a digest of what the transaction's snapshot held.
func readCatalog(ctx context.Context, conn *pgconn.PgConn, opt Options) (*schema.Catalog, string, error) {
	r, err := newReader(opt)
	if err != nil {
		return nil, "", err
	}
	if err := r.startSession(ctx, conn); err != nil {
		return nil, "", err
	}
	before, err := readDigest(ctx, conn)
	if err != nil {
		return nil, "", err
	}
	all, err := ask[namespaceRow](ctx, conn, r.version, "namespace")
	if err != nil {
		return nil, before, err
	}
	scope, err := r.choose(all)
	if err != nil {
		return nil, before, err
	}
	if err := r.runQueries(ctx, conn, oidArray(scope)); err != nil {
		return nil, before, err
	}
	if err := r.finish(ctx, conn); err != nil {
		return nil, before, err
	}
	if !opt.Trash {
		return r.catalog.WithoutTrash(), before, nil
	}
	return r.catalog, before, nil
}

// startSession pins the settings until the end of the transaction or savepoint.
func (r *reader) startSession(ctx context.Context, conn *pgconn.PgConn) error {
	var sql strings.Builder
	sql.WriteString("SELECT ")
	for i, s := range append(Settings(), speed...) {
		if i > 0 {
			sql.WriteString(", ")
		}
		fmt.Fprintf(&sql, "pg_catalog.set_config(%s, %s, true)", schema.Literal(s.Name), schema.Literal(s.Value))
	}
	if err := conn.ExecParams(ctx, sql.String(), nil, nil, nil, nil).Read().Err; err != nil {
		return fmt.Errorf("pin settings: %w", err)
	}
	facts, err := ask[sessionRow](ctx, conn, 0, "session")
	if err != nil {
		return err
	}
	r.version, r.encoding = facts[0].Version, facts[0].Encoding
	if r.version < oldestVersion {
		return fmt.Errorf("the server is PostgreSQL %d, which is older than 13", r.version/10000)
	}
	return nil
}

// oldestVersion is the server_version_num of the oldest server whose catalogs have what the queries read.
const oldestVersion = 130000

// runQueries sends all queries at once and builds the catalog as the answers arrive.
func (r *reader) runQueries(ctx context.Context, conn *pgconn.PgConn, scope []byte) (err error) {
	batch := &pgconn.Batch{}
	for _, q := range queries {
		sql, err := queryText(q.name, r.version)
		if err != nil {
			return err
		}
		var args [][]byte
		if strings.Contains(sql, "$1") {
			args = [][]byte{scope}
		}
		batch.ExecParams(sql, args, nil, nil, nil)
	}
	results := conn.ExecBatch(ctx, batch)
	defer func() {
		if closeErr := results.Close(); err == nil {
			err = closeErr
		}
	}()
	for _, q := range queries {
		if !results.NextResult() {
			if err := results.Close(); err != nil {
				return fmt.Errorf("query %s: %w", q.name, err)
			}
			return fmt.Errorf("query %s: no answer", q.name)
		}
		if err := q.read(r, results.ResultReader()); err != nil {
			return fmt.Errorf("query %s: %w", q.name, err)
		}
	}
	return nil
}

// finish connects the objects, and asks about what lies outside.
func (r *reader) finish(ctx context.Context, conn *pgconn.PgConn) error {
	if edges := r.connect(); len(edges) > 0 {
		classes, oids := r.strangerArgs(edges)
		strangers, err := ask[strangerRow](ctx, conn, r.version, "stranger", []byte(classes), []byte(oids))
		if err != nil {
			return err
		}
		r.addStrangers(strangers, edges)
	}
	r.addComments()
	return nil
}

// ask runs one query by itself.
func ask[T any](ctx context.Context, conn *pgconn.PgConn, version int, name string, args ...[]byte) ([]T, error) {
	sql, err := queryText(name, version)
	if err != nil {
		return nil, err
	}
	out, err := collect[T](conn.ExecParams(ctx, sql, args, nil, nil, nil))
	if err != nil {
		return nil, fmt.Errorf("query %s: %w", name, err)
	}
	return out, nil
}

func readDigest(ctx context.Context, conn *pgconn.PgConn) (string, error) {
	digest, err := ask[digestRow](ctx, conn, 0, "digest")
	if err != nil {
		return "", err
	}
	return digest[0].Digest, nil
}

// currentDigest is the digest of the catalogs as they are now.
func currentDigest(ctx context.Context, conn *pgx.Conn) (string, error) {
	tx, err := conn.BeginTx(ctx, pgx.TxOptions{AccessMode: pgx.ReadOnly})
	if err != nil {
		return "", err
	}
	defer func() { _ = tx.Rollback(ctx) }()
	r := &reader{}
	if err := r.startSession(ctx, conn.PgConn()); err != nil {
		return "", err
	}
	return readDigest(ctx, conn.PgConn())
}

func oidArray(oids []uint32) []byte {
	texts := make([]string, len(oids))
	for i, oid := range oids {
		texts[i] = strconv.FormatUint(uint64(oid), 10)
	}
	return []byte("{" + strings.Join(texts, ",") + "}")
}
