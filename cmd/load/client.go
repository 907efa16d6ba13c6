package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// client is one connection that sends statements until it is told to stop. Its prepared statements live as long as it does.
type client struct {
	crowd *crowd
	conn  *pgx.Conn
	rand  *rand.Rand
	name  string
}

func (c *client) connect(ctx context.Context) error {
	config, err := pgx.ParseConfig(c.crowd.url)
	if err != nil {
		return errors.New("read connection URL of a client")
	}
	config.RuntimeParams["application_name"] = "load " + c.name
	config.DefaultQueryExecMode = pgx.QueryExecModeSimpleProtocol
	if c.conn, err = pgx.ConnectConfig(ctx, config); err != nil {
		return fmt.Errorf("connect client: %w", err)
	}
	for i := range c.crowd.list {
		if err := c.prepare(ctx, i); err != nil {
			return err
		}
	}
	return nil
}

func (c *client) prepare(ctx context.Context, i int) error {
	if !c.crowd.list[i].prepared {
		return nil
	}
	if _, err := c.conn.PgConn().Prepare(ctx, fmt.Sprintf("s%d", i), c.crowd.list[i].sql, nil); err != nil {
		return fmt.Errorf("prepare %s: %w", c.crowd.list[i].label(), err)
	}
	return nil
}

// work is the client's life. Every eighth turn is a transaction of a reading and a writing statement, as code has them whose
// locks reach over more than one statement.
func (c *client) work(ctx context.Context, stop <-chan struct{}) {
	defer func() { c.conn.Close(context.WithoutCancel(ctx)) }()
	for {
		if c.rand.IntN(8) == 0 {
			c.transaction(ctx)
		} else {
			_ = c.turn(ctx, pick(c.crowd.list, c.rand, func(*statement) bool { return true }))
		}
		pause := time.Duration(c.rand.ExpFloat64() * float64(c.crowd.pace))
		select {
		case <-stop:
			return
		case <-ctx.Done():
			return
		case <-time.After(min(pause, 20*c.crowd.pace)):
		}
	}
}

func (c *client) transaction(ctx context.Context) {
	reader := pick(c.crowd.list, c.rand, func(s *statement) bool { return !s.write })
	writer := pick(c.crowd.list, c.rand, func(s *statement) bool { return s.write })
	if reader < 0 || writer < 0 {
		return
	}
	if _, err := c.conn.Exec(ctx, "BEGIN"); err != nil {
		c.recover(ctx)
		return
	}
	if c.turn(ctx, reader) == nil {
		_ = c.turn(ctx, writer) // counted where it happened; what follows is right after a failure too
	}
	if c.conn.PgConn().TxStatus() == 'I' {
		return // a statement had to be prepared again, for which the transaction was ended
	}
	if _, err := c.conn.Exec(ctx, "COMMIT"); err != nil {
		c.crowd.tally.fail(c.crowd.code, "COMMIT", err)
		c.recover(ctx)
	}
}

// turn sends one statement and counts what came of it.
func (c *client) turn(ctx context.Context, i int) error {
	s := &c.crowd.list[i]
	phase := c.crowd.tally.now()
	began := time.Now()
	err := c.send(ctx, i)
	took := time.Since(began)
	var again bool
	if cachedPlan(err) && c.crowd.replan {
		again = true
		err = c.again(ctx, i)
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	c.crowd.tally.add(phase, c.crowd.code, s.label(), took, again, err)
	if err != nil {
		c.recover(ctx)
	}
	return err
}

func (c *client) send(ctx context.Context, i int) error {
	s := &c.crowd.list[i]
	if !s.prepared {
		args := make([]any, len(s.args))
		for j, a := range s.args {
			args[j] = a.value(c.crowd.numbers, c.rand)
		}
		rows, err := c.conn.Query(ctx, s.sql, args...)
		if err != nil {
			return err
		}
		rows.Close()
		return rows.Err()
	}
	values := make([][]byte, len(s.args))
	for j, a := range s.args {
		values[j] = []byte(a.value(c.crowd.numbers, c.rand))
	}
	return c.conn.PgConn().ExecPrepared(ctx, fmt.Sprintf("s%d", i), values, nil, nil).Read().Err
}

// cachedPlan reports whether a prepared statement's result has another type now (plancache.c, 0A000).
func cachedPlan(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.Code == "0A000" && pg.Routine == "RevalidateCachedQuery"
}

// again prepares a statement anew and sends it, outside of the transaction that its failure has ended.
func (c *client) again(ctx context.Context, i int) error {
	if c.conn.PgConn().TxStatus() != 'I' {
		if _, err := c.conn.Exec(ctx, "ROLLBACK"); err != nil {
			return err
		}
	}
	if err := c.conn.PgConn().Deallocate(ctx, fmt.Sprintf("s%d", i)); err != nil {
		return err
	}
	if err := c.prepare(ctx, i); err != nil {
		return err
	}
	return c.send(ctx, i)
}

// recover makes the connection usable after a failure.
func (c *client) recover(ctx context.Context) {
	if !c.conn.IsClosed() && c.conn.PgConn().TxStatus() != 'I' {
		if _, err := c.conn.Exec(ctx, "ROLLBACK"); err == nil {
			return
		}
	}
	if c.conn.IsClosed() && ctx.Err() == nil {
		if err := c.connect(ctx); err != nil {
			c.crowd.tally.fail(c.crowd.code, "connect", err)
			time.Sleep(100 * time.Millisecond)
		}
	}
}
