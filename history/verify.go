package history

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/pleatdb/pleat/history/migration"
	"github.com/pleatdb/pleat/schema"
)

// ChainError names the first row of the log that is not as it was written.
type ChainError struct {
	ID     int64 // of the row; 0 when the table as a whole is meant
	Kind   Kind
	Reason string
}

// Error is one line.
func (e *ChainError) Error() string {
	if e.ID == 0 {
		return "the history was tampered with: " + e.Reason
	}
	return fmt.Sprintf("the history was tampered with: row %d of pleat.log (%s): %s", e.ID, e.Kind, e.Reason)
}

// VerifyEntries walks the chain of a complete log. The error is a *ChainError.
func VerifyEntries(entries []Entry) error {
	previous := genesis
	for i := range entries {
		e := &entries[i]
		want, err := e.digest()
		switch {
		case err != nil:
			return &ChainError{e.ID, e.Kind, err.Error()}
		case e.ID != int64(i+1):
			return &ChainError{e.ID, e.Kind, fmt.Sprintf("row %d is missing before it", i+1)}
		case e.Digest != want:
			return &ChainError{e.ID, e.Kind, "its digest does not match its columns"}
		case e.Previous != previous:
			return &ChainError{e.ID, e.Kind, "it does not follow the row before it"}
		}
		previous = e.Digest
	}
	return nil
}

// Verified reads the whole log and checks its chain and the trigger that guards it: what every run does first. The error is a
// *ChainError when the log is not as it was written. A history that does not exist is in order.
func (l *Log) Verified(ctx context.Context) ([]Entry, error) {
	entries, err := l.Entries(ctx, 0)
	if err != nil {
		return nil, err
	}
	if err := VerifyEntries(entries); err != nil {
		return nil, err
	}
	exists, err := l.Exists(ctx)
	if err != nil || !exists {
		return nil, err
	}
	return entries, l.verifyGuard(ctx)
}

// Verify checks what Verified checks, and the checksums of all kept files, and that no kept file is without a row.
func (l *Log) Verify(ctx context.Context) error {
	entries, err := l.Verified(ctx)
	if err != nil {
		return err
	}
	if exists, err := l.Exists(ctx); err != nil || !exists {
		return err
	}
	if len(entries) == 0 {
		return &ChainError{Reason: "the log is empty"}
	}
	known, masked := map[string]int64{}, map[string]string{}
	for _, e := range entries {
		known[e.Checksum] = e.ID
		if e.Kind == FileMasked {
			masked[e.Checksum], _ = e.Detail["digest"].(string)
		}
	}
	return l.verifyFiles(ctx, known, masked)
}

// verifyGuard checks that the triggers against change are there and fire always.
func (l *Log) verifyGuard(ctx context.Context) error {
	var guarded int
	err := l.conn.QueryRow(ctx, `
		SELECT count(*) FROM pg_catalog.pg_trigger t
			JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
		WHERE n.nspname = 'pleat' AND c.relname IN ('log', 'file') AND t.tgname = 'append_only' AND t.tgenabled = 'A'`,
		exec).Scan(&guarded)
	if err != nil {
		return fmt.Errorf("verify history: %w", err)
	}
	if guarded != 2 {
		return &ChainError{Reason: "the trigger that makes it append-only is off or gone"}
	}
	return nil
}

// verifyFiles checks the kept texts. masked are the digests of those that are not kept as they were.
func (l *Log) verifyFiles(ctx context.Context, known map[string]int64, masked map[string]string) error {
	rows, err := l.conn.Query(ctx, "SELECT checksum, name, content FROM pleat.file ORDER BY checksum", exec)
	if err != nil {
		return fmt.Errorf("verify history: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var checksum, name string
		var content []byte
		if err := rows.Scan(&checksum, &name, &content); err != nil {
			return fmt.Errorf("verify history: %w", err)
		}
		switch {
		case migration.Checksum(content) != checksum && masked[checksum] != textDigest(content):
			return &ChainError{Reason: "the kept text of " + name + " does not match its checksum"}
		case known[checksum] == 0:
			return &ChainError{Reason: "no row names the kept file " + name + ": rows were removed from the end of the log"}
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("verify history: %w", err)
	}
	return nil
}

// VerifySnapshots checks that every kept catalog has the fingerprint it is kept under and that a row names it. It reads
// all of them, one at a time.
func (l *Log) VerifySnapshots(ctx context.Context) error {
	exists, err := l.Exists(ctx)
	if err != nil || !exists {
		return err
	}
	rows, err := l.conn.Query(ctx, `
		SELECT s.fingerprint, EXISTS (SELECT 1 FROM pleat.log l WHERE l.snapshot = s.fingerprint)
		FROM pleat.snapshot s ORDER BY s.at`, exec)
	if err != nil {
		return fmt.Errorf("verify snapshots: %w", err)
	}
	type snapshot struct {
		fingerprint string
		named       bool
	}
	all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (s snapshot, err error) {
		return s, row.Scan(&s.fingerprint, &s.named)
	})
	if err != nil {
		return fmt.Errorf("verify snapshots: %w", err)
	}
	for _, s := range all {
		if !s.named {
			return &ChainError{Reason: "no row names snapshot " + s.fingerprint + ": rows were removed from the end of the log"}
		}
		_, err := l.Snapshot(ctx, s.fingerprint)
		var unreadable *unreadableError
		if errors.As(err, &unreadable) {
			return &ChainError{Reason: "snapshot " + s.fingerprint + " cannot be read: " + unreadable.Error()}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// errNoSnapshot is wrapped by errors about a snapshot that a row names and that is not kept.
var errNoSnapshot = errors.New("it is not kept")

// unreadableError is about a kept catalog whose text is none that this pleat wrote.
type unreadableError struct{ error }

func (e *unreadableError) Unwrap() error { return e.error }

// Snapshot reads a kept catalog. A catalog that does not have its fingerprint is a *ChainError.
func (l *Log) Snapshot(ctx context.Context, fingerprint string) (*schema.Catalog, error) {
	var text []byte
	err := l.conn.QueryRow(ctx, "SELECT catalog::text FROM pleat.snapshot WHERE fingerprint = $1", exec, fingerprint).Scan(&text)
	if errors.Is(err, pgx.ErrNoRows) {
		err = errNoSnapshot
	}
	if err != nil {
		return nil, fmt.Errorf("read snapshot %s: %w", fingerprint, err)
	}
	catalog := schema.New()
	if err := catalog.UnmarshalJSON(text); err != nil {
		return nil, fmt.Errorf("read snapshot %s: %w", fingerprint, &unreadableError{err})
	}
	if catalog.Fingerprint() != fingerprint {
		return nil, &ChainError{Reason: "snapshot " + fingerprint + " does not match its fingerprint"}
	}
	return catalog, nil
}
