package apply

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// throttle waits while something says that the server has enough to do.
func (b *batches) throttle(ctx context.Context) error {
	begin, shown := time.Now(), time.Time{}
	for {
		by, err := b.busy(ctx)
		if err != nil {
			return err
		}
		if by == "" {
			if !shown.IsZero() {
				b.say(Throttled{b.w.m, b.w.number(), "", time.Since(begin)})
			}
			return nil
		}
		if time.Since(shown) >= lockAgain {
			b.say(Throttled{b.w.m, b.w.number(), by, time.Since(begin)})
			shown = time.Now()
		}
		if err := sleep(ctx, b.opts.Poll); err != nil {
			return fmt.Errorf("wait for the server to have less to do: %w", err)
		}
	}
}

// busy says what holds the next batch back; empty when nothing does. It only reads, and not for long.
func (b *batches) busy(ctx context.Context) (by string, err error) {
	tx, err := b.conn.BeginTx(ctx, pgx.TxOptions{AccessMode: pgx.ReadOnly})
	if err != nil {
		return "", err
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }()
	if err := b.set(ctx, true, setting{"statement_timeout", "10s"}, setting{"lock_timeout", "1s"}); err != nil {
		return "", err
	}
	for _, look := range []func(context.Context) (string, error){b.lagging, b.crowded, b.vacuumed, b.asked} {
		if by, err := look(ctx); err != nil || by != "" {
			return strings.TrimSpace(by), err
		}
	}
	return "", nil
}

// lagging looks at the standbys and subscribers. Their lag by time stays as it was when they stop to replay, so that the
// distance in bytes is looked at too, and for some seconds after they caught up, which the distance tells first.
func (b *batches) lagging(ctx context.Context) (string, error) {
	if b.opts.MaxLag < 0 && b.opts.MaxLagBytes < 0 {
		return "", nil
	}
	rows, err := b.conn.Query(ctx, `SELECT coalesce(application_name, ''), state IS NULL, 
			CASE WHEN replay_lsn < pg_catalog.pg_current_wal_lsn() THEN coalesce(extract(epoch FROM replay_lag), 0) ELSE 0 END::float8,
			coalesce(pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_current_wal_lsn(), replay_lsn), 0)::int8
		FROM pg_catalog.pg_stat_replication WHERE state IS NULL OR state IN ('streaming', 'catchup')`, query)
	if err != nil {
		return "", fmt.Errorf("look at the standbys: %w", err)
	}
	defer rows.Close()
	by, hidden := "", false
	for rows.Next() {
		var name string
		var unseen bool
		var seconds float64
		var bytes int64
		if err := rows.Scan(&name, &unseen, &seconds, &bytes); err != nil {
			return "", fmt.Errorf("look at the standbys: %w", err)
		}
		hidden = hidden || unseen
		switch lag := time.Duration(seconds * float64(time.Second)); {
		case by != "" || slices.Contains(b.opts.IgnoreReplicas, name):
		case b.opts.MaxLag > 0 && lag > b.opts.MaxLag:
			by = fmt.Sprintf("standby %s is %s behind", name, lag.Round(time.Millisecond))
		case b.opts.MaxLagBytes > 0 && bytes > b.opts.MaxLagBytes:
			by = fmt.Sprintf("standby %s is %d MiB behind", name, bytes>>20)
		}
	}
	if hidden && !b.blind {
		b.blind = true
		b.say(Warned{"this role may not see how far the standbys are behind, so batches do not wait for them: GRANT pg_monitor"})
	}
	return by, rows.Err()
}

// crowded counts the other sessions that are at work. The statistics of other roles are hidden from a role without pg_read_all_stats.
func (b *batches) crowded(ctx context.Context) (string, error) {
	if b.opts.MaxActive == 0 {
		return "", nil
	}
	var active, hidden int
	err := b.conn.QueryRow(ctx, `SELECT count(*) FILTER (WHERE state = 'active'), count(*) FILTER (WHERE state IS NULL)
		FROM pg_catalog.pg_stat_activity WHERE datname = pg_catalog.current_database() AND pid <> pg_catalog.pg_backend_pid()
		AND (backend_type = 'client backend' OR state IS NULL AND backend_type IS NULL)`, query).Scan(&active, &hidden)
	if err != nil {
		return "", fmt.Errorf("count active sessions: %w", err)
	}
	if hidden > 0 && !b.crowd {
		b.crowd = true
		b.say(Warned{"this role may not see which sessions are at work, so only its own are counted: GRANT pg_monitor"})
	}
	if active <= b.opts.MaxActive {
		return "", nil
	}
	return fmt.Sprintf("%d sessions are at work, more than %d", active, b.opts.MaxActive), nil
}

// vacuumed looks whether a vacuum works on the part.
func (b *batches) vacuumed(ctx context.Context) (string, error) {
	p := b.parts[b.state.Position.Part]
	if !b.opts.YieldToVacuum || p == nil {
		return "", nil
	}
	var busy bool
	err := b.conn.QueryRow(ctx, "SELECT EXISTS (SELECT 1 FROM pg_catalog.pg_stat_progress_vacuum WHERE relid = $1::oid)", query, p.oid).Scan(&busy)
	if err != nil {
		return "", fmt.Errorf("look for a vacuum: %w", err)
	}
	if !busy {
		return "", nil
	}
	return "a vacuum works on " + p.sql(), nil
}

// asked runs the user's own query.
func (b *batches) asked(ctx context.Context) (string, error) {
	if b.opts.Query == "" {
		return "", nil
	}
	results, err := b.conn.PgConn().Exec(ctx, b.opts.Query).ReadAll()
	if err != nil {
		return "", fmt.Errorf("run the query that holds batches back: %w", err)
	}
	if len(results) != 1 || len(results[0].Rows) == 0 || len(results[0].Rows[0]) == 0 {
		return "", errors.New("run the query that holds batches back: it must be one query that returns a value")
	}
	value := strings.ToLower(string(results[0].Rows[0][0]))
	if n, err := strconv.ParseFloat(value, 64); err == nil && n == 0 || slices.Contains([]string{"", "f", "false", "off", "no"}, value) {
		return "", nil
	}
	return "the query says " + cell([]byte(value)), nil
}
