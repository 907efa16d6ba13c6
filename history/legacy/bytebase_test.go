package legacy_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pleatdb/pleat/history/legacy"
	"github.com/pleatdb/pleat/inspect/pgtest"
)

const bytebaseTable = `CREATE TABLE migration_history (id bigserial PRIMARY KEY, created_by text NOT NULL, created_ts bigint NOT NULL, updated_by text NOT NULL, updated_ts bigint NOT NULL,
	release_version text NOT NULL, namespace text NOT NULL, sequence bigint NOT NULL, source text NOT NULL, type text NOT NULL, status text NOT NULL, version text NOT NULL,
	description text NOT NULL, statement text NOT NULL, schema text NOT NULL, schema_prev text NOT NULL, execution_duration_ns bigint NOT NULL, issue_id text NOT NULL, payload text NOT NULL);
INSERT INTO migration_history (created_by, created_ts, updated_by, updated_ts, release_version, namespace, sequence, source, type, status, version, description, statement, schema, schema_prev, execution_duration_ns, issue_id, payload) VALUES
('ann', 1704110405, 'ann', 1704110405, '1.10.0', 'shop', 1, 'UI', 'BASELINE', 'DONE', '1', 'baseline', '', 'x', '', 0, '101', ''),
('ann', 1706866207, 'ann', 1706866207, '1.10.0', 'shop', 2, 'VCS', 'MIGRATE', 'DONE', '2', 'orders', 'y', 'x', 'x', 12000000, '102', ''),
('bob', 1706866207, 'ann', 1706866207, '1.10.0', 'crm', 1, 'VCS', 'MIGRATE', 'DONE', '2', 'people', 'y', 'x', 'x', 12000000, '102', ''),
('bob', 1706866207, 'ann', 1706866207, '1.10.0', 'crm', 2, 'VCS', 'DREAM', 'DONE', '3', 'people', 'y', 'x', 'x', 12000000, '102', ''),
('bob', 1706866207, 'ann', 1706866207, '1.10.0', 'crm', 3, 'VCS', 'MIGRATE', 'PENDING', '4', 'people', 'y', 'x', 'x', 12000000, '102', '');`

func TestBytebaseProjects(t *testing.T) {
	t.Parallel()
	conn := dial(t, pgtest.URL(t))
	if err := load(conn, bytebaseTable); err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	tx, err := conn.Begin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback(ctx) }()
	all, err := legacy.Find(ctx, tx, "")
	if err != nil || len(all) != 2 || all[0].Project != "crm" || all[0].Rows != 3 || all[1].Rows != 2 {
		t.Fatalf("found %+v, %v", all, err)
	}
	var p *legacy.Problem
	if _, _, err := legacy.Choose(all, legacy.Wanted{}); !errors.As(err, &p) || p.Code != legacy.SeveralHistories {
		t.Errorf("two databases in one table: got %v", err)
	}
	got, h := told(t, bytebaseTable, legacy.Wanted{Project: "crm"}, nil)
	if diff := cmp.Diff([]string{"2 applied unverifiable in", "4 failed unverifiable past", "marker", "problem unknown_kind", "problem half_applied 4"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if notes := strings.Join(h.Notes, "\n"); !strings.Contains(notes, "crm") {
		t.Errorf("nothing is said about the other database: %q", notes)
	}
}
