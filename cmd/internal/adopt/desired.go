package adopt

import (
	"context"

	"github.com/pleatdb/pleat/cmd/internal/draft"
	"github.com/pleatdb/pleat/history/migration"
	"github.com/pleatdb/pleat/inspect/shadow"
	"github.com/pleatdb/pleat/schema"
)

// Desired is the live state with the pending migrations in it: what the schema files of the new project have to say, so that a plan is
// empty. The error names the file that does not run on what is there.
func Desired(ctx context.Context, live *schema.Catalog, pending []*migration.Migration, s *shadow.Shadow) (*schema.Catalog, error) {
	return s.Replay(ctx, live, draft.Scripts(pending))
}
