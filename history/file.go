package history

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/pleatdb/pleat/schema/sqltext"
)

// FileMasked is that a kept text has ******** in the places of passwords, so that its checksum is not that of the file; detail.digest
// is the SHA-256 of what is kept.
const FileMasked Kind = "file_masked"

// SaveFile keeps the text of a file under its checksum, that of e; a text that is kept already is not written twice. Passwords in it
// are not kept: who reads the log is not who may read the file. e says which run and which migration; it is recorded as
// [FileMasked] where something was masked.
func (l *Log) SaveFile(ctx context.Context, tx pgx.Tx, e Event, name string, text []byte) error {
	tx = l.within(tx)
	kept := []byte(sqltext.MaskSecrets(string(text)))
	masked := string(kept) != string(text)
	tag, err := tx.Exec(ctx, `INSERT INTO pleat.file (checksum, name, content) VALUES ($1, $2, $3)
		ON CONFLICT (checksum) DO NOTHING`, exec, e.Checksum, name, kept)
	if err != nil {
		return fmt.Errorf("keep the text of %s: %w", name, err)
	}
	if !masked || tag.RowsAffected() == 0 {
		return nil
	}
	e.Kind, e.Detail = FileMasked, map[string]any{"digest": textDigest(kept)}
	_, err = l.Append(ctx, tx, e)
	return err
}

func textDigest(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// File reads the text that was kept under a checksum, and its name at that time. ok is false when there is none.
func (l *Log) File(ctx context.Context, checksum string) (name string, text []byte, ok bool, err error) {
	if exists, err := l.Exists(ctx); err != nil || !exists {
		return "", nil, false, err
	}
	err = l.conn.QueryRow(ctx, "SELECT name, content FROM pleat.file WHERE checksum = $1", exec, checksum).Scan(&name, &text)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", nil, false, nil
	}
	if err != nil {
		return "", nil, false, fmt.Errorf("read kept file: %w", err)
	}
	return name, text, true, nil
}
