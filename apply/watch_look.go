package apply

import (
	"github.com/jackc/pgx/v5"

	"github.com/pleatdb/pleat/schema"
)

// look is what the server says of our session at one moment.
type look struct {
	active, locked bool
	// mode and kind are of the lock that it waits for; schema and relation name what it is on, where it is on a relation.
	mode, kind, schema, relation string
	// behind is how many sessions wait because of ours, be it that we hold what they want or that we asked before them.
	behind int
}

func (l look) waiting() bool { return l.active && l.locked && l.mode != "" }

// sameLock joins two rows of pg_locks that are about the same thing.
const sameLock = `%[1]s.locktype = %[2]s.locktype AND (%[1]s.database, %[1]s.relation, %[1]s.page, %[1]s.tuple, %[1]s.virtualxid, %[1]s.transactionid,
	%[1]s.classid, %[1]s.objid, %[1]s.objsubid) IS NOT DISTINCT FROM (%[2]s.database, %[2]s.relation, %[2]s.page, %[2]s.tuple, %[2]s.virtualxid,
	%[2]s.transactionid, %[2]s.classid, %[2]s.objid, %[2]s.objsubid)`

// looking asks for all that in one query. Whom a queue's place blocks is for pg_blocking_pids to say, which knows the order of the
// queue and which modes exclude each other; it is asked about those alone that wait for something that we hold or wait for.
var looking = `WITH l AS MATERIALIZED (SELECT * FROM pg_catalog.pg_locks), me AS (SELECT * FROM l WHERE pid = $1)
	SELECT coalesce(a.state = 'active', false), coalesce(a.wait_event_type = 'Lock', false), coalesce(m.mode, ''), coalesce(m.locktype, ''),
		coalesce(n.nspname::text, ''), coalesce(c.relname::text, ''),
		(SELECT pg_catalog.count(*) FROM (SELECT DISTINCT w.pid FROM l w WHERE NOT w.granted AND w.pid <> $1
				AND EXISTS (SELECT FROM me WHERE ` + lockedAlike("me", "w") + `) LIMIT 100) w
			WHERE $1 = ANY (pg_catalog.pg_blocking_pids(w.pid)))::int4
	FROM pg_catalog.pg_stat_get_activity($1) a LEFT JOIN (SELECT * FROM me WHERE NOT granted LIMIT 1) m ON true
		LEFT JOIN pg_catalog.pg_class c ON c.oid = m.relation
		LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace`

func (g *watching) look() (l look, err error) {
	return l, g.ask(g.ctx, func(rows pgx.Rows) error {
		return rows.Scan(&l.active, &l.locked, &l.mode, &l.kind, &l.schema, &l.relation, &l.behind)
	}, looking, g.who.pid)
}

// on names what the lock is on, for people.
func (l look) on() string {
	switch {
	case l.kind == "tuple":
		return "a row of " + schema.Qualified(l.schema, l.relation)
	case l.relation != "":
		return schema.Qualified(l.schema, l.relation)
	case l.kind == "transactionid":
		return "rows that another transaction changed"
	case l.kind == "virtualxid":
		return "the end of transactions that began earlier"
	case l.kind == "advisory":
		return "an advisory lock"
	}
	return "an object of kind " + l.kind
}
