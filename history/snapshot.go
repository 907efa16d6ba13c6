package history

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/pleatdb/pleat/schema"
)

// SaveSnapshot keeps a catalog and returns its fingerprint, which belongs into the Snapshot field of an event of the same
// transaction. A catalog that is kept already is not written twice.
func (l *Log) SaveSnapshot(ctx context.Context, tx pgx.Tx, catalog *schema.Catalog) (string, error) {
	tx = l.within(tx)
	text, err := catalog.MarshalJSON()
	if err != nil {
		return "", fmt.Errorf("save snapshot: %w", err)
	}
	fingerprint := catalog.Fingerprint()
	_, err = tx.Exec(ctx, `INSERT INTO pleat.snapshot (fingerprint, catalog) VALUES ($1, $2::text::json)
		ON CONFLICT (fingerprint) DO NOTHING`, exec, fingerprint, string(text))
	if err != nil {
		return "", fmt.Errorf("save snapshot: %w", err)
	}
	return fingerprint, nil
}

// LatestSnapshot is the catalog that the newest row with a snapshot names, and that row; nil when there is none, and
// when the import that took it was undone.
func (l *Log) LatestSnapshot(ctx context.Context) (*schema.Catalog, *Entry, error) {
	entries, err := l.Entries(ctx, 0)
	if err != nil {
		return nil, nil, err
	}
	for i := len(entries) - 1; i >= 0 && entries[i].Kind != ImportUndone; i-- {
		if entries[i].Snapshot != "" {
			catalog, err := l.Snapshot(ctx, entries[i].Snapshot)
			return catalog, &entries[i], err
		}
	}
	return nil, nil, nil
}

// Baseline records that everything up to a version counts as present, with the catalog as it is. e gives the run
// and who asks for it.
func (l *Log) Baseline(ctx context.Context, tx pgx.Tx, e Event, version string, catalog *schema.Catalog) (Entry, error) {
	tx = l.within(tx)
	fingerprint, err := l.SaveSnapshot(ctx, tx, catalog)
	if err != nil {
		return Entry{}, err
	}
	e.Kind, e.Version, e.Snapshot = Baseline, version, fingerprint
	return l.Append(ctx, tx, e)
}
