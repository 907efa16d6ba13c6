package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// catalog is what a database looks like, one line a fact, read without any code of pleat. What pleat keeps for itself is left out.
const catalog = `
SET search_path = '';
WITH own AS (
	SELECT n.oid, n.nspname FROM pg_catalog.pg_namespace n
	WHERE n.nspname NOT LIKE 'pg\_%' AND n.nspname NOT IN ('information_schema', 'pleat')
), relation AS (
	SELECT c.*, pg_catalog.format('%I.%I', own.nspname, c.relname) AS title FROM pg_catalog.pg_class c JOIN own ON own.oid = c.relnamespace
)
SELECT 'schema ' || nspname FROM own
UNION ALL SELECT pg_catalog.format('relation %s %s %s %s %s %s %s %s %s %s', title, relkind, relpersistence, reloptions, relrowsecurity, relforcerowsecurity,
	relacl, pg_catalog.pg_get_expr(relpartbound, oid), pg_catalog.pg_get_partkeydef(oid), relreplident) FROM relation
UNION ALL SELECT pg_catalog.format('column %s %s %s %s %s %s %s %s %s', r.title, a.attnum, a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), a.attnotnull,
	pg_catalog.pg_get_expr(d.adbin, d.adrelid), a.attidentity, a.attgenerated, a.attacl)
	FROM relation r JOIN pg_catalog.pg_attribute a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped AND r.relkind NOT IN ('i', 'I')
	LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
UNION ALL SELECT pg_catalog.format('index %s valid=%s ready=%s live=%s', pg_catalog.pg_get_indexdef(i.indexrelid), i.indisvalid, i.indisready, i.indislive)
	FROM relation r JOIN pg_catalog.pg_index i ON i.indexrelid = r.oid
UNION ALL SELECT pg_catalog.format('constraint %s %s %s %s validated=%s', c.conname, r.title, c.contypid::pg_catalog.regtype,
	pg_catalog.pg_get_constraintdef(c.oid), c.convalidated)
	FROM pg_catalog.pg_constraint c JOIN own ON own.oid = c.connamespace LEFT JOIN relation r ON r.oid = c.conrelid
UNION ALL SELECT pg_catalog.format('trigger %s %s', pg_catalog.pg_get_triggerdef(t.oid), t.tgenabled)
	FROM pg_catalog.pg_trigger t JOIN relation r ON r.oid = t.tgrelid WHERE NOT t.tgisinternal
UNION ALL SELECT pg_catalog.format('function %s %s', p.proacl, pg_catalog.pg_get_functiondef(p.oid))
	FROM pg_catalog.pg_proc p JOIN own ON own.oid = p.pronamespace WHERE p.prokind IN ('f', 'p')
UNION ALL SELECT pg_catalog.format('view %s %s', r.title, pg_catalog.pg_get_viewdef(r.oid)) FROM relation r WHERE r.relkind IN ('v', 'm')
UNION ALL SELECT pg_catalog.format('type %s.%s %s %s %s', own.nspname, t.typname, t.typtype, t.typnotnull, t.typdefault)
	FROM pg_catalog.pg_type t JOIN own ON own.oid = t.typnamespace
UNION ALL SELECT pg_catalog.format('label %s.%s %s', own.nspname, t.typname,
	(SELECT pg_catalog.string_agg(e.enumlabel, ',' ORDER BY e.enumsortorder) FROM pg_catalog.pg_enum e WHERE e.enumtypid = t.oid))
	FROM pg_catalog.pg_type t JOIN own ON own.oid = t.typnamespace WHERE t.typtype = 'e'
UNION ALL SELECT pg_catalog.format('sequence %s %s %s %s %s %s', r.title, s.seqtypid::pg_catalog.regtype, s.seqincrement, s.seqmin, s.seqmax, s.seqcycle)
	FROM pg_catalog.pg_sequence s JOIN relation r ON r.oid = s.seqrelid
UNION ALL SELECT pg_catalog.format('policy %s %s %s %s %s %s', p.polname, r.title, p.polcmd, p.polpermissive, pg_catalog.pg_get_expr(p.polqual, p.polrelid),
	pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid)) FROM pg_catalog.pg_policy p JOIN relation r ON r.oid = p.polrelid
UNION ALL SELECT pg_catalog.format('comment %s %s %s', r.title, d.objsubid, d.description)
	FROM pg_catalog.pg_description d JOIN relation r ON r.oid = d.objoid WHERE d.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass
UNION ALL SELECT pg_catalog.format('inherits %s %s %s', r.title, i.inhparent::pg_catalog.regclass, pg_catalog.to_jsonb(i) ->> 'inhdetachpending')
	FROM pg_catalog.pg_inherits i JOIN relation r ON r.oid = i.inhrelid
ORDER BY 1`

// contents makes, for each table, the query that tells its rows.
const contents = `SELECT pg_catalog.format('SELECT %L || count(*) || '' '' || coalesce(md5(string_agg(t::text, E''\n'' ORDER BY t::text)), '''') FROM ONLY %I.%I t',
	pg_catalog.format('rows %I.%I: ', n.nspname, c.relname), n.nspname, c.relname)
	FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
	WHERE (c.relkind = 'r' OR c.relkind = 'm' AND c.relispopulated) AND n.nspname NOT LIKE 'pg\_%' AND n.nspname NOT IN ('information_schema', 'pleat')
	ORDER BY 1`

// state is all that must be the same however a run was disturbed: the catalogs and the rows.
func state(ctx context.Context, url string) ([]string, error) {
	facts, err := rowsOf(ctx, url, catalog)
	if err != nil {
		return nil, fmt.Errorf("read catalogs: %w", err)
	}
	queries, err := rowsOf(ctx, url, contents)
	if err != nil {
		return nil, fmt.Errorf("list tables: %w", err)
	}
	rows, err := rowsOf(ctx, url, strings.Join(queries, ";\n"))
	if err != nil {
		return nil, fmt.Errorf("read rows: %w", err)
	}
	return append(facts, rows...), nil
}

// differences are the facts that only one of two states has; both lists are sorted by their queries alike.
func differences(want, got []string) (out []string) {
	for _, fact := range want {
		if !slices.Contains(got, fact) {
			out = append(out, "missing: "+fact)
		}
	}
	for _, fact := range got {
		if !slices.Contains(want, fact) {
			out = append(out, "too much: "+fact)
		}
	}
	if len(out) == 0 && len(want) != len(got) {
		out = append(out, fmt.Sprintf("%d facts in the place of %d", len(got), len(want)))
	}
	return out
}

// twice finds steps whose end was recorded more than once, files that were not applied once, and pleat taking its own work for
// somebody else's.
const twice = `SELECT 'step ' || step || ' of ' || version || ' was recorded as done ' || count(*) || ' times' FROM pleat.log WHERE kind = 'step_done'
	GROUP BY version, step HAVING count(*) > 1
UNION ALL SELECT 'the way back of step ' || step || ' of ' || version || ' was recorded as done ' || count(*) || ' times' FROM pleat.log WHERE kind = 'undo_done'
	GROUP BY version, step, part HAVING count(*) > 1
UNION ALL SELECT version || ' was recorded as applied ' || count(*) || ' times' FROM pleat.log WHERE kind = 'applied' GROUP BY version HAVING count(*) > 1
UNION ALL SELECT count(DISTINCT version) || ' files were applied, not %d' FROM pleat.log WHERE kind = 'applied' HAVING count(DISTINCT version) <> %[1]d
UNION ALL SELECT 'drift was seen: ' || detail::text FROM pleat.log WHERE kind = 'drift_seen'`

// remains finds what a run leaves only while it lives.
const remains = `SELECT 'lock ' || locktype || ' ' || mode || ' of backend ' || pid FROM pg_catalog.pg_locks
	WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())
UNION ALL SELECT 'session ' || pid || ' ' || application_name || ' ' || state || ': ' || query FROM pg_catalog.pg_stat_activity
	WHERE datname = pg_catalog.current_database() AND application_name LIKE 'pleat %' AND backend_type = 'client backend'
UNION ALL SELECT 'prepared transaction ' || gid FROM pg_catalog.pg_prepared_xacts WHERE database = pg_catalog.current_database()`

// judge compares the database with what an undisturbed run leaves, and has pleat check its own history.
func (t *trial) judge() {
	url := t.lab.server.url(t.database)
	got, err := state(t.ctx, url)
	if err != nil {
		t.wrong("read the state: %v", err)
		return
	}
	for _, d := range differences(t.prepared.want, got) {
		t.wrong("state: %s", d)
	}
	t.none(url, fmt.Sprintf(twice, t.prepared.applied))
	for limit := time.Now().Add(5 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		rows, err := rowsOf(t.ctx, url, remains)
		if err == nil && len(rows) == 0 {
			break
		}
		if time.Now().After(limit) {
			t.wrong("left behind: %s %v", strings.Join(rows, "; "), err)
			break
		}
	}
	if t.prepared.lies {
		t.none(url, "SELECT 'the lease of run ' || run || ' was not given up' FROM pleat.lock WHERE released_at IS NULL")
	}
	for _, command := range []string{"verify", "drift"} {
		t.succeed(url, command)
	}
}

// none wants a query to find nothing.
func (t *trial) none(url, sql string) {
	rows, err := rowsOf(t.ctx, url, sql)
	if err != nil {
		t.wrong("look: %v", err)
	}
	for _, row := range rows {
		t.wrong("%s", row)
	}
}
