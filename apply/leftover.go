package apply

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/pleatdb/pleat/schema"
	"github.com/pleatdb/pleat/schema/sqltext"
)

// indexWork is a statement that makes indexes outside of a transaction, and leaves invalid ones when it fails.
type indexWork struct {
	// target is the table, or for REINDEX the table or index, qualified and quoted.
	target string
	// name is the index that is built; empty where the server chooses one, and for REINDEX TABLE.
	name string
	// rebuild is REINDEX: the index itself is not in its way.
	rebuild bool
}

// indexWorkOf reads CREATE INDEX CONCURRENTLY and REINDEX INDEX or TABLE CONCURRENTLY.
func indexWorkOf(sql string) (iw indexWork, ok bool) {
	f := sqltext.Facts(sql)
	if !f.Concurrently || len(f.Objects) == 0 {
		return iw, false
	}
	o := f.Objects[0]
	switch {
	case f.Command == sqltext.CreateIndex:
		return indexWork{target: schema.Qualified(o.Of.Schema, o.Of.Name), name: o.Name.Name}, true
	case f.Command == sqltext.Reindex && (o.Kind == "index" || o.Kind == "table"):
		iw = indexWork{target: schema.Qualified(o.Name.Schema, o.Name.Name), rebuild: true}
		if o.Kind == "index" {
			iw.name = o.Name.Name
		}
		return iw, true
	}
	return iw, false
}

// standing is an index of the table that a statement works on.
type standing struct {
	oid    uint32
	schema string
	name   string
	valid  bool
	// builder is the process that builds it, or something else on the same table; 0 where there is none.
	builder int
}

func (i standing) sql() string { return schema.Qualified(i.schema, i.name) }

// indexesOf lists the indexes of the table. Whoever builds one holds SHARE UPDATE EXCLUSIVE on the table all the while, which everybody may
// see; what it builds is hidden from other roles.
func (s *session) indexesOf(ctx context.Context, iw indexWork) ([]standing, error) {
	rows, err := s.conn.Query(ctx, `SELECT i.indexrelid, n.nspname::text, c.relname::text, i.indisvalid AND i.indisready AND i.indislive,
			coalesce((SELECT p.pid FROM pg_catalog.pg_stat_progress_create_index p JOIN pg_catalog.pg_locks l ON l.pid = p.pid
				WHERE l.granted AND l.locktype = 'relation' AND l.relation = i.indrelid AND p.pid <> pg_catalog.pg_backend_pid()
				AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database()) LIMIT 1), 0)
		FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
		WHERE c.relkind = 'i' AND i.indrelid = coalesce((SELECT x.indrelid FROM pg_catalog.pg_index x WHERE x.indexrelid = pg_catalog.to_regclass($1)),
			pg_catalog.to_regclass($1)) ORDER BY c.relname`, query, iw.target)
	if err != nil {
		return nil, fmt.Errorf("look for indexes of %s: %w", iw.target, err)
	}
	out, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (i standing, err error) {
		return i, row.Scan(&i.oid, &i.schema, &i.name, &i.valid, &i.builder)
	})
	if err != nil {
		return nil, fmt.Errorf("look for indexes of %s: %w", iw.target, err)
	}
	return out, nil
}

// leaves reports whether an invalid index is one that the statement left when it failed. All are those of the table, known those that
// were invalid before a statement whose index the server names.
func (iw indexWork) leaves(i standing, all []standing, known []uint32) bool {
	switch {
	case i.valid:
		return false
	case iw.name != "":
		return !iw.rebuild && i.name == iw.name || transient(i.name, iw.name)
	case iw.rebuild:
		return slices.ContainsFunc(all, func(other standing) bool { return transient(i.name, other.name) })
	}
	return known != nil && !slices.Contains(known, i.oid)
}

// transient reports whether a name is one that REINDEX CONCURRENTLY gives to the new or the old form of an index: the index's name, cut
// where it would be too long, then _ccnew or _ccold and a number where that is taken (PostgreSQL, indexcmds.c, ReindexRelationConcurrently).
func transient(name, of string) bool {
	stem := strings.TrimRight(name, "0123456789")
	cut, ok := strings.CutSuffix(stem, "_ccnew")
	if !ok {
		if cut, ok = strings.CutSuffix(stem, "_ccold"); !ok {
			return false
		}
	}
	const uncut = 63 - len("_ccnew") - 4 // room for a number, or for a character that did not fit
	return cut == of || len(cut) >= uncut && strings.HasPrefix(of, cut)
}

// clearLeftovers drops the invalid indexes that stand where a statement is to build one: an interrupted build leaves them, and REINDEX
// would leave one more. Known are those that were invalid before a statement whose index the server names; nil where it did not run.
func (r *runner) clearLeftovers(ctx context.Context, w *work, known []uint32) error {
	iw, ok := indexWorkOf(w.statements()[0].SQL)
	if !ok {
		return nil
	}
	all, err := r.indexesOf(ctx, iw)
	if err != nil {
		return err
	}
	for _, i := range all {
		if !iw.leaves(i, all, known) {
			continue
		}
		if i.builder != 0 && i.name != iw.name {
			continue // a REINDEX of somebody else is at work
		}
		if i.builder != 0 {
			return &Refused{Code: "building", Reason: fmt.Sprintf("index %s is being built by pid %d", i.sql(), i.builder), Next: "let that end, and run it again: pleat apply"}
		}
		if err := r.dropLeftover(ctx, w, i); err != nil {
			return err
		}
	}
	return nil
}

// dropLeftover drops an index without locking anybody out. It waits as the build does.
func (r *runner) dropLeftover(ctx context.Context, w *work, i standing) error {
	g, err := r.watchOver(ctx, w, 0)
	if err != nil {
		return err
	}
	defer g.end()
	if err := r.set(ctx, false, setting{"lock_timeout", "0"}); err != nil {
		return err
	}
	_, err = r.exec(ctx, "DROP INDEX CONCURRENTLY IF EXISTS "+i.sql())
	if err != nil {
		err = fmt.Errorf("drop the invalid index %s: %w", i.sql(), err)
	}
	if r.conn.IsClosed() || ctx.Err() != nil {
		return err
	}
	if err := errors.Join(err, r.set(ctx, false, pinned...)); err != nil {
		return err
	}
	r.opts.observe(Warned{"dropped the invalid index " + i.sql() + ", which an interrupted statement left"})
	return nil
}

// invalid lists the invalid indexes of the table that a statement works on, before it runs.
func (r *runner) invalid(ctx context.Context, sql string) ([]uint32, error) {
	out := []uint32{}
	iw, ok := indexWorkOf(sql)
	if !ok {
		return out, nil
	}
	all, err := r.indexesOf(ctx, iw)
	for _, i := range all {
		if !i.valid {
			out = append(out, i.oid)
		}
	}
	return out, err
}
