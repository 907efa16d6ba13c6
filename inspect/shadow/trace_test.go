package shadow

import (
	"bufio"
	"context"
	"errors"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/pleatdb/pleat/inspect/pgtest"
	"github.com/pleatdb/pleat/planner"
	"github.com/pleatdb/pleat/schema"
	"github.com/pleatdb/pleat/schema/sqltext"
)

const traceSetup = `
	CREATE DOMAIN public.positive AS int CHECK (VALUE > 0);
	CREATE DOMAIN public.plain AS int;
	CREATE TYPE public.color AS ENUM ('red', 'green');
	CREATE TABLE public.p (id int PRIMARY KEY);
	CREATE TABLE public.t (id int PRIMARY KEY, a int, b text, v varchar(50));
	CREATE INDEX t_a ON public.t (a);
	CREATE INDEX t_v ON public.t (v);
	CREATE TABLE public.parted (id int NOT NULL, r int) PARTITION BY RANGE (id);
	CREATE TABLE public.parted1 PARTITION OF public.parted FOR VALUES FROM (0) TO (1000);
	CREATE TABLE public.parted2 PARTITION OF public.parted FOR VALUES FROM (1000) TO (2000);
	CREATE TABLE public.att (id int NOT NULL, r int);
	CREATE FUNCTION public.f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'`

// effectCase is a case of testdata/effects.txt.
type effectCase struct {
	name, with, run string
	// want is what is expected, by major version.
	want map[int]string
}

func effectCases(t *testing.T) (out []*effectCase) {
	t.Helper()
	f, err := os.Open("testdata/effects.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		word, rest, _ := strings.Cut(lines.Text(), " ")
		switch word {
		case "", "#":
		case "##":
			out = append(out, &effectCase{name: rest, want: map[int]string{}})
		case "with":
			out[len(out)-1].with = rest
		case "run":
			out[len(out)-1].run = rest
		default:
			from, to, _ := strings.Cut(word, "-")
			first, err1 := strconv.Atoi(from)
			last, err2 := strconv.Atoi(to)
			if err := errors.Join(err1, err2); err != nil {
				t.Fatal(err)
			}
			for major := first; major <= last; major++ {
				out[len(out)-1].want[major] = rest
			}
		}
	}
	return out
}

// TestEffects holds the measurements on the version of the test's server to those that were read and judged.
func TestEffects(t *testing.T) {
	s := testShadow(t)
	url := pgtest.URL(t)
	pgtest.Exec(t, url, traceSetup)
	live := inspectURL(t, url)
	for _, tc := range effectCases(t) {
		t.Run(tc.name, func(t *testing.T) {
			effects, err := s.Trace(context.Background(), live, []Script{
				{File: "before", SQL: split(t, tc.with), Transactional: true},
				{File: "it", SQL: split(t, tc.run), Transactional: transactional(split(t, tc.run))},
			})
			got := "error"
			if err == nil {
				var texts []string
				for _, e := range effects[1] {
					texts = append(texts, effectText(e))
				}
				got = strings.ReplaceAll(strings.Join(texts, " / "), "\n", `\n`)
			}
			if want := tc.want[s.Major()]; got != want {
				t.Errorf("%d-%d %s\nwant  %s\nerror %v", s.Major(), s.Major(), got, want, err)
			}
		})
	}
}

// transactional reports whether all statements may be in one transaction.
func transactional(statements []string) bool {
	return !slices.ContainsFunc(statements, func(s string) bool {
		c := sqltext.Classify(s)
		return !c.Transactional || c.TransactionControl || c.MayCommit || c.Kind == "DeallocateStmt"
	})
}

func split(t *testing.T, text string) []string {
	t.Helper()
	out, err := splitStatements(strings.ReplaceAll(text, `\n`, "\n"))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// effectText is an effect on one line.
func effectText(e planner.Effect) string {
	var parts []string
	short := func(id schema.ID) string {
		if id.Schema == "public" {
			return id.Name
		}
		return id.Schema + "." + id.Name
	}
	var locks []string
	for _, l := range e.Locks {
		locks = append(locks, short(l.On)+": "+l.Mode.String())
	}
	if len(locks) > 0 {
		parts = append(parts, strings.Join(locks, ", "))
	}
	for _, list := range []struct {
		word string
		ids  []schema.ID
	}{{"scans", e.Scans}, {"rewrites", e.Rewrites}, {"builds", e.Builds}, {"validates", e.Validates}} {
		var names []string
		for _, id := range list.ids {
			names = append(names, short(id))
		}
		if len(names) > 0 {
			parts = append(parts, list.word+" "+strings.Join(names, ", "))
		}
	}
	if len(parts) == 0 {
		return "nothing"
	}
	return strings.Join(parts, "; ")
}

// TestTraceStops hands over what was measured before a statement failed.
func TestTraceStops(t *testing.T) {
	effects, err := testShadow(t).Trace(context.Background(), nil, []Script{
		{File: "a", Step: 1, SQL: []string{"CREATE TABLE public.t (id int)"}, Transactional: true},
		{File: "b", Step: 2, SQL: []string{"ALTER TABLE public.t ADD COLUMN a int", "ALTER TABLE public.t ADD COLUMN b nothing"}, Transactional: true},
		{File: "c", Step: 3, SQL: []string{"SELECT 1"}},
	})
	var oe *ObjectError
	if !errors.As(err, &oe) || oe.SQL != "ALTER TABLE public.t ADD COLUMN b nothing" || !strings.Contains(err.Error(), "measure b, step 2") {
		t.Fatalf("got %v", err)
	}
	if len(effects) != 3 || len(effects[0]) != 1 || len(effects[1]) != 1 || len(effects[2]) != 0 {
		t.Fatalf("got %v", effects)
	}
	if got := effectText(effects[1][0]); got != "t: ACCESS EXCLUSIVE" {
		t.Errorf("got %s", got)
	}
}

// TestNotices reads sentences as no server of the tests writes them.
func TestNotices(t *testing.T) {
	n := parseNotices([]string{
		`building index "i" on table "t" with request for 2 parallel workers`,
		`building index "i" on table "t"`,
		`existing constraints on column "t.a" are sufficient to prove that it does not contain nulls`,
		`verifying table "a"b"`,
		`verifying table`,
	})
	if len(n.built) != 1 || n.built[0].readings[0] != [2]string{"i", "t"} || len(n.verified) != 1 || n.verified[0] != `a"b` {
		t.Errorf("got %+v", n)
	}
}
