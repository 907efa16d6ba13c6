package history

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/jackc/pgx/v5"

	"github.com/pleatdb/pleat/history/migration"
	"github.com/pleatdb/pleat/schema"
)

// many are more events than one statement carries, with every field set, hostile text and empty ones among them.
func many(n int) (out []Event) {
	for i := range n {
		e := Event{Kind: Imported, Run: "r1", Version: fmt.Sprintf("v%d", i), Detail: map[string]any{
			"in_effect": i%2 == 0, "tool": "goose", "version": fmt.Sprint(i), "state": "applied", "applied_at": "2024-02-03T04:05:06.5Z",
			"file": map[string]any{"path": "a.sql", "parts": []any{map[string]any{"path": "a.sql", "checksum": "c"}}}}}
		switch i % 4 {
		case 1:
			e.Name, e.Checksum, e.Duration = "a\"b\nc\x00$1 {NULL,\\}", strings.Repeat("ab", 32), 1500*time.Microsecond
		case 2:
			e.Phase, e.Step, e.Part, e.Parts, e.Release, e.SQLState = migration.Expand, 3, 1, 2, "rel", "42601"
			e.Client, e.Tool, e.Snapshot = Client{"host", "user", 42, "app"}, "pleat 1", "f"
		case 3:
			e.Detail = nil
		}
		out = append(out, e)
	}
	return out
}

func TestManyEventsAtOnceAreWhatTheyAreOneByOne(t *testing.T) {
	t.Parallel()
	l, conn, _ := created(t)
	var wrote []Entry
	inTx(t, conn, func(tx pgx.Tx) (err error) {
		wrote, err = l.AppendAll(t.Context(), tx, many(2*bulkRows+7))
		return err
	})
	record(t, l, conn, Event{Kind: RunStarted, Run: "r2"})
	read, err := l.Entries(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(wrote, read[:len(wrote)], cmpopts.EquateEmpty(), cmpopts.IgnoreFields(Event{}, "Detail")); diff != "" {
		t.Errorf("-written +read\n%s", diff)
	}
	if err := l.Verify(t.Context()); err != nil {
		t.Error(err)
	}
	if none, err := l.AppendAll(t.Context(), nil, nil); none != nil || err != nil {
		t.Error("no events are no work")
	}
}

func TestImportedMigrationsAreStateUntilTheImportIsUndone(t *testing.T) {
	t.Parallel()
	l, conn, _ := created(t)
	record(t, l, conn,
		Event{Kind: Imported, Version: "20200101000000", Name: "one", Detail: map[string]any{"in_effect": true, "tool": "rails", "version": "20200101000000", "state": "applied",
			"applied_at": "2020-01-01T00:00:00", "zone": "unknown", "file": map[string]any{"path": "1.rb", "parts": []any{map[string]any{"path": "1.rb", "checksum": "c"}}}}},
		Event{Kind: Imported, Version: "gone", Detail: map[string]any{"in_effect": false, "state": "undone"}})
	var fingerprint string
	inTx(t, conn, func(tx pgx.Tx) (err error) {
		fingerprint, err = l.SaveSnapshot(t.Context(), tx, schema.New())
		return err
	})
	record(t, l, conn, Event{Kind: ImportSummary, Snapshot: fingerprint})
	s, err := l.State(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := &Legacy{Tool: "rails", Version: "20200101000000", State: "applied", AppliedAt: time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC), Local: true,
		Path: "1.rb", Parts: []LegacyPart{{"1.rb", "c"}}}
	if len(s.Records) != 1 || s.Records[0].Status != StatusImported || cmp.Diff(want, s.Records[0].Legacy) != "" {
		t.Errorf("records %+v", s.Records)
	}
	if !s.Done("20200101000000") || s.Done("gone") || s.Newest() != "20200101000000" || s.Snapshot != fingerprint {
		t.Errorf("done, newest or snapshot are wrong: %+v", s)
	}
	entries, err := l.Entries(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	if i := LastImport(entries); i == nil || i.BuiltOn() != nil || Unused(entries) {
		t.Error("nothing was built on the import, and it counts")
	}
	rows := viewed(t, conn)
	if diff := cmp.Diff([]string{"20200101000000 imported"}, rows); diff != "" {
		t.Error(diff)
	}
	record(t, l, conn, Event{Kind: ImportUndone})
	if entries, err = l.Entries(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	s = StateOf(entries)
	if len(s.Records) != 0 || s.Snapshot != "" || LastImport(entries) != nil || !Unused(entries) || len(viewed(t, conn)) != 0 {
		t.Errorf("the import still counts: %+v", s)
	}
	if c, _, err := l.LatestSnapshot(t.Context()); c != nil || err != nil {
		t.Errorf("snapshot %v, %v", c, err)
	}
	record(t, l, conn, Event{Kind: RunStarted})
	if entries, err = l.Entries(t.Context(), 0); err != nil || Unused(entries) {
		t.Errorf("a run began: %v", err)
	}
}

func viewed(t *testing.T, conn *pgx.Conn) []string {
	t.Helper()
	rows, err := conn.Query(t.Context(), "SELECT version || ' ' || state FROM pleat.state ORDER BY 1")
	if err != nil {
		t.Fatal(err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestManyFilesAreKeptWithoutTheirPasswords(t *testing.T) {
	t.Parallel()
	l, conn, _ := created(t)
	secret, plain := []byte("CREATE ROLE x PASSWORD 'hunter22';"), []byte("SELECT 1;\r\n")
	files := []KeptFile{
		{"1", migration.Checksum(plain), "one.sql", plain}, {"2", migration.Checksum(secret), "two.sql", secret},
		{"3", migration.Checksum(plain), "three.sql", plain},
	}
	for range 2 {
		inTx(t, conn, func(tx pgx.Tx) error {
			if _, err := l.AppendAll(t.Context(), tx, []Event{{Kind: Imported, Version: "1", Checksum: files[0].Checksum}, {Kind: Imported, Version: "2", Checksum: files[1].Checksum}}); err != nil {
				return err
			}
			return l.SaveFiles(t.Context(), tx, Event{Run: "r1"}, files)
		})
	}
	if err := l.Verify(t.Context()); err != nil {
		t.Error(err)
	}
	name, text, ok, err := l.File(t.Context(), files[1].Checksum)
	if err != nil || !ok || name != "two.sql" || strings.Contains(string(text), "hunter22") {
		t.Errorf("%s %v %v: %s", name, ok, err, text)
	}
	if _, text, _, _ = l.File(t.Context(), files[0].Checksum); string(text) != string(plain) {
		t.Errorf("the text was changed: %q", text)
	}
}
