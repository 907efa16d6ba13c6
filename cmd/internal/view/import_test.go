package view

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/pleatdb/pleat/history"
	"github.com/pleatdb/pleat/history/legacy"
)

func importOf(n int) *Import {
	h := &legacy.History{Source: legacy.Source{Tool: legacy.Goose, Schema: "a\nb", Table: "t", Rows: int64(n), Why: "its columns"}, HasDir: true}
	for i := 1; i <= n; i++ {
		h.Entries = append(h.Entries, legacy.Entry{Order: i, Key: fmt.Sprint(i), Version: fmt.Sprint(i), Name: "m", State: legacy.Applied, InEffect: true,
			AppliedAt: time.Unix(0, 0), Local: i%2 == 0, File: legacy.FileMatch{State: legacy.FileMissing, Reason: "no file of the directory is its own"}})
	}
	return &Import{History: NewImportedHistory(h, "old"), Files: []string{"pleat.hcl"}}
}

func shown(d Document) string {
	p := &page{}
	d.text(p)
	return p.b.String()
}

func TestALongHistoryIsFoldedUnlessItIsAskedFor(t *testing.T) {
	t.Parallel()
	d := importOf(entriesShown + 3)
	text := shown(d)
	for _, want := range []string{
		"… 3 earlier entries", "23 entries: 23 applied. Files: 23 missing.", `in "a\nb".t (23 rows), by its columns`, "  applied  23 m  1970-01-01T00:00:00Z",
		"22 m  1970-01-01T00:00:00 (zone unknown)  missing: no file", "Wrote pleat.hcl",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in:\n%s", want, text)
		}
	}
	if strings.Contains(text, "applied  3 m") {
		t.Errorf("it is not folded:\n%s", text)
	}
	d.Verbose()
	if text = shown(d); !strings.Contains(text, " 3 m ") || strings.Contains(text, "earlier") {
		t.Errorf("it is folded:\n%s", text)
	}
}

func TestAllProblemsOfAnImportAreListedWithTheirWaysOut(t *testing.T) {
	t.Parallel()
	e := &ImportRefusal{}
	for i := range entriesShown + 2 {
		e.Problems = append(e.Problems, legacy.Problem{Code: legacy.Mismatch, Key: fmt.Sprint(i), Message: fmt.Sprintf("file %d\nis another", i), Next: "bring it back"})
	}
	f := Explain(fmt.Errorf("import: %w", e))
	if f.Code != "mismatch" || f.Reason != "mismatch" || len(f.Problems) != entriesShown+2 || f.Problems[1].Key != "1" {
		t.Errorf("%+v", f)
	}
	p := &page{}
	p.failure(f)
	text := p.b.String()
	if !strings.Contains(text, "22 things speak against") || !strings.Contains(text, `  mismatch: file 0\nis another`) || strings.Count(text, "bring it back") != 1 || !strings.Contains(text, "… and 2 more") {
		t.Error(text)
	}
	p = &page{}
	p.failure(Explain(&ImportRefusal{Problems: e.Problems[:1]}))
	if text = p.b.String(); !strings.Contains(text, "Error: file 0") || !strings.Contains(text, "Next: bring it back") {
		t.Error(text)
	}
}

func TestHistoryTellsWhatAnotherToolAppliedAndFoldsIt(t *testing.T) {
	t.Parallel()
	var entries []history.Entry
	for i := range entriesShown + 5 {
		entries = append(entries, history.Entry{ID: int64(i + 1), Event: history.Event{Kind: history.Imported, Version: fmt.Sprintf("k%d", i), Detail: map[string]any{
			"tool": "goose", "version": fmt.Sprint(i), "state": "applied", "applied_at": "2020-01-01T00:00:00Z", "in_effect": i%2 == 0}}})
	}
	entries = append(entries, history.Entry{Event: history.Event{Kind: history.ImportUndone, Detail: map[string]any{"of": 7}}})
	text := shown(NewHistory("db", entries, false))
	if !strings.Contains(text, "… 5 earlier imported entries") || !strings.Contains(text, "goose 24, applied at 2020-01-01T00:00:00Z") || strings.Contains(text, "k4 ") ||
		!strings.Contains(text, "k5 ") || !strings.Contains(text, "goose 23, applied, no longer in effect at") || !strings.Contains(text, "takes back the import of row 7") {
		t.Error(text)
	}
	if text = shown(NewHistory("db", entries, true)); !strings.Contains(text, "k0 ") {
		t.Error(text)
	}
}
