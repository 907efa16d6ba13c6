package history

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/pleatdb/pleat/history/migration"
)

// FilesBeside reads the kept files that were planned beside a pending contract, by checksum: what those scopes
// were decides which scope is right for whatever goes in or out next.
func (l *Log) FilesBeside(ctx context.Context) (map[string]*migration.Migration, error) {
	if exists, err := l.Exists(ctx); err != nil || !exists {
		return nil, err
	}
	rows, err := l.conn.Query(ctx, `SELECT checksum, name, content FROM pleat.file
		WHERE pg_catalog.position(content, pg_catalog.convert_to('beside', 'UTF8')) > 0`, exec)
	if err != nil {
		return nil, fmt.Errorf("read kept files: %w", err)
	}
	out := map[string]*migration.Migration{}
	var checksum, name string
	var text []byte
	_, err = pgx.ForEachRow(rows, []any{&checksum, &name, &text}, func() error {
		m, err := migration.Parse(name, text)
		if err == nil && len(m.Beside) > 0 {
			out[checksum] = m
		}
		return nil // a file that holds the word otherwise and cannot be read does not matter here
	})
	if err != nil {
		return nil, fmt.Errorf("read kept files: %w", err)
	}
	return out, nil
}
