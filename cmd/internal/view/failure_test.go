package view

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/pleatdb/pleat/apply"
	"github.com/pleatdb/pleat/cmd/internal/draft"
	"github.com/pleatdb/pleat/history"
	"github.com/pleatdb/pleat/history/migration"
	"github.com/pleatdb/pleat/inspect/shadow"
	"github.com/pleatdb/pleat/inspect/shadow/server"
	"github.com/pleatdb/pleat/planner"
	"github.com/pleatdb/pleat/schema"
)

func TestEveryErrorHasItsCode(t *testing.T) {
	people := schema.ID{Kind: schema.KindTable, Schema: "public", Name: "people"}
	pg := &pgconn.PgError{Severity: "ERROR", Code: "42P01", Message: "relation does not exist"}
	m := &migration.Migration{Version: "20260101000000", Name: "x"}
	for _, test := range []struct {
		err  error
		want Failure
	}{
		{&planner.Unsupported{Object: people, Reason: "no"}, Failure{Code: "unsupported", Object: "table public.people"}},
		{&planner.Unsupported{Object: schema.ID{Kind: schema.KindUnmanaged, Name: "a", Args: "cast"}}, Failure{Code: "unmanaged", Object: "unmanaged cast a"}},
		{&planner.MoveError{Move: planner.Move{From: people, To: people}}, Failure{Code: "move", Object: "table public.people"}},
		{&draft.RenameError{Pairs: []planner.Move{{From: people, To: people}}}, Failure{Code: "rename", Object: "table public.people"}},
		{&shadow.ProofError{Direction: "up", Differences: []string{"a"}}, Failure{Code: "proof"}},
		{&shadow.ObjectError{Object: people, SQL: "SELECT", Err: pg}, Failure{Code: "engine", Object: "table public.people", SQLState: "42P01"}},
		{&apply.StepError{Migration: m, SQLState: "42P01", Line: 3, Err: pg}, Failure{Code: "step", SQLState: "42P01", File: "20260101000000_x.sql", Line: 3}},
		{&apply.DriftError{File: "f", Objects: []apply.ObjectDiff{{ID: people}}}, Failure{Code: "drift", File: "f", Object: "table public.people"}},
		{&apply.ChecksumError{File: "f"}, Failure{Code: "checksum", File: "f"}},
		{&apply.LockHeldError{}, Failure{Code: "lock-held"}},
		{&apply.GateClosed{Held: apply.Held{Migration: m, Reason: "early"}}, Failure{Code: "gate", Reason: "early", File: "20260101000000_x.sql"}},
		{&apply.CheckError{}, Failure{Code: "data"}},
		{&apply.Refused{Code: "order"}, Failure{Code: "refused", Reason: "order"}},
		{&migration.IntegrityError{Path: "m", Problems: []migration.Problem{{File: "f"}}}, Failure{Code: "checksum", File: "f"}},
		{migration.SyntaxErrors{{File: "f", Line: 2, Summary: "s"}}, Failure{Code: "migration", File: "f", Line: 2}},
		{&migration.NameError{File: "f"}, Failure{Code: "migration", File: "f"}},
		{&history.ChainError{}, Failure{Code: "chain"}},
		{history.ErrOccupied, Failure{Code: "chain"}},
		{&server.NotFoundError{Major: 17}, Failure{Code: "shadow"}},
		{context.Canceled, Failure{Code: "interrupted"}},
		{&fs.PathError{Op: "open", Path: "f", Err: fs.ErrNotExist}, Failure{Code: "error", File: "f"}},
		{&Refusal{Code: "not-built", Message: "m"}, Failure{Code: "not-built"}},
		{&Bug{Value: "v"}, Failure{Code: "internal"}},
		{errors.New("x"), Failure{Code: "error"}},
		{pg, Failure{Code: "error", SQLState: "42P01"}},
	} {
		f := Explain(fmt.Errorf("while testing: %w", test.err))
		got := Failure{Code: f.Code, Object: f.Object, SQLState: f.SQLState, File: f.File, Line: f.Line, Reason: f.Reason}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%T (-want +got)\n%s", test.err, diff)
		}
		if f.Message == "" {
			t.Errorf("%T says nothing", test.err)
		}
	}
}

func TestFailureIsOneJSONObject(t *testing.T) {
	v, out, errs := recordedView(Options{JSON: true, Command: "apply"})
	v.Note("seen before")
	v.Fail(&apply.Refused{Code: "order", Reason: "too old", Next: "give it a new version"})
	var got Failed
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	want := Failed{
		Head:  Head{Version: 1, Command: "apply", Notes: []string{"seen before"}},
		Error: Failure{Code: "refused", Reason: "order", Message: "while testing", Next: "give it a new version"},
	}
	want.Error.Message = "too old; give it a new version"
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(Head{})); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if !strings.HasSuffix(errs.String(), "Error: too old; give it a new version\n") {
		t.Errorf("standard error has %q", errs.String())
	}
}

func TestDiagnosticsAreSortedAndMarked(t *testing.T) {
	text := "a = 1\n\tbé = foo(x) \x1b[31m\nlast = <<X\n"
	files := map[string]*hcl.File{"b.hcl": {Bytes: []byte(text)}}
	at := func(start, end, line, column int) *hcl.Range {
		return &hcl.Range{Filename: "b.hcl", Start: hcl.Pos{Line: line, Column: column, Byte: start}, End: hcl.Pos{Line: line, Column: column + end - start, Byte: end}}
	}
	open := at(strings.Index(text, "<<X"), len(text), 3, 8)
	open.End.Line = 4
	diags := hcl.Diagnostics{
		{Severity: hcl.DiagError, Summary: "Unclosed", Subject: open},
		{Severity: hcl.DiagWarning, Summary: "Odd call", Detail: "First.\nSecond.", Subject: at(strings.Index(text, "foo"), strings.Index(text, "foo")+3, 2, 7)},
		{Severity: hcl.DiagError, Summary: "Nowhere"},
		{Severity: hcl.DiagError, Summary: "Nowhere"},
	}
	v, _, errs := recordedView(Options{})
	v.Fail(&DiagnosticsError{Diags: diags, Files: files})
	want := `Error: Nowhere

Warning: Odd call
  b.hcl:2:7
  2 | 	bé = foo(x) \x1b[31m
    | 	     ^^^
  First.
  Second.

Error: Unclosed
  b.hcl:3:8
  3 | last = <<X
    |        ^^^

Error: 2 problems in the files
`
	if diff := cmp.Diff(want, errs.String()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestRefusedStatementIsShownWithItsCaret(t *testing.T) {
	v, _, errs := recordedView(Options{})
	pg := &pgconn.PgError{Severity: "ERROR", Code: "42703", Message: `column "y" does not exist`, Position: 17, Hint: "Perhaps x."}
	v.Fail(&shadow.ObjectError{Object: schema.ID{Kind: schema.KindView, Schema: "public", Name: "v"}, SQL: "CREATE\nSELECT x, y", Err: pg})
	want := `Error: PostgreSQL refuses view public.v: column "y" does not exist (SQLSTATE 42703)
  2 | SELECT x, y
    |          ^
  hint: Perhaps x.
`
	if diff := cmp.Diff(want, errs.String()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
