package adopt

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/pleatdb/pleat/cmd/internal/draft"
	"github.com/pleatdb/pleat/history/migration"
	"github.com/pleatdb/pleat/inspect/shadow"
	"github.com/pleatdb/pleat/schema"
)

// Desired is the live state with pending migrations in it: what the schema files of the new project have to say, so that a plan is empty.
// The error wraps what the engine said where a migration does not run on what is there.
func Desired(ctx context.Context, live *schema.Catalog, pending []*migration.Migration, s *shadow.Shadow) (*schema.Catalog, error) {
	return s.Replay(ctx, live, draft.Scripts(pending))
}

// Desired is as the function of that name, for the pending ones of the conversion. Those that do not run on what is there are taken out of
// it and named in a note: a run that failed halfway may have left a part of them that the tool did not record.
func (c *Conversion) Desired(ctx context.Context, live *schema.Catalog, s *shadow.Shadow) (*schema.Catalog, error) {
	var all []*migration.Migration
	for _, f := range c.Files {
		if f.Pending {
			all = append(all, f.Migration)
		}
	}
	out, err := Desired(ctx, live, all, s)
	if refusal(err) == nil {
		return out, err
	}
	// Which one it is, and whether the live state itself can be built, shows one by one.
	nothing := []shadow.Script{{File: "nothing", Step: 1, Transactional: true}}
	if out, err = s.Replay(ctx, live, nothing); err != nil {
		return nil, err
	}
	kept := []Converted{}
	for _, f := range c.Files {
		if !f.Pending {
			kept = append(kept, f)
			continue
		}
		state, err := Desired(ctx, out, []*migration.Migration{f.Migration}, s)
		refused := refusal(err)
		switch {
		case refused != nil:
			c.Whole = c.Whole && !c.again[f.Key]
			c.Notes = append(c.Notes, fmt.Sprintf("%s has not run, and does not run on what is there: %s (%s); it is not taken over: look what an attempt left of it, and write the rest as a migration with pleat new",
				f.Origin, refused.Message, refused.Code))
		case err != nil:
			return nil, err
		default:
			out, kept = state, append(kept, f)
		}
	}
	c.Files = slices.Clip(kept)
	return out, nil
}

// refusal is what the engine said of a migration; nil for other errors and for none.
func refusal(err error) *pgconn.PgError {
	var refused *pgconn.PgError
	if errors.As(err, &refused) {
		return refused
	}
	return nil
}
