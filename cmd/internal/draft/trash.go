package draft

import (
	"context"

	"github.com/pleatdb/pleat/history/migration"
	"github.com/pleatdb/pleat/inspect/shadow"
	"github.com/pleatdb/pleat/planner/online"
	"github.com/pleatdb/pleat/schema"
)

// Empty writes the migration that drops what has been in the trash for long enough, and tries it on the shadow. full is the live
// state with its trash. There is no way back: that is what the time in the trash was for.
func Empty(ctx context.Context, s *shadow.Shadow, full *schema.Catalog, trash []schema.ID, name, version string) (*migration.Migration, error) {
	m := &migration.Migration{
		Version: version, Name: name, Proven: "up on PostgreSQL " + s.Version(),
		ForwardOnly: "what was in the trash is gone; restore a backup to see it again",
	}
	live := full.WithoutTrash()
	for i, step := range online.Empty(trash) {
		m.Steps = append(m.Steps, fileStep(i+1, &step))
		for _, id := range step.Loses {
			m.Destructive = append(m.Destructive, Drops(id))
		}
		if live.Has(step.Table) {
			m.Objects = append(m.Objects, step.Table)
		}
	}
	after, err := s.Replay(ctx, full, Scripts([]*migration.Migration{m}))
	if err != nil {
		return nil, err
	}
	if len(m.Objects) > 0 {
		m.Generated = true
		m.Before, m.After = live.FingerprintOf(m.Objects), after.WithoutTrash().FingerprintOf(m.Objects)
	}
	return m, nil
}
