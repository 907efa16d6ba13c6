package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// journey takes one scenario through pleat's commands while clients work.
type journey struct {
	*scenario
	form           form
	pleat          *pleat
	tally          *tally
	sampler        *sampler
	out            *outcome
	oldCode        *crowd
	newCode        *crowd
	numbers        *numbers
	expands, split bool              // the plan has files for the time of the old code, and a contract
	before         map[string]string // the old state
	middle         map[string]string // the state between expand and contract
	phaseBegan     time.Time
	compareFresh   func(ctx context.Context) error
}

// travel makes one journey in dir. Everything that is wrong is in the outcome.
func (l *lab) travel(ctx context.Context, s *scenario, f form, dir string) *outcome {
	began := time.Now()
	out := &outcome{Scenario: s.name, Recipe: s.recipe, Title: s.title, Version: l.server.Version(), Rows: f.rows}
	defer func() { out.Took = msOf(time.Since(began)) }()
	url, drop, err := l.database(ctx)
	if err != nil {
		out.wrong("make database: %v", err)
		return out
	}
	defer drop()
	n, t := &numbers{rows: f.rows}, newTally()
	crowdOf := func(code string, list []statement) *crowd {
		return &crowd{code: code, url: url, list: list, pace: f.pace, replan: s.replan != "", numbers: n, tally: t}
	}
	j := &journey{
		scenario: s, form: f, tally: t, out: out, numbers: n, oldCode: crowdOf("old", s.old), newCode: crowdOf("new", s.new),
		pleat: &pleat{program: l.program, dir: dir, url: url, shadow: l.server.URL(""), limit: f.limit},
	}
	j.compareFresh = func(ctx context.Context) error { return j.fresh(ctx, l) }
	if j.sampler, err = startSampler(ctx, url, t); err != nil {
		out.wrong("%v", err)
		return out
	}
	if err := j.all(ctx); err != nil {
		out.wrong("%v", err)
	}
	j.oldCode.end()
	j.newCode.end()
	j.finishPhase()
	if err := j.sampler.end(); err != nil {
		out.wrong("%v", err)
	}
	out.Failures = t.failures()
	return out
}

// all is the whole way.
func (j *journey) all(ctx context.Context) error {
	if err := j.build(ctx); err != nil {
		return err
	}
	if err := j.there(ctx); err != nil || j.out.Refused != "" {
		return err
	}
	if !j.form.there {
		if err := j.backAndAgain(ctx); err != nil {
			return err
		}
	}
	j.newCode.end()
	return j.judge(ctx)
}

// build makes the old state and its rows.
func (j *journey) build(ctx context.Context) error {
	for _, dir := range []string{"schema", "migrations"} {
		if err := os.MkdirAll(filepath.Join(j.pleat.dir, dir), 0o755); err != nil {
			return fmt.Errorf("make project: %w", err)
		}
	}
	if text := j.text["pleat.hcl"]; text != "" {
		if err := j.write("pleat.hcl", text); err != nil {
			return err
		}
	}
	if err := j.write("schema/schema.hcl", j.text["old.hcl"]); err != nil {
		return err
	}
	if err := j.pleat.run(ctx, "plan", "--name", "base", "--contract", "immediate"); err != nil {
		return err
	}
	if err := j.pleat.run(ctx, "apply", "--release", "1"); err != nil {
		return err
	}
	if err := execute(ctx, j.pleat.url, strings.ReplaceAll(j.text["seed.sql"], ":rows", fmt.Sprint(j.form.rows))); err != nil {
		return fmt.Errorf("seed: %w", err)
	}
	if err := execute(ctx, j.pleat.url, "VACUUM ANALYZE"); err != nil {
		return fmt.Errorf("seed: %w", err)
	}
	before, err := state(ctx, j.pleat.url)
	j.before = before
	return err
}

func (j *journey) write(name, text string) error {
	if err := os.WriteFile(filepath.Join(j.pleat.dir, name), []byte(text), 0o644); err != nil {
		return fmt.Errorf("write project: %w", err)
	}
	return nil
}

// there leads from the old state to the new one.
func (j *journey) there(ctx context.Context) error {
	j.enter("quiet")
	if err := j.oldCode.start(ctx, j.form.clients); err != nil {
		return err
	}
	j.hold(ctx)
	j.enter("expand")
	if err := j.plan(ctx); err != nil || j.out.Refused != "" {
		return err
	}
	if j.expands {
		if err := j.apply(ctx, "2"); err != nil {
			return err
		}
	}
	j.enter("both")
	if err := j.newCode.start(ctx, j.form.clients); err != nil {
		return err
	}
	if j.form.clients == 0 { // nobody of the old code is at work all along
		if err := j.oldCode.start(ctx, 0); err != nil {
			return err
		}
	}
	j.hold(ctx)
	if j.form.whole && j.split {
		if err := j.unchanged(ctx, "plan while the contract is pending"); err != nil {
			return err
		}
	}
	j.oldCode.end()
	if j.split {
		var err error
		if j.middle, err = state(ctx, j.pleat.url); err != nil {
			return err
		}
		j.enter("contract")
		if err := j.contract(ctx); err != nil {
			return err
		}
	}
	j.enter("settled")
	j.hold(ctx)
	return ctx.Err()
}

// plan writes the migration files of the change, or puts those of the scenario in their place.
func (j *journey) plan(ctx context.Context) error {
	before, err := j.pleat.migrations()
	if err != nil {
		return err
	}
	if err := j.write("schema/schema.hcl", j.text["new.hcl"]); err != nil {
		return err
	}
	if j.text["expand.sql"] != "" {
		if err := j.byHand(ctx, before); err != nil {
			return err
		}
	} else if err := j.pleat.run(ctx, "plan", "--name", "change"); err != nil {
		if exit := new(exitError); j.refused != "" && errors.As(err, &exit) && exit.code == 1 && strings.Contains(exit.text, j.refused) {
			j.out.Refused = j.refused
			return nil
		}
		return err
	} else if j.refused != "" {
		return fmt.Errorf("plan: it was not refused, as the scenario says it is: %s", j.refused)
	}
	after, err := j.pleat.migrations()
	if err != nil {
		return err
	}
	added := after[len(before):]
	if len(added) == 0 {
		return fmt.Errorf("plan: nothing was planned")
	}
	j.out.Files = added
	isContract := func(f string) bool { return strings.HasSuffix(f, ".contract.sql") }
	j.split = slices.ContainsFunc(added, isContract)
	j.expands = slices.ContainsFunc(added, func(f string) bool { return !isContract(f) })
	return nil
}

// byHand writes the scenario's own files, one and two seconds younger than the last one.
func (j *journey) byHand(ctx context.Context, before []string) error {
	const layout = "20060102150405"
	last, err := time.Parse(layout, before[len(before)-1][:len(layout)])
	if err != nil {
		return fmt.Errorf("read version of %s: %w", before[len(before)-1], err)
	}
	expand := last.Add(time.Second).Format(layout)
	if err := j.write("migrations/"+expand+"_change.expand.sql", j.text["expand.sql"]); err != nil {
		return err
	}
	if text := j.text["contract.sql"]; text != "" {
		name := "migrations/" + last.Add(2*time.Second).Format(layout) + "_change.contract.sql"
		if err := j.write(name, "-- pleat: contract of "+expand+"\n"+text); err != nil {
			return err
		}
	}
	return j.pleat.run(ctx, "hash")
}

func (j *journey) apply(ctx context.Context, release string, more ...string) error {
	return j.pleat.run(ctx, append([]string{"apply", "--contract", "gated", "--release", release, "--auto-approve"}, more...)...)
}

// contract applies the contract, and wants it to have run. The old code has just ended: there is no evidence of that yet.
func (j *journey) contract(ctx context.Context) error {
	if err := j.apply(ctx, "3", "--override-evidence", "the load check has ended the old code itself"); err != nil {
		return err
	}
	return j.pleat.run(ctx, "status", "--check")
}

// backAndAgain undoes what can be undone, in steps between which either code works, and does it again.
func (j *journey) backAndAgain(ctx context.Context) error {
	restored := false
	if j.split && (j.back == "both" || j.back == "contract") {
		j.enter("restore")
		if err := j.undo(ctx, "contract", j.middle); err != nil {
			return err
		}
		restored = true
	}
	if restored || !j.split && j.back != "none" {
		j.enter("both-again")
		if err := j.oldCode.start(ctx, j.form.clients); err != nil {
			return err
		}
		j.hold(ctx)
	}
	if j.expands && (j.back == "both" || j.back == "expand") {
		if err := j.retract(ctx); err != nil {
			return err
		}
	}
	if !restored {
		return nil
	}
	j.oldCode.end()
	j.enter("re-contract")
	return j.contract(ctx)
}

// retract undoes the expand under the old code, and applies it again.
func (j *journey) retract(ctx context.Context) error {
	j.newCode.end()
	j.enter("retract")
	if err := j.undo(ctx, "expand", j.before); err != nil {
		return err
	}
	j.enter("re-expand")
	if err := j.apply(ctx, "4"); err != nil {
		return err
	}
	if err := j.newCode.start(ctx, j.form.clients); err != nil {
		return err
	}
	j.oldCode.end()
	return nil
}

// undo rolls the last migration back, which must lead to a state that was there before.
func (j *journey) undo(ctx context.Context, what string, want map[string]string) error {
	if err := j.pleat.run(ctx, "rollback", "--steps", "1", "--accept-data-loss", "--auto-approve"); err != nil {
		return err
	}
	now, err := state(ctx, j.pleat.url)
	if err != nil {
		return err
	}
	for _, line := range differences(want, now) {
		j.out.wrong("after the rollback of the %s: %s", what, line)
	}
	return nil
}

// judge looks at the end: code that needs the end state, rows, the next plan, the catalogs.
func (j *journey) judge(ctx context.Context) error {
	j.enter("after")
	last := &crowd{code: "after", url: j.pleat.url, list: j.after, pace: j.form.pace, numbers: j.numbers, tally: j.tally}
	if err := last.start(ctx, j.form.clients); err != nil {
		return err
	}
	if len(j.after) > 0 {
		j.hold(ctx)
	}
	last.end()
	for _, sql := range j.truth {
		rows, err := rowsOf(ctx, j.pleat.url, sql)
		if err != nil {
			return fmt.Errorf("look at the rows: %w", err)
		}
		if len(rows) > 0 {
			j.out.wrong("%d rows are wrong, such as (%s): %s", len(rows), rows[0], strings.Join(strings.Fields(sql), " "))
		}
	}
	if err := j.unchanged(ctx, "plan at the end"); err != nil || !j.form.whole {
		return err
	}
	return j.compareFresh(ctx)
}

// unchanged wants that nothing is planned.
func (j *journey) unchanged(ctx context.Context, when string) error {
	err := j.pleat.run(ctx, "plan", "--dry-run", "--detailed-exitcode", "--name", "again")
	if exit := new(exitError); errors.As(err, &exit) && exit.code == 2 {
		j.out.wrong("%s: it is not empty (%02d plan.txt)", when, j.pleat.count)
		return nil
	}
	return err
}
