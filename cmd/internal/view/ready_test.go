package view

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pleatdb/pleat/apply"
	"github.com/pleatdb/pleat/history/migration"
)

func TestReadyForPeople(t *testing.T) {
	at := time.Date(2026, 11, 20, 15, 30, 0, 0, time.FixedZone("", 3600))
	d := NewReady("app", 14*24*time.Hour, false)
	file := func(version string) *migration.Migration {
		return &migration.Migration{Version: version, Name: "x", Phase: migration.Contract}
	}
	d.Add(file("20260101000001"), &apply.Verdict{State: apply.EvidenceSafe, Since: at, Checked: at})
	if !d.Ready {
		t.Error("a safe file is not ready")
	}
	d.Add(file("20260101000002"), &apply.Verdict{
		State: apply.EvidenceUsed, Checked: at, Missing: []string{"a standby"},
		Uses:     []apply.Use{{Query: "SELECT a\n\x1b[2J", Role: "app", Calls: 1, Source: "statements", Reason: "no a"}, {Query: "t.a", Source: "a write of x", LastSeen: at}},
		Warnings: []apply.Use{{Query: "SELECT *", Calls: 2, Source: "statements", Reason: "a goes"}},
	})
	p := &page{}
	d.text(p)
	want := `verdict  file                           uses  warnings  missing  counted since
safe     20260101000001_x.contract.sql  0     0         0        2026-11-20 14:30 UTC
used     20260101000002_x.contract.sql  2     1         1        -

20260101000002_x.contract.sql
  used by statements, role app, 1 call: SELECT a\n\x1b[2J
    no a
  used by a write of x, last seen 2026-11-20T14:30:00Z: t.a
  missing: a standby
  warning: statements, 2 calls: SELECT *
    a goes

This environment does without evidence: pleat apply runs contract files whatever the verdict.
`
	if diff := cmp.Diff(strings.Split(want, "\n"), strings.Split(p.b.String(), "\n")); diff != "" {
		t.Error(diff)
	}
	if d.Ready || len(d.Contracts) != 2 || d.WindowSeconds != 1209600 {
		t.Errorf("%+v", d)
	}
}

func TestNothingIsPendingForReady(t *testing.T) {
	p := &page{}
	NewReady("app", 0, true).text(p)
	if got := p.b.String(); got != "No contract file is pending.\n" {
		t.Errorf("got %q", got)
	}
}
