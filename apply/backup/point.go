package backup

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// pointable refuses a restore point that is wanted and cannot be made.
func (b *taking) pointable() error {
	if b.Settings.Point != PointWanted {
		return nil
	}
	doing := "make a restore point"
	switch {
	case b.server.walLevel == "minimal":
		return &Error{Doing: doing, Reason: "wal_level is minimal, so that the server's log cannot be replayed",
			Next: "set wal_level = replica (and restart), or leave restore_point out"}
	case !b.server.mayPoint:
		return &Error{Doing: doing, Reason: "this role may not",
			Next: "a superuser can allow it: GRANT EXECUTE ON FUNCTION pg_catalog.pg_create_restore_point(text) TO the role; or leave restore_point out"}
	}
	return nil
}

// point makes the restore point, last of all, so that nothing but the run comes after it. The role's right was looked at before.
func (b *taking) point(ctx context.Context) error {
	possible := b.server.walLevel != "minimal" && b.server.mayPoint
	if b.Settings.Point == PointOff {
		return nil
	}
	if !possible {
		b.Progress("no restore point: wal_level is minimal, or this role may not call pg_create_restore_point")
		return nil
	}
	version := "run"
	if len(b.manifest.Versions) > 0 {
		version = b.manifest.Versions[0]
	}
	p := &Point{Name: pointName(version, b.u.Run)}
	err := b.conn.QueryRow(ctx, "SELECT pg_catalog.pg_create_restore_point($1)::pg_catalog.text", p.Name).Scan(&p.LSN)
	if err != nil {
		return fmt.Errorf("make a restore point: %w", err)
	}
	if p.Useful, p.Why, err = b.archiving(ctx); err != nil {
		return err
	}
	if text := "the restore point " + p.Name + " is useful only with WAL archiving: " + p.Why; !p.Useful && b.Settings.Point == PointWanted {
		b.Warn(text)
	} else if !p.Useful {
		b.Progress(text)
	}
	b.manifest.Point = p
	return nil
}

// pointName fits into the 63 bytes that a restore point's name can have (MAXFNAMELEN, xlogfuncs.c).
func pointName(version, run string) string {
	name := "pleat_before_" + version + "_" + strings.ReplaceAll(run, "-", "")
	return name[:min(len(name), 63)]
}

// archiving says whether the server's log is kept anywhere, as far as the server tells.
func (b *taking) archiving(ctx context.Context) (useful bool, why string, err error) {
	if b.server.archive == "off" {
		return false, "archive_mode is off (a service that copies the log by streaming does not show here)", nil
	}
	var last, failed *time.Time
	err = b.conn.QueryRow(ctx, "SELECT last_archived_time, last_failed_time FROM pg_catalog.pg_stat_archiver").Scan(&last, &failed)
	switch {
	case err != nil:
		return false, "", fmt.Errorf("look at the archiver: %w", err)
	case last == nil:
		return false, "archive_mode is " + b.server.archive + ", but nothing was archived yet", nil
	case failed != nil && failed.After(*last):
		return false, fmt.Sprintf("archiving has failed since %s; the last segment was archived at %s", failed.UTC().Format(time.RFC3339), last.UTC().Format(time.RFC3339)), nil
	}
	return true, "the last segment was archived at " + last.UTC().Format(time.RFC3339), nil
}
