package apply

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pleatdb/pleat/history"
	"github.com/pleatdb/pleat/history/migration"
)

// legacyDir holds files of another tool, and gives the events of their import.
func legacyDir(t *testing.T, n int) (dir string, events []history.Event) {
	t.Helper()
	dir = t.TempDir()
	for i := 1; i <= n; i++ {
		name, text := fmt.Sprintf("%03d.sql", i), fmt.Sprintf("SELECT %d;\nSELECT 'x';\n", i)
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		sum := migration.Checksum([]byte(text))
		events = append(events, history.Event{Kind: history.Imported, Version: fmt.Sprint(i), Name: "m", Checksum: sum, Detail: map[string]any{
			"tool": "goose", "state": "applied", "in_effect": true, "version": fmt.Sprint(i), "applied_at": "2020-01-02T03:04:05Z",
			"file": map[string]any{"path": name, "parts": []any{map[string]any{"path": name, "checksum": sum}}}}})
	}
	return dir, events
}

func stateWith(events []history.Event) *history.State {
	var entries []history.Entry
	for i, e := range events {
		entries = append(entries, history.Entry{ID: int64(i + 1), At: time.Unix(0, 0), Event: e})
	}
	return history.StateOf(entries)
}

func TestEditsOfLegacyFilesAreFoundAndOnlyEdits(t *testing.T) {
	t.Parallel()
	dir, events := legacyDir(t, 6)
	edit := func(i int, change func(string) string) {
		path := filepath.Join(dir, fmt.Sprintf("%03d.sql", i))
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(change(string(text))), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	edit(1, func(s string) string { return "\ufeff" + strings.ReplaceAll(s, "\n", "\r\n") })
	edit(2, func(s string) string { return s + " " })
	edit(3, func(string) string { return "" })
	if err := os.Remove(filepath.Join(dir, "004.sql")); err != nil {
		t.Fatal(err)
	}
	events[4].Detail["converted"] = true
	edit(5, func(string) string { return "what was converted may go" })
	events[5].Detail["file"] = map[string]any{"path": "../../etc/passwd", "parts": []any{map[string]any{"path": "../../etc/passwd", "checksum": "x"}}}
	settled := filepath.Join(dir, "000.sql")
	if err := os.WriteFile(settled, []byte("SELECT 0"), 0o644); err != nil {
		t.Fatal(err)
	}
	events = append(events, history.Event{Kind: history.ImportSummary, Detail: map[string]any{"tool": "goose",
		"settled": []any{map[string]any{"path": "000.sql", "checksum": migration.Checksum([]byte("SELECT 1"))}}}})
	got, err := CompareLegacy(stateWith(events), dir)
	if err != nil {
		t.Fatal(err)
	}
	var edited []string
	for _, f := range got.Edited {
		edited = append(edited, filepath.Base(f.Path))
	}
	if diff := cmp.Diff([]string{"002.sql", "003.sql", "000.sql"}, edited); diff != "" || got.Compared != 5 || len(got.Missing) != 1 || got.Gone {
		t.Errorf("%s\n%+v", diff, got)
	}
	if w := got.Warnings(); len(w) != 1 || !strings.Contains(w[0], "004.sql is gone") {
		t.Errorf("%q", w)
	}
	got, err = CompareLegacy(stateWith(events), filepath.Join(dir, "nowhere"))
	if err != nil || !got.Gone || len(got.Edited)+len(got.Missing) != 0 || len(got.Warnings()) != 1 {
		t.Errorf("%+v, %v", got, err)
	}
	events = append(events, history.Event{Kind: history.ImportUndone})
	if got, err = CompareLegacy(stateWith(events), dir); err != nil || got.Compared != 0 {
		t.Errorf("the import was undone: %+v, %v", got, err)
	}
	if got, err = CompareLegacy(stateWith(nil), filepath.Join(dir, "nowhere")); err != nil || got.Gone || got.Warnings() != nil {
		t.Errorf("nothing was imported: %+v, %v", got, err)
	}
}

func TestAnEditedLegacyFileStopsARun(t *testing.T) {
	dir, events := legacyDir(t, maxTold+5)
	w := newWorld(t)
	w.put(1, "a", "CREATE TABLE a ()")
	s, err := open(t.Context(), ptr(w.options()))
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	tgt, err := s.load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := newRunner(s, tgt, nil, nil).start(t.Context(), "import"); err != nil {
		t.Fatal(err)
	}
	if err := s.record(t.Context(), events...); err != nil {
		t.Fatal(err)
	}
	options := w.options()
	options.Legacy = dir
	first := filepath.Join(dir, "001.sql")
	text, err := os.ReadFile(first)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(first, []byte("DROP TABLE x;"), 0o644); err != nil {
		t.Fatal(err)
	}
	_, err = Run(t.Context(), options)
	var edited *ChecksumError
	if !errors.As(err, &edited) || edited.Tool != "goose" || edited.File != first || !strings.Contains(err.Error(), "as what goose had applied") {
		t.Errorf("%v", err)
	}
	for i := range events {
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%03d.sql", i+1)), []byte("x"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	_, err = Run(t.Context(), options)
	if n := strings.Count(err.Error(), "as what goose had applied"); n != maxTold || !strings.Contains(err.Error(), "5 more files of goose") {
		t.Errorf("%d are told: %v", n, err)
	}
	v, err := Verify(t.Context(), options, "")
	if err != nil || len(v.Problems) < maxTold || v.Legacy != maxTold+5 {
		t.Errorf("%v, %+v", err, v)
	}
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if v, err = Verify(t.Context(), options, ""); err != nil || len(v.Warnings) != 1 || !strings.Contains(v.Warnings[0], "the migrations of goose are not at") {
		t.Errorf("%v, %+v", err, v)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(first, text, 0o644); err != nil {
		t.Fatal(err)
	}
	if result, err := Run(t.Context(), options); err != nil || len(result.Done) != 1 {
		t.Errorf("files that are gone are a warning: %v", err)
	}
}

func TestImportedHistoryIsForwardOnlyHoweverOneAsks(t *testing.T) {
	_, events := legacyDir(t, 3)
	events[2].Version, events[2].Detail["version"] = "key::3", "3"
	w := newWorld(t)
	w.put(1, "a", "CREATE TABLE a ()\n-- pleat: down\nDROP TABLE a")
	s, err := open(t.Context(), ptr(w.options()))
	if err != nil {
		t.Fatal(err)
	}
	tgt, err := s.load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	r := newRunner(s, tgt, nil, nil)
	if err := r.start(t.Context(), "import"); err != nil {
		t.Fatal(err)
	}
	if err := s.record(t.Context(), events...); err != nil {
		t.Fatal(err)
	}
	run := s.run
	s.close()
	w.mustApply()
	for what, sel := range map[string]Selection{
		"3 m cannot be rolled back: goose applied it at 2020-01-02T03:04:05Z":        {Steps: 2},
		"(the same goes for 2 older ones)":                                           {To: "0"},
		"1 m cannot be rolled back":                                                  {Version: "1"},
		"3 m cannot be rolled back: goose applied it":                                {Version: "3"},
		"(the same goes for one older than it)":                                      {To: "1"},
		"what pleat itself applied goes back with: pleat rollback --steps 1":         {Run: run},
		"write a new migration that does what is wanted: change the schema files":    {Steps: 4},
		"and what was imported only goes forward, as no way back of it was ever pro": {Version: "2"},
	} {
		_, err := w.rollback(sel)
		wantRefused(t, err, "forward_only", what)
	}
	if _, err := w.rollback(Selection{To: "key::3"}); err != nil || w.tables() != "" {
		t.Errorf("back to the import: %v, %s", err, w.tables())
	}
}
