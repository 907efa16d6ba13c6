package backup

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/pleatdb/pleat/history"
)

// Restorer lists backups and leads back to them.
type Restorer struct {
	// Connect opens a connection that may write. Required.
	Connect func(ctx context.Context) (*pgx.Conn, error)
	// Dir is the directory of backups; empty means DefaultDir.
	Dir string
	// Scope is that of the runs, for their lock.
	Scope []string
	// Tool is the version of pleat, Release the label of the release.
	Tool, Release string
	// Progress is told what takes time. Required.
	Progress func(string)
}

// Entry is one backup, with its files, with copies in the database, or both.
type Entry struct {
	*Manifest
	// Dir is empty where the files are not on this machine; Digest is that of the manifest then not known either.
	Dir, Digest string
	// InDatabase tells that copies of rows are in the database.
	InDatabase bool
}

func (r *Restorer) store() Store {
	if r.Dir == "" {
		return Store{DefaultDir}
	}
	return Store{r.Dir}
}

// List gives the backups of the database, the newest first, and directories that hold an incomplete one.
func (r *Restorer) List(ctx context.Context) (entries []Entry, partial []string, err error) {
	conn, err := r.Connect(ctx)
	if err != nil {
		return nil, nil, err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	return r.list(ctx, conn)
}

func (r *Restorer) list(ctx context.Context, conn *pgx.Conn) (entries []Entry, partial []string, err error) {
	id, err := identity(ctx, conn)
	if err != nil {
		return nil, nil, err
	}
	found, partial, err := r.store().List()
	if err != nil {
		return nil, nil, err
	}
	copies, err := Copies(ctx, conn)
	if err != nil {
		return nil, nil, err
	}
	for _, f := range found {
		if !f.Database.is(id) {
			continue
		}
		at := slices.IndexFunc(copies, func(m Manifest) bool { return m.Run == f.Run })
		entries = append(entries, Entry{Manifest: f.Manifest, Dir: f.Dir, Digest: f.Digest, InDatabase: at >= 0})
		if at >= 0 {
			copies = slices.Delete(copies, at, at+1)
		}
	}
	for i := range copies {
		entries = append(entries, Entry{Manifest: &copies[i], InDatabase: true})
	}
	slices.SortStableFunc(entries, func(a, b Entry) int { return b.Taken.Compare(a.Taken) })
	return entries, partial, nil
}

// find is the backup of a run, verified: the manifest against the log, the files against the manifest.
func (r *Restorer) find(ctx context.Context, conn *pgx.Conn, run string) (*Entry, error) {
	entries, _, err := r.list(ctx, conn)
	if err != nil {
		return nil, err
	}
	at := slices.IndexFunc(entries, func(e Entry) bool { return e.Run == run })
	if at < 0 {
		return nil, &Error{Doing: "find the backup", Reason: fmt.Sprintf("there is none of run %s in %s nor in the database", run, r.store().Dir),
			Next: "see: pleat backup list"}
	}
	e := &entries[at]
	if e.Dir == "" {
		return e, nil
	}
	recorded, err := recordedDigest(ctx, conn, run)
	if err != nil {
		return nil, err
	}
	if recorded != "" && recorded != e.Digest {
		return nil, &Error{Doing: "verify the backup", Reason: "the manifest in " + e.Dir + " is not the one that the log recorded",
			Next: "it must not be restored from"}
	}
	r.Progress("verifying the files of the backup")
	return e, e.verifyFiles(e.Dir)
}

// recordedDigest is the digest of a backup's manifest in the log; empty where the log does not have it.
func recordedDigest(ctx context.Context, conn *pgx.Conn, run string) (string, error) {
	log := history.Open(conn)
	there, err := log.Exists(ctx)
	if err != nil || !there {
		return "", err
	}
	entries, err := log.Verified(ctx)
	if err != nil {
		return "", err
	}
	for _, e := range slices.Backward(entries) {
		if e.Kind == history.Backup && e.Run == run {
			digest, _ := e.Detail["manifest"].(string)
			return digest, nil
		}
	}
	return "", nil
}

// record writes the restore into the log, in its transaction.
func (r *Restorer) record(ctx context.Context, conn *pgx.Conn, tx pgx.Tx, p *Plan) error {
	log := history.Open(conn)
	there, err := log.Exists(ctx)
	if err != nil || !there {
		return err
	}
	var application string
	if err := tx.QueryRow(ctx, "SELECT pg_catalog.current_setting('application_name')").Scan(&application); err != nil {
		return fmt.Errorf("record the restore: %w", err)
	}
	tables := make([]string, len(p.Tables))
	for i, t := range p.Tables {
		tables[i] = t.Table
		if t.Into != "" {
			tables[i] += " into " + t.Into
		}
	}
	_, err = log.Append(ctx, tx, history.Event{
		Kind: history.Restored, Run: history.NewRunID(time.Now()), Release: r.Release, Client: history.LocalClient(application), Tool: r.Tool,
		Detail: map[string]any{"backup": p.Run, "tables": tables},
	})
	if err != nil {
		return errors.Join(errors.New("the restore could not be recorded, and was taken back"), err)
	}
	return nil
}
