package draft

import (
	"context"

	"github.com/pleatdb/pleat/schema"
)

// bounds are the conditions of the tables that become partitions, as they are in the end, and of those that are no longer, as they
// were before.
func (r *Request) bounds(ctx context.Context, from, to *schema.Catalog) (map[schema.ID]string, error) {
	var come, leave []schema.ID
	for _, id := range to.IDs() {
		if t, ok := to.Get(id).(*schema.Table); ok && t.PartitionOf != nil && !isPartition(from, id) {
			come = append(come, id)
		}
	}
	for _, id := range from.IDs() {
		if isPartition(from, id) && !isPartition(to, id) {
			leave = append(leave, id)
		}
	}
	out, err := r.Shadow.Bounds(ctx, to, come)
	if err != nil {
		return nil, err
	}
	left, err := r.Shadow.Bounds(ctx, from, leave)
	for id, cond := range left {
		out[id] = cond
	}
	return out, err
}

func isPartition(c *schema.Catalog, id schema.ID) bool {
	t, ok := c.Get(id).(*schema.Table)
	return ok && t.PartitionOf != nil
}
