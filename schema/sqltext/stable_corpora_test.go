package sqltext_test

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/pleatdb/pleat/schema/sqltext"
)

// printedKind is one kind of catalog text: how to list it and how to make the object again.
type printedKind struct {
	name string
	// list returns for each object its text, statements that make room, the statement that
	// makes it again with the text in place of %s, and a query that prints it.
	list string
}

var printedKinds = []printedKind{
	{"check", `SELECT pg_get_constraintdef(oid), format('ALTER TABLE %s DROP CONSTRAINT %I CASCADE', conrelid::regclass, conname),
		format('ALTER TABLE %s ADD CONSTRAINT %I ', conrelid::regclass, conname) || '%s',
		format('SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = %s AND conname = %L', conrelid, conname)
		FROM pg_constraint WHERE contype IN ('c', 'x') AND conrelid <> 0 AND coninhcount = 0 AND connamespace <> 'information_schema'::regnamespace`},
	{"domain", `SELECT pg_get_constraintdef(oid), format('ALTER DOMAIN %s DROP CONSTRAINT %I', contypid::regtype, conname),
		format('ALTER DOMAIN %s ADD CONSTRAINT %I ', contypid::regtype, conname) || '%s',
		format('SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE contypid = %s AND conname = %L', contypid, conname)
		FROM pg_constraint WHERE contype = 'c' AND contypid <> 0 AND connamespace <> 'information_schema'::regnamespace`},
	{"index", `SELECT pg_get_indexdef(i.indexrelid), format('ALTER INDEX %s RENAME TO pleat_old', i.indexrelid::regclass), '%s',
		format('SELECT pg_get_indexdef(%L::regclass)', i.indexrelid::regclass)
		FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
		WHERE c.relnamespace::regnamespace::text !~ '^pg_|information_schema' AND (i.indexprs IS NOT NULL OR i.indpred IS NOT NULL)
		AND NOT c.relispartition AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = i.indexrelid)`},
	{"default", `SELECT pg_get_expr(d.adbin, d.adrelid), 'SELECT 1',
		format('ALTER TABLE %s ALTER COLUMN %I SET DEFAULT ', d.adrelid::regclass, a.attname) || '%s',
		format('SELECT pg_get_expr(adbin, adrelid) FROM pg_attrdef WHERE adrelid = %s AND adnum = %s', d.adrelid, d.adnum)
		FROM pg_attrdef d JOIN pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
		JOIN pg_class c ON c.oid = d.adrelid WHERE a.attgenerated = '' AND c.relkind IN ('r', 'p')`},
	{"view", `SELECT pg_get_viewdef(c.oid), format('ALTER TABLE %s RENAME TO pleat_old', c.oid::regclass),
		format('CREATE %sVIEW %s AS ', CASE relkind WHEN 'm' THEN 'MATERIALIZED ' ELSE '' END, c.oid::regclass) || '%s' || CASE relkind WHEN 'm' THEN ' WITH NO DATA' ELSE '' END,
		format('SELECT pg_get_viewdef(%L::regclass)', c.oid::regclass)
		FROM pg_class c WHERE relkind IN ('v', 'm') AND relnamespace::regnamespace::text !~ '^pg_|information_schema'`},
	{"rule", `SELECT pg_get_ruledef(oid), format('ALTER RULE %I ON %s RENAME TO pleat_old', rulename, ev_class::regclass), '%s',
		format('SELECT pg_get_ruledef(oid) FROM pg_rewrite WHERE ev_class = %s AND rulename = %L', ev_class, rulename)
		FROM pg_rewrite WHERE rulename <> '_RETURN' AND oid >= 16384`},
	{"trigger", `SELECT pg_get_triggerdef(oid), format('ALTER TRIGGER %I ON %s RENAME TO pleat_old', tgname, tgrelid::regclass), '%s',
		format('SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgrelid = %s AND tgname = %L', tgrelid, tgname)
		FROM pg_trigger WHERE tgqual IS NOT NULL AND NOT tgisinternal AND tgparentid = 0`},
	{"policy", `SELECT pg_get_expr(polqual, polrelid), format('ALTER POLICY %I ON %s RENAME TO pleat_old', polname, polrelid::regclass),
		format('CREATE POLICY %I ON %s USING (', polname, polrelid::regclass) || '%s)',
		format('SELECT pg_get_expr(polqual, polrelid) FROM pg_policy WHERE polrelid = %s AND polname = %L', polrelid, polname)
		FROM pg_policy WHERE polqual IS NOT NULL`},
}

// TestStableCorpora makes every text of real schemas again from its stable form and wants it
// printed as before.
func TestStableCorpora(t *testing.T) {
	if testing.Short() {
		t.Skip("loads real schemas")
	}
	var total, before, after int
	for _, file := range append(scripts(t, "schemas/*/schema.sql"), scripts(t, "pairs/*/*/new.sql")...) {
		conn := connect(t)
		for _, script := range []string{"roles.sql", "setup.sql", filepath.Base(file)} {
			attempt(t, conn, filepath.Join(filepath.Dir(file), script))
		}
		if err := simple(conn, "SET search_path = ''; SET check_function_bodies = off"); err != nil {
			t.Fatal(err)
		}
		for _, kind := range printedKinds {
			n, b, a := kind.check(t, conn, file)
			total, before, after = total+n, before+b, after+a
		}
		conn.Close(context.Background())
	}
	t.Logf("%d texts, not stable as printed: %d, after Stable: %d", total, before, after)
}

// check compares all objects of one kind: how many there are, how many the printed text
// changes, and how many the stable text changes.
func (k printedKind) check(t *testing.T, conn *pgx.Conn, file string) (total, before, after int) {
	t.Helper()
	rows, err := conn.Query(context.Background(), k.list)
	if err != nil {
		t.Fatalf("%s: %s: %v", file, k.name, err)
	}
	objects, err := pgx.CollectRows(rows, pgx.RowToStructByPos[printedObject])
	if err != nil {
		t.Fatalf("%s: %s: %v", file, k.name, err)
	}
	for _, o := range objects {
		o.Text = strings.TrimSuffix(o.Text, ";")
		stable := sqltext.Stable(o.Text)
		if again := sqltext.Stable(stable); again != stable {
			t.Errorf("%s: not idempotent:\n%s\n%s", file, stable, again)
		}
		total++
		printed, err := o.again(conn, o.Text)
		if err == nil && printed == o.Text && stable == o.Text {
			continue
		}
		if printed != o.Text {
			before++
		}
		kept, stableErr := o.again(conn, stable)
		switch {
		case stableErr != nil && err != nil:
			t.Logf("%s: %s cannot be made again: %v", file, k.name, err)
		case stableErr != nil:
			after++
			t.Errorf("%s: %s: %v\n%s", file, k.name, stableErr, stable)
		case kept != o.Text:
			after++
			t.Errorf("%s: %s printed as\n%s\nthen as\n%s\nfrom\n%s", file, k.name, o.Text, kept, stable)
		case printed == o.Text && strings.Count(stable, `"?column?"`) == strings.Count(o.Text, `"?column?"`):
			t.Logf("%s: %s: needless change:\n%s\n%s", file, k.name, o.Text, stable)
		}
	}
	return total, before, after
}

type printedObject struct{ Text, Remove, Create, Print string }

// again makes the object from text inside a transaction that is rolled back.
func (o printedObject) again(conn *pgx.Conn, text string) (printed string, err error) {
	ctx := context.Background()
	tx, err := conn.Begin(ctx)
	if err != nil {
		return "", err
	}
	defer tx.Rollback(ctx)
	if err := simple(conn, o.Remove); err != nil {
		return "", fmt.Errorf("make room: %w", err)
	}
	if err := simple(conn, strings.Replace(o.Create, "%s", text, 1)); err != nil {
		return "", err
	}
	if err := conn.QueryRow(ctx, o.Print, pgx.QueryExecModeSimpleProtocol).Scan(&printed); err != nil {
		return "", err
	}
	return strings.TrimSuffix(printed, ";"), nil
}
