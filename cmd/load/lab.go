package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"sync/atomic"

	"github.com/jackc/pgx/v5"

	"github.com/pleatdb/pleat/inspect/shadow/server"
)

// lab is the server on which journeys are made.
type lab struct {
	server  *server.Server
	program string
	made    atomic.Int64
}

// startLab starts a server that is a little more like one in production than those for shadows are.
func startLab(ctx context.Context, major int, program string) (*lab, error) {
	if _, err := os.Stat(program); err != nil {
		return nil, fmt.Errorf("find pleat: %w", err)
	}
	s, err := server.Start(ctx, server.Options{Major: major, Settings: map[string]string{
		"autovacuum": "on", "shared_buffers": "256MB", "maintenance_work_mem": "128MB", "checkpoint_timeout": "5min", "max_connections": "100",
		"deadlock_timeout": "1s",
	}})
	if err != nil {
		return nil, err
	}
	return &lab{server: s, program: program}, nil
}

func (l *lab) close() { _ = l.server.Close() } // what it leaves is swept by the next start

// database makes an empty database, and what drops it again.
func (l *lab) database(ctx context.Context) (url string, drop func(), err error) {
	name := fmt.Sprintf("load_%d_%d", os.Getpid(), l.made.Add(1))
	if err := l.server.CreateDatabase(ctx, name, ""); err != nil {
		return "", nil, err
	}
	return l.server.URL(name), func() { _ = l.server.DropDatabase(context.WithoutCancel(ctx), name) }, nil
}

// execute runs a script of any number of statements in the database at url.
func execute(ctx context.Context, url, sql string) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	if _, err := conn.PgConn().Exec(ctx, sql).ReadAll(); err != nil {
		return fmt.Errorf("run script: %w", err)
	}
	return nil
}

// rowsOf runs a query and gives its first rows as text.
func rowsOf(ctx context.Context, url, sql string) ([]string, error) {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	results, err := conn.PgConn().Exec(ctx, sql).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("query: %w", err)
	}
	var out []string
	for _, r := range results {
		for _, row := range r.Rows {
			var cells []string
			for _, value := range row {
				cells = append(cells, string(value))
			}
			out = append(out, strings.Join(cells, " | "))
		}
	}
	return out, nil
}
