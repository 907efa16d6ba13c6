package main

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
)

// waiting lists clients that wait for a lock because of somebody who is no client. Before 14 a lock does not know since when
// it is waited for, and the statement's begin has to do.
const waiting = `
SELECT l.pid, s.since::text, extract(epoch FROM clock_timestamp() - s.since)::float8 * 1000,
       coalesce(l.relation::regclass::text, l.locktype), l.mode, b.query
FROM pg_catalog.pg_locks l
JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
CROSS JOIN LATERAL (SELECT coalesce((to_jsonb(l) ->> 'waitstart')::timestamptz, a.query_start)) AS s(since)
JOIN LATERAL (
  SELECT o.query FROM pg_catalog.pg_stat_activity o
  WHERE o.pid = ANY (pg_catalog.pg_blocking_pids(l.pid)) AND o.application_name NOT LIKE 'load %' LIMIT 1) b ON true
WHERE NOT l.granted AND a.datname = current_database() AND a.application_name LIKE 'load %'`

// interval is how often is looked; a wait is measured to this precision.
const interval = 15 * time.Millisecond

// sampler watches who waits for whom.
type sampler struct {
	tally *tally
	conn  *pgx.Conn
	stop  chan struct{}
	done  chan struct{}

	mu    sync.Mutex
	worst map[string]lockWait
	// first is what pleat did when a wait was first seen: by its end the same transaction may be at another statement.
	first map[wait]string
	err   error
}

// wait is one statement of one client that waits.
type wait struct {
	pid   uint32
	since string
}

type lockWait struct {
	waited ms
	behind string
}

func startSampler(ctx context.Context, url string, t *tally) (*sampler, error) {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return nil, fmt.Errorf("connect to watch locks: %w", err)
	}
	s := &sampler{tally: t, conn: conn, stop: make(chan struct{}), done: make(chan struct{}), worst: map[string]lockWait{}, first: map[wait]string{}}
	go s.watch(ctx)
	return s, nil
}

func (s *sampler) watch(ctx context.Context) {
	defer close(s.done)
	defer s.conn.Close(context.WithoutCancel(ctx))
	for {
		select {
		case <-s.stop:
			return
		case <-time.After(interval):
		}
		if err := s.look(ctx); err != nil {
			s.mu.Lock()
			s.err = fmt.Errorf("watch locks: %w", err)
			s.mu.Unlock()
			return
		}
	}
}

func (s *sampler) look(ctx context.Context) error {
	rows, err := s.conn.Query(ctx, waiting)
	if err != nil {
		return err
	}
	defer rows.Close()
	phase := s.tally.now()
	for rows.Next() {
		var w wait
		var waited float64
		var relation, mode, query string
		if err := rows.Scan(&w.pid, &w.since, &waited, &relation, &mode, &query); err != nil {
			return err
		}
		text := []rune(strings.Join(strings.Fields(query), " "))
		s.note(phase, w, ms(waited), fmt.Sprintf("%s on %s: %s", mode, relation, string(text[:min(len(text), 120)])))
	}
	return rows.Err()
}

func (s *sampler) note(phase string, w wait, waited ms, behind string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.first[w] == "" {
		s.first[w] = behind
	}
	if waited > s.worst[phase].waited {
		s.worst[phase] = lockWait{waited, s.first[w]}
	}
}

// end stops the watching; the error says that it ended early and its numbers cannot be trusted.
func (s *sampler) end() error {
	close(s.stop)
	<-s.done
	return s.err
}

func (s *sampler) of(phase string) lockWait {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.worst[phase]
}
