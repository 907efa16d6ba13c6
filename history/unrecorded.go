package history

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// unrecordedQuery tells the event triggers of pgroll to take no note of this session. They look at a parameter of their own, which any
// session may set and which means nothing elsewhere: pgroll.no_inferred_migrations, and before that pgroll.internal, whose first form took
// note when it was TRUE. Which one a database has only the text of the triggers' function tells.
const unrecordedQuery = `SELECT pg_catalog.set_config('pgroll.no_inferred_migrations', 'TRUE', false),
	pg_catalog.set_config('pgroll.internal', CASE WHEN EXISTS (
		SELECT FROM pg_catalog.pg_event_trigger e JOIN pg_catalog.pg_proc p ON p.oid = e.evtfoid
		WHERE pg_catalog.strpos(p.prosrc, $$current_setting('pgroll.internal', 'TRUE') <> 'TRUE'$$) > 0)
	THEN 'FALSE' ELSE 'TRUE' END, false)`

// KeepUnrecorded keeps a tool that records other sessions' changes in a history of its own from doing so for this session: the one that is
// known is pgroll. RESET ALL takes it back.
func KeepUnrecorded(ctx context.Context, conn *pgx.Conn) error {
	if _, err := conn.Exec(ctx, unrecordedQuery, pgx.QueryExecModeDescribeExec); err != nil {
		return fmt.Errorf("keep pgroll's triggers from recording this session: %w", err)
	}
	return nil
}
