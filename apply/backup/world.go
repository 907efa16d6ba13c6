package backup

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/pleatdb/pleat/schema/sqltext"
)

// table is a relation of the database as it is before the run.
type table struct {
	oid       uint32
	namespace string
	name      string
	// kind is pg_class.relkind: r, p (partitioned), f, v, m.
	kind      string
	partition bool
	children  []*table
	// The rest is read when the table turns out to be touched.
	described bool
	columns   []Column
	key       []string
	// renamed are the columns that the run gave other names, by the name that they have now.
	renamed map[string]string
}

func (t *table) String() string { return printed(t.namespace, t.name) }

func (t *table) column(name string) *Column {
	for i := range t.columns {
		if t.columns[i].Name == name {
			return &t.columns[i]
		}
	}
	return nil
}

// original is the name that a column had before the run.
func (t *table) original(name string) string {
	if was, ok := t.renamed[name]; ok {
		return was
	}
	return name
}

// leaves are the tables that hold rows: the table itself, or the partitions below it.
func (t *table) leaves() []*table {
	if t.kind != "p" {
		return []*table{t}
	}
	var out []*table
	for _, c := range t.children {
		out = append(out, c.leaves()...)
	}
	return out
}

// reference is a foreign key as seen from the table that it references.
type reference struct {
	from     *table
	columns  []string
	to       []string
	onDelete string // pg_constraint.confdeltype: a, r, c, n, d
	onUpdate string
}

// world is the database's relations, under the names that they have at a point of the run.
type world struct {
	tx    pgx.Tx
	names map[sqltext.Name]*table
	byOID map[uint32]*table
	// made are the names of what the run itself creates: nothing of it was there before.
	made map[sqltext.Name]bool
	refs map[*table][]reference
	// path are the schemas in which a name without one is looked for; given are those of the role in this database.
	path, given []string
}

// readWorld reads the relations of the transaction's snapshot. path is the role's search_path in this database.
func readWorld(ctx context.Context, tx pgx.Tx, path []string) (*world, error) {
	w := &world{tx: tx, given: path, names: map[sqltext.Name]*table{}, byOID: map[uint32]*table{}, made: map[sqltext.Name]bool{}, refs: map[*table][]reference{}}
	for _, read := range []func(context.Context) error{w.readRelations, w.readParents, w.readReferences} {
		if err := read(ctx); err != nil {
			return nil, err
		}
	}
	return w, nil
}

func (w *world) readRelations(ctx context.Context) error {
	rows, err := w.tx.Query(ctx, `SELECT c.oid, n.nspname::pg_catalog.text, c.relname::pg_catalog.text, c.relkind::pg_catalog.text, c.relispartition
		FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
		WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm') AND n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'pleat', 'pleat_backup')`)
	if err != nil {
		return fmt.Errorf("read the tables: %w", err)
	}
	var t table
	_, err = pgx.ForEachRow(rows, []any{&t.oid, &t.namespace, &t.name, &t.kind, &t.partition}, func() error {
		one := t
		w.byOID[t.oid] = &one
		w.names[sqltext.Name{Schema: t.namespace, Name: t.name}] = &one
		return nil
	})
	if err != nil {
		return fmt.Errorf("read the tables: %w", err)
	}
	return nil
}

func (w *world) readParents(ctx context.Context) error {
	rows, err := w.tx.Query(ctx, `SELECT inhparent, inhrelid FROM pg_catalog.pg_inherits ORDER BY inhparent, inhseqno, inhrelid`)
	if err != nil {
		return fmt.Errorf("read who inherits: %w", err)
	}
	var parent, child uint32
	_, err = pgx.ForEachRow(rows, []any{&parent, &child}, func() error {
		if p, c := w.byOID[parent], w.byOID[child]; p != nil && c != nil {
			p.children = append(p.children, c)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("read who inherits: %w", err)
	}
	return nil
}

func (w *world) readReferences(ctx context.Context) error {
	rows, err := w.tx.Query(ctx, `SELECT k.conrelid, k.confrelid, k.confdeltype::pg_catalog.text, k.confupdtype::pg_catalog.text,
		ARRAY (SELECT a.attname::pg_catalog.text FROM pg_catalog.unnest(k.conkey) WITH ORDINALITY AS u (num, place)
			JOIN pg_catalog.pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.num ORDER BY u.place),
		ARRAY (SELECT a.attname::pg_catalog.text FROM pg_catalog.unnest(k.confkey) WITH ORDINALITY AS u (num, place)
			JOIN pg_catalog.pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.num ORDER BY u.place)
		FROM pg_catalog.pg_constraint k WHERE k.contype = 'f' ORDER BY k.oid`)
	if err != nil {
		return fmt.Errorf("read the foreign keys: %w", err)
	}
	var from, to uint32
	var r reference
	_, err = pgx.ForEachRow(rows, []any{&from, &to, &r.onDelete, &r.onUpdate, &r.columns, &r.to}, func() error {
		if r.from = w.byOID[from]; r.from != nil && w.byOID[to] != nil {
			one := r
			one.columns, one.to = slices.Clone(r.columns), slices.Clone(r.to)
			w.refs[w.byOID[to]] = append(w.refs[w.byOID[to]], one)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("read the foreign keys: %w", err)
	}
	return nil
}

// describe reads the columns and the key of a table.
func (w *world) describe(ctx context.Context, t *table) error {
	if t.described {
		return nil
	}
	rows, err := w.tx.Query(ctx, `SELECT a.attname::pg_catalog.text, pg_catalog.format_type(a.atttypid, a.atttypmod), a.attgenerated <> '',
		coalesce(e.typnamespace, y.typnamespace) <> 'pg_catalog'::pg_catalog.regnamespace OR y.typtype NOT IN ('b', 'r', 'm'), a.attcollation >= 16384
		FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type y ON y.oid = a.atttypid
			LEFT JOIN pg_catalog.pg_type e ON e.oid = y.typelem AND y.typelem <> 0 AND y.typlen = -1
		WHERE a.attrelid = $1 AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum`, t.oid)
	if err != nil {
		return fmt.Errorf("read the columns of %s: %w", t, err)
	}
	t.columns, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (c Column, err error) {
		return c, row.Scan(&c.Name, &c.Type, &c.Generated, &c.foreign, &c.collated)
	})
	if err != nil {
		return fmt.Errorf("read the columns of %s: %w", t, err)
	}
	// The primary key, or else the narrowest unique index over columns that are not null, whose rows are checked at once.
	err = w.tx.QueryRow(ctx, `SELECT ARRAY (SELECT a.attname::pg_catalog.text FROM pg_catalog.unnest(i.indkey::pg_catalog.int2[]) WITH ORDINALITY AS u (num, place)
			JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = u.num WHERE u.place <= i.indnkeyatts ORDER BY u.place)
		FROM pg_catalog.pg_index i WHERE i.indrelid = $1 AND i.indisunique AND i.indisvalid AND i.indimmediate
			AND i.indpred IS NULL AND i.indexprs IS NULL AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_attribute a WHERE a.attrelid = i.indrelid
				AND a.attnum = ANY (i.indkey::pg_catalog.int2[]) AND NOT a.attnotnull)
		ORDER BY i.indisprimary DESC, i.indnkeyatts, i.indexrelid LIMIT 1`, t.oid).Scan(&t.key)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return fmt.Errorf("read the key of %s: %w", t, err)
	}
	t.described = true
	return nil
}

// find looks a name up as the server would; nil is a relation that is not there, or that the run itself made.
func (w *world) find(n sqltext.Name) *table {
	if n.Schema != "" {
		return w.names[n]
	}
	for _, schema := range w.path {
		full := sqltext.Name{Schema: schema, Name: n.Name}
		if w.made[full] {
			return nil
		}
		if t := w.names[full]; t != nil {
			return t
		}
	}
	return nil
}

// place is the full name under which a relation that is made gets its place.
func (w *world) place(n sqltext.Name) sqltext.Name {
	if n.Schema == "" {
		for _, schema := range w.path {
			if schema != "pg_catalog" {
				return sqltext.Name{Schema: schema, Name: n.Name}
			}
		}
	}
	return n
}

// make notes that the run creates a relation, unless it was there and stays.
func (w *world) make(n sqltext.Name) {
	full := w.place(n)
	if w.names[full] == nil {
		w.made[full] = true
	}
}

// move notes that a relation has another name from here on.
func (w *world) move(n sqltext.Name, to func(sqltext.Name) sqltext.Name) {
	for full := range w.spellings(n) {
		next := to(full)
		if t := w.names[full]; t != nil {
			delete(w.names, full)
			w.names[next] = t
			return
		}
		if w.made[full] {
			delete(w.made, full)
			w.made[next] = true
			return
		}
	}
}

// drop notes that a relation is gone from here on.
func (w *world) drop(n sqltext.Name) {
	for full := range w.spellings(n) {
		if w.names[full] != nil || w.made[full] {
			delete(w.names, full)
			delete(w.made, full)
			return
		}
	}
}

// spellings are the full names that a name may stand for, in the order in which the server looks.
func (w *world) spellings(n sqltext.Name) func(func(sqltext.Name) bool) {
	return func(yield func(sqltext.Name) bool) {
		if n.Schema != "" {
			yield(n)
			return
		}
		for _, schema := range w.path {
			if !yield(sqltext.Name{Schema: schema, Name: n.Name}) {
				return
			}
		}
	}
}
