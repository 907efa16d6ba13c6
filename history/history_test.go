package history

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/pleatdb/pleat/history/migration"
	"github.com/pleatdb/pleat/inspect/pgtest"
	"github.com/pleatdb/pleat/schema"
)

func connect(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

// created is a log in a fresh database.
func created(t *testing.T) (*Log, *pgx.Conn, string) {
	t.Helper()
	url := pgtest.URL(t)
	conn := connect(t, url)
	l := Open(conn)
	inTx(t, conn, func(tx pgx.Tx) error { return l.Create(t.Context(), tx, Event{Run: "r0"}) })
	return l, conn, url
}

func inTx(t *testing.T, conn *pgx.Conn, f func(tx pgx.Tx) error) {
	t.Helper()
	if err := pgx.BeginFunc(t.Context(), conn, f); err != nil {
		t.Fatal(err)
	}
}

func record(t *testing.T, l *Log, conn *pgx.Conn, events ...Event) {
	t.Helper()
	for _, e := range events {
		inTx(t, conn, func(tx pgx.Tx) error {
			_, err := l.Append(t.Context(), tx, e)
			return err
		})
	}
}

func TestReadersWorkWithoutAHistoryAndCreateNothing(t *testing.T) {
	url := pgtest.URL(t)
	before := pgtest.Dump(t, url)
	l := Open(connect(t, url))
	state, err := l.State(t.Context())
	if err != nil || len(state.Records) != 0 || state.Head != "" {
		t.Errorf("state %+v, %v", state, err)
	}
	if err := l.Verify(t.Context()); err != nil {
		t.Error(err)
	}
	if err := l.VerifySnapshots(t.Context()); err != nil {
		t.Error(err)
	}
	if _, _, ok, err := l.File(t.Context(), "x"); ok || err != nil {
		t.Errorf("file %v, %v", ok, err)
	}
	if c, e, err := l.LatestSnapshot(t.Context()); c != nil || e != nil || err != nil {
		t.Errorf("snapshot %v %v %v", c, e, err)
	}
	if diff := cmp.Diff(before, pgtest.Dump(t, url)); diff != "" {
		t.Error(diff)
	}
}

func TestEventsComeBackAsTheyWereAndTheChainHolds(t *testing.T) {
	l, conn, url := created(t)
	full := Event{
		Kind: StepDone, Run: NewRunID(time.Now()), Version: "20261120153000", Name: "ünï", Phase: migration.Expand, Step: 3, Part: 1,
		Parts: 2, Checksum: strings.Repeat("ab", 32), Release: "v1", Client: Client{"host", "me", 42, "pleat apply"}, Tool: "1.0",
		Duration: 1234567 * time.Nanosecond, SQLState: "55P03", Snapshot: "f",
		Detail: map[string]any{
			"z": "last", "a": []any{1, 2.50, 1e3, true, nil}, "text": "a\x00b <&>\u2028 \\ \" \xff", "big": math.MaxInt64, "tiny": 1e-7,
			"nested": map[string]any{"b": 1, "a": "é"},
		},
	}
	record(t, l, conn, full, Event{Kind: Failed, Run: "r\x00un"}, full)

	// Reading must not depend on how a session is set up.
	other := connect(t, url)
	if _, err := other.Exec(t.Context(), `SET DateStyle = 'German'; SET TimeZone = 'Asia/Kathmandu'; SET bytea_output = 'escape';
		SET search_path = ''; SET IntervalStyle = 'sql_standard'`, pgx.QueryExecModeSimpleProtocol); err != nil {
		t.Fatal(err)
	}
	entries, err := Open(other).Entries(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := VerifyEntries(entries); err != nil {
		t.Error(err)
	}
	if len(entries) != 4 || entries[0].Kind != Created || entries[2].Run != "r\uFFFDun" {
		t.Fatalf("entries %+v", entries)
	}
	want := full
	want.Duration = 2 * time.Millisecond
	if diff := cmp.Diff(want, entries[3].Event, cmpopts.IgnoreFields(Event{}, "Detail")); diff != "" {
		t.Error(diff)
	}
	if entries[3].Actor == "" || entries[3].SessionActor == "" || entries[3].At.IsZero() {
		t.Errorf("entry %+v", entries[3])
	}
	if after, err := l.Entries(t.Context(), 2); err != nil || len(after) != 2 {
		t.Errorf("entries after 2: %v, %v", after, err)
	}
}

func TestTheLogRefusesChange(t *testing.T) {
	l, conn, _ := created(t)
	record(t, l, conn, Event{Kind: Applied, Run: "r", Version: "1"})
	for _, sql := range []string{
		"UPDATE pleat.log SET run = 'x'", "DELETE FROM pleat.log", "TRUNCATE pleat.log", "DELETE FROM pleat.file",
		"SET session_replication_role = replica; DELETE FROM pleat.log WHERE id = 2",
	} {
		_, err := conn.Exec(t.Context(), sql, pgx.QueryExecModeSimpleProtocol)
		var pg *pgconn.PgError
		if !errors.As(err, &pg) || pg.Code != "42501" {
			t.Errorf("%s: %v", sql, err)
		}
	}
	if err := l.Verify(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestVerifyNamesTheFirstRowThatWasTamperedWith(t *testing.T) {
	const off = "ALTER TABLE pleat.log DISABLE TRIGGER append_only; ALTER TABLE pleat.file DISABLE TRIGGER append_only;"
	const on = "; ALTER TABLE pleat.log ENABLE ALWAYS TRIGGER append_only; ALTER TABLE pleat.file ENABLE ALWAYS TRIGGER append_only"
	for _, tc := range []struct{ name, sql, want string }{
		{"edited", off + "UPDATE pleat.log SET actor = 'somebody' WHERE id = 3" + on, "row 3 of pleat.log (applied): its digest does not match its columns"},
		{"null filled", off + "UPDATE pleat.log SET sqlstate = '00000' WHERE id = 4" + on, "row 4 of pleat.log"},
		{"detail", off + `UPDATE pleat.log SET detail = '{"a": 2}' WHERE id = 2` + on, "row 2 of pleat.log"},
		{"removed", off + "DELETE FROM pleat.log WHERE id = 3" + on, "row 4 of pleat.log (rolled_back): row 3 is missing before it"},
		{"first removed", off + "DELETE FROM pleat.log WHERE id = 1" + on, "row 2 of pleat.log (step_done): row 1 is missing before it"},
		{"swapped", off + "UPDATE pleat.log SET id = id + 10 WHERE id IN (2,3); UPDATE pleat.log SET id = CASE id WHEN 12 THEN 3 ELSE 2 END WHERE id > 10" + on, "row 2 of pleat.log"},
		{"end removed", off + "DELETE FROM pleat.log WHERE id > 1" + on, "no row names the kept file a.sql"},
		{"file edited", off + "UPDATE pleat.file SET content = 'x'" + on, "the kept text of a.sql does not match its checksum"},
		{"trigger off", off, "the trigger that makes it append-only is off or gone"},
		{"trigger dropped", "DROP TRIGGER append_only ON pleat.log", "the trigger that makes it append-only is off or gone"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			l, conn, url := created(t)
			text := []byte("SELECT 1\n")
			sum := migration.Checksum(text)
			inTx(t, conn, func(tx pgx.Tx) error {
				return l.SaveFile(t.Context(), tx, Event{Run: "r", Checksum: sum}, "a.sql", text)
			})
			record(t, l, conn, Event{Kind: StepDone, Run: "r", Version: "1", Checksum: sum, Detail: map[string]any{"a": 1}},
				Event{Kind: Applied, Run: "r", Version: "1", Checksum: sum}, Event{Kind: RolledBack, Run: "r", Version: "1"})
			if err := l.Verify(t.Context()); err != nil {
				t.Fatal(err)
			}
			pgtest.Exec(t, url, tc.sql)
			err := l.Verify(t.Context())
			var chain *ChainError
			if !errors.As(err, &chain) || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got  %v\nwant %s", err, tc.want)
			}
		})
	}
}

func TestCreateRefusesSomebodyElsesSchema(t *testing.T) {
	url := pgtest.URL(t)
	pgtest.Exec(t, url, "CREATE SCHEMA pleat; CREATE TABLE pleat.mine()")
	conn := connect(t, url)
	err := pgx.BeginFunc(t.Context(), conn, func(tx pgx.Tx) error { return Open(conn).Create(t.Context(), tx, Event{Run: "r"}) })
	if !errors.Is(err, ErrOccupied) {
		t.Errorf("got %v", err)
	}
}

func TestANewerFormatIsRefused(t *testing.T) {
	l, conn, _ := created(t)
	if _, err := conn.Exec(t.Context(), `ALTER TABLE pleat.log DISABLE TRIGGER append_only; UPDATE pleat.log SET detail = '{"format": 2}'`,
		pgx.QueryExecModeSimpleProtocol); err != nil {
		t.Fatal(err)
	}
	if _, err := l.State(t.Context()); err == nil || !strings.Contains(err.Error(), "use a newer pleat") {
		t.Errorf("got %v", err)
	}
}

func TestTwoSessionsAppendOneChain(t *testing.T) {
	l, conn, url := created(t)
	done := make(chan error, 4)
	for range 4 {
		c := connect(t, url)
		go func() {
			for range 25 {
				if err := pgx.BeginFunc(context.Background(), c, func(tx pgx.Tx) error {
					_, err := Open(c).Append(context.Background(), tx, Event{Kind: Approved, Run: "r"})
					return err
				}); err != nil {
					done <- err
					return
				}
			}
			done <- nil
		}()
	}
	for range 4 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	_ = conn
	if err := l.Verify(t.Context()); err != nil {
		t.Error(err)
	}
	if state, err := l.State(t.Context()); err != nil || state.Length != 101 {
		t.Errorf("length %d, %v", state.Length, err)
	}
}

func TestSnapshotsAndFilesAreKeptOnce(t *testing.T) {
	l, conn, url := created(t)
	catalog := schema.New()
	catalog.Add(&schema.Namespace{Name: "a\"b<é>"})
	for range 2 {
		inTx(t, conn, func(tx pgx.Tx) error {
			if err := l.SaveFile(t.Context(), tx, Event{Run: "r", Checksum: migration.Checksum([]byte("ä\n"))}, "a.sql", []byte("ä\n")); err != nil {
				return err
			}
			_, err := l.Baseline(t.Context(), tx, Event{Run: "r", Checksum: migration.Checksum([]byte("ä\n"))}, "20260101000000", catalog)
			return err
		})
	}
	back, entry, err := l.LatestSnapshot(t.Context())
	if err != nil || entry.ID != 3 || back.Fingerprint() != catalog.Fingerprint() {
		t.Errorf("snapshot %v, %v, %v", back, entry, err)
	}
	if name, text, ok, err := l.File(t.Context(), migration.Checksum([]byte("ä\n"))); name != "a.sql" || string(text) != "ä\n" || !ok || err != nil {
		t.Errorf("file %q %q %v %v", name, text, ok, err)
	}
	if err := errors.Join(l.Verify(t.Context()), l.VerifySnapshots(t.Context())); err != nil {
		t.Error(err)
	}
	pgtest.Exec(t, url, "UPDATE pleat.snapshot SET catalog = '{\"version\":1,\"objects\":[]}'")
	var chain *ChainError
	if err := l.VerifySnapshots(t.Context()); !errors.As(err, &chain) {
		t.Errorf("a changed snapshot was not found: %v", err)
	}
}

func TestAPreparedSchemaIsEnough(t *testing.T) {
	url := pgtest.URL(t)
	pgtest.Exec(t, url, "CREATE ROLE history_keeper; CREATE SCHEMA pleat; GRANT USAGE, CREATE ON SCHEMA pleat TO history_keeper")
	t.Cleanup(func() { pgtest.Exec(t, url, "DROP OWNED BY history_keeper; DROP ROLE history_keeper") })
	conn := connect(t, url)
	if _, err := conn.Exec(t.Context(), "SET ROLE history_keeper"); err != nil {
		t.Fatal(err)
	}
	l := Open(conn)
	inTx(t, conn, func(tx pgx.Tx) error { return l.Create(t.Context(), tx, Event{Run: "r"}) })
	if err := l.Verify(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestPasswordsAreNotKept: the copy of a file that sets a password has none, is known as such, and is guarded like any other.
func TestPasswordsAreNotKept(t *testing.T) {
	l, conn, url := created(t)
	text := []byte("ALTER ROLE app PASSWORD 'canary-1';\nSELECT 1\n")
	sum := migration.Checksum(text)
	for range 2 {
		inTx(t, conn, func(tx pgx.Tx) error {
			return l.SaveFile(t.Context(), tx, Event{Run: "r", Version: "1", Checksum: sum}, "a.sql", text)
		})
	}
	if _, kept, ok, err := l.File(t.Context(), sum); err != nil || !ok || string(kept) != "ALTER ROLE app PASSWORD '********';\nSELECT 1\n" {
		t.Errorf("kept %q (%t, %v)", kept, ok, err)
	}
	entries, err := l.Entries(t.Context(), 0)
	if err != nil || len(entries) != 2 || entries[1].Kind != FileMasked || entries[1].Checksum != sum {
		t.Errorf("%d entries (%v)", len(entries), err)
	}
	if err := l.Verify(t.Context()); err != nil {
		t.Error(err)
	}
	pgtest.Exec(t, url, `ALTER TABLE pleat.file DISABLE TRIGGER append_only; UPDATE pleat.file SET content = convert_to('ALTER ROLE app PASSWORD ''********'';
DROP TABLE t', 'UTF8'); ALTER TABLE pleat.file ENABLE ALWAYS TRIGGER append_only`)
	var chain *ChainError
	if err := l.Verify(t.Context()); !errors.As(err, &chain) || !strings.Contains(err.Error(), "does not match its checksum") {
		t.Errorf("a changed copy is not found: %v", err)
	}
}
