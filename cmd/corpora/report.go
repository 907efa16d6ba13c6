package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// report is the result of a run.
type report struct {
	// Dir is the work directory, where it was kept.
	Dir      string    `json:"dir,omitempty"`
	Outcomes []outcome `json:"outcomes"`
}

// exitCode is 1 where something is wrong or nothing could be judged.
func (r *report) exitCode() int {
	judged := 0
	for _, o := range r.Outcomes {
		switch o.Class {
		case silentlyWrong, failed:
			return 1
		case notRun:
		default:
			judged++
		}
	}
	if judged == 0 {
		return 1
	}
	return 0
}

// save writes the report as JSON.
func (r *report) save(path string) error {
	text, err := json.MarshalIndent(r, "", "  ")
	if err == nil {
		err = os.WriteFile(path, append(text, '\n'), 0o644)
	}
	if err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	return nil
}

// print writes the report for people: the table of counts last, where it is seen.
func (r *report) print(w io.Writer, o options) {
	for _, c := range classes[1:] {
		for _, out := range r.Outcomes {
			if out.Class == c {
				out.print(w, o.verbose)
			}
		}
	}
	if o.times {
		r.printTimes(w)
	}
	r.printCounts(w)
	if r.Dir != "" {
		fmt.Fprintf(w, "\nkept: %s\n", r.Dir)
	}
}

func (r *report) printCounts(w io.Writer) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	head := []string{"set", "cases", "passed", "by order"}
	for _, c := range classes[1:] {
		head = append(head, string(c))
	}
	fmt.Fprintln(t, strings.Join(append(head, "tables", "rows watched"), "\t")+"\t")
	for _, set := range sets {
		var tables, rows int64
		byOrder, cases := 0, 0
		count := map[class]int{}
		for _, o := range r.Outcomes {
			if o.Set != set {
				continue
			}
			cases++
			count[o.Class]++
			tables += int64(o.Tables)
			rows += o.Rows
			if o.Class == passed && o.ByOrder {
				byOrder++
			}
		}
		if cases == 0 {
			continue
		}
		fmt.Fprintf(t, "%s\t%d\t%d\t%d\t", set, cases, count[passed], byOrder)
		for _, c := range classes[1:] {
			fmt.Fprintf(t, "%d\t", count[c])
		}
		fmt.Fprintf(t, "%d\t%d\t\n", tables, rows)
	}
	_ = t.Flush() // of a buffer or a terminal
}

// Lines of evidence for a finding, and of each piece of it, where they are not printed in full.
const (
	maxPieces = 6
	maxLines  = 4
)

func (o *outcome) print(w io.Writer, verbose bool) {
	fmt.Fprintf(w, "%s  %s\n", o.Class, o)
	for _, f := range o.Findings {
		fmt.Fprintf(w, "    %s", f.What)
		if f.Class != o.Class {
			fmt.Fprintf(w, " (%s)", f.Class)
		}
		fmt.Fprintln(w)
		if verbose && f.Unified != "" {
			fmt.Fprint(w, indent(f.Unified))
			continue
		}
		for i, piece := range f.Lines {
			if i == maxPieces && !verbose {
				fmt.Fprintf(w, "        … and %d more\n", len(f.Lines)-i)
				break
			}
			if !verbose {
				piece = firstLines(piece, maxLines)
			}
			fmt.Fprint(w, indent(piece))
		}
	}
	fmt.Fprintln(w)
}

func indent(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		b.WriteString("        " + strings.TrimRight(line, "\n") + "\n")
	}
	return b.String()
}

// printTimes says where the time went: by command, and the slowest runs.
func (r *report) printTimes(w io.Writer) {
	type timed struct {
		what string
		runs int
		took time.Duration
	}
	steps := map[string]*timed{}
	var runs, order []*timed
	for _, o := range r.Outcomes {
		for _, c := range o.Commands {
			if steps[c.Step] == nil {
				steps[c.Step] = &timed{what: c.Step}
				order = append(order, steps[c.Step])
			}
			steps[c.Step].runs++
			steps[c.Step].took += c.Took
			runs = append(runs, &timed{o.String() + ": " + c.Step, 1, c.Took})
		}
	}
	slices.SortFunc(runs, func(a, b *timed) int { return cmp.Compare(b.took, a.took) })
	for _, t := range append(order, runs[:min(len(runs), 10)]...) {
		fmt.Fprintf(w, "%8.2fs  %5d  %s\n", t.took.Seconds(), t.runs, t.what)
	}
	fmt.Fprintln(w)
}
