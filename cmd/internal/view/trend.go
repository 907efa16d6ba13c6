package view

import (
	"fmt"
	"slices"
	"time"

	"github.com/pleatdb/pleat/cmd/internal/trend"
)

// NewTrend turns what the log says of durations into its published shape.
func NewTrend(database string, t *trend.Trend) *Trend {
	d := &Trend{Database: database, RunsInAll: t.Of, Runs: []TrendRun{}, Kinds: []TrendKind{}, Repeated: []TrendRepeated{}, Weeks: []TrendWeek{}}
	ended, failed := 0, 0
	for _, r := range t.Runs {
		d.Runs = append(d.Runs, TrendRun{
			Run: r.ID, At: r.At.UTC(), Command: r.Command, Outcome: r.Outcome, Milliseconds: r.Duration.Milliseconds(), Migrations: r.Migrations,
			LockWaitMS: r.LockWait.Milliseconds(), Retries: r.Retries,
		})
		if r.Outcome != trend.Open {
			ended++
		}
		if r.Outcome == trend.Failed {
			failed++
		}
	}
	if ended > 0 {
		d.FailureRate = float64(failed) / float64(ended)
	}
	for _, k := range t.Kinds {
		d.Kinds = append(d.Kinds, TrendKind{k.Phase, k.Count, k.Median.Milliseconds(), k.Longest.Milliseconds(), k.LockWait.Milliseconds()})
	}
	for _, r := range t.Repeated {
		one := TrendRepeated{Version: r.Version, Name: r.Name, Milliseconds: []int64{}, Slower: r.Slower}
		for _, took := range r.Durations {
			one.Milliseconds = append(one.Milliseconds, took.Milliseconds())
		}
		d.Repeated = append(d.Repeated, one)
	}
	for _, w := range t.Weeks {
		d.Weeks = append(d.Weeks, TrendWeek{w.Monday.Format(time.DateOnly), w.Count})
	}
	return d
}

func (d *Trend) text(p *page) {
	if len(d.Runs) == 0 {
		p.linef("%s has no runs in its history yet.", databaseName(d.Database))
		return
	}
	p.styledf(bold, "The last %d of %s; %.0f %% of those that ended failed.", len(d.Runs), plural(d.RunsInAll, "run"), 100*d.FailureRate)
	p.table("", d.curves())
	p.blank()
	p.table("", d.rows())
	if len(d.Kinds) > 0 {
		p.blank()
		rows := [][]string{{"phase", "migrations", "median", "longest", "waited for locks"}}
		for _, k := range d.Kinds {
			rows = append(rows, []string{k.Phase, fmt.Sprint(k.Migrations), ms(k.MedianMS), ms(k.LongestMS), ms(k.LockWaitMS)})
		}
		p.table("", rows)
	}
	for _, r := range d.Repeated {
		text := fmt.Sprintf("%s_%s ran %s here, the last time in %s, before in %s", r.Version, r.Name, plural(len(r.Milliseconds), "time"),
			ms(r.Milliseconds[len(r.Milliseconds)-1]), ms(r.Milliseconds[len(r.Milliseconds)-2]))
		if r.Slower {
			p.styledf(yellow, "slower: %s", text)
		} else {
			p.linef("again: %s", text)
		}
	}
}

// curves are the lines with a curve each.
func (d *Trend) curves() [][]string {
	var took, waited []int64
	var durations []time.Duration
	retries := 0
	for _, r := range d.Runs {
		waited = append(waited, r.LockWaitMS)
		retries += r.Retries
		if r.Outcome != trend.Open {
			took = append(took, r.Milliseconds)
			durations = append(durations, time.Duration(r.Milliseconds)*time.Millisecond)
		}
	}
	var rows [][]string
	if len(took) > 0 {
		rows = append(rows, []string{"run time", spark(took), fmt.Sprintf("median %s, longest %s", short(trend.Median(durations)), ms(slices.Max(took)))})
	}
	rows = append(rows, []string{"waits for locks", spark(waited), fmt.Sprintf("%s in all, %s without locks", ms(sum(waited)), plural(retries, "attempt"))})
	var weeks []int64
	for _, w := range d.Weeks {
		weeks = append(weeks, int64(w.Migrations))
	}
	if len(weeks) > 0 {
		rows = append(rows, []string{"migrations", spark(weeks), "a week, since " + d.Weeks[0].Monday})
	}
	return rows
}

func (d *Trend) rows() [][]string {
	var rows [][]string
	for _, r := range d.Runs {
		took := "no end in the log"
		if r.Outcome != trend.Open {
			took = ms(r.Milliseconds)
		}
		waited := ""
		if r.LockWaitMS > 0 {
			waited = "waited " + ms(r.LockWaitMS) + " for locks"
		}
		rows = append(rows, []string{r.At.Format(time.RFC3339), r.Command, r.Outcome, plural(r.Migrations, "migration"), took, waited})
	}
	return rows
}

// spark draws numbers as a line of bars, the largest as a full one; nothing is the lowest.
func spark(values []int64) string {
	bars := []rune("▁▂▃▄▅▆▇█")
	most := slices.Max(values)
	out := make([]rune, len(values))
	for i, v := range values {
		out[i] = bars[0]
		if most > 0 {
			out[i] = bars[v*int64(len(bars)-1)/most]
		}
	}
	return string(out)
}

func sum(values []int64) (total int64) {
	for _, v := range values {
		total += v
	}
	return total
}

func ms(n int64) string { return short(time.Duration(n) * time.Millisecond) }

// short is a duration in as many digits as a person reads.
func short(d time.Duration) string {
	switch {
	case d >= time.Minute:
		return d.Round(time.Second).String()
	case d >= time.Second:
		return d.Round(10 * time.Millisecond).String()
	}
	return d.Round(time.Millisecond).String()
}
