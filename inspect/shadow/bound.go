package shadow

import (
	"context"
	"fmt"

	"github.com/pleatdb/pleat/schema"
)

// boundQuery reads the condition that the rows of a partition meet. That of a hash partition calls a function with the OID of the
// parent, which another database has under its name only.
const boundQuery = `SELECT replace(pg_get_partition_constraintdef(c.oid),
               quote_literal(i.inhparent::oid::text) || '::oid', quote_literal(i.inhparent::regclass::text) || '::regclass')
  FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_catalog.pg_inherits i ON i.inhrelid = c.oid
 WHERE c.relispartition AND n.nspname = $1 AND c.relname = $2`

// Bounds asks the engine for the conditions that the rows of partitions meet in a state, as it writes them itself: in a check they are
// what ATTACH PARTITION takes for a proof. A default partition has one only while there are others, and is left out.
func (s *Shadow) Bounds(ctx context.Context, state *schema.Catalog, partitions []schema.ID) (map[schema.ID]string, error) {
	out := map[schema.ID]string{}
	send := newClosure(state)
	for _, id := range partitions {
		send.add(id)
	}
	if len(send.ids) == 0 {
		return out, nil
	}
	d, drop, err := s.scratch(ctx)
	if err != nil {
		return nil, err
	}
	defer drop()
	if err := d.build(ctx, state.Subset(withoutAttachments(send.list()))); err != nil {
		return nil, fmt.Errorf("build the partitions on the shadow: %w", err)
	}
	if _, err := d.conn.Exec(ctx, "SET search_path = ''"); err != nil {
		return nil, fmt.Errorf("prepare the shadow: %w", err)
	}
	for _, id := range partitions {
		t, ok := state.Get(id).(*schema.Table)
		if !ok || t.PartitionOf == nil || t.PartitionOf.Bound == "DEFAULT" {
			continue
		}
		var cond *string
		if err := d.conn.QueryRow(ctx, boundQuery, id.Schema, id.Name).Scan(&cond); err != nil {
			return nil, fmt.Errorf("read the bounds of %s: %w", id, err)
		}
		if cond != nil {
			out[id] = *cond
		}
	}
	return out, nil
}
