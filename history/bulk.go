package history

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/pleatdb/pleat/schema/sqltext"
)

const (
	// bulkRows and bulkBytes bound what one statement carries.
	bulkRows  = 1000
	bulkBytes = 8 << 20
)

// AppendAll records events one after the other in the caller's transaction, as [Log.Append] does, with few statements: all of them have
// the time of the first. There is nothing to do for none.
func (l *Log) AppendAll(ctx context.Context, tx pgx.Tx, events []Event) ([]Entry, error) {
	if len(events) == 0 {
		return nil, nil
	}
	tx = l.within(tx)
	fail := func(err error) ([]Entry, error) {
		return nil, fmt.Errorf("record %d events in the history: %w", len(events), err)
	}
	row, err := l.next(ctx, tx)
	if err != nil {
		return fail(err)
	}
	rows := make([]Entry, len(events))
	for i, e := range events {
		row.Event = clean(e)
		if row.Digest, err = row.digest(); err != nil {
			return fail(err)
		}
		rows[i] = row
		row.ID, row.Previous = row.ID+1, row.Digest
	}
	for at := 0; at < len(rows); at += bulkRows {
		if err := insertAll(ctx, tx, rows[at:min(at+bulkRows, len(rows))]); err != nil {
			return fail(err)
		}
	}
	return rows, nil
}

// insertAll writes rows that have their digests, all of one time and role.
func insertAll(ctx context.Context, tx pgx.Tx, rows []Entry) error {
	n := len(rows)
	id, kind, run, previous, digest := make([]int64, n), make([]string, n), make([]string, n), make([]string, n), make([]string, n)
	version, name, phase, checksum := make([]*string, n), make([]*string, n), make([]*string, n), make([]*string, n)
	release, application, tool, snapshot, detail := make([]*string, n), make([]*string, n), make([]*string, n), make([]*string, n), make([]*string, n)
	host, user, sqlstate := make([]*string, n), make([]*string, n), make([]*string, n)
	step, part, parts, pid := make([]*int32, n), make([]*int32, n), make([]*int32, n), make([]*int32, n)
	took := make([]*int64, n)
	for i := range rows {
		r := &rows[i]
		text, err := canonicalJSON(r.Detail)
		if err != nil {
			return err
		}
		id[i], kind[i], run[i], previous[i], digest[i] = r.ID, string(r.Kind), r.Run, r.Previous, r.Digest
		version[i], name[i], phase[i], checksum[i] = null(r.Version), null(r.Name), null(string(r.Phase)), null(r.Checksum)
		release[i], application[i], tool[i], snapshot[i], detail[i] = null(r.Release), null(r.Client.Application), null(r.Tool), null(r.Snapshot), null(text)
		host[i], user[i], sqlstate[i] = null(r.Client.Host), null(r.Client.User), null(r.SQLState)
		step[i], part[i], parts[i], pid[i] = null(int32(r.Step)), null(int32(r.Part)), null(int32(r.Parts)), null(int32(r.Client.PID))
		took[i] = null(milliseconds(r.Duration))
	}
	_, err := tx.Exec(ctx, `
		INSERT INTO pleat.log (id, at, kind, run, version, name, phase, step, part, parts, checksum, release, actor, session_actor,
			host, os_user, pid, application, tool, duration_ms, sqlstate, snapshot, detail, previous, digest)
		SELECT r.id, $1, r.kind, r.run, r.version, r.name, r.phase, r.step, r.part, r.parts, r.checksum, r.release, $2, $3,
			r.host, r.os_user, r.pid, r.application, r.tool, r.duration_ms, r.sqlstate, r.snapshot, r.detail::jsonb, r.previous, r.digest
		FROM ROWS FROM (pg_catalog.unnest($4::bigint[]), pg_catalog.unnest($5::text[]), pg_catalog.unnest($6::text[]), pg_catalog.unnest($7::text[]),
			pg_catalog.unnest($8::text[]), pg_catalog.unnest($9::text[]), pg_catalog.unnest($10::integer[]), pg_catalog.unnest($11::integer[]),
			pg_catalog.unnest($12::integer[]), pg_catalog.unnest($13::text[]), pg_catalog.unnest($14::text[]), pg_catalog.unnest($15::text[]),
			pg_catalog.unnest($16::text[]), pg_catalog.unnest($17::integer[]), pg_catalog.unnest($18::text[]), pg_catalog.unnest($19::text[]),
			pg_catalog.unnest($20::bigint[]), pg_catalog.unnest($21::text[]), pg_catalog.unnest($22::text[]), pg_catalog.unnest($23::text[]),
			pg_catalog.unnest($24::text[]), pg_catalog.unnest($25::text[]))
			AS r (id, kind, run, version, name, phase, step, part, parts, checksum, release, host, os_user, pid, application, tool,
				duration_ms, sqlstate, snapshot, detail, previous, digest)`,
		exec, rows[0].At, rows[0].Actor, rows[0].SessionActor, id, kind, run, version, name, phase, step, part, parts, checksum, release,
		host, user, pid, application, tool, took, sqlstate, snapshot, detail, previous, digest)
	return err
}

// KeptFile is a text that belongs to a migration of the log.
type KeptFile struct {
	// Version and Checksum are those of the event that names the file, Name is its name or path.
	Version, Checksum, Name string
	Text                    []byte
}

// SaveFiles keeps texts as [Log.SaveFile] does, with few statements. e says which run.
func (l *Log) SaveFiles(ctx context.Context, tx pgx.Tx, e Event, files []KeptFile) error {
	tx = l.within(tx)
	var masked []Event
	seen := map[string]bool{}
	var checksums, names []string
	var texts [][]byte
	size := 0
	digests := map[string]Event{}
	flush := func() error {
		if len(checksums) == 0 {
			return nil
		}
		rows, err := tx.Query(ctx, `INSERT INTO pleat.file (checksum, name, content)
			SELECT f.checksum, f.name, f.content
			FROM ROWS FROM (pg_catalog.unnest($1::text[]), pg_catalog.unnest($2::text[]), pg_catalog.unnest($3::bytea[])) AS f (checksum, name, content)
			ON CONFLICT (checksum) DO NOTHING RETURNING checksum`, exec, checksums, names, texts)
		if err != nil {
			return fmt.Errorf("keep the texts of files: %w", err)
		}
		fresh, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			return fmt.Errorf("keep the texts of files: %w", err)
		}
		for _, checksum := range fresh {
			if event, ok := digests[checksum]; ok {
				masked = append(masked, event)
			}
		}
		checksums, names, texts, size = nil, nil, nil, 0
		return nil
	}
	for _, f := range files {
		if seen[f.Checksum] {
			continue
		}
		seen[f.Checksum] = true
		kept := []byte(sqltext.MaskSecrets(string(f.Text)))
		if string(kept) != string(f.Text) {
			event := e
			event.Kind, event.Version, event.Checksum, event.Detail = FileMasked, f.Version, f.Checksum, map[string]any{"digest": textDigest(kept)}
			digests[f.Checksum] = event
		}
		checksums, names, texts, size = append(checksums, f.Checksum), append(names, cleanText(f.Name)), append(texts, kept), size+len(kept)
		if len(texts) == bulkRows || size > bulkBytes {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	if err := flush(); err != nil {
		return err
	}
	_, err := l.AppendAll(ctx, tx, masked)
	return err
}
