package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
)

// tally is how many points were tried and survived.
type tally struct{ tried, survived, missed, resolved int }

func (t *tally) add(o *outcome) {
	t.tried++
	if o.Survived {
		t.survived++
	}
	if !o.Reached {
		t.missed++
	}
	if o.Resolved {
		t.resolved++
	}
}

func (t *tally) String() string {
	if t == nil || t.tried == 0 {
		return "-"
	}
	return fmt.Sprintf("%d/%d", t.survived, t.tried)
}

// families are the columns of the report.
func families() (out []string) {
	for _, f := range faults {
		if !slices.Contains(out, f.family) {
			out = append(out, f.family)
		}
	}
	return out
}

// report prints points survived of points tried, for each case and family of faults, and the sum.
func report(w io.Writer, all []*outcome, seed uint64) {
	byCase, sums, sum := map[string]map[string]*tally{}, map[string]*tally{}, &tally{}
	count := func(of map[string]*tally, key string, o *outcome) {
		if of[key] == nil {
			of[key] = &tally{}
		}
		of[key].add(o)
	}
	var names []string
	for _, o := range all {
		if byCase[o.Case] == nil {
			byCase[o.Case] = map[string]*tally{}
			names = append(names, o.Case)
		}
		count(byCase[o.Case], o.Family, o)
		count(byCase[o.Case], "all", o)
		count(sums, o.Family, o)
		sum.add(o)
	}
	slices.Sort(names)
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(table, "points survived/tried\t%s\tall\t\n", strings.Join(families(), "\t"))
	row := func(name string, of map[string]*tally, whole *tally) {
		fmt.Fprint(table, name)
		for _, family := range families() {
			fmt.Fprintf(table, "\t%s", of[family])
		}
		fmt.Fprintf(table, "\t%s\t\n", whole)
	}
	for _, name := range names {
		row(name, byCase[name], byCase[name]["all"])
	}
	row("all", sums, sum)
	_ = table.Flush()
	fmt.Fprintf(w, "\nseed %d: %d migration sets, %d points tried, %d survived, %d failed", seed, len(names), sum.tried, sum.survived, sum.tried-sum.survived)
	fmt.Fprintf(w, "; %d not reached, as the run ended before; %d settled with pleat resolve\n", sum.missed, sum.resolved)
}

// saveLines writes the outcomes, one JSON object a line.
func saveLines(path string, all []*outcome) error {
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	for _, o := range all {
		if err := encoder.Encode(o); err != nil {
			return fmt.Errorf("encode outcome: %w", err)
		}
	}
	if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
		return fmt.Errorf("write outcomes: %w", err)
	}
	return nil
}

// line is an outcome for somebody who watches.
func (o *outcome) line() string {
	var b strings.Builder
	word := "survived"
	switch {
	case !o.Survived:
		word = "FAILED"
	case !o.Reached:
		word = "not reached"
	case o.Resolved:
		word = "survived, with resolve"
	}
	fmt.Fprintf(&b, "%-12s %s  (%s, %d ms)", word, o.Point, o.Statement, o.TookMS)
	for _, w := range o.Wrong {
		fmt.Fprintf(&b, "\n      %s", strings.ReplaceAll(w, "\n", "\n      "))
	}
	if o.Files != "" {
		fmt.Fprintf(&b, "\n      again: -seed %d -only '%s'; files: %s", o.Seed, o.Point, o.Files)
	}
	return b.String()
}
