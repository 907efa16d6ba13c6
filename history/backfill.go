package history

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// Backfill is what pleat.backfill holds about one step that runs in batches.
type Backfill struct {
	Version  string
	Step     int
	Checksum string // of the file that began it
	Relation string // as the file names it
	Key      []string
	// Parts are the tables with rows that are gone through, one after the other, with their bounds; fixed when the step begins.
	Parts    []BackfillPart
	Position BackfillPosition
	// Rows and Batches count what was changed and committed so far.
	Rows, Batches int64
	StartedAt     time.Time
	// DoneAt is nil, and Proof too, until every part was gone through up to its bound.
	DoneAt *time.Time
	Proof  map[string]any
}

// Complete reports whether the step went through all of its rows.
func (b *Backfill) Complete() bool { return b.DoneAt != nil && b.Proof != nil }

// BackfillPart is one table with rows.
type BackfillPart struct {
	OID uint32 `json:"oid"`
	// Relation is its name, for people; Schema and Name are what it is made of.
	Relation string `json:"relation"`
	// Key are the columns to go by; none means by pages.
	Key []string `json:"key,omitempty"`
	// Last is the highest key when the step began, as text; none for an empty table.
	Last []string `json:"last,omitempty"`
	// Rows is an estimate.
	Rows int64 `json:"rows"`
}

// BackfillPosition is how far the step got: everything before it is committed.
type BackfillPosition struct {
	Part int `json:"part"` // index of the part at work
	// Key is that of the last row gone through, as text; none at the beginning of a part.
	Key []string `json:"key,omitempty"`
	// Page is the first page that is still to come in a part without a key, Pages the bound of this pass, Storage the table's
	// file, which a rewrite changes, and Pass counts how often the pages were gone through before.
	Page    int64  `json:"page,omitempty"`
	Pages   int64  `json:"pages,omitempty"`
	Storage uint32 `json:"storage,omitempty"`
	Pass    int    `json:"pass,omitempty"`
	Changed int64  `json:"changed,omitempty"` // rows changed in this pass
	// Seen is how many rows were gone through, changed or not, and Size that of the next batch.
	Seen int64 `json:"seen"`
	Size int   `json:"size,omitempty"`
}

// StartBackfill writes a step's bounds in the caller's transaction, in the place of what an earlier life of the migration left.
func (l *Log) StartBackfill(ctx context.Context, tx pgx.Tx, b *Backfill) error {
	tx = l.within(tx)
	position, parts, err := b.encoded()
	if err != nil {
		return fmt.Errorf("begin backfill: %w", err)
	}
	if err := l.needMoved(ctx, tx, b); err != nil {
		return fmt.Errorf("begin backfill: %w", err)
	}
	_, err = tx.Exec(ctx, `INSERT INTO pleat.backfill (version, step, checksum, relation, key, position, last)
		VALUES ($1, $2, $3, $4, $5, $6::text::jsonb, $7::text::jsonb)
		ON CONFLICT (version, step) DO UPDATE SET checksum = excluded.checksum, relation = excluded.relation, key = excluded.key,
			position = excluded.position, last = excluded.last, rows = 0, batches = 0, started_at = excluded.started_at,
			updated_at = excluded.updated_at, done_at = NULL, proof = NULL`,
		exec, b.Version, b.Step, b.Checksum, b.Relation, b.Key, position, parts)
	if err != nil {
		return fmt.Errorf("begin backfill: %w", err)
	}
	return nil
}

// AdvanceBackfill writes down one batch in the transaction of the batch: where it ended, and how many rows it changed.
func (l *Log) AdvanceBackfill(ctx context.Context, tx pgx.Tx, b *Backfill, to BackfillPosition, rows int64) error {
	tx = l.within(tx)
	position, err := json.Marshal(to)
	if err != nil {
		return fmt.Errorf("write down a batch: %w", err)
	}
	tag, err := tx.Exec(ctx, `UPDATE pleat.backfill SET position = $3::text::jsonb, rows = rows + $4, batches = batches + 1,
			updated_at = pg_catalog.clock_timestamp()
		WHERE version = $1 AND step = $2 AND done_at IS NULL`, exec, b.Version, b.Step, string(position), rows)
	if err != nil {
		return fmt.Errorf("write down a batch: %w", err)
	}
	if tag.RowsAffected() != 1 {
		return errors.New("write down a batch: its row in pleat.backfill is gone, or says that the step is complete")
	}
	return nil
}

// FinishBackfill writes down that every part was gone through, and the proof.
func (l *Log) FinishBackfill(ctx context.Context, tx pgx.Tx, version string, step int, proof map[string]any) error {
	tx = l.within(tx)
	text, err := canonicalJSON(proof)
	if err != nil {
		return fmt.Errorf("end backfill: %w", err)
	}
	tag, err := tx.Exec(ctx, `UPDATE pleat.backfill SET done_at = pg_catalog.clock_timestamp(), updated_at = pg_catalog.clock_timestamp(),
		proof = $3::text::jsonb WHERE version = $1 AND step = $2`, exec, version, step, text)
	if err != nil {
		return fmt.Errorf("end backfill: %w", err)
	}
	if tag.RowsAffected() != 1 {
		return errors.New("end backfill: its row in pleat.backfill is gone")
	}
	return l.forgetMoved(ctx, tx, version, step)
}

// ForgetBackfills removes what is known of the batches of a migration that was undone. A role that may only write, not delete, takes
// back the proof.
func (l *Log) ForgetBackfills(ctx context.Context, tx pgx.Tx, version string) error {
	tx = l.within(tx)
	var may bool
	if err := tx.QueryRow(ctx, "SELECT pg_catalog.has_table_privilege('pleat.backfill', 'DELETE')", exec).Scan(&may); err != nil {
		return fmt.Errorf("forget backfills of %s: %w", version, err)
	}
	forget := "UPDATE pleat.backfill SET done_at = NULL, proof = NULL WHERE version = $1"
	if may {
		forget = "DELETE FROM pleat.backfill WHERE version = $1"
	}
	if _, err := tx.Exec(ctx, forget, exec, version); err != nil {
		return fmt.Errorf("forget backfills of %s: %w", version, err)
	}
	return l.forgetMoved(ctx, tx, version, 0)
}

// Backfills reads what is known of the steps in batches of a migration, in the order of the steps.
func (l *Log) Backfills(ctx context.Context, version string) ([]Backfill, error) {
	if exists, err := l.Exists(ctx); err != nil || !exists {
		return nil, err
	}
	rows, err := l.conn.Query(ctx, `SELECT version, step, checksum, relation, key, coalesce(position::text, '{}'), coalesce(last::text, '[]'),
			rows, batches, started_at, done_at, coalesce(proof::text, '')
		FROM pleat.backfill WHERE version = $1 ORDER BY step`, exec, version)
	if err != nil {
		return nil, fmt.Errorf("read backfills: %w", err)
	}
	out, err := pgx.CollectRows(rows, scanBackfill)
	if err != nil {
		return nil, fmt.Errorf("read backfills: %w", err)
	}
	return out, nil
}

func scanBackfill(row pgx.CollectableRow) (b Backfill, err error) {
	var position, parts, proof string
	err = row.Scan(&b.Version, &b.Step, &b.Checksum, &b.Relation, &b.Key, &position, &parts, &b.Rows, &b.Batches, &b.StartedAt, &b.DoneAt, &proof)
	if err != nil {
		return b, err
	}
	if proof != "" {
		if b.Proof, err = decodeDetail(proof); err != nil {
			return b, err
		}
	}
	return b, errors.Join(json.Unmarshal([]byte(position), &b.Position), json.Unmarshal([]byte(parts), &b.Parts))
}

func (b *Backfill) encoded() (position, parts string, err error) {
	p, err := json.Marshal(b.Position)
	if err != nil {
		return "", "", err
	}
	l, err := json.Marshal(b.Parts)
	return string(p), string(l), err
}
