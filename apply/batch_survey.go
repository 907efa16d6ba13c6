package apply

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"github.com/pleatdb/pleat/history"
	"github.com/pleatdb/pleat/schema"
)

// survey finds the parts and their keys. Names are read under an empty search_path, so that they come out qualified.
func (b *batches) survey(ctx context.Context) error {
	root, err := b.rootOf(ctx, b.stmt.Target)
	if err != nil {
		return err
	}
	var path string
	if err := b.conn.QueryRow(ctx, "SELECT pg_catalog.current_setting('search_path')", query).Scan(&path); err != nil {
		return fmt.Errorf("read search_path: %w", err)
	}
	if err := b.set(ctx, true, setting{"search_path", ""}); err != nil {
		return err
	}
	all, err := b.members(ctx, root, b.stmt.Only)
	if err != nil {
		return err
	}
	parts, moving, err := withRows(all)
	if err != nil {
		return err
	}
	for _, p := range parts {
		if err := b.chooseKey(ctx, p, b.w.step.Batch.Key); err != nil {
			return err
		}
	}
	if err := movesRows(b.stmt, parts, moving); err != nil {
		return err
	}
	b.root, b.parts = root, parts
	if err := b.set(ctx, true, setting{"search_path", path}); err != nil {
		return err
	}
	return b.remember(ctx)
}

// printed are the settings under which a key's text reads back to the same value.
var printed = []setting{{"datestyle", "ISO, YMD"}, {"intervalstyle", "iso_8601"}, {"extra_float_digits", "1"}, {"bytea_output", "hex"}}

// remember reads how the step itself wants such values printed.
func (b *batches) remember(ctx context.Context) error {
	b.prints = nil
	for _, p := range printed {
		var value string
		if err := b.conn.QueryRow(ctx, "SELECT pg_catalog.current_setting($1)", query, p.name).Scan(&value); err != nil {
			return fmt.Errorf("read settings: %w", err)
		}
		b.prints = append(b.prints, setting{p.name, value})
	}
	return nil
}

// key reads one key as text.
func (b *batches) key(ctx context.Context, sql string, args ...any) ([]string, error) {
	if err := b.set(ctx, true, printed...); err != nil {
		return nil, err
	}
	var key []string
	err := b.conn.QueryRow(ctx, sql, append([]any{query}, args...)...).Scan(&key)
	if errors.Is(err, pgx.ErrNoRows) {
		err = nil
	}
	if err != nil {
		return nil, err
	}
	for _, v := range key {
		if !utf8.ValidString(v) {
			return nil, &Refused{Code: "batch", Reason: "a value of the key is not valid in the database's own encoding", Next: "name another key: -- pleat: batch table=… key=…"}
		}
	}
	return key, b.set(ctx, true, b.prints...)
}

// bounds fixes how far the step goes.
func (b *batches) bounds(ctx context.Context) error {
	b.state = &history.Backfill{Version: b.w.m.Version, Step: b.w.number(), Checksum: b.w.checksum, Relation: b.w.step.Batch.Table}
	for i, p := range b.parts {
		stored := history.BackfillPart{OID: p.oid, Relation: p.sql(), Key: p.columns()}
		var err error
		if stored.Rows, err = b.rowsOf(ctx, p); err != nil {
			return err
		}
		if len(p.key) > 0 {
			last, err := b.key(ctx, p.highest())
			if err != nil {
				return fmt.Errorf("read the highest key of %s: %w", p.sql(), err)
			}
			stored.Last = last
		}
		if i == 0 {
			b.state.Key = stored.Key
		}
		b.state.Parts = append(b.state.Parts, stored)
	}
	if len(b.state.Key) == 0 {
		b.state.Key = []string{"ctid"}
	}
	b.state.Position = b.opening(0, b.state.Position)
	return nil
}

// opening is the position at the beginning of a part.
func (b *batches) opening(i int, before history.BackfillPosition) history.BackfillPosition {
	at := history.BackfillPosition{Part: i, Seen: before.Seen, Size: before.Size}
	if i < len(b.parts) && b.parts[i] != nil && len(b.parts[i].key) == 0 {
		at.Pages, at.Storage = b.parts[i].pages, b.parts[i].storage
	}
	return at
}

// warn says what a person should know before the rows change.
func (b *batches) warn(ctx context.Context) error {
	triggers, err := b.firing(ctx)
	if err != nil {
		return err
	}
	if len(triggers) > 0 {
		b.say(Warned{fmt.Sprintf("for each row that step %d changes in %s these triggers fire: %s; a trigger that is to leave them alone can ask whether "+
			"current_setting('pleat.nosync', true) is on", b.w.number(), b.state.Relation, schema.QuoteAll(triggers))})
	}
	for _, p := range b.parts {
		if p != nil && len(p.key) == 0 && !b.stmt.Settles {
			b.say(Warned{fmt.Sprintf("%s has no key, and the statement does not leave out the rows that are done: rows that others write meanwhile may be "+
				"missed or done twice; a primary key, or WHERE column IS DISTINCT FROM its new value, prevents it", p.sql())})
		}
	}
	return nil
}

func (b *batches) say(e Event) { b.session.opts.observe(e) }

// resume finds where an earlier run stopped; the state stays nil where it left none.
func (b *batches) resume(ctx context.Context) error {
	all, err := b.log.Backfills(ctx, b.w.m.Version)
	if err != nil {
		return err
	}
	for i := range all {
		if all[i].Step == b.w.number() && !all[i].Complete() {
			b.state = &all[i]
		}
	}
	if b.state == nil {
		return nil
	}
	tx, err := b.conn.Begin(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }()
	if err := b.set(ctx, true, b.settings(b.w, 30*time.Second)...); err != nil {
		return err
	}
	if err := b.again(ctx); err != nil {
		return err
	}
	b.stale = true
	b.size = newSizer(b.opts, b.w.step.Batch.Size)
	if b.state.Position.Size > 0 {
		b.size.rows = b.state.Position.Size
	}
	return nil
}

// again finds the parts that the step began with.
func (b *batches) again(ctx context.Context) error {
	root, err := b.rootOf(ctx, b.stmt.Target)
	if err != nil {
		return err
	}
	b.root = root
	if err := b.remember(ctx); err != nil {
		return err
	}
	if err := b.set(ctx, true, setting{"search_path", ""}); err != nil {
		return err
	}
	all, err := b.members(ctx, root, b.stmt.Only)
	if err != nil {
		return err
	}
	b.parts = make([]*part, len(b.state.Parts))
	for i, stored := range b.state.Parts {
		p := locate(all, stored)
		if p == nil {
			b.say(Warned{stored.Relation + " is no part of " + b.state.Relation + " any more, so its rows are left as they are"})
			continue
		}
		if len(stored.Key) > 0 {
			if err := b.chooseKey(ctx, p, stored.Key); err != nil {
				return err
			}
		}
		b.parts[i] = p
	}
	return nil
}

// firing lists the triggers that fire for each row that the statement changes, beside those that keep two shapes in step.
func (b *batches) firing(ctx context.Context) (names []string, err error) {
	event := 16 // TRIGGER_TYPE_UPDATE (pg_trigger.h); rows: 1; DELETE: 8
	if b.stmt.Delete {
		event = 8
	}
	var oids []uint32
	for _, p := range b.parts {
		if p != nil {
			oids = append(oids, p.oid)
		}
	}
	err = b.conn.QueryRow(ctx, `SELECT coalesce(pg_catalog.array_agg(DISTINCT t.tgname::text ORDER BY t.tgname::text), '{}')
		FROM pg_catalog.pg_trigger t WHERE t.tgrelid = ANY ($1) AND NOT t.tgisinternal AND t.tgenabled IN ('O', 'A') AND t.tgtype & 1 = 1 AND t.tgtype & $2 <> 0
		AND t.tgname NOT LIKE 'zzz\_pleat\_sync%' AND (t.tgattr = '' OR EXISTS (SELECT 1 FROM pg_catalog.pg_attribute a
			WHERE a.attrelid = t.tgrelid AND a.attnum = ANY (t.tgattr) AND a.attname = ANY ($3)))`, query, oids, event, append([]string{}, b.stmt.Sets...)).Scan(&names)
	if err != nil {
		return nil, fmt.Errorf("look for triggers: %w", err)
	}
	return names, nil
}

// newcomers tells of parts that were not there when the step began. Rows that were written into one went past the trigger; rows that
// were in a table which was attached did not.
func (b *batches) newcomers(ctx context.Context) error {
	if err := b.set(ctx, true, setting{"search_path", ""}); err != nil {
		return err
	}
	all, err := b.members(ctx, b.root, b.stmt.Only)
	if err != nil {
		return err
	}
	for _, p := range all {
		known := slices.ContainsFunc(b.state.Parts, func(stored history.BackfillPart) bool { return stored.OID == p.oid })
		if !known && p.kind == "r" && p.pages > 0 {
			b.say(Warned{p.sql() + " became a part of " + b.state.Relation + " after step " + fmt.Sprint(b.w.number()) +
				" began, so its rows are as they came: where they were in it before, they are not done"})
		}
	}
	return nil
}
