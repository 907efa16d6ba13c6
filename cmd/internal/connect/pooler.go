package connect

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/pleatdb/pleat/apply/pooler"
)

// refusePooled refuses a pooler by transaction before anything is set: what is set there stays in a session that the pooler gives to the
// application next. A pooler of which it cannot be told is let pass, for the read-back and the run's own check.
func (t *Target) refusePooled(ctx context.Context, conn *pgx.Conn, config *pgx.ConnConfig) error {
	between, err := pooler.Between(ctx, conn)
	if err != nil || !between {
		return err
	}
	keeps, _, err := pooler.KeepsSession(ctx, conn, func(ctx context.Context) (*pgx.Conn, error) {
		return pgx.ConnectConfig(ctx, probing(config))
	})
	if err == nil && keeps == pooler.No {
		err = errPooled
	}
	return err
}

// probing is the configuration of a connection beside the first.
func probing(config *pgx.ConnConfig) *pgx.ConnConfig {
	c := config.Copy()
	c.ValidateConnect, c.OnNotice = nil, nil
	return c
}
