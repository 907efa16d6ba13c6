package apply

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/pleatdb/pleat/apply/pooler"
)

// refusePooled refuses a pooler that is not known to keep a server's session for a connection, before anything is set or locked in a session
// that it would give to others.
func (s *session) refusePooled(ctx context.Context) error {
	between, err := pooler.Between(ctx, s.conn)
	if err != nil {
		return fmt.Errorf("set up session: %w", err)
	}
	if !between || s.opts.DryRun {
		return nil
	}
	keeps, why, err := pooler.KeepsSession(ctx, s.conn, func(ctx context.Context) (*pgx.Conn, error) {
		return s.opts.Connect(ctx, PurposeProbe)
	})
	if err != nil {
		return fmt.Errorf("set up session: %w", err)
	}
	if keeps == pooler.Yes {
		return nil
	}
	return &Refused{Code: "lock", Reason: "the lock cannot be trusted behind this connection pooler: " + why,
		Next: "give the server's own address as direct_url in the environment, PLEAT_DIRECT_URL or --direct-url, or have the pooler pool by session"}
}
