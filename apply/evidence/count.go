package evidence

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"
)

// Count reads how often each statement of this database was called so far on every server, for an event of kind
// [history.EvidenceCounted]. The map is nil where the primary counts nothing. A standby that cannot be read is left out: its calls then
// have no beginning, which [Collect] says.
func Count(ctx context.Context, conn *pgx.Conn, standbys []Standby) (map[string]any, error) {
	s, _, err := statistics(ctx, conn, primary)
	var absent *statisticsError
	if errors.As(err, &absent) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	servers := []any{s.detail()}
	for _, one := range standbys {
		if s, ok := countStandby(ctx, one); ok {
			servers = append(servers, s.detail())
		}
	}
	return map[string]any{"servers": servers}, ctx.Err()
}

func countStandby(ctx context.Context, one Standby) (*counts, bool) {
	conn, err := one.Connect(ctx)
	if err != nil {
		return nil, false
	}
	defer conn.Close(context.WithoutCancel(ctx))
	s, _, err := statistics(ctx, conn, one.Name)
	return s, err == nil
}
