package shadow

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/pleatdb/pleat/inspect"
	"github.com/pleatdb/pleat/inspect/shadow/server"
	"github.com/pleatdb/pleat/schema"
)

// Shadow is a throw-away server in use. It is not safe for concurrent use.
type Shadow struct {
	server *server.Server
	// empty is the state of a new database, which is the same each time; nil until it was read once.
	empty *schema.Catalog
}

// Open finds and starts a server as [server.Start] does. The caller closes the shadow.
func Open(ctx context.Context, o server.Options) (*Shadow, error) {
	s, err := server.Start(ctx, o)
	if err != nil {
		return nil, err
	}
	return &Shadow{server: s}, nil
}

// On uses a server that the caller has started and will close.
func On(s *server.Server) *Shadow { return &Shadow{server: s} }

// Close stops the server and removes what it left.
func (s *Shadow) Close() error { return s.server.Close() }

// Describe says on one line which server it is.
func (s *Shadow) Describe() string { return s.server.Describe() }

// Major is the server's major version.
func (s *Shadow) Major() int { return s.server.Major() }

// Version is the server's full version, such as 17.6.
func (s *Shadow) Version() string { return s.server.Version() }

// scratch is one throw-away database with a session in it.
type scratch struct {
	shadow *Shadow
	name   string
	conn   *pgx.Conn
	// initial is the state of the database before anything was built.
	initial *schema.Catalog
	// hear takes the server's messages while a tracer measures.
	hear func(message string)
	// barrier is nil until a statement outside of a transaction is measured.
	barrier *barrier
}

// scratch makes an empty database. The returned function drops it.
func (s *Shadow) scratch(ctx context.Context) (*scratch, func(), error) {
	name := "scratch_" + randomHex()
	if err := s.server.CreateDatabase(ctx, name, ""); err != nil {
		return nil, nil, fmt.Errorf("create a database on the shadow: %w", err)
	}
	drop := func() { _ = s.server.DropDatabase(context.WithoutCancel(ctx), name) }
	config, err := pgx.ParseConfig(s.server.URL(name))
	if err != nil {
		drop()
		return nil, nil, fmt.Errorf("connect to the shadow: %w", err)
	}
	config.DefaultQueryExecMode = pgx.QueryExecModeSimpleProtocol
	d := &scratch{shadow: s, name: name}
	config.OnNotice = func(_ *pgconn.PgConn, n *pgconn.Notice) {
		if d.hear != nil {
			d.hear(n.Message)
		}
	}
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		drop()
		return nil, nil, fmt.Errorf("connect to the shadow: %w", err)
	}
	d.conn = conn
	closeAll := func() {
		d.barrier.end(context.WithoutCancel(ctx))
		_ = conn.Close(context.WithoutCancel(ctx))
		drop()
	}
	if err := d.prepare(ctx); err != nil {
		closeAll()
		return nil, nil, err
	}
	return d, closeAll, nil
}

// prepare pins what would change how text is read, and looks at what a new database holds.
func (d *scratch) prepare(ctx context.Context) error {
	settings := "SET check_function_bodies = off; SET client_min_messages = error"
	for _, pin := range inspect.Settings() {
		if pin.Name != "search_path" { // text of the model is qualified, and that of files has a path of its own
			settings += "; SET " + schema.Quote(pin.Name) + " = " + schema.Literal(pin.Value)
		}
	}
	if _, err := d.conn.Exec(ctx, settings); err != nil {
		return fmt.Errorf("prepare the shadow: %w", err)
	}
	if d.shadow.empty == nil {
		var err error
		if d.shadow.empty, err = d.inspect(ctx); err != nil {
			return err
		}
	}
	d.initial = d.shadow.empty
	return nil
}

// inspect reads the whole database.
func (d *scratch) inspect(ctx context.Context) (*schema.Catalog, error) {
	c, err := inspect.Inspect(ctx, d.conn, inspect.Options{})
	if err != nil {
		return nil, fmt.Errorf("read the shadow: %w", err)
	}
	return c, nil
}

func randomHex() string {
	var b [6]byte
	_, _ = rand.Read(b[:]) // never fails since Go 1.24
	return hex.EncodeToString(b[:])
}
