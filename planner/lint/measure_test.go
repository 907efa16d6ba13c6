package lint_test

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/pleatdb/pleat/inspect"
	"github.com/pleatdb/pleat/inspect/pgtest"
	"github.com/pleatdb/pleat/inspect/shadow"
	"github.com/pleatdb/pleat/planner"
	"github.com/pleatdb/pleat/planner/lint"
	"github.com/pleatdb/pleat/schema"
	"github.com/pleatdb/pleat/schema/sqltext"
)

const estimateSetup = `
	CREATE SCHEMA s2;
	CREATE DOMAIN public.dpos AS int CHECK (VALUE > 0);
	CREATE DOMAIN public.dplain AS int;
	CREATE TYPE public.e1 AS ENUM ('a', 'b');
	CREATE SEQUENCE public.sq;
	CREATE FUNCTION public.imm() RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 1';
	CREATE FUNCTION public.vol() RETURNS int LANGUAGE sql VOLATILE AS 'SELECT 1';
	CREATE FUNCTION public.f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
	CREATE TABLE public.p (id int PRIMARY KEY);
	CREATE TABLE public.pv (v varchar(50) PRIMARY KEY);
	CREATE TABLE public.t (id int PRIMARY KEY, a int, b text, v varchar(50), n numeric(10,2), nn int NOT NULL, p_id int, ts timestamp(3), tz timestamptz(3),
		ci cidr, c char(10), vb varbit(5), bt bit(5), iv interval(3), tm time(3), j json, d public.dpos, va varchar(5)[], f float4, oidc oid, e public.e1, i8 bigint NOT NULL);
	CREATE INDEX t_a ON public.t (a);
	CREATE INDEX t_v ON public.t (v);
	CREATE TABLE public.vt (a int, b text);
	CREATE VIEW public.vv AS SELECT a FROM public.vt;
	CREATE MATERIALIZED VIEW public.mv AS SELECT a FROM public.vt;
	CREATE UNIQUE INDEX mvi ON public.mv (a);
	CREATE TABLE public.g (a int, s int GENERATED ALWAYS AS (a + 1) STORED);
	CREATE TABLE public.parted (id int NOT NULL, k int NOT NULL, r int) PARTITION BY RANGE (k);
	CREATE TABLE public.parted1 PARTITION OF public.parted FOR VALUES FROM (0) TO (1000);
	CREATE TABLE public.parted2 PARTITION OF public.parted FOR VALUES FROM (1000) TO (2000);
	CREATE TABLE public.att (id int NOT NULL, k int NOT NULL, r int)`

// estimateCase is a case of testdata/estimates.txt.
type estimateCase struct {
	with, run   string
	from        int
	first, last int // versions for which the two differ
	why         string
	verdict     string // why the findings differ
}

func estimateCases(t *testing.T) (out []estimateCase) {
	t.Helper()
	text, err := os.ReadFile("testdata/estimates.txt")
	if err != nil {
		t.Fatal(err)
	}
	number := func(s string) int {
		n, err := strconv.Atoi(s)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	for block := range strings.SplitSeq(string(text), "\n\n") {
		var c estimateCase
		for line := range strings.Lines(block) {
			word, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
			switch word {
			case "with":
				c.with = rest
			case "run":
				c.run = rest
			case "verdict":
				c.verdict = rest
			case "from":
				c.from = number(rest)
			case "differs":
				versions, why, _ := strings.Cut(rest, " ")
				first, last, _ := strings.Cut(versions, "-")
				c.first, c.last, c.why = number(first), number(last), why
			}
		}
		if c.run != "" {
			out = append(out, c)
		}
	}
	return out
}

// TestEstimates holds the rules to what a server does.
func TestEstimates(t *testing.T) {
	s := shadow.On(pgtest.Server(t))
	url := pgtest.URL(t)
	pgtest.Exec(t, url, estimateSetup)
	live := catalogOf(t, url)
	agree, differ := 0, 0
	for _, c := range estimateCases(t) {
		if s.Major() < c.from {
			continue
		}
		t.Run(c.run, func(t *testing.T) {
			with := splitText(t, c.with)
			run := splitText(t, c.run)
			class := sqltext.Classify(c.run)
			effects, err := s.Trace(context.Background(), live, []shadow.Script{
				{File: "before", SQL: with, Transactional: true}, {File: "it", SQL: run, Transactional: class.Transactional},
			})
			if err != nil {
				t.Fatal(err)
			}
			rules := lint.NewEstimator(lint.Options{Major: s.Major(), Catalog: live})
			for _, sql := range with {
				rules.Next(sql)
			}
			estimate := rules.Next(c.run)
			diff := cmp.Diff(effectLines(effects[1][0]), effectLines(estimate))
			compareVerdicts(t, c, live, s.Major(), effects[1][0])
			different := c.why != "" && c.first <= s.Major() && s.Major() <= c.last
			switch {
			case diff == "" && different:
				t.Errorf("the two are the same, though it is said that %s", c.why)
			case diff != "" && !different:
				t.Errorf("after %q (-measured +estimated)\n%s", c.with, diff)
			case different:
				differ++
			default:
				agree++
			}
		})
	}
	t.Logf("PostgreSQL %d: %d estimates agree, %d differ for a reason", s.Major(), agree, differ)
}

// compareVerdicts holds the findings of the rules to those of the measured effect.
func compareVerdicts(t *testing.T, c estimateCase, live *schema.Catalog, major int, measured planner.Effect) {
	t.Helper()
	verdict := func(effect *planner.Effect) (out []string) {
		with := lint.File{Path: "with", Context: true, Up: units(t, c.with)}
		it := lint.File{Path: "it", Managed: true, Up: units(t, c.run)}
		it.Up[0].Transactional = sqltext.Classify(c.run).Transactional
		it.Up[0].Statements[0].Effect = effect
		for _, f := range lint.Check([]lint.File{with, it}, lint.Options{Major: major, Catalog: live}) {
			out = append(out, f.Code+" "+string(f.Severity))
		}
		return out
	}
	diff := cmp.Diff(verdict(&measured), verdict(nil))
	if expected := c.verdict != "" || c.why != ""; diff != "" && !expected {
		t.Errorf("verdicts after %q (-measured +estimated)\n%s", c.with, diff)
	} else if diff == "" && c.verdict != "" {
		t.Errorf("the verdicts are the same, though it is said that %s", c.verdict)
	}
}

func splitText(t *testing.T, text string) (out []string) {
	t.Helper()
	statements, err := sqltext.Split(text)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range statements {
		out = append(out, s.SQL)
	}
	return out
}

// effectLines are what of an effect is compared: locks of relations that somebody can wait for, and all work.
func effectLines(e planner.Effect) (out []string) {
	for _, l := range e.Locks {
		if l.On.Kind.IsRelation() && l.Mode > planner.AccessShare {
			out = append(out, fmt.Sprintf("lock %s: %s", l.On.Path(), l.Mode))
		}
	}
	for _, list := range []struct {
		word string
		ids  []schema.ID
	}{{"scan", e.Scans}, {"rewrite", e.Rewrites}, {"build", e.Builds}, {"validate", e.Validates}} {
		for _, id := range list.ids {
			out = append(out, list.word+" "+id.Path())
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func catalogOf(t *testing.T, url string) *schema.Catalog {
	t.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(ctx) }()
	c, err := inspect.Inspect(ctx, conn, inspect.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return c
}
