package shadow

import (
	"context"
	"fmt"

	"github.com/pleatdb/pleat/planner"
	"github.com/pleatdb/pleat/schema"
)

// Move answers what the live state is after declared renames: how the engine then prints every view, constraint and
// function that mentions a renamed object.
func (s *Shadow) Move(ctx context.Context, live *schema.Catalog, renames []planner.Statement) (*schema.Catalog, error) {
	if len(renames) == 0 {
		return live, nil
	}
	d, drop, err := s.scratch(ctx)
	if err != nil {
		return nil, err
	}
	defer drop()
	if err := d.build(ctx, live); err != nil {
		return nil, fmt.Errorf("rebuild the live state on the shadow: %w", err)
	}
	if err := d.runStep(ctx, renames); err != nil {
		return nil, err
	}
	return d.merged(ctx, live)
}
