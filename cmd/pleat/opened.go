package main

import (
	"slices"
	"sync"

	"github.com/jackc/pgx/v5"
)

// opened are the connections that were made for a command. Those that keep a lease up or watch are made from goroutines of their own.
type opened struct {
	mu    sync.Mutex
	conns []*pgx.Conn
}

func (o *opened) add(conn *pgx.Conn) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.conns = append(o.conns, conn)
}

func (o *opened) all() []*pgx.Conn {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.Clone(o.conns)
}
