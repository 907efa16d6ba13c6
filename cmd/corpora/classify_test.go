package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCheck(t *testing.T) {
	listed := []unmanaged{{kind: "aggregate", path: []string{"public", "sum2"}, text: "public.sum2(integer)"}}
	coded := func(code, message string) answer {
		return answer{exit: 1, stdout: `{"error":{"code":"` + code + `","message":"` + message + `","object":"table public.x"}}`}
	}
	tests := []struct {
		name    string
		answer  answer
		execute bool
		want    class
	}{
		{name: "done", answer: answer{exit: 0}, want: ""},
		{name: "differs", answer: answer{exit: 2, stdout: "ALTER TABLE x"}, want: failed},
		{name: "refused by code", answer: coded("unsupported_change", "x"), want: refused},
		{name: "refused at apply", answer: coded("unsupported_change", "x"), execute: true, want: failed},
		{name: "error by code", answer: coded("connection", "x"), want: failed},
		{name: "a bug that was caught", answer: coded("internal", "this is a bug: cannot public.sum2"), want: failed},
		{name: "a wrong plan", answer: coded("proof", "public.sum2(integer) differs"), want: failed},
		{name: "the engine misses a listed object", answer: coded("engine", "function public.sum2(integer) does not exist"), want: refused},
		{name: "the engine", answer: coded("engine", "cannot do that"), want: failed},
		{name: "rows in the way", answer: coded("data", "3 rows are null"), execute: true, want: refused},
		{name: "refused in words", answer: answer{exit: 1, stderr: "error: table public.x: pleat cannot split a partition"}, want: refused},
		{name: "not built", answer: answer{exit: 1, stderr: "error: rules are not built yet"}, want: refused},
		{name: "names a listed object", answer: answer{exit: 1, stderr: "function public.sum2(integer) does not exist (SQLSTATE 42883)"}, want: refused},
		{name: "the engine cannot", answer: answer{exit: 1, stderr: "cannot drop table x (SQLSTATE 2BP01)"}, want: failed},
		{name: "any other error", answer: answer{exit: 1, stderr: "error: unexpected"}, want: failed},
		{name: "no word at all", answer: answer{exit: 1}, want: failed},
		{name: "killed", answer: answer{exit: -1}, want: failed},
		{name: "panic", answer: answer{exit: 2, stderr: "panic: cannot happen\n\ngoroutine 1 [running]:\n"}, want: failed},
		{name: "panic in disguise", answer: answer{exit: 1, stderr: "panic: cannot happen\n\ngoroutine 1 [running]:\n"}, want: failed},
		{name: "panic and success", answer: answer{exit: 0, stderr: "panic: x\n\ngoroutine 1 [running]:\n"}, want: failed},
		{name: "timeout", answer: answer{exit: 2, stderr: "SIGQUIT: quit\n\ngoroutine 1", timedOut: true}, want: failed},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := class("")
			f := test.answer.check("plan", !test.execute, listed, 0)
			if f != nil {
				got = f.Class
				if f.What == "" {
					t.Error("the finding says nothing")
				}
			}
			if got != test.want {
				t.Errorf("class %q, want %q: %+v", got, test.want, f)
			}
		})
	}
}

func TestAnswerReadsUnmanaged(t *testing.T) {
	a := answer{stdout: `{"unmanaged":["aggregate public.a()"]}`, stderr: "reading\nunmanaged: cast (text AS public.x)\n"}
	if diff := cmp.Diff([]string{"aggregate public.a()", "cast (text AS public.x)"}, a.unmanaged()); diff != "" {
		t.Error(diff)
	}
	if got := (answer{stdout: "table a"}).unmanaged(); got != nil {
		t.Errorf("got %v", got)
	}
}

func TestAnswerReadsDestroyed(t *testing.T) {
	a := answer{stdout: `{"steps":[{"object":"table public.a","destructive":true},{"object":"table public.b","destructive":false},
		{"risks":[{"kind":"destructive","object":"column public.c.x"}]},{"loses":["table public.d"]}]}`}
	if diff := cmp.Diff([]string{"table public.a", "column public.c.x", "table public.d"}, a.destroyed()); diff != "" {
		t.Error(diff)
	}
}

func TestGravestFindingIsTheClass(t *testing.T) {
	o := outcome{Class: passed}
	for _, c := range []class{onlyACL, silentlyWrong, failed} {
		o.add(finding{Class: c})
	}
	if o.Class != silentlyWrong || len(o.Findings) != 3 {
		t.Errorf("got %+v", o)
	}
}

func TestReport(t *testing.T) {
	r := &report{Outcomes: []outcome{
		{Set: "pairs", Case: "a", Class: passed, ByOrder: true, Tables: 2, Rows: 7},
		{Set: "pairs", Case: "b", Class: refused, Findings: []finding{{Class: refused, What: "plan: refused", Lines: []string{"rule x"}}}},
	}}
	if r.exitCode() != 0 {
		t.Error("a refusal is no fault")
	}
	var b strings.Builder
	r.print(&b, options{})
	want := `refused  pairs/b
    plan: refused
        rule x

    set  cases  passed  by order  acl  unmanaged  refused  not run  failed  silently wrong  tables  rows watched
  pairs      2       1         1    0          0        1        0       0               0       2             7
`
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Error(diff)
	}
	r.Outcomes[1].Class = silentlyWrong
	if r.exitCode() != 1 {
		t.Error("a silently wrong case passed")
	}
	if (&report{Outcomes: []outcome{{Class: notRun}}}).exitCode() != 1 {
		t.Error("nothing was judged, and the run passed")
	}
}
