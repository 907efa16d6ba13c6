package shadow

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/pleatdb/pleat/planner"
	"github.com/pleatdb/pleat/schema"
)

// relation is what the tracer knows of a row of pg_class.
type relation struct {
	oid  uint32
	id   schema.ID
	kind string // relkind
	file string // relfilenode, which a rewrite changes
	// table is the OID of an index's table, parent that of a partition's table.
	table, parent uint32
}

// modes is a set of lock modes.
type modes uint16

func (m modes) with(mode planner.LockMode) modes { return m | 1<<mode }
func (m modes) strongest() (strong planner.LockMode) {
	for mode := planner.AccessShare; mode <= planner.AccessExclusive; mode++ {
		if m&(1<<mode) != 0 {
			strong = mode
		}
	}
	return strong
}

// lockModes are the names of pg_locks.mode.
var lockModes = map[string]planner.LockMode{
	"AccessShareLock":          planner.AccessShare,
	"RowShareLock":             planner.RowShare,
	"RowExclusiveLock":         planner.RowExclusive,
	"ShareUpdateExclusiveLock": planner.ShareUpdateExclusive,
	"ShareLock":                planner.Share,
	"ShareRowExclusiveLock":    planner.ShareRowExclusive,
	"ExclusiveLock":            planner.Exclusive,
	"AccessExclusiveLock":      planner.AccessExclusive,
}

func parseModes(names string) (out modes) {
	for name := range strings.SplitSeq(names, ",") {
		if mode, ok := lockModes[name]; ok {
			out = out.with(mode)
		}
	}
	return out
}

// allRelations reads all relations of users.
const allRelations = `SELECT c.oid, n.nspname, c.relname, c.relkind, c.relfilenode, coalesce(i.indrelid, 0), coalesce(t.relname, ''),
	coalesce(h.inhparent, 0)
	FROM pg_catalog.pg_class c
	JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
	LEFT JOIN pg_catalog.pg_index i ON i.indexrelid = c.oid
	LEFT JOIN pg_catalog.pg_class t ON t.oid = i.indrelid
	LEFT JOIN pg_catalog.pg_inherits h ON h.inhrelid = c.oid AND c.relispartition`

// lockedRelations reads what the own transaction has locked, whether or not it is still there, with the modes. It also asks
// anew for the messages, which a script may have switched off. OIDs below 16384 are the system's.
const lockedRelations = `WITH pinned AS MATERIALIZED (SELECT pg_catalog.set_config('client_min_messages', 'debug1', false)),
	locked AS MATERIALIZED (
		SELECT relation, pg_catalog.string_agg(mode, ',') AS modes FROM pg_catalog.pg_locks
		 WHERE locktype = 'relation' AND pid = pg_catalog.pg_backend_pid() AND granted AND relation BETWEEN 16384 AND $1::pg_catalog.oid GROUP BY relation)
	SELECT l.relation, l.modes, c.relname, c.relkind, c.relfilenode
	FROM pinned LEFT JOIN locked l ON true LEFT JOIN pg_catalog.pg_class c ON c.oid = l.relation`

// lockedRow is a row of lockedRelations.
type lockedRow struct {
	oid   uint32
	modes modes
	// there is false for what the statement dropped; the rest is empty then.
	there            bool
	name, kind, file string
}

// relations reads all relations of users.
func (t *tracer) relations(ctx context.Context) (map[uint32]relation, error) {
	result := t.d.conn.PgConn().ExecParams(ctx, allRelations, nil, nil, nil, nil).Read()
	if result.Err != nil {
		return nil, fmt.Errorf("read the relations of the shadow: %w", result.Err)
	}
	out := make(map[uint32]relation, len(result.Rows))
	for _, row := range result.Rows {
		r := readRelation(row)
		out[r.oid] = r
	}
	return out, nil
}

// state reads what the open transaction holds.
func (t *tracer) state(ctx context.Context) ([]lockedRow, error) {
	const name = "pleat_trace"
	conn := t.d.conn.PgConn()
	if !t.prepared {
		// To close a statement that is not there is no error (protocol, message Close).
		if err := conn.Deallocate(ctx, name); err != nil {
			return nil, fmt.Errorf("read the locks of the shadow: %w", err)
		}
		if _, err := conn.Prepare(ctx, name, lockedRelations, nil); err != nil {
			return nil, fmt.Errorf("read the locks of the shadow: %w", err)
		}
		t.prepared = true
	}
	var newest uint32
	for oid := range t.known {
		newest = max(newest, oid)
	}
	newestText := strconv.AppendUint(nil, uint64(newest), 10)
	result := conn.ExecPrepared(ctx, name, [][]byte{newestText}, nil, nil).Read()
	if result.Err != nil {
		return nil, fmt.Errorf("read the locks of the shadow: %w", result.Err)
	}
	out := make([]lockedRow, 0, len(result.Rows))
	for _, row := range result.Rows {
		if row[0] == nil {
			continue // nothing is locked
		}
		l := lockedRow{oid: parseOID(row[0]), modes: parseModes(string(row[1])), there: row[2] != nil}
		l.name, l.kind, l.file = string(row[2]), string(row[3]), string(row[4])
		out = append(out, l)
	}
	return out, nil
}

func parseOID(text []byte) uint32 {
	n, _ := strconv.ParseUint(string(text), 10, 32) // an oid prints as a number
	return uint32(n)
}

func readRelation(row [][]byte) relation {
	name := schema.ID{Schema: string(row[1]), Name: string(row[2])}
	r := relation{oid: parseOID(row[0]), kind: string(row[3]), file: string(row[4]), table: parseOID(row[5]), parent: parseOID(row[7])}
	switch r.kind {
	case "r", "p":
		name.Kind = schema.KindTable
	case "v":
		name.Kind = schema.KindView
	case "m":
		name.Kind = schema.KindMaterialized
	case "S":
		name.Kind = schema.KindSequence
	case "c":
		name.Kind = schema.KindComposite
	case "i", "I":
		name.Kind, name.Parent = schema.KindIndex, string(row[6])
	default:
		name.Kind, name.Args = schema.KindUnmanaged, "foreign table"
	}
	r.id = name
	return r
}
