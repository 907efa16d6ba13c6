package legacy_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pleatdb/pleat/history/legacy"
)

func TestPgmigrate(t *testing.T) {
	t.Parallel()
	table := `CREATE SCHEMA s; CREATE TYPE s.schema_version_type AS ENUM ('auto', 'manual', 'new');
		CREATE TABLE s.renamed (version bigint PRIMARY KEY, description text NOT NULL, type s.schema_version_type NOT NULL DEFAULT 'auto', installed_by text NOT NULL, installed_on timestamp DEFAULT now() NOT NULL);`
	files := map[string]string{"migrations/V0001__one.sql": one, "migrations/V0002__two.sql": two, "migrations/V0003__NONTRANSACTIONAL_three.sql": two, "migrations/V0004__x.sql": one, "callbacks/a.sql": "x"}
	for name, c := range map[string]struct {
		rows string
		want []string
	}{
		"pending": {"(1, 'one', 'auto', 'app'), (2, 'two', 'auto', 'app')",
			[]string{"1 applied unverifiable in", "2 applied unverifiable in", "pending migrations/V0003__NONTRANSACTIONAL_three.sql", "pending migrations/V0004__x.sql"}},
		"baseline": {"(2, 'Forced baseline', 'manual', 'app'), (3, 'three', 'auto', 'app'), (4, 'x', 'auto', 'app')",
			[]string{"baseline-2 baseline unverifiable in", "3 applied unverifiable in", "4 applied unverifiable in"}},
		"passed over": {"(1, 'one', 'auto', 'app'), (3, 'three', 'auto', 'app'), (4, 'x', 'auto', 'app')",
			[]string{"1 applied unverifiable in", "3 applied unverifiable in", "4 applied unverifiable in", "pending migrations/V0002__two.sql", "problem gap 2"}},
		"missing": {"(1, 'one', 'auto', 'app'), (7, 'seven', 'auto', 'app'), (8, 'x', 'new', 'app'), (-1, 'y', 'auto', 'app')",
			[]string{"1 applied unverifiable in", "7 applied missing in", "marker", "marker", "pending migrations/V0002__two.sql", "pending migrations/V0003__NONTRANSACTIONAL_three.sql",
				"pending migrations/V0004__x.sql", "problem unknown_kind", "problem unreadable", "problem gap 2", "problem gap 3", "problem gap 4", "problem missing_file 7"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, h := told(t, table+"INSERT INTO s.renamed (version, description, type, installed_by) VALUES "+c.rows, legacy.Wanted{}, files)
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s\nproblems %v", diff, h.Problems)
			}
			if up := h.File("3").SQL.Up; !up.NoTransaction || len(up.Units) != 2 {
				t.Errorf("NONTRANSACTIONAL was not seen: %+v", up.Units)
			}
		})
	}
}
