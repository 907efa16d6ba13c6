package rehearse

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/pleatdb/pleat/history"
	"github.com/pleatdb/pleat/inspect/shadow/rows"
	"github.com/pleatdb/pleat/schema"
)

// copyHistory gives the copy the history as it is on the target, so that the same files are pending. Where there is none, the applier
// makes it.
func copyHistory(ctx context.Context, target, conn *pgx.Conn) error {
	exists, err := history.Open(target).Exists(ctx)
	if err != nil || !exists {
		return err
	}
	err = pgx.BeginTxFunc(ctx, target, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(from pgx.Tx) error {
		return pgx.BeginFunc(ctx, conn, func(to pgx.Tx) error { return moveHistory(ctx, from, to) })
	})
	if err != nil {
		return fmt.Errorf("copy the history: %w", err)
	}
	return nil
}

func moveHistory(ctx context.Context, from, to pgx.Tx) error {
	for _, tx := range []pgx.Tx{from, to} {
		for _, sql := range []string{"SET LOCAL DateStyle = ISO, YMD", "SET LOCAL TimeZone = UTC", "SET LOCAL bytea_output = hex"} {
			if _, err := tx.Exec(ctx, sql); err != nil {
				return err
			}
		}
	}
	if err := history.Open(to.Conn()).Create(ctx, to, history.Event{Run: "copy"}); err != nil {
		return err
	}
	theirs, err := historyTables(ctx, from)
	if err != nil {
		return err
	}
	ours, err := historyTables(ctx, to)
	if err != nil {
		return err
	}
	for name, columns := range ours {
		table := schema.Qualified("pleat", name)
		// The copy's log begins as the target's does. Its trigger refuses changes, which is its duty where a log is real.
		for _, sql := range []string{"ALTER TABLE " + table + " DISABLE TRIGGER USER", "DELETE FROM " + table} {
			if _, err := to.Exec(ctx, sql); err != nil {
				return err
			}
		}
		both := slices.DeleteFunc(slices.Clone(columns), func(c string) bool { return !slices.Contains(theirs[name], c) })
		if len(both) == 0 {
			continue
		}
		list := schema.QuoteAll(both)
		_, err := rows.Pipe(ctx, from.Conn(), to.Conn(), "COPY (SELECT "+list+" FROM "+table+") TO STDOUT", "COPY "+table+" ("+list+") FROM STDIN")
		if err != nil {
			return fmt.Errorf("table %s: %w", table, err)
		}
	}
	for _, name := range []string{"log", "file"} {
		if _, err := to.Exec(ctx, "ALTER TABLE "+schema.Qualified("pleat", name)+" ENABLE ALWAYS TRIGGER append_only"); err != nil {
			return err
		}
	}
	return nil
}

// historyTables lists the tables of the history with their columns.
func historyTables(ctx context.Context, tx pgx.Tx) (map[string][]string, error) {
	found, err := tx.Query(ctx, `SELECT c.relname::text, a.attname::text FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
		JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
		WHERE n.nspname = 'pleat' AND c.relkind = 'r' ORDER BY c.relname, a.attnum`, pgx.QueryExecModeExec)
	if err != nil {
		return nil, err
	}
	out := map[string][]string{}
	var table, column string
	_, err = pgx.ForEachRow(found, []any{&table, &column}, func() error {
		out[table] = append(out[table], column)
		return nil
	})
	return out, err
}
