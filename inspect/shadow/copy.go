package shadow

import (
	"context"
	"fmt"

	"github.com/pleatdb/pleat/schema"
)

// Copy is a database on the shadow that has the structure of another one and stays until it is closed.
type Copy struct {
	// URL is how the shadow's superuser connects to it.
	URL   string
	close func()
}

// Copy builds the structure of a catalog. Rows, and what pleat cannot model, are not in it. Errors of the engine are *ObjectError, and an
// object that needs something that pleat cannot model is a *planner.Unsupported.
func (s *Shadow) Copy(ctx context.Context, live *schema.Catalog) (*Copy, error) {
	d, drop, err := s.scratch(ctx)
	if err != nil {
		return nil, err
	}
	if err := d.build(ctx, live); err != nil {
		drop()
		return nil, fmt.Errorf("rebuild the live state on the shadow: %w", err)
	}
	// Building has set parameters of the session; whoever uses the copy opens sessions of his own.
	_ = d.conn.Close(ctx)
	return &Copy{URL: s.server.URL(d.name), close: drop}, nil
}

// Close drops the database, ending the sessions in it.
func (c *Copy) Close() { c.close() }
