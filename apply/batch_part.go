package apply

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/pleatdb/pleat/history"
	"github.com/pleatdb/pleat/schema"
	"github.com/pleatdb/pleat/schema/sqltext"
)

// part is a table with rows of its own: the target of a step in batches, a partition of it, or a table that inherits from it.
type part struct {
	oid     uint32
	name    sqltext.Name
	kind    string // relkind
	storage uint32
	pages   int64   // by the size of its file
	perPage float64 // rows, estimate
	key     []keyColumn
	// moving are columns that say in which partition a row lies.
	moving []string
}

func (p *part) sql() string { return schema.Qualified(p.name.Schema, p.name.Name) }

func (p *part) columns() (out []string) {
	for _, c := range p.key {
		out = append(out, c.name)
	}
	return out
}

// keyColumn is a column of a key with the comparison that its index uses.
type keyColumn struct {
	name string
	typ  string // of the values, domains resolved, qualified
	// less, upto, equal and after are the operators <, <=, = and > as OPERATOR(schema.name).
	less, upto, equal, after string
}

// family lists a table and, unless only it is meant, all that belong to it. Run it under an empty search_path except for the first
// lookup, which is by OID.
const family = `WITH RECURSIVE f (oid) AS (
		SELECT $1::oid
		UNION SELECT i.inhrelid FROM pg_catalog.pg_inherits i JOIN f ON i.inhparent = f.oid WHERE NOT $2)
	SELECT c.oid, n.nspname::text, c.relname::text, c.relkind::text, coalesce(pg_catalog.pg_relation_filenode(c.oid), 0),
		coalesce(pg_catalog.pg_relation_size(c.oid), 0) / pg_catalog.current_setting('block_size')::bigint,
		CASE WHEN c.relpages > 0 THEN c.reltuples::float8 / c.relpages ELSE 0 END,
		ARRAY(SELECT a.attname::text FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = d.objsubid
			WHERE c.relkind = 'p' AND d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.objsubid > 0
			AND d.refclassid = d.classid AND d.refobjid = c.oid AND d.refobjsubid = 0 AND d.deptype = 'i')
	FROM f JOIN pg_catalog.pg_class c USING (oid) JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace ORDER BY c.oid`

// members lists the parts of a table. PostgreSQL notes which columns a partition key uses as internal dependencies of the columns
// (heap.c, StorePartitionKey).
func (s *session) members(ctx context.Context, root uint32, only bool) ([]*part, error) {
	rows, err := s.conn.Query(ctx, family, query, root, only)
	if err != nil {
		return nil, fmt.Errorf("list the parts of a table: %w", err)
	}
	all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (*part, error) {
		p := &part{}
		return p, row.Scan(&p.oid, &p.name.Schema, &p.name.Name, &p.kind, &p.storage, &p.pages, &p.perPage, &p.moving)
	})
	if err != nil {
		return nil, fmt.Errorf("list the parts of a table: %w", err)
	}
	return all, nil
}

// withRows leaves out what has no rows of its own, and refuses what cannot be gone through.
func withRows(all []*part) (out []*part, moving []string, err error) {
	for _, p := range all {
		moving = append(moving, p.moving...)
		switch p.kind {
		case "r":
			out = append(out, p)
		case "p":
		default:
			kind := map[string]string{"f": "a foreign table", "v": "a view", "m": "a materialized view"}[p.kind]
			if kind == "" {
				kind = "no table"
			}
			return nil, nil, &Refused{Code: "batch", Reason: p.sql() + " is " + kind + ", which cannot be gone through in batches",
				Next: "write a step without batches for it"}
		}
	}
	return out, moving, nil
}

// keys lists the keys of a table that its rows can be gone through by, the best first: the primary key, then unique indexes over
// plain columns that are NOT NULL, in the order and with the comparison that ORDER BY uses.
// A NOT NULL that is not validated does not count (PostgreSQL 18).
const keys = `SELECT i.indexrelid, a.attname::text, pg_catalog.format_type(b.oid, b.typmod),
		(SELECT pg_catalog.array_agg(pg_catalog.quote_ident(n.nspname) || '.' || p.oprname ORDER BY o.amopstrategy)
			FROM pg_catalog.pg_amop o JOIN pg_catalog.pg_operator p ON p.oid = o.amopopr JOIN pg_catalog.pg_namespace n ON n.oid = p.oprnamespace
			WHERE o.amopfamily = c.opcfamily AND o.amoplefttype = c.opcintype AND o.amoprighttype = c.opcintype AND o.amopstrategy IN (1, 2, 3, 5)),
		a.attnotnull AND c.opcdefault AND k.option = 0 AND k.colocated = a.attcollation
			AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint t WHERE t.conrelid = i.indrelid AND t.contype = 'n' AND NOT t.convalidated
				AND t.conkey = ARRAY[a.attnum])
	FROM pg_catalog.pg_index i
		JOIN pg_catalog.pg_class r ON r.oid = i.indexrelid
		JOIN pg_catalog.pg_am m ON m.oid = r.relam AND m.amname = 'btree'
		CROSS JOIN LATERAL ROWS FROM (pg_catalog.unnest(i.indkey::int2[]), pg_catalog.unnest(i.indoption::int2[]),
			pg_catalog.unnest(i.indclass::oid[]), pg_catalog.unnest(i.indcollation::oid[])) WITH ORDINALITY k (attnum, option, opclass, colocated, place)
		JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
		JOIN pg_catalog.pg_opclass c ON c.oid = k.opclass
		CROSS JOIN LATERAL (WITH RECURSIVE d (oid, typmod) AS (
				SELECT a.atttypid, a.atttypmod
				UNION ALL SELECT t.typbasetype, t.typtypmod FROM d JOIN pg_catalog.pg_type t ON t.oid = d.oid WHERE t.typtype = 'd')
			SELECT d.oid, d.typmod FROM d JOIN pg_catalog.pg_type t ON t.oid = d.oid WHERE t.typtype <> 'd') b
	WHERE i.indrelid = $1 AND i.indisunique AND i.indisvalid AND i.indisready AND i.indislive
		AND i.indpred IS NULL AND i.indexprs IS NULL AND k.place <= i.indnkeyatts
	ORDER BY i.indisprimary DESC, i.indnkeyatts, i.indexrelid, k.place`

// candidates reads the usable keys of a part.
func (s *session) candidates(ctx context.Context, p *part) ([][]keyColumn, error) {
	rows, err := s.conn.Query(ctx, keys, query, p.oid)
	if err != nil {
		return nil, fmt.Errorf("read the keys of %s: %w", p.sql(), err)
	}
	var out [][]keyColumn
	var index uint32
	usable := map[int]bool{}
	_, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (struct{}, error) {
		var id uint32
		var c keyColumn
		var operators []string
		var ok bool
		if err := row.Scan(&id, &c.name, &c.typ, &operators, &ok); err != nil {
			return struct{}{}, err
		}
		if id != index {
			out, index = append(out, nil), id
			usable[len(out)-1] = true
		}
		n := len(out) - 1
		if len(operators) == 4 {
			c.less, c.upto, c.equal, c.after = operator(operators[0]), operator(operators[1]), operator(operators[2]), operator(operators[3])
		}
		usable[n] = usable[n] && ok && len(operators) == 4
		out[n] = append(out[n], c)
		return struct{}{}, nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the keys of %s: %w", p.sql(), err)
	}
	var good [][]keyColumn
	for i, k := range out {
		if usable[i] {
			good = append(good, k)
		}
	}
	return good, nil
}

func operator(qualified string) string { return "OPERATOR(" + qualified + ")" }

// choose takes the key that is asked for, or the best one, or none where there is none and none is asked for.
func (s *session) chooseKey(ctx context.Context, p *part, wanted []string) error {
	all, err := s.candidates(ctx, p)
	if err != nil {
		return err
	}
	if len(wanted) == 0 {
		if len(all) > 0 {
			p.key = all[0]
		}
		return nil
	}
	sorted := slices.Sorted(slices.Values(wanted))
	for _, k := range all {
		p.key = k
		if slices.Equal(slices.Sorted(slices.Values(p.columns())), sorted) {
			return nil
		}
	}
	p.key = nil
	return &Refused{Code: "batch", Reason: fmt.Sprintf("%s is not the key of a unique index over plain NOT NULL columns of %s", strings.Join(wanted, ", "), p.sql()),
		Next: "leave key= out of the batch, and one is found"}
}

// movesRows refuses a statement that changes where its own rows lie: they could come by twice.
func movesRows(stmt *sqltext.Batch, parts []*part, moving []string) error {
	for _, p := range parts {
		for _, c := range stmt.Sets {
			if slices.Contains(p.columns(), c) {
				return &Refused{Code: "batch", Reason: fmt.Sprintf("the statement assigns %s, by which the batches of %s go", schema.Quote(c), p.sql()),
					Next: "name another key: -- pleat: batch table=… key=…"}
			}
		}
	}
	for _, c := range stmt.Sets {
		if len(parts) > 1 && slices.Contains(moving, c) {
			return &Refused{Code: "batch", Reason: fmt.Sprintf("the statement assigns %s, which says in which partition a row lies, so rows could come by twice", schema.Quote(c)),
				Next: "write a step without batches for each partition"}
		}
	}
	return nil
}

// locate finds the part of a table with that OID again, for a step that goes on; nil when it is no part any more.
func locate(all []*part, stored history.BackfillPart) *part {
	i := slices.IndexFunc(all, func(p *part) bool { return p.oid == stored.OID && p.kind == "r" })
	if i < 0 {
		return nil
	}
	return all[i]
}

// rootOf finds the table that a statement changes, as the search_path of the step finds it.
func (s *session) rootOf(ctx context.Context, name sqltext.Name) (oid uint32, err error) {
	var found *uint32
	err = s.conn.QueryRow(ctx, "SELECT pg_catalog.to_regclass($1)::oid", query, schema.Qualified(name.Schema, name.Name)).Scan(&found)
	if err != nil {
		return 0, fmt.Errorf("find table %s: %w", schema.Qualified(name.Schema, name.Name), err)
	}
	if found == nil {
		return 0, errors.New("there is no table " + schema.Qualified(name.Schema, name.Name))
	}
	return *found, nil
}

// rowsOf asks the planner how many rows a part has: it knows the size of a table that nobody analysed yet. It also fills in how
// many a page has.
func (s *session) rowsOf(ctx context.Context, p *part) (int64, error) {
	var plan []byte
	if err := s.conn.QueryRow(ctx, "EXPLAIN (FORMAT JSON) SELECT FROM ONLY "+p.sql(), query).Scan(&plan); err != nil {
		return 0, fmt.Errorf("estimate the rows of %s: %w", p.sql(), err)
	}
	var out []struct {
		Plan struct {
			Rows float64 `json:"Plan Rows"`
		}
	}
	if err := json.Unmarshal(plan, &out); err != nil || len(out) != 1 {
		return 0, fmt.Errorf("estimate the rows of %s: %w", p.sql(), errors.Join(err, errors.New("the plan cannot be read")))
	}
	rows := out[0].Plan.Rows
	if p.pages == 0 {
		rows = 0 // the planner takes an empty table for one of some pages
	} else {
		p.perPage = rows / float64(p.pages)
	}
	return int64(rows), nil
}
